"""One pair: who is active, whether the other could take over, both deadlines."""

from typing import Final

from dashboards.panels import (
    BAD_AT_ONE,
    ROLE_COLORS,
    TAKEOVERS,
    Column,
    Page,
    chosen,
    happened,
    lines,
    link_to,
    now,
    query,
    rows_of,
    stat,
    states,
    table,
    values,
)
from dashboards.promql import DEADLINE, best, held, number, roles

_OF: Final = '{pair="$pair"}'
_ACTIVE: Final = held('cube_pair_role{pair="$pair",role="active"}')
_FOUND: Final = held('cube_finding{subject="$pair"}')
_MEMBER: Final = f"group by (device) ({held(f'cube_pair_role{_OF}')})"
_TAKEOVER: Final = " or ".join(
    "max without (instance, job, verdict)"
    f' (cube_pair_takeover{{pair="$pair",verdict="{one}"}} == 1) * {place}'
    for place, one in enumerate(TAKEOVERS)
)

_MEMBERS: Final = table(
    "Members",
    [
        rows_of(f"{held(f'cube_pair_role{_OF}')} == 1", ref="A"),
        rows_of(f"{DEADLINE} * 1000 and on (device) {_MEMBER}", ref="B"),
        rows_of(
            f"{best('cube_last_ack_timestamp_seconds')} * 1000 and on (device) {_MEMBER}", ref="C"
        ),
        rows_of(f"{held('cube_device_info')} and on (device) {_MEMBER}", ref="D"),
    ],
    [
        Column(name="device", link=link_to("device", "device")),
        Column(name="role"),
        Column(name="Value #B", title="deadline", unit="dateTimeFromNow"),
        Column(name="Value #C", title="last acknowledgement", unit="dateTimeFromNow"),
        Column(name="release"),
        Column(name="virtual_account", title="account", link=link_to("account", "account")),
    ],
    by="device",
    sort="device",
)

PAGE: Final = Page(
    name="pair",
    title="CUBE licences: pair",
    description="A high-availability pair: one consumer of licences, two acknowledgement cycles.",
    hours=24 * 7,
    variables=(chosen("pair", "cube_pair_role", "pair", title="Pair"),),
    annotations=(
        happened(
            "Failover",
            f"changes({_ACTIVE}[5m:1m]) > 0 and {_ACTIVE} == 1",
            "{{device}} is active now",
            "purple",
        ),
    ),
    rows=(
        (
            4,
            (
                (
                    6,
                    stat(
                        "The peer could take over",
                        now(held(f"cube_pair_ready{_OF}")),
                        mappings=values({"0": ("no", "red"), "1": ("yes", "green")}),
                    ),
                ),
                (
                    9,
                    stat(
                        "Calls after a failover now",
                        now(_TAKEOVER),
                        mappings=values(
                            {str(one): shown for one, shown in enumerate(TAKEOVERS.values())}
                        ),
                    ),
                ),
                (
                    9,
                    stat(
                        "Findings of the pair",
                        now(number(f"{_FOUND} == 1")),
                        limits=BAD_AT_ONE,
                    ),
                ),
            ),
        ),
        (6, ((24, _MEMBERS),)),
        (
            6,
            (
                (
                    24,
                    states(
                        "Roles", [query(roles('pair="$pair"'), "{{device}}")], mappings=ROLE_COLORS
                    ),
                ),
            ),
        ),
        (
            8,
            (
                (
                    24,
                    lines(
                        "Licences the pair needs, once for both",
                        [query(held(f"cube_pair_licenses_needed{_OF}"), "{{tag}}")],
                        stepped=True,
                    ),
                ),
            ),
        ),
    ),
)
