"""Licences of a device as CSSM counts them: by CSSM's own list, or by the last acknowledgement."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from monitor.domain.facts import FactName
from monitor.evaluate.evidence import Sheet, instant, newest

BY_CSSM: Final = "cssm"
ACKNOWLEDGED: Final = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class CssmCounts:
    """Tag -> licences, how that is known (`cssm` or `acknowledged`), and when it was so."""

    counts: Mapping[str, int]
    by: str
    effective: float


def counted_by_cssm(sheet: Sheet) -> CssmCounts | None:
    """What CSSM says itself, or what the last acknowledged report held: the newer of both.

    None where neither is known; an empty mapping says that CSSM counts nothing.
    """
    known = [one for one in (_listed(sheet), _acknowledged(sheet)) if one is not None]
    return max(known, key=lambda one: (one.effective, one.by), default=None)


def _listed(sheet: Sheet) -> CssmCounts | None:
    listed = newest(sheet.of(FactName.CSSM_LISTED))
    return None if listed is None else _since(sheet, FactName.CSSM_COUNT, BY_CSSM, listed.effective)


def _acknowledged(sheet: Sheet) -> CssmCounts | None:
    last = newest(sheet.of(FactName.ACKNOWLEDGED_COUNT))
    if last is None:
        return None
    return _since(sheet, FactName.ACKNOWLEDGED_COUNT, ACKNOWLEDGED, last.effective)


def _since(sheet: Sheet, name: FactName, by: str, effective: float) -> CssmCounts:
    counts = {
        fact.key: int(count)
        for fact in sheet.of(name)
        if fact.effective >= effective and (count := instant(fact)) is not None
    }
    return CssmCounts(counts=MappingProxyType(counts), by=by, effective=effective)
