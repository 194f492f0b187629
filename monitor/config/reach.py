"""Whether every device that is to be asked can be: a collector of its kind, a credential of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from monitor.errors import ConfigError

Target = TypeVar("Target")
Collector = TypeVar("Collector")


def check_reach(
    word: str,
    targets: Mapping[str, Target | None],
    collectors: Iterable[Collector],
    check: Callable[[Collector, Mapping[str, Target]], None],
) -> None:
    """Raise ConfigError, naming the device; `targets` maps a device to how it is reached, if so."""
    reached = {name: target for name, target in targets.items() if target is not None}
    there = list(collectors)
    if reached and not there:
        raise ConfigError(
            f"device {next(iter(reached))}: `{word}` needs a collector; add `- kind: {word}` with"
            " `credentials` under `collect`"
        )
    for one in there:
        check(one, reached)
