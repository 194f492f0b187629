"""One visit to one device: the questions that are due, and the answers as reports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitor.collect.snmp import plan
from monitor.collect.snmp.failure import TooBigError
from monitor.collect.snmp.plan import Memory, below
from monitor.collect.snmp.session import Peer, Session, Varbinds
from monitor.collect.snmp.table import Table
from monitor.wire import SnmpReport

_MOST_ROUNDS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Asks one device. `now` in seconds since 1970 UTC, `at` on the monotonic clock."""

    device: str
    session: Session
    peer: Peer
    memory: Memory
    now: Callable[[], float]
    at: float

    async def calls(self) -> SnmpReport:
        """The calls of the last 60 seconds, or of this moment where there is no table."""
        if self.memory.has(plan.CALL_SECONDS, self.at):
            asked = self.now()
            varbinds = await self._table_of_seconds()
            if len(varbinds) > 1:
                return self._report(asked, varbinds)
            self.memory.absent[plan.CALL_SECONDS] = self.at + plan.DAY
        asked = self.now()
        oids = self.memory.present(plan.GAUGE, self.at)
        varbinds = await self._scalars(oids)
        return self._report(asked, varbinds)

    async def state(self) -> SnmpReport:
        """Licences, roles, release and, where its time has come, the chassis."""
        asked = self.now()
        varbinds = await self._scalars(self.memory.present(plan.SCALARS, self.at))
        self._note_uptime(varbinds)
        table = await self._entitlements(varbinds)
        varbinds += table.varbinds
        if self.memory.identity_due <= self.at:
            varbinds += await self._chassis()
        return self._report(asked, varbinds, plan.ENTITLEMENTS if table.whole else ())

    def _report(self, asked: float, varbinds: Varbinds, walked: tuple[str, ...] = ()) -> SnmpReport:
        return SnmpReport(
            device=self.device,
            address=self.peer.address,
            asked=asked,
            received=self.now(),
            authenticated=self.peer.login.authenticated,
            varbinds=varbinds,
            walked=walked,
        )

    def _note_uptime(self, varbinds: Varbinds) -> None:
        ticks = dict(varbinds).get(f"{plan.UPTIME}.0")
        if isinstance(ticks, int):
            self.memory.forget_after_restart(ticks)

    async def _table_of_seconds(self) -> Varbinds:
        """Uptime and table in one answer, so that they belong together."""
        wanted = (plan.UPTIME, plan.CALL_SECONDS)
        # An agent sends as many rows as fit into its messages: the oldest may be missing.
        return below(
            await self.session.bulk(self.peer, wanted[:1], wanted[1:], plan.CALL_ROWS), wanted
        )

    async def _scalars(self, oids: list[str]) -> Varbinds:
        if not oids:
            return []
        try:
            varbinds = await self.session.get(self.peer, oids)
        except TooBigError:
            if len(oids) == 1:
                raise
            half = len(oids) // 2
            return await self._scalars(oids[:half]) + await self._scalars(oids[half:])
        self.memory.note(varbinds, self.at)
        return varbinds

    async def _entitlements(self, scalars: Varbinds) -> Table:
        if not self.memory.has(plan.ENTITLEMENTS[0], self.at):
            return Table(plan.ENTITLEMENTS)
        table = await self._walk(plan.ENTITLEMENTS, self.memory.rows)
        self.memory.rows = min(table.rows, plan.MOST_ROWS) + 1
        # An empty table beside other objects of its MIB may fill again.
        if not table.rows and not below(scalars, (plan.LICENCE,)):
            self.memory.absent[plan.ENTITLEMENTS[0]] = self.at + plan.DAY
        return table

    async def _walk(self, columns: tuple[str, ...], rows: int) -> Table:
        """All rows of the columns side by side, up to a bound."""
        table = Table(columns)
        for _ in range(_MOST_ROUNDS):
            after = table.after
            answer = await self.session.bulk(self.peer, (), after, rows)
            advanced = table.take(answer)
            if table.whole or not advanced or table.rows >= plan.MOST_ROWS:
                break
        return table

    async def _chassis(self) -> Varbinds:
        varbinds: Varbinds = []
        if self.memory.has(plan.CHASSIS[0], self.at):
            answer = await self.session.bulk(self.peer, (), plan.CHASSIS, plan.CHASSIS_ROWS)
            varbinds = below(answer, plan.CHASSIS)
            if not varbinds:
                self.memory.absent[plan.CHASSIS[0]] = self.at + plan.DAY
        return varbinds
