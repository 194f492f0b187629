"""Weekly peaks of devices out of recorded measurements, and the forecasts drawn from them."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.account import WEEK, Forecast
from monitor.domain.measurement import Measurement
from monitor.domain.records import Batch, Committed
from monitor.domain.state import AccountState, DeviceState, PairState
from monitor.evaluate.forecast import HISTORY, TagWeeks, forecasts_of, weekly_peaks

_TICK_SECONDS: Final = 5.0
_NOTHING: Final[TagWeeks] = {}

Recorded = Callable[[str, int], Iterable[Measurement]]
"""The latest measurements of a device that ended after a second."""


@dataclass(frozen=True, slots=True)
class _Kept:
    rests_on: tuple[object, ...]
    forecasts: tuple[Forecast, ...]


class WeeklyUse:
    """Reads again the devices that were measured anew; call `refresh` from time to time."""

    def __init__(
        self, recorded: Recorded, clock: Callable[[], float], changed: Callable[[], None]
    ) -> None:
        self._recorded = recorded
        self._clock = clock
        self._changed = changed
        self._touched: set[str] = set()
        self._weeks: dict[str, TagWeeks] = {}
        self._version = 0
        self._kept: dict[str, _Kept] = {}

    def remember(self, devices: Iterable[str]) -> None:
        """Devices that an earlier run measured."""
        self._touched.update(devices)

    def noted(self, batch: Batch, committed: Committed) -> None:
        """After a commit: what it measured."""
        del committed
        self._touched.update(chain.device for chain in batch.chains)

    async def run(self) -> None:
        """Refresh until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(_TICK_SECONDS)

    async def refresh(self) -> None:
        """Read what was measured anew, device by device."""
        touched, self._touched = self._touched, set()
        if not touched:
            return
        start = int(self._clock()) - (HISTORY + 1) * WEEK
        for device in sorted(touched):
            self._weeks[device] = await asyncio.to_thread(self._read, device, start)
        self._version += 1
        self._changed()

    def _read(self, device: str, start: int) -> TagWeeks:
        return weekly_peaks(self._recorded(device, start))

    def forecasts(
        self,
        state: AccountState,
        devices: Sequence[DeviceState],
        pairs: Sequence[PairState],
        now: float,
    ) -> tuple[Forecast, ...]:
        """As drawn before, where nothing that they rest on has changed."""
        rests_on = (
            self._version,
            now // WEEK,
            state.balances,
            tuple(one.device.id for one in devices),
            tuple(pair.pair for pair in pairs),
        )
        before = self._kept.get(state.account.name)
        if before is not None and before.rests_on == rests_on:
            return before.forecasts
        drawn = forecasts_of(
            state.account, state.balances, devices, pairs, weeks_of=self._of, now=now
        )
        self._kept[state.account.name] = _Kept(rests_on, drawn)
        return drawn

    def _of(self, device: str) -> Mapping[str, Mapping[int, int]]:
        return self._weeks.get(device, _NOTHING)
