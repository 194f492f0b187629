"""How `cubemon recompute` prints: one row a period, recorded beside recomputed, and why."""

import json
import sys
from typing import Final

from monitor.aggregate.recompute import Compared
from monitor.cli.recompute_journal import Done
from monitor.cli.remote import tidy
from monitor.domain.instants import rfc3339
from monitor.domain.levels import Level
from monitor.domain.measurement import Measurement

_WIDTHS: Final = (20, 12, 20, 26, 26)
_TITLES: Final = ("DEVICE", "TAG", "START", "RECORDED", "RECOMPUTED", "WHY")


class Shown:
    """Prints device by device, and counts."""

    def __init__(self, *, as_json: bool, whole: bool) -> None:
        self._as_json, self._whole = as_json, whole
        self._titled = False
        self._devices = self._periods = self._readings = self._coarse = self._different = 0
        self.left = 0
        """Differences that were not recorded."""

    def device(self, done: Done) -> None:
        """Print one device."""
        self._devices += 1
        self._periods += done.periods
        self._readings += done.readings
        self._coarse += done.coarse
        self._different += done.different
        self.left += 0 if done.recorded else done.different
        for period in done.shown:
            print(json.dumps(_object(period)) if self._as_json else self._row(period))

    def sum_up(self) -> None:
        """The last word, on standard error."""
        coarse = f", {self._coarse} of them not from seconds alone" if self._coarse else ""
        recorded = self._different - self.left
        new = f", {recorded} recorded as new versions" if recorded else ""
        print(
            f"{self._devices} devices, {self._readings:,} seconds with a reading,"
            f" {self._periods} periods{coarse}: {self._different} differ{new}",
            file=sys.stderr,
        )

    def _row(self, period: Compared) -> str:
        row = _line(
            (
                tidy(period.device),
                tidy(period.tag),
                rfc3339(period.start),
                _told(period.recorded),
                _told(period.recomputed),
                _why(period),
            )
        )
        if self._titled:
            return row
        self._titled = True
        return f"{_line(_TITLES)}\n{row}"


def _line(cells: tuple[str, ...]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False))
    return "  ".join((*padded, cells[-1])).rstrip()


def _told(one: Measurement | None) -> str:
    if one is None:
        return "-"
    changed = " changed" if one.changed else ""
    hours = (one.end - one.start) // 3_600
    return f"{one.count} ({one.value:.2f}) {one.reason} {hours}h{changed}"


def _why(period: Compared) -> str:
    causes = ", ".join(period.causes)
    if period.level is Level.SECONDS:
        return causes
    coarse = f"seconds gone: from {period.level}"
    return f"{causes}; {coarse}" if causes else coarse


def _object(period: Compared) -> dict[str, object]:
    return {
        "device": period.device,
        "tag": period.tag,
        "start": rfc3339(period.start),
        "equal": period.equal,
        "causes": [cause.value for cause in period.causes],
        "level": period.level.value,
        "recorded": _measured(period.recorded),
        "recomputed": _measured(period.recomputed),
    }


def _measured(one: Measurement | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {
        "end": rfc3339(one.end),
        "value": one.value,
        "count": one.count,
        "coverage": one.coverage,
        "minute_coverage": one.minute_coverage,
        "reason": one.reason.value,
        "changed": one.changed,
        "version": one.version,
    }
