"""A scenario file: what arrives when, and which findings must be open then."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from monitor.config import document, file
from monitor.config.model import Config
from monitor.domain.findings import Severity
from monitor.domain.instants import instant
from monitor.errors import ConfigError, ReadingError

_UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_OFFSET: Final = re.compile(r"\+?((?:\d+(?:\.\d+)?[wdhms])+|0)")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")


def seconds(text: str) -> float:
    """Seconds of `+70d`, `+1h30m` or `0`; ValueError says the form."""
    found = _OFFSET.fullmatch(str(text).replace(" ", ""))
    if found is None:
        raise ValueError(f"{text!r} is no time after the start; write it like +70d or +1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(found[1]))


def _moment(value: Any) -> float:
    if isinstance(value, datetime):
        # YAML turns a time with a zone into UTC and drops the zone.
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp()
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC).timestamp()
    try:
        return instant(str(value))
    except ReadingError as error:
        raise ValueError(str(error)) from error


def _any_severity(word: str) -> str:
    return word if word == Severity.INFO.word else _severity(word)


def _severity(word: str) -> str:
    allowed = [one.word for one in Severity if one is not Severity.INFO]
    if word not in allowed:
        raise ValueError(f"{word!r} is not one of {', '.join(allowed)}")
    return word


def _mapped(value: Any) -> Any:
    return {} if value is None else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


Moment = Annotated[float, BeforeValidator(_moment)]
Offset = Annotated[float, BeforeValidator(seconds)]
Word = Annotated[str, AfterValidator(_severity)]
AnyWord = Annotated[str, AfterValidator(_any_severity)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Line(_Strict):
    """A syslog line and the address or host name it comes from."""

    sender: str = Field(alias="from")
    by: str = ""
    """The relay that brings it, with a header of its own that names the sender."""
    line: str


class Show(_Strict):
    """Output of show commands of one device."""

    device: str
    text: str


class Snmp(_Strict):
    """An answer to a poll of a device, or a notification from an address."""

    device: str = ""
    sender: str = Field(default="", alias="from")
    notification: str = ""
    """Its object identifier; empty for answers."""
    authenticated: bool = True
    values: dict[str, int | str]
    """By object identifier."""
    walked: tuple[str, ...] = ()
    """Columns that were read to their end: a row that is not here is not there."""


class Yang(_Strict):
    """What a device says over gNMI or RESTCONF of one path, which begins with a module's name."""

    device: str
    source: Literal["gnmi", "restconf"] = "gnmi"
    authenticated: bool = True
    path: str
    value: Any
    """As RFC 7951 writes it."""


class Count(_Strict):
    """So many sessions in each of so many seconds up to this step."""

    device: str
    tag: str
    count: int = Field(ge=0)
    seconds: int = Field(default=1, ge=1, le=8_000_000)
    source: str = "scenario"


class Inventory(_Strict):
    """What CSSM says of accounts: a CSV export, or an answer of its API."""

    account: str = ""
    """The virtual account of rows that name none."""
    smart_account: str = ""
    text: str = ""
    """CSV."""
    answer: Any = None
    """JSON; instead of `text`."""


class Expected(_Strict):
    """One open finding."""

    subject: str
    severity: AnyWord
    rule: str | None = None
    step: str | None = None
    stale: bool | None = None


class Page(_Strict):
    """A page that was opened or resolved: `{subject: cube-1, severity: critical, opened}`."""

    subject: str
    severity: Word
    opened: bool
    rule: str | None = None
    step: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        """`opened` or `resolved` stands alone: YAML reads such a key as one without a value."""
        if not isinstance(value, dict) or ("opened" in value) == ("resolved" in value):
            raise ValueError("a page has either `opened` or `resolved`")
        rest = {name: word for name, word in value.items() if name not in ("opened", "resolved")}
        return {**rest, "opened": "opened" in value}


class Login(_Strict):
    """How a device took a credential; `refused: false` where it let us in."""

    device: str
    manner: Literal["ssh", "snmp", "gnmi", "restconf"] = "ssh"
    credential: str
    refused: bool = True


class Silence(_Strict):
    """One source of a device that says nothing any more; its others go on."""

    device: str
    source: str


class Maintenance(_Strict):
    """What is worked on from this step on: devices, pairs, accounts, causes; its warnings hide."""

    subjects: tuple[str, ...] = Field(min_length=1)
    lasts: Offset = Field(alias="for")


class Step(_Strict):
    """What happens at one moment; then the clock stands and the fleet is judged."""

    at: Offset
    syslog: Annotated[tuple[Line, ...], BeforeValidator(_listed)] = ()
    show: Annotated[tuple[Show, ...], BeforeValidator(_listed)] = ()
    snmp: Annotated[tuple[Snmp, ...], BeforeValidator(_listed)] = ()
    yang: Annotated[tuple[Yang, ...], BeforeValidator(_listed)] = ()
    cssm: Annotated[tuple[Inventory, ...], BeforeValidator(_listed)] = ()
    readings: Annotated[tuple[Count, ...], BeforeValidator(_listed)] = ()
    login: Annotated[tuple[Login, ...], BeforeValidator(_listed)] = ()
    silence: Annotated[tuple[str | Silence, ...], BeforeValidator(_listed)] = ()
    maintenance: Annotated[tuple[Maintenance, ...], BeforeValidator(_listed)] = ()
    restart: bool = False
    expect: tuple[Expected, ...] | None = None
    """Exactly the findings of severity warning or worse that are open."""
    pages: tuple[Page, ...] | None = None
    """Exactly what was opened and resolved since the last step that says so."""


class Scenario(_Strict):
    """A named timeline with its configuration."""

    name: str
    config: Annotated[Config, BeforeValidator(_mapped)] = Config()
    start: Moment
    monitors: int = Field(default=1, ge=1, le=3)
    """So many stand side by side, hear the same and are scraped by one Prometheus."""
    steps: tuple[Step, ...] = Field(min_length=1)


def load(path: Path) -> Scenario:
    """The scenario in a YAML file; ConfigError names file, line and key of every problem."""
    text = file.text_of(path)
    scenario = file.validated(document.read(text, str(path)), Scenario)
    moments = [step.at for step in scenario.steps]
    if moments != sorted(moments):
        raise ConfigError(f"{path}: the steps are not in order of time")
    return scenario
