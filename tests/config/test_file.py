from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.file import parse
from monitor.config.model import Config
from monitor.errors import ConfigError


def problem(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, "cubemon.yml")
    return str(caught.value)


def test_an_empty_file_is_the_default_on_loopback() -> None:
    config = parse("", "cubemon.yml")

    assert config == Config()
    assert [one.kind for one in config.collect] == ["syslog_udp", "syslog_tcp"]
    assert config.http.host == "127.0.0.1"
    assert str(config.store.directory) == "cubemon-data"


def test_a_secret_has_one_key_and_never_stands_in_the_file() -> None:
    text = "http:\n  tokens:\n    - {name: noc, role: read, token%s}\n"
    assert "did you mean 'token'?" in problem(text % "_file: /etc/noc")
    found = problem(text % ": cubemon_not-for-your-eyes")
    assert "http.tokens.0.token: no secret stands here: write `{file: PATH}`" in found
    assert "eyes" not in found


def test_an_unknown_key_is_named_with_line_and_nearest_key() -> None:
    text = "devices:\n  - name: cube-1\n    adresses: [192.0.2.1]\n"

    assert "cubemon.yml:3: devices.0.adresses: is not a key here" in problem(text)
    assert "did you mean 'addresses'?" in problem(text)


def test_an_unknown_key_of_a_collector_is_named_with_what_is_allowed() -> None:
    text = "collect:\n  - kind: syslog_udp\n    prot: 514\n"

    found = problem(text)

    assert "cubemon.yml:3: collect.0.prot: is not a key here; did you mean 'port'?" in found
    assert "receive_buffer" in found


def test_an_unknown_limit_is_named_with_the_nearest_one() -> None:
    found = problem("limits:\n  backstop_critical_dais: 3\n")

    assert "cubemon.yml:2: limits.backstop_critical_dais" in found
    assert "did you mean 'backstop_critical_days'?" in found


def test_an_unknown_kind_is_named_with_the_allowed_ones() -> None:
    found = problem("collect:\n  - kind: syslog\n")

    assert found.startswith("cubemon.yml:2: collect.0")
    assert "syslog_udp" in found


def test_all_problems_come_at_once() -> None:
    found = problem("htp: {}\nrelays: 5\n").splitlines()

    assert [line.split(": ")[0] for line in sorted(found)] == ["cubemon.yml:1", "cubemon.yml:2"]


def test_a_key_given_twice_is_refused() -> None:
    assert problem("relays: []\nrelays: []\n") == "cubemon.yml:2: 'relays' is given twice"


def test_aliases_are_refused() -> None:
    assert "aliases (*name) are not allowed" in problem("a: &x [1]\nb: *x\n")


def test_broken_yaml_names_its_line() -> None:
    assert problem("relays: []\n  devices: [\n").startswith("cubemon.yml:2: ")


def test_a_list_instead_of_keys_is_refused() -> None:
    assert problem("- 1\n") == "cubemon.yml:1: a mapping of keys is expected here"


@pytest.mark.parametrize("period", ["7h", "24h", "0d", "31d", "soon"])
def test_a_periodicity_out_of_range_names_the_range(period: str) -> None:
    found = problem(f"usage:\n  periodicity: {period}\n")

    assert "cubemon.yml:2: usage.periodicity" in found
    assert "8h to 23h" in found


def test_one_name_for_two_devices_is_refused() -> None:
    both = "addresses: [192.0.2.1]"
    text = f"devices:\n  - {{name: a, {both}}}\n  - {{name: b, {both}}}\n"

    assert "'192.0.2.1' names both 'a' and 'b'" in problem(text)
    assert "two devices are called 'a'" in problem("devices:\n  - name: a\n  - name: a\n")


def test_an_offset_that_is_none_is_refused() -> None:
    assert "write it like +05:30" in problem("devices:\n  - {name: a, timezones: {IST: India}}\n")


def test_listening_off_loopback_is_refused_for_http() -> None:
    assert "loopback" in problem("http:\n  host: 0.0.0.0\n")


def test_a_file_that_cannot_be_read_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "absent.yml")


def test_a_device_brings_its_names_and_zones() -> None:
    text = (
        "devices:\n"
        "  - name: cube-1\n"
        "    addresses: [192.0.2.1]\n"
        "    aliases: [sbc-1]\n"
        "    timezones: {IST: '+05:30', PST: '-0800'}\n"
    )

    device = parse(text, "cubemon.yml").devices[0].device()

    assert device.aliases == {"192.0.2.1", "sbc-1"}
    assert device.zones == {"IST": 19_800, "PST": -28_800}


def test_a_secret_written_into_the_file_is_refused_without_being_repeated() -> None:
    credential = "noc: {user: noc, password: hunter2-secret}"
    text = f"collect:\n  - kind: ssh\n    credentials:\n      {credential}\n"

    found = problem(text)

    assert "cubemon.yml:4" in found
    assert "hunter2" not in found


def test_a_file_too_large_to_be_meant_is_refused() -> None:
    assert "larger than" in problem("#" * 2_000_000)


def test_a_credential_that_is_not_configured_is_named() -> None:
    text = (
        "collect:\n  - {kind: ssh, credentials: {noc: {user: noc, password: {env: PASSWORD}}}}\n"
        "devices:\n  - {name: cube-1, ssh: {host: 192.0.2.1, credential: nok}}\n"
    )

    found = problem(text)

    assert "cubemon.yml:3: devices" in found
    assert "'nok' (known: noc)" in found


def test_ssh_without_a_poller_is_refused() -> None:
    text = "devices:\n  - {name: cube-1, ssh: {host: 192.0.2.1}}\n"

    assert "add `- kind: ssh`" in problem(text)
