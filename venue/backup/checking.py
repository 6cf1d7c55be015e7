"""Checks a copy of a journal and a trail as a whole: every frame, every entry, and the state.

Opens the copy only, as a start would, and changes nothing in it.
"""

from pathlib import Path
from typing import NamedTuple

from venue.audit.verify import verify as verify_trail
from venue.backup.manifest import BackupRefused, Say
from venue.data_directory import DataDirectory
from venue.engine.image.digest import state_digest
from venue.journal.segment import JournalDamage, JournalPosition
from venue.journal.verify import verify_journal
from venue.replay.replay import ReplayDifference, SnapshotMissing, replay_journal
from venue.replay.snapshot import SnapshotDamage, list_snapshots, load_snapshot, position_of


class Checked(NamedTuple):
    """What a copy holds: numbers and time of the last record, the state's digest, the day."""

    seq: int
    event_seq: int
    timestamp_ns: int
    first_seq: int
    digest: str
    trading_day: str
    trail_event_seq: int


def check_copy(copy: DataDirectory, witness: int, say: Say) -> Checked:
    """Read every frame and entry, then replay to the end. Raises BackupRefused.

    witness: last event_seq that somebody is known to have.
    """
    journal = copy.journal
    try:
        snapshots = _places_of_snapshots(journal)
        say("every frame is checked")
        verdict = verify_journal(journal, None, witness, snapshots)
        wrong = verdict.damage or verdict.torn_tail
        if wrong is not None:
            raise BackupRefused(f"the journal is damaged: {wrong}")
        say(f"replaying to record {verdict.seq:,}")
        replayed = replay_journal(journal, None)
    except (JournalDamage, ReplayDifference, SnapshotDamage, SnapshotMissing) as error:
        raise BackupRefused(f"the journal is damaged: {error}") from error
    if (replayed.seq, replayed.event_seq) != (verdict.seq, verdict.event_seq):
        raise BackupRefused(f"replay ends at record {replayed.seq}, the journal at {verdict.seq}")
    say("every entry of the audit trail is checked")
    trail_verdict = verify_trail(copy.trail, copy.heads)
    if trail_verdict.problem is not None:
        raise BackupRefused(f"the audit trail is damaged: {trail_verdict.problem}")
    if trail_verdict.event_seq > verdict.event_seq:
        raise BackupRefused(f"the audit trail has event {trail_verdict.event_seq}, the journal not")
    return Checked(
        verdict.seq,
        verdict.event_seq,
        replayed.timestamp_ns,
        verdict.first_seq,
        state_digest(replayed.engine.state),
        replayed.engine.state.trading_day,
        trail_verdict.event_seq,
    )


def _places_of_snapshots(journal: Path) -> dict[str, JournalPosition]:
    return {
        file.path.name: position_of(journal, load_snapshot(file.path))
        for file in list_snapshots(journal)
    }
