"""`cubemon import cssm`: inventories of CSSM or SSM On-Prem into a monitor."""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from monitor.cli.offline import opened
from monitor.cli.remote import Remote, UnfitError, tidy
from monitor.config import Config
from monitor.domain.instants import rfc3339
from monitor.errors import ConfigError
from monitor.parse.cssm import LARGEST
from monitor.wire import CssmInventory, Receipt, Refusal

Take = Callable[[Sequence[CssmInventory]], Sequence[Receipt]]
"""Takes inventories in order; what became of each."""


def bring(files: Sequence[CssmInventory], take: Take) -> int:
    """Bring files; 1 where a row or a file was not taken, each of them named."""
    ordered = sorted(files, key=lambda one: one.effective)
    refused = 0
    for one, receipt in zip(ordered, take(ordered), strict=True):
        refused += receipt.refused
        when = rfc3339(int(one.effective))
        print(tidy(f"{one.origin}: {when}: {receipt.accepted} rows taken"))
        for refusal in receipt.refusals:
            print(tidy(f"{one.origin}:{refusal.line}: {refusal.reason}"), file=sys.stderr)
        if more := receipt.refused - len(receipt.refusals):
            print(tidy(f"{one.origin}: {more} more rows not taken"), file=sys.stderr)
    return 1 if refused else 0


def found(path: Path, *, at: float | None, account: str, smart_account: str) -> CssmInventory:
    """One file; it was so at `at`, else when it was written."""
    now = time.time()
    try:
        with path.open("rb") as file:
            payload = file.read(LARGEST + 1)
        written = path.stat().st_mtime
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(payload) > LARGEST:
        raise ConfigError(f"{path}: larger than {LARGEST:,} bytes; export fewer accounts at once")
    return CssmInventory(
        origin=str(path),
        received=now,
        effective=min(written if at is None else at, now),
        payload=payload,
        account=account,
        smart_account=smart_account,
    )


def remote(monitor: Remote) -> Take:
    """Bring to a running monitor."""
    return lambda inventories: [_sent(monitor, one) for one in inventories]


def _sent(monitor: Remote, one: CssmInventory) -> Receipt:
    try:
        answered = monitor.post(
            "inventories",
            one.payload,
            account=one.account,
            smart_account=one.smart_account,
            name=Path(one.origin).name[:200],
            time=repr(one.effective),
        )
    except UnfitError as error:
        return Receipt(accepted=0, refused=1, refusals=[Refusal(line=1, reason=str(error))])
    refusals = [Refusal(line=each["line"], reason=each["reason"]) for each in answered["refusals"]]
    return Receipt(accepted=answered["accepted"], refused=answered["refused"], refusals=refusals)


def local(config: Config) -> Take:
    """Bring to a data directory that nobody uses; ConfigError where a monitor does."""
    return lambda inventories: asyncio.run(_written(config, inventories))


async def _written(config: Config, inventories: Sequence[CssmInventory]) -> Sequence[Receipt]:
    async with opened(config) as parts:
        return [
            await parts.pipeline.cssm([replace(one, received=time.time())]) for one in inventories
        ]
