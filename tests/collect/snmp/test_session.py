"""Our session against a real snmpd: versions, levels, bulk, absent values, refusals."""

import asyncio
from itertools import product
from typing import Any

import pytest

from monitor.collect.snmp.failure import VisitError, VisitResult
from monitor.collect.snmp.login import Authentication, Login, Privacy
from monitor.collect.snmp.session import Session
from monitor.wire import Absent

LICENCE = "1.3.6.1.4.1.9.9.831.0"
SECONDS = "1.3.6.1.4.1.9.9.63.1.4.3.3.1.3.1"
VALUES = {
    f"{LICENCE}.5.1.1.2.1": ("gauge", "55"),
    f"{LICENCE}.5.1.1.3.1": ("string", "CUBE_T_STD"),
    f"{LICENCE}.12.1.0": ("gauge", "3"),
    **{f"{SECONDS}.{row}": ("gauge", str(100 + row)) for row in range(1, 61)},
}
FIRST, SECOND, THIRD, SEAL, SEAL_3 = (
    "authsecret1", "authsecret2", "authsecret3", "privsecret2", "privsecret3",
)  # fmt: skip
FOURTH, SEAL_4 = "authsecret4", "privsecret4"
LOGINS = {
    "v2c": Login(community="public"),
    "noAuthNoPriv": Login(user="plain"),
    "authNoPriv": Login(user="signed", auth=Authentication.SHA256, auth_secret=FIRST),
    "SHA and AES": Login(
        user="sealed", auth=Authentication.SHA1, auth_secret=SECOND,
        priv=Privacy.AES128, priv_secret=SEAL,
    ),
    "SHA-512 and AES": Login(
        user="strong", auth=Authentication.SHA512, auth_secret=THIRD,
        priv=Privacy.AES128, priv_secret=SEAL_3,
    ),
}  # fmt: skip


@pytest.mark.engine("snmpd", "snmpget")
def test_every_manner_of_login_reads_the_same(start_snmpd: Any) -> None:
    async def play() -> None:
        async with start_snmpd(VALUES) as agent:
            with Session() as session:
                for login in LOGINS.values():
                    peer = await session.peer("127.0.0.1", agent.port, login, patience=5, retries=1)
                    answer = await session.get(
                        peer, [f"{LICENCE}.12.1.0", f"{LICENCE}.12.2.0", "1.3.6.1.2.1.1.2.0"]
                    )
                    assert answer[0] == (f"{LICENCE}.12.1.0", 3)
                    assert answer[1][1] in {Absent.NO_SUCH_INSTANCE, Absent.NO_SUCH_OBJECT}
                    assert str(answer[2][1]).startswith("1.3.6.1.4.1.8072")
                    rows = await session.bulk(peer, ["1.3.6.1.2.1.1.3"], [SECONDS], 60)
                    assert rows[0][0] == "1.3.6.1.2.1.1.3.0"
                    assert rows[1:] == [(f"{SECONDS}.{row}", 100 + row) for row in range(1, 61)]

    asyncio.run(play())


AUTHENTICATION = {
    Authentication.SHA1: "SHA",
    Authentication.SHA224: "SHA-224",
    Authentication.SHA256: "SHA-256",
    Authentication.SHA384: "SHA-384",
    Authentication.SHA512: "SHA-512",
}
PRIVACY = {Privacy.AES128: "AES", Privacy.AES192: "AES-192-C", Privacy.AES256: "AES-256-C"}


@pytest.mark.engine("snmpd", "snmpget")
def test_every_pair_of_algorithms_is_understood(start_snmpd: Any) -> None:
    assert set(AUTHENTICATION) == set(Authentication)
    assert set(PRIVACY) == set(Privacy)

    async def play() -> None:
        async with start_snmpd(VALUES) as agent:
            with Session() as session:
                for (auth, its), (priv, long) in product(AUTHENTICATION.items(), PRIVACY.items()):
                    login = Login(
                        user=f"{its}_{long}", auth=auth, auth_secret=FOURTH,
                        priv=priv, priv_secret=SEAL_4,
                    )  # fmt: skip
                    peer = await session.peer("127.0.0.1", agent.port, login, patience=5, retries=1)
                    answer = await session.get(peer, [f"{LICENCE}.12.1.0"])
                    assert answer == [(f"{LICENCE}.12.1.0", 3)], (auth, priv)

    asyncio.run(play())


@pytest.mark.engine("snmpd", "snmpget")
@pytest.mark.parametrize("login", ["v2c", "SHA and AES"])
def test_a_device_is_asked_over_ipv6_too(start_snmpd: Any, login: str, ipv6: str) -> None:
    async def play() -> None:
        async with start_snmpd(VALUES) as agent:
            with Session() as session:
                for host in (ipv6, "127.0.0.1", ipv6):
                    peer = await session.peer(
                        host, agent.port, LOGINS[login], patience=5, retries=1
                    )
                    rows = await session.bulk(peer, ["1.3.6.1.2.1.1.3"], [SECONDS], 60)
                    assert rows[1:] == [(f"{SECONDS}.{row}", 100 + row) for row in range(1, 61)]

    asyncio.run(play())


@pytest.mark.engine("snmpd", "snmpget")
@pytest.mark.parametrize(
    ("login", "results"),
    [
        (Login(community="guess"), {VisitResult.TIMEOUT}),
        (Login(user="nobody"), {VisitResult.LOGIN_REFUSED}),
        (
            Login(user="signed", auth=Authentication.SHA256, auth_secret=SEAL),
            {VisitResult.LOGIN_REFUSED},
        ),
    ],
    ids=["community", "user", "secret"],
)
def test_a_refused_login_is_told_without_its_secret(
    start_snmpd: Any, login: Login, results: set[VisitResult]
) -> None:
    async def play() -> None:
        async with start_snmpd(VALUES) as agent:
            with Session() as session:
                peer = await session.peer("127.0.0.1", agent.port, login, patience=1, retries=0)
                with pytest.raises(VisitError) as failed:
                    await session.get(peer, ["1.3.6.1.2.1.1.3.0"])
        assert failed.value.result in results
        assert "secret" not in str(failed.value)
        assert "guess" not in str(failed.value)

    asyncio.run(play())


def test_a_host_without_an_address_is_unreachable() -> None:
    async def play() -> None:
        with Session() as session, pytest.raises(VisitError) as failed:
            await session.peer("no-such-host.invalid", 161, LOGINS["v2c"], patience=1, retries=0)
        assert failed.value.result is VisitResult.UNREACHABLE

    asyncio.run(play())


def test_secrets_are_never_printed() -> None:
    assert all("secret" not in repr(login).replace("_secret", "") for login in LOGINS.values())
    assert "public" not in repr(LOGINS["v2c"])
