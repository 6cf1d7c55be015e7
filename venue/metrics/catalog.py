"""Every metric by name: what it is, in which unit, with which labels; at whose port it is.

The only list of them. Dashboards, alert rules and docs/OBSERVABILITY.md are held against it.
"""

from typing import Literal, NamedTuple

Kind = Literal["gauge", "counter", "histogram"]
At = Literal["each", "trading", "data", "replica", "host", "metrics"]
"""At whose port: every process's, trading's, those of market data and drop copies, the replica's,
who hosts followers', the first one."""


class Metric(NamedTuple):
    """One metric. Its name ends with its unit; a counter's with _total."""

    name: str
    kind: Kind
    at: At
    help: str
    labels: tuple[str, ...] = ()


CATALOG = (
    Metric("venue_process_up", "gauge", "each", "1: the process runs and its loop comes round."),
    Metric("venue_process_ready", "gauge", "each", "1: it does its work now, as /readyz says."),
    Metric("venue_process_heartbeat_age_seconds", "gauge", "each", "Since its loop came round."),
    Metric("venue_process_restarts_total", "counter", "each", "How often it was started again."),
    Metric("venue_process_cpu_seconds_total", "counter", "each", "Processor time it has taken."),
    Metric("venue_process_resident_bytes", "gauge", "each", "Memory that it holds."),
    Metric("venue_process_open_files", "gauge", "each", "Its open files, connections among them."),
    # followers, at the port of the process that they run in
    Metric("venue_follower_position", "gauge", "host", "Last event that it has done.",
           ("follower",)),
    Metric("venue_follower_lag_events", "gauge", "host", "Events that it lacks.", ("follower",)),
    Metric("venue_follower_lag_seconds", "gauge", "host",
           "Since when it lacks the oldest event that it lacks.", ("follower",)),
    Metric("venue_follower_halted", "gauge", "host", "1: it halts in front of an event.",
           ("follower",)),
    # trading
    Metric("venue_journal_records_total", "counter", "trading", "Commands on disk, ever."),
    Metric("venue_journal_events_total", "counter", "trading", "Events on disk, ever."),
    Metric("venue_batches_total", "counter", "trading", "Frames written since its start."),
    Metric("venue_batch_commands", "histogram", "trading", "Commands that share one write."),
    Metric("venue_fdatasync_seconds", "histogram", "trading", "Time of the disk for one batch."),
    Metric("venue_message_to_disk_seconds", "histogram", "trading",
           "From the poll that has read a message until it is on disk."),
    Metric("venue_message_to_report_seconds", "histogram", "trading",
           "From the poll that has read a message until its reports have left."),
    Metric("venue_inbox_commands", "gauge", "trading", "Inputs that wait now."),
    Metric("venue_inbox_deepest_commands", "gauge", "trading",
           "Most inputs that have waited within the last second."),
    Metric("venue_sessions", "gauge", "trading", "Sessions that may log on here."),
    Metric("venue_sessions_logged_on", "gauge", "trading", "Sessions that are on."),
    Metric("venue_data_sessions_logged_on", "gauge", "data",
           "Sessions of market data or of drop copies that are on."),
    Metric("venue_session_messages_in_total", "counter", "trading",
           "Messages of a session that is on, by its MsgSeqNum.", ("session",)),
    Metric("venue_session_messages_out_total", "counter", "trading",
           "Messages to a session that is on, by its MsgSeqNum.", ("session",)),
    Metric("venue_session_unread_bytes", "gauge", "trading",
           "What a session has not taken yet.", ("session",)),
    Metric("venue_resends_total", "counter", "trading", "ResendRequests answered."),
    Metric("venue_incidents", "gauge", "trading", "Messages that have broken their session."),
    Metric("venue_open_orders", "gauge", "trading", "Open orders."),
    # by type, counted by the replica as it executes the journal again
    Metric("venue_commands_total", "counter", "replica", "Messages and commands taken.",
           ("type",)),
    Metric("venue_events_total", "counter", "replica", "Events.", ("type",)),
    Metric("venue_reports_total", "counter", "replica", "Reports to sessions.", ("msg_type",)),
    Metric("venue_rejects_total", "counter", "replica", "Refusals.", ("code",)),
    Metric("venue_orders_total", "counter", "replica", "New orders, refused ones too."),
    Metric("venue_trades_total", "counter", "replica", "Trades.", ("symbol",)),
    # the whole venue
    Metric("venue_build_info", "gauge", "metrics", "1.", ("version", "core")),
    Metric("venue_up", "gauge", "metrics", "1: `venue run` runs."),
    Metric("venue_server_up", "gauge", "metrics", "1: the server answers.", ("server",)),
    Metric("venue_server_answer_seconds", "gauge", "metrics", "How long it took.", ("server",)),
    Metric("venue_server_restarts_total", "counter", "metrics",
           "How often an embedded server was started again.", ("server",)),
    Metric("venue_ledger_imbalance", "gauge", "metrics",
           "Sum of an asset over the whole ledger: 0.", ("asset",)),
    Metric("venue_breaks_open", "gauge", "metrics", "Differences that reconciliation has found."),
    Metric("venue_reconciled_timestamp_seconds", "gauge", "metrics",
           "When the last round of reconciliation began."),
    Metric("venue_capacity_messages_per_second", "gauge", "metrics",
           "The measured limit, as metrics.capacity_per_second says."),
    Metric("venue_capacity_used_ratio", "gauge", "metrics",
           "Commands of the busiest second of the last minute, of that limit."),
    Metric("venue_busiest_second_messages", "gauge", "metrics",
           "Commands of the busiest second of the last minute."),
    Metric("venue_store_bytes", "gauge", "metrics", "What a store takes on disk.", ("store",)),
    Metric("venue_disk_free_bytes", "gauge", "metrics", "Room on the disk of the data."),
    Metric("venue_disk_bytes", "gauge", "metrics", "Size of that disk."),
    Metric("venue_certificate_end_timestamp_seconds", "gauge", "metrics",
           "When a certificate of the gate ends.", ("file",)),
    Metric("venue_machine_cpu_seconds_total", "counter", "metrics",
           "Processor time of the machine.", ("mode",)),
    Metric("venue_machine_memory_bytes", "gauge", "metrics", "Memory of the machine."),
    Metric("venue_machine_memory_available_bytes", "gauge", "metrics", "What of it is left."),
    Metric("venue_machine_load1", "gauge", "metrics", "Processes that run or wait for the disk."),
)  # fmt: skip
BY_NAME = {metric.name: metric for metric in CATALOG}


class Sample(NamedTuple):
    """A value of a metric; labels in the order of its catalog entry. buckets: of a histogram.

    buckets: bound (inclusive) and count of what is not larger. value: of a histogram the sum.
    """

    name: str
    value: float
    labels: tuple[str, ...] = ()
    buckets: tuple[tuple[float, int], ...] = ()


def series_names(metric: Metric) -> tuple[str, ...]:
    """Names under which Prometheus keeps it."""
    if metric.kind == "histogram":
        return tuple(f"{metric.name}_{part}" for part in ("bucket", "sum", "count"))
    return (metric.name,)
