"""Keys of users by engine: no rows of a MIB, a bound, and new pass phrases that count at once."""

import asyncio
from typing import Any

import pytest
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel
from pysnmp.smi.error import NoSuchInstanceError

from monitor.collect.snmp import users as module
from monitor.collect.snmp.failure import VisitError
from monitor.collect.snmp.login import Authentication, Login, Privacy
from monitor.collect.snmp.session import Session
from monitor.collect.snmp.users import Users

UPTIME = "1.3.6.1.2.1.1.3.0"
SECRET, ANOTHER, SEAL = "authsecret2", "anothersecret", "privsecret2"
RIGHT, WRONG = (
    Login(
        user="sealed",
        auth=Authentication.SHA1,
        auth_secret=secret,
        priv=Privacy.AES128,
        priv_secret=SEAL,
    )
    for secret in (SECRET, ANOTHER)
)


def test_what_is_replaced_is_what_pysnmp_calls() -> None:
    ours = {name for name in vars(Users) if name.startswith("_SnmpUSM")}

    assert len(ours) == 3
    assert ours <= set(vars(SnmpUSMSecurityModel))


def test_keys_are_bounded_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEYS", 3)
    users = Users()
    users.know(RIGHT)

    for number in range(5):
        users.admit(b"engine%d" % number, b"sealed")

    assert [engine for engine, _ in users._keys] == [b"engine2", b"engine3", b"engine4"]


def test_who_is_not_known_has_no_keys() -> None:
    with pytest.raises(NoSuchInstanceError):
        Users().admit(b"engine", b"nobody")


@pytest.mark.engine("snmpd", "snmpget")
def test_new_pass_phrases_count_at_once_and_old_ones_again(start_snmpd: Any) -> None:
    async def play() -> list[bool]:
        async with start_snmpd({}) as agent:
            with Session() as session:
                return [
                    await read(session, agent.port, one) for one in (WRONG, RIGHT, WRONG, RIGHT)
                ]

    async def read(session: Session, port: int, login: Login) -> bool:
        peer = await session.peer("127.0.0.1", port, login, patience=2, retries=0)
        try:
            return bool(await session.get(peer, [UPTIME]))
        except VisitError:
            return False

    assert asyncio.run(play()) == [False, True, False, True]


@pytest.mark.engine("snmpd", "snmpget")
def test_what_pysnmp_notes_of_engines_is_gone_after_five_minutes_of_its_clock(
    start_snmpd: Any,
) -> None:
    async def play() -> tuple[int, int]:
        async with start_snmpd({}) as agent:
            with Session() as session:
                peer = await session.peer("127.0.0.1", agent.port, RIGHT, patience=5, retries=1)
                for _ in range(3):
                    await session.get(peer, [UPTIME])
                before = noted(session._engine)
                ticks = 300 / session._engine.transport_dispatcher.get_timer_resolution()
                for _ in range(int(ticks) + 1):
                    tick(session._engine)
                return before, noted(session._engine)

    before, after = asyncio.run(play())
    assert before >= 3
    assert after == 0


def holders(engine: Any) -> list[Any]:
    return [engine.security_models[3], engine.message_processing_subsystems[3]]


def tick(engine: Any) -> None:
    for one in holders(engine):
        one.receive_timer_tick(engine, 0)


def noted(engine: Any) -> int:
    """Entries of all dictionaries that grow with messages; not ours."""
    found = {name: value for one in holders(engine) for name, value in vars(one).items()}
    names = ("__timeline", "__timelineExpQueue", "__engineIdCache", "__engineIdCacheExpQueue")
    kept = [value for name, value in found.items() if name.endswith(names)]
    assert len(kept) == len(names)
    return sum(map(len, kept))
