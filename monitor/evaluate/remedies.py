"""What to type on a router, and what to write into the configuration, so that it is heard better.

Sources: the project's pages on SNMP, gNMI and RESTCONF; which release and platform has which YANG
tree is in `domain.yang`.
"""

from collections.abc import Iterator
from typing import Final

from monitor.domain.diagnosis import Remedy
from monitor.domain.release import Rank, rank
from monitor.domain.yang import DEFAULTS, About, Purpose, expected, family

_WITH_GNMI: Final = frozenset({"asr1k", "c8500", "c8000v"})
"""The others hold the same trees, and RESTCONF is the surer way to them."""
_FIRST_GNXI: Final[Rank] = (17, 3, 1, "")
EXACT: Final = frozenset({"cli", "gnmi", "restconf"})

_SSH: Final = Remedy(
    what="Let the monitor read the command line: it alone tells everything.",
    router=(
        "username monitor privilege 1 algorithm-type scrypt secret A-LONG-PASSWORD",
        "ip ssh version 2",
    ),
    configuration=("ssh: {host: ADDRESS, credential: noc}",),
)
_SYSLOG: Final = Remedy(
    what="Send the log: licence requests, reminders and failures as they happen.",
    router=(
        "service timestamps log datetime msec year show-timezone",
        "logging origin-id hostname",
        "logging trap informational",
        "logging host MONITOR-ADDRESS transport udp port 5514",
    ),
    configuration=("addresses: [ADDRESS]",),
)
_SNMP: Final = Remedy(
    what="Let it be polled over SNMP version 3: every second of calls, counts, days to the ACK.",
    router=(
        "snmp-server view LICENSING iso included",
        "snmp-server group MONITOR v3 priv read LICENSING",
        "snmp-server user monitor MONITOR v3 auth sha AUTH priv aes 128 PRIV access 10",
        "access-list 10 permit MONITOR-ADDRESS",
    ),
    configuration=("snmp: {host: ADDRESS, credential: default}",),
)
_TRAP: Final = Remedy(
    what="Let it send informs: authenticated, and told again until they are kept.",
    router=(
        "snmp-server host MONITOR-ADDRESS informs version 3 priv monitor udp-port 5162",
        "snmp-server enable traps smart-license",
        "snmp-server enable traps snmp coldstart warmstart",
        "snmp-server enable traps syslog",
    ),
    configuration=("collect:", "  - {kind: snmp_trap, host: 0.0.0.0, port: 5162, users: [...]}"),
)
_GNMI: Final = (
    "gnxi",
    "gnxi secure-trustpoint TRUSTPOINT",
    "gnxi secure-server",
    "gnxi secure-port 9339",
    "gnxi secure-password-auth",
)
_RESTCONF: Final = (
    "aaa new-model",
    "aaa authentication login default local",
    "aaa authorization exec default local",
    "ip http secure-server",
    "ip http authentication aaa",
    "restconf",
)
_CARE: Final = " Leave the `aaa` lines out where such stand already: they change every login."
_PURPOSES: Final = {
    Purpose.ACK: "the acknowledgement deadline",
    Purpose.USAGE: "licences by tag",
    Purpose.CALLS: "call legs each few seconds",
    Purpose.REDUNDANCY_GROUP: "the role in the redundancy group",
}


def missing(sources: frozenset[str], about: About) -> Iterator[Remedy]:
    """How to add each source that is not configured and was not heard.

    `sources` are those that are. Needed is one that tells the deadline exactly.
    """
    exact = bool(sources & EXACT)
    if "cli" not in sources:
        yield _as(_SSH, needed=not exact)
    if "syslog" not in sources:
        yield _as(_SYSLOG, needed=False)
    if "snmp" not in sources:
        yield _as(_SNMP, needed=False)
    if "trap" not in sources:
        yield _as(_TRAP, needed=False)
    if not sources & {"gnmi", "restconf"}:
        yield from _telemetry(about)


def _as(remedy: Remedy, *, needed: bool) -> Remedy:
    return Remedy(
        what=remedy.what,
        router=remedy.router,
        configuration=remedy.configuration,
        needed=needed,
    )


def _telemetry(about: About) -> Iterator[Remedy]:
    kind, running = family(about.platform), rank(about.release)
    if kind is None or running is None or running < _FIRST_GNXI:
        return
    told = {path.purpose for path in expected(DEFAULTS, about)}
    tells = ", ".join(words for purpose, words in _PURPOSES.items() if purpose in told)
    gnmi = kind in _WITH_GNMI
    way, word = ("gNMI", "gnmi") if gnmi else ("RESTCONF", "restconf")
    care = "" if gnmi else _CARE
    yield Remedy(
        what=f"Hear it over {way}; release {about.release} of this platform tells {tells}.{care}",
        router=_GNMI if gnmi else _RESTCONF,
        configuration=(
            f"{word}: {{host: ADDRESS, credential: noc, tls: {{ca: /etc/cubemon/ca.pem}}}}",
        ),
        needed=False,
    )


_CHECKS: Final = {
    "cli": "Look at `cubemon try monitor@ADDRESS --ask`: reachability, login, host key.",
    "snmp": "Look at `cubemon discover ADDRESS --config FILE`: reachability, access list, user.",
    "gnmi": "Type `show gnxi state detail`; look at `cube_monitor_gnmi_stream_ends_total`.",
    "restconf": "Type `show platform software yang-management process`; look at"
    ' `cube_monitor_polls_total{manner="restconf"}`.',
    "syslog": "Type `show logging | include Logging to`; look at the path to the monitor.",
    "trap": "Type `show snmp host`; look at `cube_monitor_snmp_notifications_total`.",
}


def silent(source: str, *, never: bool, told: bool) -> Remedy:
    """What to look at where a configured source is silent; `told`: the router speaks first."""
    how = "was never heard" if never else "is late"
    # A router that has nothing to report sends nothing: that alone is no fault.
    return Remedy(what=f"{source} {how}. {_CHECKS[source]}", needed=not (never and told))
