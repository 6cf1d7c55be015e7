"""The replica as a process: executes the journal again, takes the snapshots, and keeps house.

A damaged journal, or one whose events the engine does not reproduce, is parked like a bad event.
"""

import asyncio
import signal
import threading

from venue.bus.connection import stop_on_signals
from venue.bus.parking import Parking
from venue.bus.position_file import (
    Position,
    ShownPosition,
    least_position,
    read_position_file,
)
from venue.counts_page import CountsPage
from venue.data_directory import DataDirectory
from venue.fix.encode import ReportEncoder
from venue.heartbeat import beat
from venue.housekeeping.housekeeper import Housekeeper
from venue.journal.identity import journal_identity
from venue.journal.segment import JournalDamage
from venue.replay.counting import JournalCounts
from venue.replay.replay import Replay, ReplayDifference, SnapshotMissing
from venue.replay.replica import Replica
from venue.settings.settings import Settings

REPLICA = "replica"
POLL_SECONDS = 0.05
CATCHING_UP = "it executes what was written while it was away"


def run(settings: Settings, nats_url: str) -> int:
    """Follow the journal of settings.data_dir until SIGTERM or SIGINT; exit status."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    place = DataDirectory(settings.data_dir)
    directory, shown = place.journal, ShownPosition(place.position(REPLICA))
    parking = Parking(REPLICA, nats_url, settings.data_dir)
    kept = settings.retention
    segments = threading.Lock()
    housekeeper: Housekeeper | None = None
    page = CountsPage(settings.data_dir, REPLICA, is_shown=settings.metrics.enabled)
    counts = JournalCounts(_shown_before(place))
    reports = ReportEncoder(settings.venue_dialect_sessions()).reports
    try:
        replica = Replica(
            directory,
            counts.counting(reports) if settings.metrics.enabled else reports,
            snapshot_events=settings.journal.snapshot_events,
            snapshot_seconds=settings.journal.snapshot_minutes * 60,
            retain_days=kept.journal_days,
            retain_bytes=kept.journal_gib << 30,
            segments=segments,
            consumed_event_seq=lambda: least_position(
                settings.data_dir, REPLICA, journal_identity(directory)
            ),
            window=settings.fix.resend_window,
            kind=counts.kind() if settings.metrics.enabled else Replay,
        )
        housekeeper = Housekeeper(place, kept, lambda: replica.position, segments)
        housekeeper.start()

        def stopped() -> bool:
            counts.show(page, "" if replica.has_caught_up else CATCHING_UP)
            return stop.is_set()

        while not stop.wait(POLL_SECONDS):
            counts.show(page, "" if replica.has_caught_up else CATCHING_UP)
            if replica.follow(stopped):
                shown.show(Position(replica.event_seq, journal=journal_identity(directory)))
                parking.passed(replica.event_seq)
            else:
                shown.look()
    except (JournalDamage, ReplayDifference, SnapshotMissing) as error:
        asyncio.run(_halt(parking, str(error), page))
    finally:
        if housekeeper is not None:
            housekeeper.stop()
        page.close()
    return 0


def _shown_before(place: DataDirectory) -> int:
    """The last event that a replica of this journal has shown as executed before."""
    before = read_position_file(place.position(REPLICA))
    if before is None or before.journal != journal_identity(place.journal):
        return 0
    return before.event_seq


async def _halt(parking: Parking, error: str, page: CountsPage) -> None:
    beats = asyncio.create_task(beat(page, error))
    await parking.halt(0, error, stop_on_signals())
    beats.cancel()
