"""Spoilt captures: a value stays right, or is missing, or is warned of; never silently other."""

import random
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from monitor.parse.show import read

ROUNDS = 20
# Words a device takes from its operator or from a catalogue: nothing tells a changed one apart.
FREE_WORDS = {
    "name",
    "description",
    "smart",
    "virtual",
    "smart_account",
    "virtual_account",
    "url",
    "cslu_address",
    "address",
    "port",
    "vrf",
    "trust_point",
    "ip_mode",
    "custom_id",
    "in_use",
    "platform",
    "host_name",
    "image",
    "serial",
    "pid",
    "sn",
    "udi",
    "role",
    "tag",
    "version",
    "cube_version",
    "feature_name",
    "feature_description",
    "license_type",
    "enforcement_type",
    "export_status",
    "export_controlled",
    "agent_version",
    "failure_reason",
    "initial",
    "utility",
    "using_policy",
    "reporting_mode",
    "text",
    "type",
    "server_identity_check",
    "source",
    "marked",
    "software_version",
    "uptime",
    "manual_switchover",
    "maintenance_mode",
    "redundancy_state",
    "unit_id",
    "communications_reason",
    # Which of its lines are printed depends on the release.
    "calls_blocked",
}
FREE_SECTIONS: tuple[str, ...] = ("privacy", "application", "peer", "groups")
# A line of a configuration stands for itself: one that is lost looks like one never configured.
FREE_SECTIONS += ("names", "clock_zone", "http_client", "smart", "call_home", "logging", "snmp")
FREE_SECTIONS += ("interfaces", "redundancy_groups", "boot_levels", "row")
ROWS = ("entitlements", "trust_codes", "trust", "ha_udi", "calls_blocked_by")


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Values by path; rows of a list are named by what identifies them, not by their place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, (*path, row_name(item)))
    elif value is not None:
        yield path, value


def row_name(row: Any) -> str:
    if not isinstance(row, dict):
        return "row"
    if "kind" in row:
        return f"{row['kind']} {row.get('window') or (row.get('at') or {}).get('text')}"
    keys = ("report_id", "from", "tag", "udi", "sn", "id")
    return str(next((row[key] for key in keys if row.get(key)), None))


def checked(path: tuple[str, ...]) -> bool:
    free = path[-1] in FREE_WORDS or path[-1].endswith("origin") or "unparsed" in path
    return not free and not any(section in path for section in FREE_SECTIONS)


def known(path: tuple[str, ...], right: dict[tuple[str, ...], Any], mutation: object) -> bool:
    """Whether it can be told which value is meant: a row may have lost its own name."""
    if mutation is drop_three and path[0].startswith("trust"):
        # Of two lines per member two may be lost, and the rest is a whole block again.
        return False
    named = {one[1] for one in right if one[0] == path[0] and len(one) > 1}
    # The lone trust code of a whole output takes its name from a chapter that may be cut off.
    nameless = set() if path[0] == "trust" else {"None"}
    return path[0] not in ROWS or path[1] in named | nameless


def drop(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return "".join(lines)


def drop_three(text: str, chance: random.Random) -> str:
    for _ in range(3):
        text = drop(text, chance) or "\n"
    return text


def double(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return "".join([*lines[:at], lines[at], *lines[at:]])


def cut_end(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


def cut_front(text: str, chance: random.Random) -> str:
    return text[chance.randrange(len(text)) :]


def spoil_bytes(text: str, chance: random.Random) -> str:
    # A digit for a digit, or a blank behind one, is a possible output of a device.
    kept = bytearray(text.encode())
    for _ in range(3):
        at = chance.randrange(len(kept))
        kept[at] = chance.choice(
            [byte for byte in range(256) if chr(byte) not in "0123456789 \t\r\n\f"]
        )
    return kept.decode(errors="replace")


def unindent(text: str, chance: random.Random) -> str:
    return "\n".join(line.lstrip() if chance.random() < 0.5 else line for line in text.splitlines())


MUTATIONS = [drop, drop_three, double, cut_end, cut_front, spoil_bytes, unindent]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_a_value_is_right_missing_or_warned_of(
    case: Any, mutation: Callable[[str, random.Random], str]
) -> None:
    zones = {"IST": 19_800, "EST": -18_000, "CET": 3_600}
    right = dict(leaves(read(case.text, zones=zones)[0].as_json()["data"]))
    chance = random.Random(zlib.crc32(f"{case.name}{mutation.__name__}".encode()))  # noqa: S311 - no secret
    for _ in range(ROUNDS):
        spoilt = mutation(case.text, chance)
        for output in read(spoilt, zones=zones):
            if output.warnings or output.command != case.command:
                continue
            for path, value in leaves(output.as_json()["data"]):
                if checked(path) and known(path, right, mutation):
                    assert right.get(path) == value, (path, value, spoilt)


def test_noise_of_any_kind_is_read_without_an_error() -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(200):
        noise = bytes(chance.randrange(256) for _ in range(400)).decode(errors="replace")
        assert isinstance(read(noise), list)


def test_spliced_outputs_are_read_without_an_error(golden: list[Any]) -> None:
    chance = random.Random(11)  # noqa: S311 - no secret
    texts = [case.text for case in golden]
    for _ in range(150):
        first, second = chance.choice(texts), chance.choice(texts)
        spliced = first[: chance.randrange(len(first))] + second[chance.randrange(len(second)) :]
        assert isinstance(read(spliced), list)


@pytest.mark.parametrize(
    "line",
    [
        "Next ACK deadline: " + "9" * 3_000,
        "a" * 4_000 + "#",
        "X (" * 1_000 + "):",
        "-- " * 1_500,
        "INSTALLED on " * 300,
        "Feb 03 2024 07:00:00 " * 180,
        "%" * 4_000,
        ": " * 2_000,
        "\b" * 4_000,
        "1-" * 2_000,
    ],
)
def test_lines_made_to_be_slow_are_not(line: str) -> None:
    text = "Trust Code Installed:\n" + f"{line}\n" * 250
    assert len(read(text)) <= 300
