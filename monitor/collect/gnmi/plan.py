"""What is asked of a device: which paths, in which encoding; pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from monitor.collect.gnmi.config import Encoding, GnmiConfig, GnmiTarget, Mode, PathConfig
from monitor.collect.gnmi.messages import Capabilities, Wanted
from monitor.collect.gnmi.on_change import XPath, covers
from monitor.domain.yang import About, Origin, Purpose, YangPath, expected, modelled

_PREFERRED: Final = (Encoding.JSON_IETF, Encoding.PROTO, Encoding.JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The questions to one device."""

    wanted: tuple[Wanted, ...]
    encoding: Encoding
    sample_seconds: float
    """The longest time between samples; 0 where usage is not sampled."""
    longest: float
    """The longest time after which anything is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What a device taught us about paths."""

    refused: frozenset[tuple[str, ...]] = frozenset()
    """Elements of paths that it does not answer."""
    sampled_only: frozenset[tuple[str, ...]] = frozenset()
    """Elements of paths whose subscription on change it refused."""
    on_change: frozenset[XPath] = frozenset()
    """Subtrees that it says it sends on change."""


_NO_LESSONS: Final = Lessons()


def plan(
    config: GnmiConfig,
    target: GnmiTarget,
    *,
    capabilities: Capabilities | None,
    about: About,
    lessons: Lessons = _NO_LESSONS,
) -> Plan:
    """Paths by the models a device tells, else by its release and platform."""
    chosen = config.paths if target.paths is None else target.paths
    paths = {one.yang(): one for one in chosen}
    if capabilities is not None and capabilities.models:
        offered = modelled(paths, capabilities.models)
    else:
        offered = expected(paths, about)
    origin = target.origin or config.origin
    asked = {
        path: _in_mode(_wanted(path, paths[path], origin, config), path, lessons)
        for path in offered
    }
    wanted = tuple(one for one in asked.values() if one.elements not in lessons.refused)
    return Plan(
        wanted=wanted,
        encoding=_encoding(target.encoding or config.encoding, capabilities),
        sample_seconds=_sample_seconds(asked),
        longest=max((one.interval for one in wanted), default=config.interval),
    )


def _wanted(path: YangPath, said: PathConfig, origin: Origin, config: GnmiConfig) -> Wanted:
    calls = path.purpose is Purpose.CALLS
    return Wanted(
        elements=path.named(origin),
        origin="" if origin is Origin.NONE else origin.value,
        mode=said.mode,
        interval=said.interval or (config.calls_interval if calls else config.interval),
    )


def _in_mode(wanted: Wanted, path: YangPath, lessons: Lessons) -> Wanted:
    offered = wanted.mode is Mode.ON_CHANGE or (
        wanted.mode is Mode.AUTO and covers(lessons.on_change, path)
    )
    changes = offered and wanted.elements not in lessons.sampled_only
    return replace(wanted, mode=Mode.ON_CHANGE if changes else Mode.SAMPLE)


def _sample_seconds(asked: dict[YangPath, Wanted]) -> float:
    usage = [one for path, one in asked.items() if path.purpose is Purpose.USAGE]
    if not usage or usage[0].mode is not Mode.SAMPLE:
        return 0.0
    return max(one.interval for one in asked.values())


def _encoding(said: Encoding, capabilities: Capabilities | None) -> Encoding:
    if said is not Encoding.AUTO:
        return said
    offered = capabilities.encodings if capabilities else frozenset()
    return next((one for one in _PREFERRED if one in offered), Encoding.JSON_IETF)


def unmodelled(wanted: Iterable[Wanted], accepted: Collection[Wanted]) -> Iterator[Wanted]:
    """Paths that a device refused one by one; none where it refused them all.

    A device that refuses every single question has something against asking, not against paths.
    """
    if accepted:
        yield from (one for one in wanted if one not in accepted)
