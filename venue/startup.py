"""What a start finds: the state that the journal tells, and what the operator has to know of it."""

import time
from pathlib import Path
from typing import NamedTuple

import structlog

from venue.dropcopy.position_file import position_file, read_position_file
from venue.fix.encode import ReportEncoder
from venue.journal.durable import read_position
from venue.sequencer.replay import Replay, replay
from venue.settings import Settings

_log = structlog.get_logger("trading")


class Recovered(NamedTuple):
    """The state, and how long it took to come to it."""

    replay: Replay
    seconds: float

    def summary(self) -> dict[str, object]:
        """How the start came to its state, for the operator."""
        return {
            "seconds": self.seconds,
            "commands": self.replay.commands,
            "snapshot": self.replay.snapshot,
            "cut": self.replay.cut,
        }


def recovered(settings: Settings, encoder: ReportEncoder) -> Recovered:
    """State from the journal. Raises JournalDamage, ReplayDifference and SnapshotMissing."""
    began = time.monotonic()
    replayed = replay(
        settings.data_dir / "journal",
        _witness(settings.data_dir),
        encoder.reports,
        window=settings.fix.resend_window,
        accept_version=settings.journal.accept_engine_version,
    )
    for difference in replayed.differences:
        _log.warning("accepted, though it differs", what=difference)
    seconds = round(time.monotonic() - began, 3)
    _log.info("recovered", seconds=seconds, commands=replayed.commands, snapshot=replayed.snapshot)
    return Recovered(replayed, seconds)


def _witness(data_dir: Path) -> int:
    """Last event_seq that somebody outside the journal is known to have."""
    witness = read_position(data_dir / "journal")[0]
    published = read_position_file(position_file(data_dir, "publisher"))
    if published is not None:
        witness = max(witness, published.event_seq)
    return witness
