"""How far the audit trail of a data directory is, and of which journal.

May know the trail's files and the position file of the audit; it only reads.
"""

from pathlib import Path

from venue.audit.chain import last_event
from venue.bus.position_file import Position, digest_of, read_position_file
from venue.data_directory import DataDirectory

CONSUMER = "audit"


def trail_position(data_dir: Path) -> Position:
    """The last event in the trail; its journal is the one in the audit's position file."""
    place = DataDirectory(data_dir)
    last = last_event(place.trail)
    if last is None:
        return Position(0)
    event_seq, payload = last
    shown = read_position_file(place.position(CONSUMER))
    journal = shown.journal if shown is not None else ""
    return Position(event_seq, journal=journal, digest=digest_of(payload))
