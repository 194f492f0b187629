"""Call Home's own view of licence messages, and debugs left on."""

from monitor.domain.facts import FactName, Value
from monitor.parse.show import facts, read
from monitor.parse.show.call_home import CallHome
from monitor.parse.show.output import ShowOutput

HEAD = "Current smart-licensing transport settings:\n"


def told(text: str) -> dict[tuple[FactName, str], Value]:
    found = facts(read(text), device="r1", received=1.0)
    return {(fact.name, fact.key): fact.value for fact in found}


def home(text: str) -> tuple[CallHome, ShowOutput]:
    (output,) = read(HEAD + text)
    assert isinstance(output.data, CallHome)
    return output.data, output


def test_several_profiles_and_destinations_below_one_another() -> None:
    text = (
        " Smart-license messages: enabled\n Profile: CiscoTAC-1 (status: INACTIVE)\n"
        " Destination URL(s): https://a.example.net/x\n https://u:hunter2@b.example.net/y?token=t\n"
        " Profile: Own One (status: ACTIVE)\n Destination  URL(s):\n"
    )
    data, output = home(text)
    assert [(one.name, one.active) for one in data.profiles] == [
        ("CiscoTAC-1", False),
        ("Own One", True),
    ]
    assert data.profiles[0].destinations == ("https://a.example.net/x", "https://b.example.net/y")
    assert "hunter2" not in repr(output)
    found = told(HEAD + text)
    assert found[FactName.CALL_HOME_URL, "CiscoTAC-1"] == (
        "https://a.example.net/x https://b.example.net/y"
    )
    assert found[FactName.CALL_HOME_ACTIVE, "Own One"] is True
    assert (FactName.CALL_HOME_URL, "Own One") not in found


def test_what_is_odd_is_warned_of() -> None:
    data, output = home(
        "Smart-license messages: perhaps\nDestination URL(s): https://a.example.net\n"
        "Profile: P (status: DOZING)\nsomething else\n"
    )
    assert data.messages is None
    assert data.profiles[0].active is None
    assert data.unparsed.count == 1
    assert len(output.warnings) == 3


def test_profiles_are_bounded_and_a_doubled_line_is_one() -> None:
    data, _ = home("Profile: P (status: ACTIVE)\nProfile: P (status: ACTIVE)\n")
    assert len(data.profiles) == 1
    many = "".join(f"Profile: P{number} (status: ACTIVE)\n" for number in range(30))
    data, output = home(many)
    assert len(data.profiles) == 20
    assert output.warnings


def test_a_debug_of_something_else_is_no_licence_debug() -> None:
    assert told("r1#show debugging\n CCSIP SPI: SIP info debugging is on\nr1#\n") == {
        (FactName.DEBUG_LICENSE, ""): False,
        (FactName.POLLED, "show debugging"): 1.0,
    }
    assert told("r1#show debugging\nIOSXE Conditional Debug Configs:\nr1#\n") == {}
