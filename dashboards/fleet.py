"""The whole fleet: what stops when, what is wrong, where licences are missing."""

from typing import Final

from dashboards.panels import (
    BAD_AT_ONE,
    BELOW_ZERO,
    GOOD_AT_ZERO,
    SEVERITY_RANKS,
    SUBJECT,
    TAKEOVERS,
    Column,
    Page,
    heading,
    lines,
    link_to,
    now,
    query,
    rows_of,
    stat,
    table,
)
from dashboards.promql import DEADLINE, OPEN_FINDINGS, best, findings, held, number, ranked, viewed

_STOPPING: Final = 'cube_stopping{state=~"stops|may_stop"}'
_CYCLE: Final = (
    'cube_finding{rule=~"ack_.+|push_.+|pull_due|sent_not_acknowledged|no_room_to_retry'
    '|never_acknowledged|cycle_unknown|communication_failed"}'
)
_DEVICE: Final = link_to("device", "device")
_ACCOUNT: Final = link_to("account", "account")

_DEADLINES: Final = table(
    "Acknowledgement deadlines, the next one first",
    [
        rows_of(f"{DEADLINE} * 1000", ref="A"),
        rows_of(f"{best('cube_last_ack_timestamp_seconds')} * 1000", ref="B"),
        rows_of(f"{best('cube_next_push_timestamp_seconds')} * 1000", ref="C"),
        rows_of(f"{held('cube_stopping')} == 1", ref="D"),
        rows_of(held("cube_device_info"), ref="E"),
    ],
    [
        Column(name="device", title="device", link=_DEVICE),
        Column(name="Value #A", title="deadline", unit="dateTimeFromNow"),
        Column(
            name="state",
            title="calls at the deadline",
            words={
                "stops": ("stop", "red"),
                "may_stop": ("may stop", "orange"),
                "never": ("go on", "green"),
                "before_policy": ("as registered", "blue"),
            },
        ),
        Column(name="Value #C", title="next push", unit="dateTimeFromNow"),
        Column(name="Value #B", title="last acknowledgement", unit="dateTimeFromNow"),
        Column(name="release", title="release"),
        Column(name="transport", title="transport"),
        Column(name="virtual_account", title="account", link=_ACCOUNT),
    ],
    by="device",
    sort="deadline",
    description="A healthy device pushes its report minutes before the deadline, every month.",
)
_FINDINGS: Final = table(
    "Findings",
    [
        rows_of(viewed(ranked())),
    ],
    [
        Column(name="Value", title="severity", words=SEVERITY_RANKS, width=90),
        Column(name="rule"),
        Column(name="step", width=110),
        Column(name="subject", link=SUBJECT),
        Column(name="view", title="about", width=100),
    ],
    sort="-severity",
)
_BALANCES: Final = table(
    "Balances",
    [
        rows_of(held("cube_account_purchased"), ref="A"),
        rows_of(held("cube_account_in_use"), ref="B"),
        rows_of(held("cube_account_balance"), ref="C"),
    ],
    [
        Column(name="account", link=_ACCOUNT),
        Column(name="tag"),
        Column(name="Value #A", title="purchased"),
        Column(name="Value #B", title="in use"),
        Column(name="Value #C", title="balance"),
    ],
    sort="balance",
)
_PAIRS: Final = table(
    "Pairs",
    [
        rows_of(f"group by (pair) ({held('cube_pair_role')})", ref="A"),
        rows_of(held("cube_pair_ready"), ref="B"),
        rows_of(f"{held('cube_pair_takeover')} == 1", ref="C"),
    ],
    [
        Column(name="pair", link=link_to("pair", "pair")),
        Column(
            name="Value #B",
            title="the peer could take over",
            words={"1": ("yes", "green"), "0": ("no", "red")},
        ),
        Column(name="verdict", title="calls after a failover now", words=TAKEOVERS),
    ],
    by="pair",
    sort="pair",
)

PAGE: Final = Page(
    name="fleet",
    title="CUBE licences: fleet",
    description="Deadlines, findings and balances of every device.",
    rows=(
        (
            4,
            (
                (3, stat("Devices", now(number("group by (device) (cube_device_info)")))),
                (4, stat("Next deadline", now(f"min({DEADLINE}) * 1000"), unit="dateTimeFromNow")),
                (
                    5,
                    stat(
                        "Devices whose calls stop at the deadline",
                        now(number(f"group by (device) ({_STOPPING} == 1)")),
                    ),
                ),
                (3, stat("Critical", now(number(findings("critical"))), limits=BAD_AT_ONE)),
                (3, stat("Warnings", now(number(findings("warning"))), limits=GOOD_AT_ZERO)),
                (
                    3,
                    stat(
                        "Stale",
                        now(number(f"{held('cube_device_stale')} == 1")),
                        limits=GOOD_AT_ZERO,
                        description="Devices whose evidence is older than it should be.",
                    ),
                ),
                (
                    3,
                    stat(
                        "Lowest balance",
                        now(f"min({held('cube_account_balance')})"),
                        limits=BELOW_ZERO,
                    ),
                ),
            ),
        ),
        (10, ((24, _DEADLINES),)),
        (1, ((24, heading("What is wrong")),)),
        (
            9,
            (
                (12, _FINDINGS),
                (
                    12,
                    lines(
                        "Findings over time",
                        [
                            query(
                                f"count by (severity) ({OPEN_FINDINGS})",
                                "{{severity}}",
                            )
                        ],
                        stepped=True,
                    ),
                ),
            ),
        ),
        (1, ((24, heading("The acknowledgement cycle")),)),
        (
            7,
            (
                (
                    24,
                    lines(
                        "Devices by state of their cycle",
                        [
                            query(
                                f"count by (rule) ({held(_CYCLE)} == 1)",
                                "{{rule}}",
                            )
                        ],
                        stepped=True,
                        description="A device without any of these is in a healthy cycle.",
                    ),
                ),
            ),
        ),
        (1, ((24, heading("Accounts and pairs")),)),
        (8, ((12, _BALANCES), (12, _PAIRS))),
    ),
)
