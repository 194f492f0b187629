"""One virtual account: purchased, in use, balance, and when it reaches 0."""

from typing import Final

from dashboards.panels import (
    BELOW_ZERO,
    Column,
    Page,
    chosen,
    lines,
    link_to,
    now,
    query,
    rows_of,
    stat,
    table,
)
from dashboards.promql import held

_OF: Final = '{account="$account"}'
_MEMBERS: Final = 'group by (device) (cube_device_info{virtual_account="$account"})'

_CONSUMERS: Final = table(
    "Who uses them",
    [
        rows_of(
            f"{held('cube_license_in_use')} * on (device) group_left () {_MEMBERS}",
            ref="A",
        ),
        rows_of(
            f"{held('cube_license_peak')} * on (device) group_left () {_MEMBERS}",
            ref="B",
        ),
    ],
    [
        Column(name="device", link=link_to("device", "device")),
        Column(name="tag"),
        Column(name="Value #A", title="reported by the device"),
        Column(name="Value #B", title="measured"),
    ],
    sort="device",
    description="The device's own finished number beside our measurement of the last period.",
)

PAGE: Final = Page(
    name="account",
    title="CUBE licences: account",
    description="Purchased, in use and balance of a virtual account, and its forecast.",
    hours=24 * 30,
    variables=(chosen("account", "cube_account_in_use", "account", title="Account"),),
    rows=(
        (
            5,
            (
                (
                    12,
                    stat(
                        "Balance",
                        now(held(f"cube_account_balance{_OF}"), "{{tag}}"),
                        limits=BELOW_ZERO,
                    ),
                ),
                (
                    12,
                    stat(
                        "Balance reaches 0",
                        now(
                            f"{held(f'cube_account_balance_zero_timestamp_seconds{_OF}')} * 1000",
                            "{{tag}}",
                        ),
                        unit="dateTimeFromNow",
                        description="Forecast from the weekly peaks; none where there is no trend.",
                    ),
                ),
            ),
        ),
        (
            9,
            (
                (
                    24,
                    lines(
                        "Purchased and in use",
                        [
                            query(
                                held(f"cube_account_purchased{_OF}"), "{{tag}} purchased", ref="A"
                            ),
                            query(held(f"cube_account_in_use{_OF}"), "{{tag}} in use", ref="B"),
                        ],
                        stepped=True,
                    ),
                ),
            ),
        ),
        (
            8,
            (
                (
                    10,
                    lines(
                        "Balance over time",
                        [query(held(f"cube_account_balance{_OF}"), "{{tag}}")],
                        stepped=True,
                    ),
                ),
                (14, _CONSUMERS),
            ),
        ),
    ),
)
