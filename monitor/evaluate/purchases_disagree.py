"""Sources that say different numbers of purchases for one tag of an account."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.account import Statement
from monitor.domain.findings import Finding, Severity
from monitor.domain.state import Account
from monitor.evaluate.ownership import chosen, disputed
from monitor.evaluate.wording import utc

NAME: Final = "purchases_disagree"


def find(account: Account) -> Iterator[Finding]:
    """For information: the newest holds, the others are shown beside it."""
    for tag, statements in account.statements.items():
        holds = chosen(statements)
        others = disputed(statements)
        if holds is not None and others:
            said = ", ".join(_said(one) for one in others)
            yield Finding(
                rule=NAME,
                step=tag,
                subject=account.name,
                severity=Severity.INFO,
                why=f"Purchased {tag} of {account.name}: {_said(holds)} holds; {said}.",
                next="Look into CSSM and put right what is outdated: the newest source holds.",
            )


def _said(one: Statement) -> str:
    return f"{one.purchased} by {one.source} of {utc(one.effective)}"
