"""How far the audit trail of a data directory is, and of which journal.

May know the trail's files and the position file of the audit; it only reads.
"""

from pathlib import Path

from venue.audit.chain import last_event
from venue.bus.position_file import Position, digest_of, position_file, read_position_file

CONSUMER = "audit"


def trail_directory(data_dir: Path) -> Path:
    """Where the trail of this data directory stands."""
    return data_dir / "audit"


def heads_directory(data_dir: Path) -> Path:
    """The second place of the signed heads, with their key; better on another disk or machine."""
    return data_dir / "audit-heads"


def trail_position(data_dir: Path) -> Position:
    """The last event in the trail; its journal is the one in the audit's position file."""
    last = last_event(trail_directory(data_dir))
    if last is None:
        return Position(0)
    event_seq, payload = last
    shown = read_position_file(position_file(data_dir, CONSUMER))
    journal = shown.journal if shown is not None else ""
    return Position(event_seq, journal=journal, digest=digest_of(payload))
