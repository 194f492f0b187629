"""The running configuration: what is kept, what is told, and that no secret leaves the reader."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from monitor.domain.facts import FactName, Value
from monitor.parse.show import facts, read
from monitor.parse.show.output import ShowOutput
from monitor.parse.show.running_config_data import RunningConfig

SECRETS = (
    "Sup3rs3cret",
    "hunter2",
    "$9$",
    "0822455D0A16",
    "letmein",
    "Ahush",
    "Bhush",
    "0110100",
)


def told(text: str) -> dict[tuple[FactName, str], Value]:
    found = facts(read(text), device="r1", received=1_700_000_000)
    return {(fact.name, fact.key): fact.value for fact in found}


def whole(*lines: str) -> str:
    body = "\n".join(lines)
    return f"r1#show running-config\nCurrent configuration : 99 bytes\n{body}\nend\n"


def config(outputs: Sequence[ShowOutput]) -> RunningConfig:
    (output,) = outputs
    assert isinstance(output.data, RunningConfig)
    return output.data


def everything(text: str) -> str:
    outputs = read(text)
    statements = [repr(fact) for fact in facts(outputs, device="r1", received=1.0)]
    return json.dumps([output.as_json() for output in outputs]) + repr(outputs) + str(statements)


@pytest.mark.parametrize("name", ["bad_router", "good_router"])
def test_no_secret_leaves_the_reader_wherever_the_capture_is_cut(
    golden: list[Any], name: str
) -> None:
    (case,) = (one for one in golden if one.name == f"running-config/{name}")
    assert any(secret in case.text for secret in SECRETS)
    lines = case.text.splitlines(keepends=True)
    for number in range(len(lines)):
        # Also with the line as the last one, without its end, and with no prompt above.
        for text in ("".join(lines[: number + 1]).rstrip("\n"), "".join(lines[number:])):
            said = everything(text)
            assert not [secret for secret in SECRETS if secret in said], text[-80:]


def test_a_secret_after_a_strange_banner_is_not_quoted() -> None:
    text = "Policy:\nPolicy name: none of it\nsnmp-server community Sup3rs3cret RO\n"
    text += "Policy:\nusername noc secret 9 $9$this\nTransport:\nType: Smart\n"
    text += "enable secret 9 $9$that\n"
    assert not [secret for secret in SECRETS if secret in everything(text)]


def test_what_the_whole_configuration_does_not_have_is_none() -> None:
    found = told(whole("hostname r1"))
    assert found[FactName.CONFIG_WHOLE, ""] is True
    for name in (
        FactName.CONFIG_NAME_SERVERS,
        FactName.CONFIG_HTTP_SOURCE,
        FactName.CONFIG_TRANSPORT,
        FactName.CONFIG_URL,
        FactName.PROXY_ADDRESS,
        FactName.CONFIG_BOOT_LEVEL,
    ):
        assert found[name, ""] is None, name
    assert found[FactName.CONFIG_BORDER_ELEMENT, ""] is False
    assert found[FactName.CONFIG_RESERVATION, ""] is False


@pytest.mark.parametrize(
    "text",
    [
        "r1#show running-config\nhostname r1\nend\n",
        "r1#show running-config\nCurrent configuration : 99 bytes\nhostname r1\n",
        "r1#show running-config | include hostname\nhostname r1\nr1#\n",
    ],
)
def test_a_part_of_the_configuration_says_nothing_of_the_rest(text: str) -> None:
    names = {name for name, _ in told(text)}
    assert names == {FactName.HOST_NAME, FactName.POLLED}


def test_proxy_lines_are_told_where_lines_of_licensing_are_shown_together() -> None:
    found = told("license smart transport smart\nlicense smart proxy address p.example.net\n")
    assert found[FactName.PROXY_ADDRESS, ""] == "p.example.net"
    assert found[FactName.PROXY_PORT, ""] is None
    alone = told("license smart proxy address p.example.net\n")
    assert (FactName.PROXY_PORT, "") not in alone


def test_indentation_and_blanks_do_not_matter(golden: list[Any]) -> None:
    for case in golden:
        if case.name.startswith("running-config/"):
            flat = "\n".join(line.strip() for line in case.text.splitlines()) + "\n"
            assert read(flat)[0].data == read(case.text)[0].data


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (("interface Gi1", "ip address 192.0.2.1 255.255.255.0"), "configured"),
        (("interface Gi1", "ip address dhcp", "no shutdown"), "configured"),
        (("interface Gi1", "no ip address", "shutdown"), "shutdown"),
        (("interface Gi1", "no ip address"), "no_address"),
        (("interface Gi1", "no ip address", "ipv6 address 2001:db8::1/64"), "configured"),
        (("interface Gi1", "shutdown"), None),
        (("interface Gi1", "ip address dhcp", "!", "shutdown"), "configured"),
        (("interface Gi1", "ip address dhcp", "dial-peer voice 1 voip", "shutdown"), "configured"),
        (("interface Gi2", "ip address dhcp"), None),
        ((), None),
    ],
)
def test_the_state_of_the_interface_reports_leave_by(
    lines: tuple[str, ...], state: str | None
) -> None:
    data = config(read(whole("ip http client source-interface Gi1", *lines)))
    assert data.http_client is not None
    assert data.http_client.state == state


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("license periodicity hours 8", 8),
        ("license periodicity days 30", 720),
        ("license capacity 10 license periodicity days 1", 24),
        ("license periodicity minutes 30", 0.5),
        ("license periodicity mins 120", 2),
        ("", None),
    ],
)
def test_the_periodicity(said: str, hours: float | None) -> None:
    found = told(f"voice service voip\n mode border-element {said}\n")
    assert found[FactName.CONFIG_PERIOD_HOURS, ""] == hours
    assert found[FactName.CONFIG_BORDER_ELEMENT, ""] is True


@pytest.mark.parametrize(
    ("line", "utc"),
    [
        ("clock timezone IST 5 30", "2021-10-22T00:00:00Z"),
        ("clock timezone IST -5 0", "2021-10-22T10:30:00Z"),
        ("clock timezone IST -3 30", "2021-10-22T09:00:00Z"),
        ("clock timezone CET 1", None),
        ("clock timezone IST 23 0", None),
    ],
)
def test_the_configured_zone_explains_times_of_the_same_paste(line: str, utc: str | None) -> None:
    status = "Usage Reporting:\n Last ACK received: Oct 22 05:30:00 2021 IST\n"
    outputs = read(f"{whole(line)}r1#show license status\n{status}")
    data = json.loads(json.dumps(outputs[1].as_json()))["data"]
    assert data["usage_reporting"]["last_ack_received"]["utc"] == utc


def test_a_contradiction_is_warned_of_and_the_first_stays() -> None:
    (output,) = read(whole("hostname one", "hostname two"))
    assert isinstance(output.data, RunningConfig)
    assert output.data.host_name == "one"
    assert any("host_name is printed twice" in warning for warning in output.warnings)


def test_the_number_of_values_is_bounded() -> None:
    lines = [f"ntp server 10.0.{number // 256}.{number % 256}" for number in range(400)]
    assert len(config(read(whole(*lines))).ntp_servers) == 100
    lines = [f'call-home\nprofile "P{number}"' for number in range(50)]
    assert len(config(read(whole(*lines))).call_home) == 20


def test_redundancy_groups_and_operators_stops() -> None:
    data = config(
        read(
            whole(
                "redundancy",
                "mode sso",
                "application redundancy",
                "group 2",
                "shutdown",
                "timers delay 30 reload 60",
                "!",
                "voice service voip",
                "redundancy-group 2",
                "shutdown forced",
                "sip",
                "call service stop",
            )
        )
    )
    assert data.redundancy_mode == "sso"
    assert [(group.id, group.shutdown) for group in data.redundancy_groups] == [(2, True)]
    assert (data.redundancy_group, data.voip_shutdown, data.sip_stopped) == (2, True, True)


def test_call_home_profiles_tell_where_messages_go(golden: list[Any]) -> None:
    (case,) = (one for one in golden if one.name == "running-config/bad_router")
    found = told(case.text)
    assert found[FactName.CALL_HOME_ACTIVE, "CiscoTAC-1"] is False
    url = "https://tools.cisco.com/its/service/oddce/services/DDCEService"
    assert found[FactName.CALL_HOME_URL, "CiscoTAC-1"] == url
