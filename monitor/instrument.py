"""The service's own counters: everything that moves gets one. Labels are bounded words."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_PREFIX = "cube_monitor_"
_COMMIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_LATENESS_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)


class TelemetryInstruments:
    """Counters of gNMI and RESTCONF."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, help_: str, *labels: str) -> Counter:
            return Counter(_PREFIX + name, help_, labels, registry=registry)

        def gauge(name: str, help_: str, *labels: str) -> Gauge:
            return Gauge(_PREFIX + name, help_, labels, registry=registry)

        self.notifications = counter(
            "telemetry_notifications", "gNMI and RESTCONF notifications.", "source", "result"
        )
        self.dropped = counter(
            "telemetry_dropped", "gNMI notifications dropped for want of room.", "device"
        )
        self.unknown = counter(
            "telemetry_unknown", "Updates and deletes not understood.", "source", "reason"
        )
        self.queue = gauge("telemetry_queue_bytes", "Bytes of waiting gNMI notifications.")
        self.streams = gauge("gnmi_streams", "Devices heard over gNMI now.")
        self.ends = counter("gnmi_stream_ends", "gNMI streams that ended.", "code")


class ShipInstruments:
    """Counters of the databases outside, by target."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, help_: str, *labels: str) -> Counter:
            return Counter(_PREFIX + name, help_, ["target", *labels], registry=registry)

        def gauge(name: str, help_: str) -> Gauge:
            return Gauge(_PREFIX + name, help_, ["target"], registry=registry)

        self.up = gauge("ship_up", "1 while the database outside takes points.")
        self.lag = gauge("ship_lag_seconds", "Age of the oldest readings not confirmed; 0: none.")
        self.behind = gauge("ship_lag_commits", "Commits with readings that are not confirmed.")
        self.waiting = gauge(
            "ship_waiting_records", "Hours, measurements and facts that are not confirmed."
        )
        self.cursor = gauge("ship_cursor", "Number of the last commit that is confirmed.")
        self.points = counter("ship_points", "Points confirmed, or found unfit.", "result")
        self.failures = counter("ship_failures", "Writes that were not confirmed.", "reason")


class CssmInstruments:
    """Counters of what CSSM and SSM On-Prem say of accounts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, help_: str, *labels: str) -> Counter:
            return Counter(_PREFIX + name, help_, labels, registry=registry)

        self.inventories = counter(
            "cssm_inventories", "Inventories of CSSM: read, or the reason why not.", "result"
        )
        self.refused = counter("cssm_refused_rows", "Rows of inventories not taken.")
        self.calls = counter("cssm_calls", "Calls of CSSM's or On-Prem's API.", "result")


class PageInstruments:
    """Counters of the notifier."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, help_: str, *labels: str) -> Counter:
            return Counter(_PREFIX + name, help_, labels, registry=registry)

        self.pages = counter("pages", "Notices by what became of them.", "channel", "result")
        self.waiting = Gauge(
            _PREFIX + "pages_waiting", "Notices that wait to be sent.", ["channel"],
            registry=registry,
        )  # fmt: skip
        self.marked = counter("pages_marked", "Pages that operators judged afterwards.", "mark")
        self.false_rate = Gauge(
            _PREFIX + "false_pages_per_100_devices",
            "Critical pages of the last 30 days marked false, for each 100 devices.",
            registry=registry,
        )
        self.heartbeats = counter("heartbeats", "Dead man's pings.", "result")


class _Inside:
    """Counters of what happens behind the ways in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, help_: str, *labels: str) -> Counter:
            return Counter(_PREFIX + name, help_, labels, registry=registry)

        def gauge(name: str, help_: str, *labels: str) -> Gauge:
            return Gauge(_PREFIX + name, help_, labels, registry=registry)

        # Store
        self.committed = counter("committed", "Records accepted (committed).", "record")
        self.duplicates = counter("duplicate_events", "Events dropped as duplicates.")
        self.commit_seconds = Histogram(
            _PREFIX + "commit_seconds", "Duration of a commit.", registry=registry,
            buckets=_COMMIT_BUCKETS,
        )  # fmt: skip
        self.commit_failures = counter("commit_failures", "Commits refused by the store.")
        self.queue = gauge("queue_frames", "Frames waiting to be read.")
        self.unclean_starts = counter("unclean_starts", "Starts after an unclean shutdown.")
        self.store_bytes = gauge("store_bytes", "Bytes of the data directory.")
        self.store_shed = counter(
            "store_shed", "Records that went because the disk budget was used up.", "level"
        )
        self.backlog_dropped = counter(
            "backlog_dropped", "Records refused because too much waits for the store.", "record"
        )
        self.store_faulty = gauge(
            "store_faulty", "1 while the store refuses, or has lost something.", "reason"
        )

        self.ship = ShipInstruments(registry)
        self.pages = PageInstruments(registry)
        self.cssm = CssmInstruments(registry)

        # Measuring and judging
        self.hours_worked = counter("hour_values", "Hours measured.")
        self.chains_replaced = counter("chains_replaced", "Measurements replaced by late readings.")
        self.judged = counter("judged", "Subjects judged.", "scope")


