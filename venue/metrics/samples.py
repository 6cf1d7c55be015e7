"""Samples of what was looked at, for the port of each process. What is not known has no sample.

Knows the looks and the catalog. Whose port it is, is a label of each: `process`.
"""

import time
from collections.abc import Iterator, Mapping

from venue import __version__
from venue.counts_page import Counts
from venue.metrics.catalog import Sample
from venue.metrics.look import Look, ProcessLook
from venue.metrics.proc import MachineUse
from venue.metrics.servers import ServerLook, Stores
from venue.metrics.verdict import why_not_healthy
from venue.processes import REPLICA, TRADING
from venue.tally import Spread, bound_of, size_of

_NS_PER_SECOND = 1e9
TIME_SIZES = range(size_of(4_096), size_of(1 << 34) + 1)
"""Bounds of times: from 6 us to 26 s, two for each doubling."""
BATCH_SIZES = range(1, size_of(1_024) + 1)
NEW_ORDER = "EnterOrder"
_VALUES = {
    "records": "venue_journal_records_total",
    "events": "venue_journal_events_total",
    "batches": "venue_batches_total",
    "inbox": "venue_inbox_commands",
    "inbox_deepest": "venue_inbox_deepest_commands",
    "sessions": "venue_sessions",
    "sessions_on": "venue_sessions_logged_on",
    "open_orders": "venue_open_orders",
    "resends": "venue_resends_total",
    "incidents": "venue_incidents",
}
"""What trading's page has, by metric."""
_BY = {
    "in": "venue_session_messages_in_total",
    "out": "venue_session_messages_out_total",
    "unread": "venue_session_unread_bytes",
    "commands": "venue_commands_total",
    "events": "venue_events_total",
    "reports": "venue_reports_total",
    "rejects": "venue_rejects_total",
    "trades": "venue_trades_total",
}
_TIMES = {
    "sync": "venue_fdatasync_seconds",
    "to_disk": "venue_message_to_disk_seconds",
    "to_report": "venue_message_to_report_seconds",
}


def process_samples(look: Look, name: str, not_ready: str) -> Iterator[Sample]:
    """What the port of a process says. not_ready: its verdict."""
    process = look.processes.get(name)
    yield Sample("venue_process_up", float(not why_not_healthy(process)))
    yield Sample("venue_process_ready", float(not not_ready))
    if process is not None:
        yield from _use(process)
        if process.counts is not None:
            yield from _counted(name, process.counts)
    if name in look.data_sessions:
        yield Sample("venue_data_sessions_logged_on", look.data_sessions[name])
    for each in look.followers.values():
        if each.runs_in == name:
            labels = (each.name,)
            yield Sample("venue_follower_halted", float(bool(each.halted)), labels)
            for metric, value in (("position", each.position), ("lag_events", each.lag_events),
                                  ("lag_seconds", each.lag_seconds)):  # fmt: skip
                if value is not None:
                    yield Sample(f"venue_follower_{metric}", value, labels)


def _use(process: ProcessLook) -> Iterator[Sample]:
    yield Sample("venue_process_restarts_total", process.restarts)
    if process.use is not None:
        yield Sample("venue_process_cpu_seconds_total", process.use.cpu_seconds)
        yield Sample("venue_process_resident_bytes", process.use.resident_bytes)
        yield Sample("venue_process_open_files", process.use.open_files)
    if process.counts is not None:
        age = process.counts.age_seconds(time.monotonic_ns())
        yield Sample("venue_process_heartbeat_age_seconds", age)


def _counted(name: str, counts: Counts) -> Iterator[Sample]:
    if name == TRADING.name:
        for key, value in counts.values.items():
            yield Sample(_VALUES[key], value)
        for key, spread in counts.spreads.items():
            if key in _TIMES:
                yield _times(_TIMES[key], spread)
            else:
                yield _sizes("venue_batch_commands", spread)
    elif name == REPLICA.name:
        yield Sample("venue_orders_total", counts.by.get("commands", {}).get(NEW_ORDER, 0))
    for key, by in counts.by.items():
        for label, value in by.items():
            yield Sample(_BY[key], value, (label,))


def _times(metric: str, spread: Spread) -> Sample:
    bounds = [(size, bound_of(size) / _NS_PER_SECOND) for size in TIME_SIZES]
    return _histogram(metric, spread, bounds, spread.total / _NS_PER_SECOND)


def _sizes(metric: str, spread: Spread) -> Sample:
    bounds = [(size, float(bound_of(size) - 1)) for size in BATCH_SIZES]
    return _histogram(metric, spread, bounds, spread.total)


def _histogram(
    metric: str, spread: Spread, bounds: list[tuple[int, float]], total: float
) -> Sample:
    counts = spread.counts
    buckets = [(bound, sum(counts[: size + 1])) for size, bound in bounds]
    return Sample(metric, total, (), (*buckets, (float("inf"), spread.count)))


def venue_samples(
    look: Look,
    servers: Mapping[str, ServerLook],
    stores: Stores | None,
    machine: MachineUse,
    capacity: int,
    busiest: int | None,
) -> Iterator[Sample]:
    """What the first port says of the whole venue. capacity: 0: not measured."""
    core = "" if look.running is None else look.running.core
    yield Sample("venue_build_info", 1, (__version__, core))
    yield Sample("venue_up", float(look.running is not None))
    restarts = {} if look.running is None else look.running.restarts
    for name, server in servers.items():
        yield Sample("venue_server_up", float(server.is_up), (name,))
        if server.seconds is not None:
            yield Sample("venue_server_answer_seconds", server.seconds, (name,))
        if name in restarts:
            yield Sample("venue_server_restarts_total", restarts[name], (name,))
    if stores is not None:
        yield from _stores(stores)
    if busiest is not None:
        yield Sample("venue_busiest_second_messages", busiest)
    if capacity:
        yield Sample("venue_capacity_messages_per_second", capacity)
        if busiest is not None:
            yield Sample("venue_capacity_used_ratio", busiest / capacity)
    for mode, seconds in machine.cpu_seconds.items():
        yield Sample("venue_machine_cpu_seconds_total", seconds, (mode,))
    yield Sample("venue_machine_memory_bytes", machine.memory_bytes)
    yield Sample("venue_machine_memory_available_bytes", machine.available_bytes)
    yield Sample("venue_machine_load1", machine.load1)


def _stores(stores: Stores) -> Iterator[Sample]:
    for asset, total in (stores.imbalance or {}).items():
        yield Sample("venue_ledger_imbalance", float(total), (asset,))
    if stores.breaks is not None:
        yield Sample("venue_breaks_open", stores.breaks)
    if stores.last_round is not None:
        yield Sample("venue_reconciled_timestamp_seconds", stores.last_round)
    for store, size in stores.bytes.items():
        yield Sample("venue_store_bytes", size, (store,))
    yield Sample("venue_disk_free_bytes", stores.free_bytes)
    yield Sample("venue_disk_bytes", stores.disk_bytes)
    for file, end in stores.certificates.items():
        yield Sample("venue_certificate_end_timestamp_seconds", end, (file,))
