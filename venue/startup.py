"""The state with which trading starts, from the journal, and how it was found."""

import time
from typing import NamedTuple

import structlog

from venue.data_directory import DataDirectory
from venue.fix.encode import ReportEncoder
from venue.journal.files import NotPrivate, ensure_private
from venue.journal.identity import JournalIsCopy, identify_journal
from venue.journal.origin import Origin, RestoreUnfinished, read_origin
from venue.replay.replay import Replay, replay
from venue.servers import ServerError
from venue.settings.settings import Settings
from venue.witnesses import WitnessRefuses, last_received

_log = structlog.get_logger("trading")


class Recovered(NamedTuple):
    """The state, how long it took to find it, and how the journal came here, unless by itself."""

    replay: Replay
    seconds: float
    origin: Origin | None

    def summary(self) -> dict[str, object]:
        """How the state was found, for the operator."""
        return {
            "seconds": self.seconds,
            "commands": self.replay.commands,
            "snapshot": self.replay.snapshot,
            "cut": self.replay.cut,
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
        received = last_received(settings.data_dir)
    except (NotPrivate, RestoreUnfinished, JournalIsCopy, WitnessRefuses) as error:
        raise ServerError(str(error)) from error
    replayed = replay(
        journal,
        received,
        encoder.reports,
        window=settings.fix.resend_window,
        accept_version=settings.journal.accept_engine_version,
    )
    for difference in replayed.differences:
        _log.warning("accepted, though it differs", what=difference)
    seconds = round(time.monotonic() - began, 3)
    _log.info("recovered", seconds=seconds, commands=replayed.commands, snapshot=replayed.snapshot)
    return Recovered(replayed, seconds, origin)
