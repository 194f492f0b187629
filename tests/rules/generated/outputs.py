"""A story as a scenario: what routers print, stream and send, and what the slow judge expects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from tests.rules.generated import paper
from tests.rules.generated.sections.rows import ACCOUNT, INFO, PAIR, TAG, Told
from tests.rules.generated.story import DAY, Said, Story, Value

START: Final = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
_DAYS_REQUIRED: Final = "1.3.6.1.4.1.9.9.831.0.12.2.0"
_ACK_RECEIVED: Final = "1.3.6.1.4.1.9.9.831.1.45"
_UPTIME: Final = "1.3.6.1.2.1.1.3.0"
_RUM: Final = "/cisco-smart-license:licensing/state/state-info"
_UNHURRIED: Final = {
    "poll_interval_hours": 24,
    "poll_interval_near_hours": 24,
    "snmp_interval_minutes": 1_440,
    "telemetry_interval_minutes": 1_440,
}
"""Where nothing falls silent: a play stops whenever a source could be late, here not so often."""
_CYCLE: Final = ("deadline", "planned", "pushed", "pulled", "written", "acked", "required", "trust")


def scenario(story: Story) -> dict[str, Any]:
    """As the scenario file would hold it."""
    return {
        "name": story.name,
        "start": START,
        "config": _config(story),
        "steps": list(_steps(story)),
    }


def _config(story: Story) -> dict[str, Any]:
    devices = [
        {
            "name": name,
            "addresses": [_address(story, name)],
            **({"release": story.configured[name]} if story.configured.get(name) else {}),
            **({"virtual_account": ACCOUNT} if story.purchased else {}),
        }
        for name in story.devices
    ]
    config: dict[str, Any] = {"devices": devices}
    if not story.silences:
        config["limits"] = _UNHURRIED
    if story.pair:
        config["pairs"] = [{"name": PAIR, "members": list(story.pair)}]
    if story.purchased:
        config["accounts"] = [{"name": ACCOUNT, "purchased": dict(story.purchased)}]
    return config


def _address(story: Story, name: str) -> str:
    return f"192.0.2.{1 + story.devices.index(name)}"


# Steps: whatever is said, and the first second of each change with the one before it.


def _steps(story: Story) -> Iterator[dict[str, Any]]:
    states = _states(story)
    stops = sorted({at for at in _stops(story, states) if at in states})
    before: frozenset[Told] = frozenset()
    for at in stops:
        told = _people(states[at])
        yield {
            "at": f"+{at}s",
            **_happens(story, at),
            "expect": [*map(_expected, sorted(states[at]))],
            "pages": [*_pages(told - before, "opened"), *_pages(before - told, "resolved")],
        }
        before = told


def _states(story: Story) -> Mapping[int, frozenset[Told]]:
    """What stands at every second that matters, by the slow judge."""
    every = paper.moments(story)
    return {at: paper.told(story, at) for at in every}


def _stops(story: Story, states: Mapping[int, frozenset[Told]]) -> Iterator[int]:
    yield from (one.at for one in story.said)
    yield from (one.at for one in story.silences)
    yield from (one.at for one in story.works)
    yield from (*story.looks, *story.restarts, story.ends)
    before = None
    for at, state in states.items():
        if before is not None and state != states[before]:
            yield from (at - 1, at)
        before = at


def _people(state: Iterable[Told]) -> frozenset[Told]:
    return frozenset(one for one in state if one.severity != INFO)


def _expected(one: Told) -> dict[str, Any]:
    return dict(one._asdict())


def _pages(told: Iterable[Told], word: str) -> Iterator[dict[str, Any]]:
    for one in sorted(told):
        yield {**_expected(one), word: None}


def _happens(story: Story, at: int) -> dict[str, Any]:
    said = [one for one in story.said if one.at == at]
    found: dict[str, list[Any]] = {
        "show": [_show(one) for one in said if one.source == "cli"],
        "yang": [leaf for one in said if one.source == "gnmi" for leaf in _yang(one)],
        "snmp": [_snmp(story, one) for one in said if one.source in ("snmp", "trap")],
        "syslog": [line for one in said if one.source == "syslog" for line in _lines(story, one)],
        "silence": [
            {"device": one.device, "source": one.source} for one in story.silences if one.at == at
        ],
        "maintenance": [
            {"subjects": list(one.subjects), "for": f"{one.until - at}s"}
            for one in story.works
            if one.at == at
        ],
    }
    given: dict[str, Any] = {name: items for name, items in found.items() if items}
    return {**given, "restart": True} if at in story.restarts else given


# Command line


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(START + at, UTC).strftime("%b %d %H:%M:%S %Y UTC")


def _printed(value: Value) -> str:
    return _stamp(value) if isinstance(value, int) else "<none>"


def _show(one: Said) -> dict[str, str]:
    pieces = [piece for write in _COMMANDS for piece in write(one)]
    return {"device": one.device, "text": "\n\n".join(pieces) + "\n"}


def _cube_status(one: Said) -> Iterator[str]:
    if "release" in one.facts:
        kind = {True: "hot-standby-chassis-to-chassis", False: "none"}["role" in one.facts]
        yield (
            f"{one.device}#show cube status\nCUBE-Version : 14.4\n"
            f"SW-Version : {one.facts['release']}, Platform C8300-1N1S-4T2X\nHA-Type : {kind}"
        )


def _license_status(one: Said) -> Iterator[str]:
    facts = one.facts
    if not any(name in facts for name in _CYCLE):
        return
    account, policy = facts.get("account", "Voice Edge"), facts.get("policy", "Voice Policy")
    lines = [
        f"{one.device}#show license status",
        "Utility:\n  Status: DISABLED\n",
        "Smart Licensing Using Policy:\n  Status: ENABLED\n",
        "Account Information:",
        f"  Smart Account: Example Voice As of {_stamp(-DAY)}\n  Virtual Account: {account}\n",
        f"Transport:\n  Type: {facts.get('transport', 'Smart')}\n",
        f"Policy:\n  Policy in use: Installed On {_stamp(-200 * DAY)}\n  Policy name: {policy}",
        f"  Reporting ACK required: {_yes(facts.get('required'))} (Customer Policy)\n",
        *_usage_reporting(facts),
        f"\nTrust Code Installed: {_stamp(-200 * DAY) if facts.get('trust', True) else '<none>'}",
    ]
    yield "\n".join(lines)


def _yes(required: Value) -> str:
    return "no" if required is False else "yes"


_LABELS: Final = {
    "acked": "Last ACK received",
    "deadline": "Next ACK deadline",
    "planned": "Next report push",
    "pushed": "Last report push",
    "pulled": "Last report pull",
    "written": "Last report file write",
}


def _usage_reporting(facts: Mapping[str, Value]) -> Iterator[str]:
    yield "Usage Reporting:"
    for name, label in _LABELS.items():
        if name in facts:
            yield f"  {label}: {_printed(facts[name])}"
    if "interval" in facts:
        yield f"  Reporting push interval: {facts['interval']}  days"


def _sip(one: Said) -> Iterator[str]:
    if "sip" in one.facts:
        yield (
            f"{one.device}#show voice sip license status\nHost Name: {one.device}\n"
            f"SIP service: {one.facts['sip']}\nLicense use recorded every: 8 Hour(s)"
        )


def _clock(one: Said) -> Iterator[str]:
    ahead = one.facts.get("clock")
    if isinstance(ahead, int):
        shown = datetime.fromtimestamp(START + one.at + ahead, UTC)
        yield f"{one.device}#show clock\n{shown.strftime('%H:%M:%S.000 UTC %a %b %d %Y')}"


def _udi(one: Said) -> Iterator[str]:
    if "serial" in one.facts:
        yield f"{one.device}#show license udi\nUDI: PID:C8300-1N1S-4T2X,SN:{one.facts['serial']}"


def _usage(one: Said) -> Iterator[str]:
    if "count" in one.facts or "out" in one.facts:
        out = one.facts.get("out") is True
        yield (
            f"{one.device}#show license usage\nLicense Authorization:\n  Status: Not Applicable\n\n"
            f"{TAG} ({TAG}):\n  Description: {TAG}\n  Count: {one.facts.get('count', 5)}\n"
            f"  Version: 1.0\n  Status: {'OUT OF COMPLIANCE' if out else 'IN USE'}\n"
            "  Export status: NOT RESTRICTED"
        )


def _group(one: Said) -> Iterator[str]:
    facts = one.facts
    if "role" not in facts:
        return
    own = {"active": "ACTIVE", "standby": "STANDBY HOT"}
    role, peer = str(facts["role"]), str(facts["peer_role"])
    seen = facts.get("peer_state") or own[peer]
    yield (
        f"{one.device}#show redundancy application group 1\nGroup ID:1\nGroup Name:voice-b2bha\n\n"
        "Administrative State: No Shutdown\nAggregate operational state : Up\n"
        f"My Role: {role.upper()}\nPeer Role: {peer.upper()}\nPeer Presence: Yes\nPeer Comm: Yes\n"
        "Peer Progression Started: Yes\n\nRF Domain: btob-one\n"
        f"         RF state: {own[role]}\n         Peer RF state: {seen}"
    )


def _processors(one: Said) -> Iterator[str]:
    state = one.facts.get("peer_state")
    if "role" not in one.facts and isinstance(state, str):
        number = {"STANDBY HOT": 8, "STANDBY COLD": 4, "DISABLED": 1}[state]
        yield (
            f"{one.device}#show redundancy states\n       my state = 13 -ACTIVE\n"
            f"     peer state = {number}  -{state}\n           Mode = Duplex\n"
            "           Unit = Primary\n        Unit ID = 48\n\n"
            "Redundancy Mode (Operational) = sso\nRedundancy Mode (Configured)  = sso\n"
            f"Redundancy State              = sso"
        )


def _before(one: Said) -> Iterator[str]:
    expires = one.facts.get("registration_expires")
    if isinstance(expires, int):
        yield (
            f"{one.device}#show license status\nSmart Licensing is ENABLED\n\nRegistration:\n"
            "  Status: REGISTERED\n  Smart Account: Example Voice\n"
            f"  Virtual Account: Voice Edge\n  Registration Expires: {_stamp(expires)}\n\n"
            f"License Authorization:\n  Status: AUTHORIZED on {_stamp(-DAY)}\n"
            f"  Communication Deadline: {_stamp(expires)}"
        )


_COMMANDS: Final = (
    _cube_status,
    _license_status,
    _before,
    _sip,
    _clock,
    _udi,
    _usage,
    _group,
    _processors,
)


# Streams, polls, messages


def _yang(one: Said) -> Iterator[dict[str, Any]]:
    rum = {
        leaf: datetime.fromtimestamp(START + value, UTC).isoformat()
        for name, leaf in (("acked", "last-received-time"), ("deadline", "next-report-deadline"))
        if isinstance(value := one.facts.get(name), int)
    }
    if rum:
        yield {"device": one.device, "path": f"{_RUM}/rum-ack", "value": rum}
    if "required" in one.facts:
        path = f"{_RUM}/policy/ack-required"
        yield {"device": one.device, "path": path, "value": one.facts["required"]}
    if "trust" in one.facts:
        path = f"{_RUM}/trust-code"
        yield {"device": one.device, "path": path, "value": {"is-installed": one.facts["trust"]}}


def _snmp(story: Story, one: Said) -> dict[str, Any]:
    if one.source == "trap":
        return {
            "from": _address(story, one.device),
            "authenticated": one.proven,
            "notification": _ACK_RECEIVED,
            "values": {_UPTIME: 1000 + 100 * one.at},
        }
    return {
        "device": one.device,
        "authenticated": one.proven,
        "values": {_DAYS_REQUIRED: one.facts["days"]},
    }


def _lines(story: Story, one: Said) -> Iterator[dict[str, str]]:
    for text in _messages(one.facts):
        at = datetime.fromtimestamp(START + one.at, UTC).strftime("%b %e %Y %H:%M:%S.000 UTC")
        line = f"<190>{1000 + one.at % 9000}: {one.device}: {at}: {text}"
        yield {"from": _address(story, one.device), "line": line}


def _messages(facts: Mapping[str, Value]) -> Sequence[str]:
    found = []
    if "days" in facts:
        found.append(
            "%SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement will be required in"
            f" {facts['days']} days."
        )
    if "request" in facts:
        found.append(
            f"%CUBE-5-LICENSE_INFO: Requesting for {facts['request']} CUBE Enhanced trunk licenses"
        )
    peer = {"CSSM": "Cisco Smart Software Manager (CSSM)"}.get(
        str(facts.get("peer")), "Cisco Smart License Utility (CSLU)"
    )
    if facts.get("communication") == "failed":
        found.append(
            f"%SMART_LIC-3-COMM_FAILED: Communications failure with the {peer} :"
            " Communications failure"
        )
    if facts.get("communication") == "restored":
        found.append(f"%SMART_LIC-5-COMM_RESTORED: Communications with {peer} restored")
    if not found:
        found.append("%SMART_LIC-6-AGENT_READY: Smart Agent for Licensing is initialized")
    return found
