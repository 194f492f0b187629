"""`cubemon redact`: nothing that was taken out is left, and what is left reads as before."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.cli import main
from monitor.cli.redact import Redactor
from monitor.parse import show

GOLDEN = Path(__file__).parents[1] / "golden" / "show"
INPUTS = sorted(path for path in GOLDEN.rglob("*.txt"))

CAPTURE = """\
sbc-berlin-1#show license status
Account Information:
  Smart Account: Example, Voice & Sons GmbH As of Jan 30 06:27:46 2025 UTC
  Virtual Account: EMEA North
Transport:
  Type: Smart
  URL: https://smartreceiver.cisco.com/licservice/license
  Proxy:
    Address: proxy.corp.example.org
    Port: 8080
sbc-berlin-1#show license udi
UDI: PID:C8000V,SN:9MVVU09YZFH
sbc-berlin-1#show running-config
hostname sbc-berlin-1
enable secret 9 $9$abcdefgh
username jsmith privilege 15 secret 9 $9$zyxwvut
snmp-server community s3cretword RO
snmp-server location Basement of 12 Main Street
ip domain name corp.example.org
interface GigabitEthernet1
 description Uplink to Big Customer
 ip address 10.20.30.40 255.255.255.0
 ipv6 address 2a02:1234::17/64
 mac-address 0011.2233.4455
license smart trust idtoken NzY0ZTAxMmYtYWJj local
! Last configuration change at 10:00:00 UTC Mon Jun 1 2026 by jsmith
logging host 10.20.30.41
sbc-berlin-1#show clock
10:00:00.123 UTC Mon Jun 1 2026
contact jsmith or noc@corp.example.org, 10.20.30.40 or SBC-BERLIN-1
"""
GONE = [
    "berlin", "example, voice", "emea", "9MVVU09YZFH", "abcdefgh", "zyxwvut", "jsmith",
    "s3cretword", "Main Street", "corp.example", "Big Customer", "10.20.30", "2a02", "0011.2233",
    "NzY0ZTAx", "noc@",
]  # fmt: skip
KEPT = [
    "PID:C8000V", "smartreceiver.cisco.com", "255.255.255.0", "Jan 30 06:27:46 2025 UTC",
    "10:00:00.123 UTC", "show license status", "Type: Smart", "Port: 8080",
]  # fmt: skip


def redacted(*texts: str, key: bytes = b"k") -> list[str]:
    redactor = Redactor(key)
    for text in texts:
        redactor.learn(text)
    return [redactor.apply(text) for text in texts]


@pytest.mark.parametrize("word", GONE)
def test_names_are_gone(word: str) -> None:
    assert word.lower() in CAPTURE.lower()
    assert word.lower() not in redacted(CAPTURE)[0].lower()


@pytest.mark.parametrize("word", KEPT)
def test_what_the_monitor_reads_is_kept(word: str) -> None:
    assert word in redacted(CAPTURE)[0]


def test_one_word_has_one_replacement_in_all_files() -> None:
    first, second = redacted(CAPTURE, "Peer: SBC-BERLIN-1 10.20.30.40 SN:9MVVU09YZFH\n")
    host, address, serial = re.fullmatch(
        r"Peer: (host-\w{6}) (198\.1[89]\.\d+\.\d+) SN:(\d\w{10})\n", second
    ).groups()  # type: ignore[union-attr]  # a test fails on None as well
    assert f"{host}#show license udi" in first
    assert f"ip address {address} 255.255.255.0" in first
    assert f"SN:{serial}" in first


def test_a_key_gives_the_same_words_again_and_another_key_others() -> None:
    assert redacted(CAPTURE, key=b"a") == redacted(CAPTURE, key=b"a")
    assert redacted(CAPTURE, key=b"a") != redacted(CAPTURE, key=b"b")


def _renamed(redactor: Redactor, value: Any) -> Any:
    """JSON with every name replaced, also where a name is a word the outputs are made of."""
    match value:
        case dict():
            return {key: _renamed(redactor, item) for key, item in value.items()}
        case list():
            return [_renamed(redactor, item) for item in value]
        case str():
            whole = redactor.stand_in(value)
            return whole if whole != value else redactor.apply(value)
        case _:
            return value


def _read(text: str) -> Sequence[str]:
    return [json.dumps(output.as_json()) for output in show.read(text)]


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_what_is_left_reads_as_before(path: Path) -> None:
    text = path.read_text()
    redactor = Redactor(b"k")
    redactor.learn(text)
    before = [_renamed(redactor, json.loads(output)) for output in _read(text)]
    after = [json.loads(output) for output in _read(redactor.apply(text))]
    assert after == before


@settings(max_examples=60, deadline=None)
@given(
    st.from_regex(r"[a-z][a-z0-9]{3,8}-[a-z]{3,8}-[0-9]{2}", fullmatch=True),
    st.from_regex(r"[A-Z]{3}[0-9]{4}[A-Z0-9]{4}", fullmatch=True),
    st.ip_addresses(v=4).filter(lambda ip: not ip.is_loopback and str(ip).split(".")[0] not in
                                {"0", "255", "198"}),
    st.from_regex(r"[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}, [A-Z][a-z]{2,5}", fullmatch=True),
)  # fmt: skip
def test_nothing_of_the_removed_words_remains(
    host: str, serial: str, address: object, account: str
) -> None:
    text = (
        f"{host}#show license udi\nUDI: PID:C8000V,SN:{serial}\n"
        f"Smart Account: {account} As of Jan 30 06:27:46 2025 UTC\n"
        f"{host} {serial} {address} {account} again\n"
    )
    (left,) = redacted(text)
    for word in (host, serial, str(address), account):
        assert word.lower() not in left.lower()


def test_a_host_named_like_a_command_does_not_take_the_commands_with_it() -> None:
    (left,) = redacted("cube#show cube status\nCUBE-Version : 14.1\ncube#\n")
    assert re.fullmatch(r"(host-\w{6})#show cube status\nCUBE-Version : 14\.1\n\1#\n", left)


def test_files_are_written_under_names_that_say_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, key = tmp_path / "sbc-berlin-1.txt", tmp_path / "key"
    source.write_text(CAPTURE)
    key.write_text("a secret\n")
    into = tmp_path / "shared"
    words = ["redact", str(source), "--key", str(key)]
    assert main([*words, "--into", str(into)]) == 0
    assert capsys.readouterr().out.strip() == str(into / "capture-1.txt")
    assert main(words) == 0
    assert capsys.readouterr().out == (into / "capture-1.txt").read_text()
    assert main([*words, "--into", str(into)]) == 2
    assert main(["redact", str(tmp_path / "none")]) == 2


@pytest.mark.parametrize(
    "piece",
    ["password" + " " * 5000, "a.b-", "host" + "\t" * 900, "1.2.3.", "::1", "by x ", "A" * 50],
)
def test_a_hostile_text_takes_no_longer_than_its_size(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    (left,) = redacted(text)
    assert len(left) >= len(text) // 4
