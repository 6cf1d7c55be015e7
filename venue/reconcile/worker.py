"""The process `reconciler`: a round, a pause, and again; what it finds is kept, shown and alerted.

May know the rounds, the book of breaks and the alerts. It reads the stores only. A round costs what
the journal's length costs, so the pause grows with it: a tenth of the time at most goes to rounds.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from venue.bus.alerts import Alert, send_alert
from venue.bus.connection import stop_on_signals, wait_for_stop
from venue.data_directory import DataDirectory
from venue.fix.encode import ReportEncoder
from venue.journal.files import replace
from venue.reconcile.breaks import Break, BreakBook
from venue.reconcile.drop_copies import SINK
from venue.reconcile.last_round import BREAK_FOUND, LastRound
from venue.reconcile.round import NAME, Places, Round, reconcile

if TYPE_CHECKING:
    from venue.settings.settings import Settings

SHARE = 9
"""So many times as long as a round is the pause behind it, at least."""
_log = structlog.get_logger()


def places_of(settings: "Settings", nats_url: str, database_url: str) -> Places:
    """Where the stores of these settings are."""
    reports = ReportEncoder(settings.venue_dialect_sessions()).reports
    made_here = SINK not in settings.processes.elsewhere
    return Places(settings.data_dir, nats_url, database_url, reports, made_here)


def pause_behind(seconds: float, every: float) -> float:
    """How long to wait behind a round that took so many seconds, to begin one in `every`."""
    return max(every - seconds, SHARE * seconds)


async def run(settings: "Settings", nats_url: str, database_url: str) -> None:
    """Reconcile again and again until SIGTERM or SIGINT."""
    stop = stop_on_signals()
    places = places_of(settings, nats_url, database_url)
    every = float(settings.reconcile.seconds)
    pause = every
    while not await wait_for_stop(stop, pause):
        found = await reconcile(places)
        pause = pause_behind(found.seconds, every)
        opened = keep(settings.data_dir, found, pause)
        for each in opened:
            _log.error("break_found", break_id=each.break_id, difference=str(each.difference))
        if opened:
            await send_alert(nats_url, _alert(opened, found), stop)


def keep(data_dir: Path, found: Round, pause: float) -> list[Break]:
    """Keep what a round has found, and show it. Returns the breaks that it has opened."""
    place = DataDirectory(data_dir)
    whole = [each.store for each in found.compared if each.count == len(each.differences)]
    opened = BreakBook(place.breaks).note_round(found.differences, whole, time.time_ns())
    last = LastRound(
        found.began_ns,
        found.seconds,
        found.event_seq,
        {each.store: each.count for each in found.compared},
        {each.store: each.extent for each in found.compared},
        found.away,
        found.damage,
        time.time_ns() + int(pause * 1e9),
    )
    replace(place.last_round, msgspec.json.encode(last))
    return opened


def _alert(opened: list[Break], found: Round) -> Alert:
    first = opened[0]
    more = f", and {len(opened) - 1} more" if len(opened) > 1 else ""
    return Alert(
        type=BREAK_FOUND,
        timestamp_ns=found.began_ns,
        consumer=NAME,
        event_seq=first.difference.event_seq,
        error=f"{first.break_id}: {first.difference}{more}",
        id=f"{NAME}-{found.began_ns}",
        facts={"breaks": str(len(opened))},
    )
