"""The processes beside trading, each as a function that returns an exit status.

A process imports only what it needs. All run until SIGTERM or SIGINT; one that ends by an exception
has said so where an operator looks.
"""

import asyncio
import gc
import signal
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import structlog

from venue.bus.position_file import (
    Position,
    least_position,
    position_file,
    write_position,
)
from venue.journal.identity import journal_identity
from venue.settings.settings import Settings

if TYPE_CHECKING:
    from venue.bus.parking import Parking

EXIT_OK, EXIT_FAILED = 0, 1
REPLICA = "replica"
REPLICA_POLL_SECONDS = 0.05
_GC_THRESHOLDS = (50_000, 20, 100)
"""As trading's: what lives here lives long, and events are none of the collector's."""


_log = structlog.get_logger()


def run_publisher(settings: Settings, nats_url: str) -> int:
    """The publisher: journal to JetStream."""
    from venue.bus import publisher

    return _run_async("publisher", settings, nats_url, publisher.run(settings, nats_url))


def run_clearing(settings: Settings, nats_url: str, database_url: str) -> int:
    """Clearing: JetStream to the ledger in PostgreSQL."""
    from venue.clearing import worker as clearing

    return _run_async(
        "clearing", settings, nats_url, clearing.run(settings, nats_url, database_url)
    )


def run_audit(settings: Settings, nats_url: str) -> int:
    """Audit: JetStream to the append-only trail."""
    from venue.audit import worker as audit

    return _run_async("audit", settings, nats_url, audit.run(settings, nats_url))


def run_marketdata(settings: Settings, nats_url: str) -> int:
    """Market data: JetStream to md.* and last values."""
    from venue.marketdata import worker as marketdata

    return _run_async("marketdata", settings, nats_url, marketdata.run(settings, nats_url))


def run_dropcopy(settings: Settings, nats_url: str) -> int:
    """Drop copy: JetStream to a stream of executions for each member."""
    from venue.dropcopy import worker as dropcopy

    return _run_async("dropcopy", settings, nats_url, dropcopy.run(settings, nats_url))


def run_gate(settings: Settings) -> int:
    """The gate: connections from outside, by TLS, to trading."""
    from venue.gate import gate

    gc.set_threshold(*_GC_THRESHOLDS)
    return gate.run_gate(settings)


def run_replica(settings: Settings, nats_url: str) -> int:
    """The replica: executes the journal again and takes the snapshots.

    A journal that is damaged, or that the engine does not agree with, is parked as an event is.
    """
    from venue.bus.parking import Parking
    from venue.fix.encode import ReportEncoder
    from venue.journal.segment import JournalDamage
    from venue.replay.replay import ReplayDifference, SnapshotMissing
    from venue.replay.replica import Replica

    gc.set_threshold(*_GC_THRESHOLDS)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    directory = settings.data_dir / "journal"
    shown = position_file(settings.data_dir, REPLICA)
    parking = Parking(REPLICA, nats_url, settings.data_dir)
    try:
        replica = Replica(
            directory,
            ReportEncoder(settings.venue_dialect_sessions()).reports,
            snapshot_events=settings.journal.snapshot_events,
            retain_days=settings.journal.retain_days,
            consumed_event_seq=lambda: least_position(
                settings.data_dir, REPLICA, journal_identity(directory)
            ),
            window=settings.fix.resend_window,
        )
        while not stop.wait(REPLICA_POLL_SECONDS):
            if replica.follow(stop.is_set):
                at = Position(replica.event_seq, journal=journal_identity(directory))
                write_position(shown, at)
                parking.passed(replica.event_seq)
    except (JournalDamage, ReplayDifference, SnapshotMissing) as error:
        asyncio.run(_halt(parking, str(error)))
    except Exception as error:
        return _fail(REPLICA, settings, nats_url, error)
    return EXIT_OK


async def _halt(parking: "Parking", error: str) -> None:
    from venue.bus.connection import stop_on_signals

    await parking.halt(0, error, stop_on_signals())


def _run_async(
    name: str, settings: Settings, nats_url: str, worker: Coroutine[Any, Any, None]
) -> int:
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        asyncio.run(worker)
    except Exception as error:
        return _fail(name, settings, nats_url, error)
    return EXIT_OK


def _fail(name: str, settings: Settings, nats_url: str, error: Exception) -> int:
    """Say why the process ends; its supervisor starts it again, ever more slowly."""
    _log.error("process_failed", name=name, exc_info=error)
    asyncio.run(_park(name, settings, nats_url, f"the process ended: {error or repr(error)}"))
    return EXIT_FAILED


async def _park(name: str, settings: Settings, nats_url: str, error: str) -> None:
    from venue.bus.parking import Parking

    stop = asyncio.Event()
    parking = Parking(name, nats_url, settings.data_dir)
    parking.park(0, error, stop)
    stop.set()  # NATS may be away: one try
    await parking.close()
