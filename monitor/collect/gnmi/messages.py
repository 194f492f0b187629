"""gNMI messages to and from the words of this program; the only file that knows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import (  # type: ignore[import-untyped]  # ships no types
    DecodeError,
)
from pygnmi.spec.v080 import gnmi_pb2  # type: ignore[import-untyped]  # ships no types

from monitor.collect.gnmi.config import Encoding, Mode
from monitor.errors import ParseError
from monitor.wire import TelemetryValue, YangElements

SERVICE: Final = "/gnmi.gNMI/"
_NANO: Final = 1_000_000_000
_ENCODINGS: Final = {
    Encoding.JSON_IETF: gnmi_pb2.JSON_IETF,
    Encoding.PROTO: gnmi_pb2.PROTO,
    Encoding.JSON: gnmi_pb2.JSON,
}
_MODES: Final = {Mode.SAMPLE: gnmi_pb2.SAMPLE, Mode.ON_CHANGE: gnmi_pb2.ON_CHANGE}
_SCALARS: Final = frozenset(
    {"string_val", "int_val", "uint_val", "bool_val", "float_val", "double_val", "ascii_val"}
)
_KNOWN: Final[dict[bytes, YangElements]] = {}
"""Paths as they were written, read once: devices send the same few again and again."""
_MOST_KNOWN: Final = 20_000
_LONGEST_KNOWN: Final = 512
_MOST_MODELS: Final = 5000
_LONGEST_VERSION: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One path to ask for."""

    elements: tuple[str, ...]
    origin: str
    mode: Mode = Mode.SAMPLE
    """Asked for in one of the two that gNMI has, once `auto` is decided."""
    interval: float = 60
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a device says it can."""

    models: Mapping[str, str]
    """Module -> version, on IOS XE its revision."""
    encodings: frozenset[Encoding]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A decoded notification, or the mark that a stream is synced."""

    timestamp: int = 0
    updates: Sequence[tuple[YangElements, TelemetryValue]] = ()
    deletes: Sequence[YangElements] = ()
    synced: bool = False


# Requests


SYNC: Final = b"\x18\x01"
"""SubscribeResponse{sync_response: true}."""


def capability_request() -> bytes:
    """CapabilityRequest."""
    return _bytes(gnmi_pb2.CapabilityRequest())


def get_request(wanted: Iterable[Wanted], encoding: Encoding) -> bytes:
    """GetRequest for everything at those paths."""
    return _bytes(
        gnmi_pb2.GetRequest(
            path=[_path(one) for one in wanted], encoding=_ENCODINGS[encoding], type="ALL"
        )
    )


def stream_request(wanted: Iterable[Wanted], encoding: Encoding) -> bytes:
    """SubscribeRequest of mode STREAM."""
    return _subscribe(wanted, encoding, gnmi_pb2.SubscriptionList.STREAM)


def poll_request(wanted: Iterable[Wanted], encoding: Encoding) -> bytes:
    """SubscribeRequest of mode POLL."""
    return _subscribe(wanted, encoding, gnmi_pb2.SubscriptionList.POLL)


def poll() -> bytes:
    """The question of a POLL subscription."""
    return _bytes(gnmi_pb2.SubscribeRequest(poll=gnmi_pb2.Poll()))


def _subscribe(wanted: Iterable[Wanted], encoding: Encoding, mode: int) -> bytes:
    subscriptions = [_subscription(one) for one in wanted]
    chosen = gnmi_pb2.SubscriptionList(
        subscription=subscriptions, mode=mode, encoding=_ENCODINGS[encoding]
    )
    return _bytes(gnmi_pb2.SubscribeRequest(subscribe=chosen))


def _subscription(wanted: Wanted) -> Any:
    interval = int(wanted.interval * _NANO)
    sampled = wanted.mode is Mode.SAMPLE
    return gnmi_pb2.Subscription(
        path=_path(wanted),
        mode=_MODES[wanted.mode],
        sample_interval=interval if sampled else 0,
        # What never changes is said again so often, so that silence means something.
        heartbeat_interval=0 if sampled else interval,
    )


