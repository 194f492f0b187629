"""net-snmp's snmptrap and snmpinform against our receiver: what is taken, refused, acknowledged."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from monitor.collect.snmp import SnmpTrapConfig, SnmpUser
from monitor.collect.snmp.login import Authentication, Privacy
from monitor.secret import SecretRef
from monitor.wire import SnmpReport

ACK_MISSING = "1.3.6.1.4.1.9.9.831.1.44"
DAYS = "1.3.6.1.4.1.9.9.831.0.12.1"


def _manner(user: str, auth: str, priv: str) -> tuple[str, ...]:
    secrets = ("-Aauthsecret1", "-Xprivsecret1")
    return ("-v3", "-lauthPriv", f"-u{user}", f"-a{auth}", secrets[0], f"-x{priv}", secrets[1])


SEALED = _manner("sealed", "SHA-256", "AES")


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> SnmpTrapConfig:
    for name, secret in (
        ("COMMUNITY", "of-traps"), ("AUTH", "authsecret1"), ("PRIV", "privsecret1"),
    ):  # fmt: skip
        monkeypatch.setenv(name, secret)
    auth, priv = SecretRef(env="AUTH"), SecretRef(env="PRIV")
    return SnmpTrapConfig(
        port=0,
        communities=(SecretRef(env="COMMUNITY"),),
        users=(
            SnmpUser(
                user="sealed", auth=Authentication.SHA256, auth_secret=auth,
                priv=Privacy.AES128, priv_secret=priv,
            ),
            SnmpUser(user="signed", auth=Authentication.SHA512, auth_secret=auth),
            SnmpUser(user="plain"),
            SnmpUser(
                user="longer", auth=Authentication.SHA224, auth_secret=auth,
                priv=Privacy.AES192, priv_secret=priv,
            ),
            SnmpUser(
                user="longest", auth=Authentication.SHA384, auth_secret=auth,
                priv=Privacy.AES256, priv_secret=priv,
            ),
        ),
    )  # fmt: skip


def _said(report: SnmpReport) -> tuple[str, dict[str, Any]]:
    return report.notification, dict(report.varbinds)


@pytest.mark.engine("snmptrap")
@pytest.mark.parametrize(
    ("manner", "authenticated"),
    [
        (("-v2c", "-cof-traps"), False),
        (SEALED, True),
        (("-v3", "-lauthNoPriv", "-usigned", "-aSHA-512", "-Aauthsecret1"), True),
        (("-v3", "-lnoAuthNoPriv", "-uplain"), False),
        (_manner("longer", "SHA-224", "AES-192-C"), True),
        (_manner("longest", "SHA-384", "AES-256-C"), True),
    ],
    ids=["v2c", "authPriv", "authNoPriv", "noAuthNoPriv", "SHA-224 AES-192", "SHA-384 AES-256"],
)
@pytest.mark.parametrize("inform", [False, True], ids=["trap", "inform"])
def test_a_notification_is_taken(  # noqa: PLR0917 - fixtures and parameters
    config: SnmpTrapConfig,
    new_inbox: Callable[[], Any],
    receiving: Any,
    tool: Any,
    manner: tuple[str, ...],
    authenticated: bool,
    inform: bool,
) -> None:
    async def play() -> None:
        inbox = new_inbox()
        kind: tuple[str, ...] = ("-Ci", "-t3", "-r1") if inform else ()
        if manner[0] == "-v3" and not inform:
            kind = ("-e80001f888010203040",)
        async with receiving.on(config, inbox) as port:
            code, said = await tool.run(
                "snmptrap", *manner, *kind, f"127.0.0.1:{port}", "4242", ACK_MISSING,
                f"{DAYS}.0", "u", "7",
            )  # fmt: skip
            await inbox.until(lambda: bool(inbox.reports))
        assert (code, said) == (0, "")
        [report] = inbox.reports
        oid, values = _said(report)
        assert (oid, values[f"{DAYS}.0"]) == (ACK_MISSING, 7)
        assert values["1.3.6.1.2.1.1.3.0"] == 4242
        assert report.authenticated is authenticated
        assert report.address == "127.0.0.1"

    asyncio.run(play())


@pytest.mark.engine("snmptrap")
@pytest.mark.parametrize("manner", [("-v2c", "-cof-traps"), SEALED], ids=["v2c", "v3"])
@pytest.mark.parametrize("inform", [False, True], ids=["trap", "inform"])
def test_a_notification_comes_over_ipv6(  # noqa: PLR0917 - fixtures and parameters
    config: SnmpTrapConfig,
    new_inbox: Callable[[], Any],
    receiving: Any,
    tool: Any,
    manner: tuple[str, ...],
    inform: bool,
    ipv6: str,
) -> None:
    async def play() -> None:
        inbox = new_inbox()
        kind: tuple[str, ...] = ("-Ci", "-t3", "-r1") if inform else ()
        if manner[0] == "-v3" and not inform:
            kind = ("-e80001f888010203041",)
        async with receiving.on(config.model_copy(update={"host": ipv6}), inbox) as port:
            code, said = await tool.run(
                "snmptrap", *manner, *kind, f"udp6:[{ipv6}]:{port}", "4242", ACK_MISSING
            )
            await inbox.until(lambda: bool(inbox.reports))
        assert (code, said) == (0, "")
        assert [one.address for one in inbox.reports] == [ipv6]

    asyncio.run(play())


@pytest.mark.engine("snmptrap")
@pytest.mark.parametrize(
    "manner", [("-v2c", "-cof-traps"), (*SEALED, "-e80001f888010203042")], ids=["v2c", "v3"]
)
@pytest.mark.usefixtures("ipv6")
def test_a_socket_for_both_knows_senders_by_their_address_of_ipv4(
    config: SnmpTrapConfig,
    new_inbox: Callable[[], Any],
    receiving: Any,
    tool: Any,
    manner: tuple[str, ...],
) -> None:
    async def play() -> None:
        inbox = new_inbox()
        both = config.model_copy(update={"host": "::ffff:127.0.0.1"})
        async with receiving.on(both, inbox) as port:
            await tool.run("snmptrap", *manner, f"127.0.0.1:{port}", "4242", ACK_MISSING)
            await inbox.until(lambda: bool(inbox.reports))
        assert [one.address for one in inbox.reports] == ["127.0.0.1"]

    asyncio.run(play())


@pytest.mark.engine("snmptrap")
def test_a_version_1_trap_becomes_one_of_version_2(
    config: SnmpTrapConfig, new_inbox: Callable[[], Any], receiving: Any, tool: Any
) -> None:
    async def play() -> None:
        inbox = new_inbox()
        async with receiving.on(config, inbox) as port:
            to = ("-v1", "-cof-traps", f"127.0.0.1:{port}")
            await tool.run("snmptrap", *to, "1.3.6.1.4.1.9.1", "192.0.2.7", "0", "0", "77")
            await inbox.until(lambda: len(inbox.reports) == 1)
            await tool.run("snmptrap", *to, "1.3.6.1.4.1.9.9.831.1", "192.0.2.7", "6", "45", "78")
            await inbox.until(lambda: len(inbox.reports) == 2)
        cold, acked = map(_said, inbox.reports)
        assert cold[0] == "1.3.6.1.6.3.1.1.5.1"
        assert cold[1]["1.3.6.1.6.3.18.1.3.0"] == "192.0.2.7"
        assert acked[0] == "1.3.6.1.4.1.9.9.831.1.0.45"

    asyncio.run(play())


@pytest.mark.engine("snmptrap")
@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (("-v2c", "-cguess"), "community"),
        (("-v3", "-lnoAuthNoPriv", "-usealed", "-e80001f888010203040"), "level"),
        (("-v3", "-lnoAuthNoPriv", "-unobody", "-e80001f888010203040"), "user"),
        ((*SEALED[:4], "-Awrongsecret", *SEALED[5:], "-e80001f88801020aa"), "not_authentic"),
    ],
    ids=["community", "level", "user", "secret"],
)
def test_a_notification_that_proves_nothing_is_refused(
    config: SnmpTrapConfig,
    new_inbox: Callable[[], Any],
    receiving: Any,
    tool: Any,
    manner: tuple[str, ...],
    reason: str,
) -> None:
    async def play() -> None:
        inbox = new_inbox()
        async with receiving.on(config, inbox) as port:
            await tool.run("snmptrap", *manner, f"127.0.0.1:{port}", "1", ACK_MISSING)
            await receiving.until(reason, 1)
        assert inbox.reports == []

    asyncio.run(play())


@pytest.mark.engine("snmptrap")
@pytest.mark.parametrize("manner", [("-v2c", "-cof-traps"), SEALED], ids=["v2c", "v3"])
def test_an_inform_is_acknowledged_after_the_commit(
    config: SnmpTrapConfig,
    new_inbox: Callable[[], Any],
    receiving: Any,
    tool: Any,
    manner: tuple[str, ...],
) -> None:
    async def play() -> None:
        inbox = new_inbox()
        inbox.close()
        async with receiving.on(config, inbox) as port:
            inform = ("snmptrap", *manner, "-Ci", "-t0.3", "-r0", f"127.0.0.1:{port}")
            code, said = await tool.run(*inform, "1", ACK_MISSING)
            assert (code, "Timeout" in said) == (1, True)
            inbox.open()
            await inbox.until(lambda: bool(inbox.reports))
            code, said = await tool.run(*inform[:-2], "-r5", inform[-1], "2", ACK_MISSING)
            assert (code, said) == (0, "")

    asyncio.run(play())


@pytest.mark.engine("snmptrap")
def test_senders_that_are_not_allowed_are_not_read(
    config: SnmpTrapConfig, new_inbox: Callable[[], Any], receiving: Any, tool: Any
) -> None:
    elsewhere = SnmpTrapConfig.model_validate(
        {"port": 0, "allow": ["192.0.2.0/24"], "communities": [{"env": "COMMUNITY"}]}
    )

    async def play() -> None:
        inbox = new_inbox()
        async with receiving.on(elsewhere, inbox) as port:
            await tool.run("snmptrap", "-v2c", "-cof-traps", f"127.0.0.1:{port}", "1", ACK_MISSING)
            await receiving.until("sender", 1)
        assert inbox.reports == []

    asyncio.run(play())
