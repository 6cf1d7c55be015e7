"""Witnesses outside the journal that know how far it was. A start asks them before any change.

May know the files of a data directory. Must never change or remove a witness: the next start asks
them again. Those that servers keep are in stored_witnesses.py.
"""

from pathlib import Path

from venue.audit.position import trail_position
from venue.bus.position_file import (
    Position,
    read_position_file,
)
from venue.data_directory import DataDirectory
from venue.journal.durable import shown_position
from venue.journal.identity import journal_identity
from venue.replay.snapshot import list_snapshots

PUBLISHER = "publisher"


class WitnessRefuses(Exception):
    """A witness cannot be read, or is of another journal; text says what to do."""


def last_received(data_dir: Path) -> int:
    """Last event_seq that somebody outside the journal is known to have. Raises WitnessRefuses.

    A file that is not synced is ignored if it cannot be read. The publisher's is synced, and says
    what has left the machine.
    """
    journal = DataDirectory(data_dir).journal
    shown = shown_position(journal)
    events = [0 if shown is None else shown.event_seq]
    events += [snapshot.event_seq for snapshot in list_snapshots(journal)[:1]]
    identity = journal_identity(journal)
    for name, position in _positions(data_dir).items():
        if position.event_seq and position.journal not in ("", identity):
            raise WitnessRefuses(
                f"{name} in {data_dir} is of journal {position.journal}, the journal there is "
                f"{identity}: bring back the one that belongs to it, or begin in a new directory"
            )
        events.append(position.event_seq)
    return max(events)


def _positions(data_dir: Path) -> dict[str, Position]:
    """The position of each witness, by its name."""
    found, place = {}, DataDirectory(data_dir)
    for path in place.positions():
        position = read_position_file(path)
        if position is not None:
            found[f"positions/{path.name}"] = position
        elif path == place.position(PUBLISHER):
            raise WitnessRefuses(
                f"{path} cannot be read: it would tell what was given away; if `venue journal "
                "verify` finds the journal whole, move it away"
            )
    found["the audit trail"] = trail_position(data_dir)
    return found
