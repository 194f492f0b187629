"""The JSON of one RUM report, as ISO/IEC 19770-4 inspired it and routers write it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn

from monitor.domain.rum import RumMeasurement, RumNote, RumSource, RumState
from monitor.errors import ParseError

_DEEPEST: Final = 32
_MOST_MEASUREMENTS: Final = 10_000
_LONGEST_WORD: Final = 200
_LARGEST_ID: Final = 2**62
_LATEST: Final = 253_402_300_799
_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_WHOLE: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)

Object = Mapping[str, object]


def note_of(body: bytes, received: float, piece: str) -> RumNote:
    """The note of a report: with its signature around the payload, or the bare payload.

    `received`: seconds since 1970 UTC. Raises ParseError saying what is wrong.
    """
    outer = object_of(body)
    payload = outer.get("payload", outer)
    inner = object_of(payload.encode()) if isinstance(payload, str) else _mapping(payload)
    asset = _mapping(inner.get("asset_identification"))
    meta = _mapping(inner.get("meta"))
    measured = tuple(_measurements(inner))
    seen = min(received, max(_moments(measured), default=received))
    return RumNote(
        subject=udi_of(_mapping(asset.get("instance"))),
        report_id=_id(asset.get("report_id")),
        source=RumSource.FILE,
        state=RumState.CLOSED if any(m.close_reason for m in measured) else RumState.OPEN,
        seen=seen,
        first=seen,
        metric=next(_metrics(inner), ""),
        entitlement=word(meta.get("entitlement_tag")),
        software=word(meta.get("software_version")),
        measurements=measured,
        piece=piece,
    )


def object_of(body: bytes) -> Object:
    """A JSON object; ParseError where it is none, or nested too deeply."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError("not UTF-8") from error
    _check_depth(text)
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ParseError("not JSON") from error
    if not isinstance(found, dict):
        raise ParseError("not a JSON object")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _check_depth(text: str) -> None:
    depth = 0
    for found in _BRACKET.finditer(text):
        mark = found[0]
        depth += (mark in "[{") - (mark in "]}") if len(mark) == 1 else 0
        if depth > _DEEPEST:
            raise ParseError(f"nested deeper than {_DEEPEST}")


def _mapping(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def udi_of(holder: Object) -> str:
    """`PID:<pid>,SN:<sn>` of the `sudi` in an object; ParseError where there is none."""
    sudi = _mapping(holder.get("sudi"))
    pid, serial = word(sudi.get("udi_pid")), word(sudi.get("udi_serial_number"))
    if not serial:
        raise ParseError("it does not say which router it is from (no serial number)")
    return f"PID:{pid},SN:{serial}"


def _id(value: object) -> int:
    number = whole(value)
    if number is None or not 0 < number <= _LARGEST_ID:
        raise ParseError("it has no report id")
    return number


def word(value: object) -> str:
    """A printable, bounded text; empty where it is none."""
    if not isinstance(value, str):
        return ""
    text = value[:_LONGEST_WORD].strip()
    return "".join(letter if letter.isprintable() else " " for letter in text)


def whole(value: object) -> int | None:
    """A whole number, also written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_ID else None
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    return None


def _measurements(inner: Object) -> Iterator[RumMeasurement]:
    listed = inner.get("measurements")
    if not isinstance(listed, list):
        raise ParseError("it has no measurements")
    if len(listed) > _MOST_MEASUREMENTS:
        raise ParseError(f"more than {_MOST_MEASUREMENTS:,} measurements")
    for one in listed:
        yield _measurement(_mapping(one))


def _measurement(one: Object) -> RumMeasurement:
    meta, value = _mapping(one.get("meta")), _mapping(one.get("value"))
    counted = whole(value.get("value")) if value.get("type") == "COUNT" else None
    return RumMeasurement(
        start=_moment(one.get("start_time")),
        end=_moment(one.get("end_time")),
        logged=_moment(one.get("log_time")),
        samples=whole(one.get("num_samples")),
        value=counted,
        reason=word(meta.get("termination_reason")),
        close_reason=word(meta.get("close_reason")),
        clock_change=whole(meta.get("clock_change_delta")) or 0,
    )


def _moment(value: object) -> int | None:
    number = whole(value)
    return number if number is not None and 0 < number <= _LATEST else None


def _moments(measured: tuple[RumMeasurement, ...]) -> list[int]:
    return [at for one in measured for at in (one.end, one.logged) if at is not None]


def _metrics(inner: Object) -> Iterator[str]:
    listed = inner.get("measurements")
    if isinstance(listed, list):
        yield from filter(None, (word(_mapping(one).get("metric_name")) for one in listed))
