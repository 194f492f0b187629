"""The calls that may be made of CSSM's API: those that read, and no other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from monitor.collect.cssm.config import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that reads, though it is a POST: the API takes its filter as a body."""

    path: str
    body: bytes
    entries: str
    """The key under which an answer lists what was asked for."""
    paged: bool = True


_ENTRIES: Final[Mapping[Question, str]] = {
    Question.LICENSES: "licenses",
    Question.DEVICES: "devices",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question is about."""

    smart_account: str
    virtual_accounts: Sequence[str]
    limit: int


def call(question: Question, asked: Asked, *, offset: int, now: float, nonce: str) -> Call:
    """The call of a question from an entry on. No other call exists here, so none can be made."""
    if question is Question.SUMMARY:
        data = {"timestamp": int(now * 1000), "nonce": nonce, "tags": list[str]()}
        return Call(
            path="/v3/licenses/summary",
            body=json.dumps({"data": data}).encode(),
            entries="summary",
            paged=False,
        )
    entries = _ENTRIES[question]
    body = {
        "virtualAccounts": list(asked.virtual_accounts),
        "limit": asked.limit,
        "offset": offset,
    }
    return Call(
        path=f"/v1/accounts/{quote(asked.smart_account, safe='')}/{entries}",
        body=json.dumps(body).encode(),
        entries=entries,
    )
