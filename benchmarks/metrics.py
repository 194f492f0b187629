"""How long /metrics takes for a large fleet, beside prometheus_client's own printing.

python benchmarks/metrics.py [--devices 5000] [--scrapes 100]
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, generate_latest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import Finding, Severity, Standing
from monitor.domain.instants import DAY, HOUR
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.readings import Series
from monitor.domain.release import stopping
from monitor.domain.state import AckCycle, DeviceState, FleetSnapshot, OpenFinding
from monitor.expose.metrics import FleetCollector, MetricsPage
from monitor.instrument import Instruments

TAGS = ("CUBE_T_STD", "CUBE_T_ENH")
NOW = 1_795_370_000.0
THRESHOLDS = {"14d": 14 * DAY, "7d": 7 * DAY, "3d": 3 * DAY, "24h": 24 * HOUR}


def fact(device: str, name: FactName, value: Value) -> Fact:
    return Fact(
        subject=device,
        name=name,
        source="cli",
        value=value,
        kind=FactKind.EXACT,
        received=NOW - 60,
        effective=NOW - 60,
    )


def cycle(device: str, at: float) -> AckCycle:
    return AckCycle(
        required=fact(device, FactName.ACK_REQUIRED, value=True),
        deadline=fact(device, FactName.ACK_DEADLINE, at + 20 * DAY),
        last_ack=fact(device, FactName.LAST_ACK, at - 10 * DAY),
        next_push=fact(device, FactName.NEXT_PUSH, at + 19 * DAY),
        last_push=fact(device, FactName.LAST_PUSH, at - 11 * DAY),
        interval_days=fact(device, FactName.REPORTING_INTERVAL_DAYS, 30),
        trust=fact(device, FactName.TRUST_CODE, at - 90 * DAY),
    )


def state(number: int, now: float) -> DeviceState:
    device = f"cube-{number:05d}.voice.example.net"
    return DeviceState(
        device=Device(id=device),
        now=now,
        release="17.9.4a",
        stopping=stopping("17.9.4a"),
        # Every moment differs, as in life: nothing may rest on equal values.
        cycle=cycle(device, now + number * 17.25),
        virtual_account=f"site-{number % 40}",
        sip_service="up",
        in_use=dict.fromkeys(TAGS, number % 300),
        out_of_compliance=False,
        thresholds=THRESHOLDS,
        last_seen={"cli": now - number, "syslog": now - number / 7},
        facts=tuple(fact(device, name, 0.25) for name in list(FactName)[:30]),
    )


def fleet(devices: int, now: float) -> FleetSnapshot:
    states = [state(number, now) for number in range(devices)]
    names = [found.device.id for found in states]
    return FleetSnapshot(
        now=now,
        devices=states,
        findings=[finding(name, now) for name in names[::20]],
        latest={
            Series(name, tag, "lab"): (int(now) - at, at % 500)
            for at, name in enumerate(names)
            for tag in TAGS
        },
        measurements=[measurement(name, tag, int(now)) for name in names for tag in TAGS],
    )


def finding(device: str, now: float) -> OpenFinding:
    found = Finding(
        rule="ack_backstop", step="3d", subject=device, severity=Severity.CRITICAL,
        why="", next="", deadline=now + DAY,
    )  # fmt: skip
    return OpenFinding(finding=found, standing=Standing(key=found.key, since=now, opened=now))


def measurement(device: str, tag: str, now: int) -> Measurement:
    return Measurement(
        device=device, tag=tag, start=now - 8 * HOUR, end=now, units=3601, count=101,
        coverage=0.99, minute_coverage=1.0, reason=Reason.PERIODIC, changed=False,
    )  # fmt: skip


def timed(work: Callable[[], bytes], times: int) -> tuple[list[float], list[float]]:
    """Milliseconds by the clock and of this thread's processor time."""
    wall, cpu = [], []
    for _ in range(times):
        start, began = time.perf_counter(), time.thread_time()
        work()
        cpu.append((time.thread_time() - began) * 1000)
        wall.append((time.perf_counter() - start) * 1000)
    return wall, cpu


def p99(spent: list[float]) -> float:
    return round(statistics.quantiles(spent, n=100)[98], 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=5_000)
    parser.add_argument("--scrapes", type=int, default=100)
    asked = parser.parse_args()
    clock = iter(range(10_000_000))
    fleets = [fleet(asked.devices, NOW + 15.125 * next(clock)) for _ in range(2)]
    registry = CollectorRegistry()
    Instruments(registry)
    # Two snapshots in turn: no scrape sees the moments of the one before.
    page = MetricsPage(registry, lambda: fleets[next(clock) % len(fleets)])
    page.render()
    ours, cpu = timed(page.render, asked.scrapes)
    peer = CollectorRegistry()
    peer.register(FleetCollector(lambda: fleets[0]))
    theirs, _ = timed(lambda: generate_latest(peer), max(3, asked.scrapes // 20))
    text = page.render()
    result = {
        "devices": asked.devices,
        "series": sum(not line.startswith(b"#") for line in text.splitlines()),
        "bytes": len(text),
        "p50_ms": round(statistics.median(ours), 1),
        "p99_ms": p99(ours),
        "cpu_p50_ms": round(statistics.median(cpu), 1),
        "cpu_p99_ms": p99(cpu),
        "prometheus_client_p50_ms": round(statistics.median(theirs), 1),
        "target_p99_ms": 250,
    }
    print(json.dumps(result))
    return 0 if result["p99_ms"] < result["target_p99_ms"] else 1


if __name__ == "__main__":
    sys.exit(main())
