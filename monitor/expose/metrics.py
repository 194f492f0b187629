"""/metrics: the fleet written afresh from a snapshot, after the service's own counters.

The text is what `prometheus_client.generate_latest` prints for `FleetCollector`, byte for byte (a
test compares them); it is written by hand because that library takes 5 microseconds a line.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from monitor import __version__
from monitor.domain.state import FleetSnapshot
from monitor.expose.account_metrics import ACCOUNT_FAMILIES
from monitor.expose.cycle_metrics import CYCLE_FAMILIES
from monitor.expose.device_metrics import DEVICE_FAMILIES
from monitor.expose.family import Family, Labels, Sample
from monitor.expose.finding_metrics import FINDING_FAMILIES
from monitor.expose.license_metrics import LICENSE_FAMILIES
from monitor.expose.paging_metrics import PAGING_FAMILIES
from monitor.expose.pair_metrics import PAIR_FAMILIES
from monitor.expose.rum_metrics import RUM_FAMILIES

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_VALUES_KEPT = 65_536
_PREFIXES_SPARE = 1_000
_WHOLE_DIGITS = 6
_WORDS: Final = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}


def _build(_: FleetSnapshot) -> Iterator[Sample]:
    yield (__version__,), 1.0


def _taken(fleet: FleetSnapshot) -> Iterator[Sample]:
    yield (), fleet.now


FAMILIES: Final[tuple[Family, ...]] = (
    Family(
        name="cube_monitor_build_info",
        help="Always 1; the version of the monitor.",
        labels=("version",),
        samples=_build,
    ),
    Family(
        name="cube_monitor_snapshot_timestamp_seconds",
        help="When the state shown here was taken.",
        labels=(),
        samples=_taken,
    ),
    *DEVICE_FAMILIES,
    *CYCLE_FAMILIES,
    *LICENSE_FAMILIES,
    *ACCOUNT_FAMILIES,
    *PAIR_FAMILIES,
    *RUM_FAMILIES,
    *FINDING_FAMILIES,
    *PAGING_FAMILIES,
)


class FleetCollector(Collector):
    """The fleet as families of prometheus_client, for registries other than ours."""

    def __init__(self, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Build every family from one snapshot."""
        fleet = self._snapshot()
        for family in FAMILIES:
            metric = GaugeMetricFamily(family.name, family.help, labels=family.labels)
            # A mapping, as in FamilyText: one series twice would cost the whole scrape.
            for labels, value in dict(family.samples(fleet)).items():
                metric.add_metric(labels, value)
            yield metric


class FamilyText:
    """Writes one family; keeps the text before each value for the next scrape."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._head = f"# HELP {family.name} {family.help}\n# TYPE {family.name} gauge\n"
        self._order = sorted(range(len(family.labels)), key=family.labels.__getitem__)
        self._prefixes: dict[Labels, str] = {}

    def lines(self, fleet: FleetSnapshot) -> bytes:
        """Head and one line a sample, UTF-8."""
        samples = dict(self._family.samples(fleet))
        if len(self._prefixes) > 2 * len(samples) + _PREFIXES_SPARE:
            self._prefixes.clear()
        known = self._prefixes.get
        lines = [
            f"{known(labels) or self._learn(labels)}{_number(value)}\n"
            for labels, value in samples.items()
        ]
        # A device's stray surrogate must not cost the scrape.
        return (self._head + "".join(lines)).encode("utf-8", "replace")

    def _learn(self, labels: Labels) -> str:
        names = self._family.labels
        inside = ",".join(f'{names[at]}="{_escaped(labels[at])}"' for at in self._order)
        prefix = f"{self._family.name}{{{inside}}} " if inside else f"{self._family.name} "
        self._prefixes[labels] = prefix
        return prefix


class MetricsPage:
    """The whole page; render it in one thread at a time."""

    def __init__(self, registry: CollectorRegistry, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._registry = registry
        self._snapshot = snapshot
        self._families = [FamilyText(family) for family in FAMILIES]

    def render(self) -> bytes:
        """Our own counters from the registry, then the fleet as it is now."""
        own = generate_latest(self._registry)
        fleet = self._snapshot()
        return b"".join([own, *(family.lines(fleet) for family in self._families)])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


@lru_cache(maxsize=_VALUES_KEPT)
def _number(value: float) -> str:
    # As Go prints it: an exponent from seven digits before the point on.
    text = repr(float(value))
    whole, point, rest = text.partition(".")
    if value <= 0 or not point or len(whole) <= _WHOLE_DIGITS:
        return _WORDS.get(text, text)
    return f"{f'{whole[0]}.{whole[1:]}{rest}'.rstrip('0.')}e+{len(whole) - 1:02d}"