def _path(wanted: Wanted) -> Any:
    elements = [gnmi_pb2.PathElem(name=name) for name in wanted.elements]
    return gnmi_pb2.Path(origin=wanted.origin, elem=elements)


def _bytes(message: Any) -> bytes:
    serialized: bytes = message.SerializeToString()
    return serialized


# Answers


def capabilities(payload: bytes) -> Capabilities:
    """Read a CapabilityResponse; raises ParseError."""
    response = _decoded(gnmi_pb2.CapabilityResponse, payload)
    back = {number: word for word, number in _ENCODINGS.items()}
    models = {
        model.name: model.version[:_LONGEST_VERSION]
        for model in response.supported_models[:_MOST_MODELS]
    }
    return Capabilities(
        models=models,
        encodings=frozenset(
            back[number] for number in response.supported_encodings if number in back
        ),
        version=response.gNMI_version[:_LONGEST_VERSION],
    )


def subscribed(payload: bytes) -> Iterator[Content]:
    """Read a SubscribeResponse; raises ParseError."""
    response = _decoded(gnmi_pb2.SubscribeResponse, payload)
    if response.HasField("update"):
        yield _content(response.update)
    elif response.HasField("sync_response"):
        # False is as good: no server sends this for anything else.
        yield Content(synced=True)


def got(payload: bytes) -> Iterator[Content]:
    """Read a GetResponse; raises ParseError."""
    response = _decoded(gnmi_pb2.GetResponse, payload)
    for notification in response.notification:
        yield _content(notification)


def is_sync(payload: bytes) -> bool:
    """Whether a SubscribeResponse says that all has been sent."""
    try:
        return any(content.synced for content in subscribed(payload))
    except ParseError:
        return False


def _decoded(kind: Any, payload: bytes) -> Any:
    try:
        return kind.FromString(payload)
    except DecodeError:
        raise ParseError("not_a_message") from None


def _content(notification: Any) -> Content:
    prefix = _elements(notification.prefix)
    return Content(
        timestamp=notification.timestamp,
        updates=[(prefix + _elements(one.path), _value(one)) for one in notification.update],
        deletes=[prefix + _elements(path) for path in notification.delete],
    )


def _elements(path: Any) -> YangElements:
    written = path.SerializeToString()
    known = _KNOWN.get(written)
    if known is None:
        known = _read_elements(path)
        if len(written) <= _LONGEST_KNOWN and len(_KNOWN) < _MOST_KNOWN:
            _KNOWN[written] = known
    return known


def _read_elements(path: Any) -> YangElements:
    if path.elem:
        return tuple((one.name, tuple(one.key.items()) if one.key else ()) for one in path.elem)
    # Before gNMI 0.4 elements were plain strings.
    return tuple((name, ()) for name in path.element)


def _value(update: Any) -> TelemetryValue:
    kind = update.val.WhichOneof("value")
    if kind in _SCALARS:
        scalar: TelemetryValue = getattr(update.val, kind)
        return scalar
    if kind in {"json_ietf_val", "json_val"}:
        text: bytes = getattr(update.val, kind)
        return text
    if kind is None and update.HasField("value"):
        return _old_value(update.value)
    return _other(update.val, kind)


def _old_value(value: Any) -> TelemetryValue:
    text: bytes = value.value
    return text if value.type in {gnmi_pb2.JSON, gnmi_pb2.JSON_IETF} else None


def _other(value: Any, kind: str | None) -> TelemetryValue:
    if kind == "decimal_val":
        exponent = min(value.decimal_val.precision, 18)
        decimal: float = value.decimal_val.digits / 10**exponent
        return decimal
    if kind == "leaflist_val":
        each = [_scalar(element) for element in value.leaflist_val.element]
        return tuple(one for one in each if one is not None)
    return None


def _scalar(value: Any) -> bool | int | float | str | None:
    kind = value.WhichOneof("value")
    scalar: bool | int | float | str | None = getattr(value, kind) if kind in _SCALARS else None
    return scalar