class Instruments(_Inside):
    """Counters about ourselves in one registry, which the composition root passes in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, help_: str, *labels: str) -> Counter:
            return Counter(_PREFIX + name, help_, labels, registry=registry)

        def gauge(name: str, help_: str, *labels: str) -> Gauge:
            return Gauge(_PREFIX + name, help_, labels, registry=registry)

        super().__init__(registry)
        self.restarts = counter("collector_restarts", "Collectors started again.", "collector")
        self.collector_up = gauge("collector_up", "1 while the collector runs.", "collector")
        self.syslog_received = counter("syslog_received", "Messages received.", "transport")
        self.syslog_dropped = counter(
            "syslog_dropped", "Messages lost before they were read.", "transport", "reason"
        )
        self.syslog_cut = counter(
            "syslog_cut", "Messages cut: too long, or never finished by the sender.", "transport"
        )
        self.syslog_results = counter(
            "syslog_messages", "Messages by what became of them.", "result"
        )
        self.sequence_gaps = counter(
            "syslog_sequence_gap_messages", "Messages missing by the devices' own counters."
        )
        self.receive_buffer = gauge(
            "syslog_receive_buffer_bytes", "Receive buffer the kernel granted.", "transport"
        )
        self.kernel_drops = counter(
            "syslog_kernel_drops", "Datagrams the kernel dropped.", "transport"
        )
        self.connections = gauge("syslog_tcp_connections", "Open TCP connections.")
        self.connections_refused = counter(
            "syslog_tcp_refused", "TCP connections closed by a cap or time-out.", "reason"
        )
        self.readings_refused = counter("readings_refused", "Readings refused.", "reason")
        self.polls = counter("polls", "Polls of devices.", "manner", "result")
        self.poll_seconds = Histogram(
            _PREFIX + "poll_seconds", "Duration of one poll.", ["manner"], registry=registry
        )
        self.poll_lateness = Histogram(
            _PREFIX + "poll_lateness_seconds", "How late polls begin.", ["manner"],
            registry=registry, buckets=_LATENESS_BUCKETS,
        )  # fmt: skip
        self.device_logins = counter("device_logins", "Logins tried on a device.", "device")
        self.device_seconds = counter(
            "device_session_seconds", "Seconds of sessions with a device.", "device"
        )
        self.telemetry = TelemetryInstruments(registry)
        self.notifications = counter(
            "snmp_notifications", "Traps and informs: taken, or the reason why not.", "result"
        )
        self.parse_warnings = counter("parse_warnings", "Oddities in device output.", "command")
        self.unattributed = counter("unattributed", "Messages that name no known device.")
        self.http_refused = counter("http_refused", "Calls refused at the door.", "reason")
        self.reload_good = gauge(
            "config_last_reload_successful", "1 where the last configuration read is in use."
        )
        self.reloaded = gauge(
            "config_last_reload_success_timestamp_seconds", "When it was taken into use."
        )
        self.restart_needed = gauge(
            "config_restart_needed",
            "1 where the last configuration read is good, but needs a restart to be in use.",
        )
