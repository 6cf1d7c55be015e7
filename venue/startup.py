"""The state with which trading starts, from the journal, and how it was found."""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import structlog

from venue.clock import Clock, duration
from venue.data_directory import DataDirectory
from venue.domain.configuration import Defined
from venue.engine.state.engine_state import EngineState
from venue.engine.views.configuration import differences, undefined
from venue.fix.encode import ReportEncoder
from venue.journal.durable import is_shown_in_memory
from venue.journal.files import NotPrivate, ensure_private
from venue.journal.identity import JournalIsCopy, identify_journal
from venue.journal.origin import Origin, RestoreUnfinished, read_origin
from venue.replay.replay import Replay, replay
from venue.servers import ServerError
from venue.servers.runtime import report_progress
from venue.settings.settings import Settings
from venue.witnesses import WitnessRefuses, last_received

_BEHIND_NS = 10 * 1_000_000_000
_AHEAD_NS = 20 * 3600 * 1_000_000_000
"""Longer than a night off, shorter than a day: a clock that is wrong is often wrong by a day."""
PROGRESS_SECONDS = 2.0
_log = structlog.get_logger("trading")


class Progress:
    """Tells log and supervisor how far the journal is executed again, where that takes long.

    of: the last event that somebody is known to have; the journal may have more.
    """

    def __init__(self, of: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._of = of
        self._monotonic = monotonic
        self._due = monotonic() + PROGRESS_SECONDS

    def tell(self, event_seq: int) -> None:
        """The journal is executed up to this event."""
        now = self._monotonic()
        if now >= self._due:
            self._due = now + PROGRESS_SECONDS
            of = f" of {self._of:,}" if self._of > event_seq else ""
            told = f"executing the journal again: event {event_seq:,}{of}"
            _log.info(told)
            report_progress(told)


class Recovered(NamedTuple):
    """The state, how long it took to find it, and how the journal came here, unless by itself."""

    replay: Replay
    seconds: float
    clock: str | None = None
    origin: Origin | None = None

    def summary(self) -> dict[str, object]:
        """How the state was found, for the operator."""
        return {
            "seconds": self.seconds,
            "commands": self.replay.commands,
            "snapshot": self.replay.snapshot,
            "cut": self.replay.cut,
            "clock": self.clock,
            "origin": None if self.origin is None else self.origin.why,
        }


def recovered(settings: Settings, encoder: ReportEncoder) -> Recovered:
    """State from the journal. Raises JournalDamage, ReplayDifference and SnapshotMissing.

    Raises ServerError when this journal must not be continued: it is a copy, or half restored, a
    witness is of another journal, or others can write in the data directory.
    """
    began = time.monotonic()
    journal = DataDirectory(settings.data_dir).journal
    try:
        ensure_private(settings.data_dir)
        origin = read_origin(journal)
        identify_journal(journal)
        witness = last_received(settings.data_dir)
        replayed = replay(
            journal,
            witness,
            encoder.reports,
            window=settings.fix.resend_window,
            accept_version=settings.journal.accept_engine_version,
            before_cut=partial(_last_in_servers, settings),
            tell=Progress(witness).tell,
        )
    except (NotPrivate, RestoreUnfinished, JournalIsCopy, WitnessRefuses) as error:
        raise ServerError(str(error)) from error
    for difference in replayed.differences:
        _log.warning("accepted, though it differs", what=difference)
    seconds = round(time.monotonic() - began, 3)
    _log.info("recovered", seconds=seconds, commands=replayed.commands, snapshot=replayed.snapshot)
    odd = odd_clock(replayed.timestamp_ns, Clock().now_ns())
    if odd is not None:
        _log.warning("the system's clock may be wrong", what=odd)
    return Recovered(replayed, seconds, odd, origin)


def _last_in_servers(settings: Settings) -> int:
    """What servers have, unless the position file in memory has said exactly what was given away.

    Raises WitnessRefuses.
    """
    if is_shown_in_memory(DataDirectory(settings.data_dir).journal):
        return 0
    from venue.stored_witnesses import (
        last_stored,  # here, for hardly a start needs all it brings in
    )

    return last_stored(settings)


def odd_clock(last_ns: int, now_ns: int) -> str | None:
    """What is odd about the system's clock beside the journal's last time; None: nothing.

    last_ns: 0 where there is no journal yet.
    """
    off_ns = now_ns - last_ns
    if not last_ns or -_BEHIND_NS < off_ns < _AHEAD_NS:
        return None
    if off_ns > 0:
        return (
            f"the journal had ended {duration(off_ns)} before the clock: if the venue was not off "
            "so long, the clock is wrong, and what is recorded now cannot go back"
        )
    return (
        f"the clock is {duration(-off_ns)} behind the journal's last time: until it has caught up, "
        "the venue's time goes at half speed, and orders that are to expire before it are refused"
    )


def report_differences(state: EngineState, wanted: list[Defined]) -> None:
    """Log how what is in force differs from the configuration file."""
    differing = differences(state, wanted)
    if differing:
        _log.warning(
            "the configuration file differs from what is in force; `venue config apply` "
            "brings it in",
            differences=len(differing),
        )
    left_out = undefined(state, wanted)
    if left_out:
        _log.warning(
            "in force, though the configuration file does not define it (any more)",
            what=", ".join(left_out),
        )
