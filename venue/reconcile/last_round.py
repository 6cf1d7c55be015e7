"""What the last round of reconciliation was, for who asks without comparing anything himself.

Knows one file of the data directory.
"""

from pathlib import Path

import msgspec

from venue.data_directory import DataDirectory

BREAK_FOUND = "break_found"
"""Type of the alert about what a round has found."""


class LastRound(msgspec.Struct, frozen=True):
    """What the last round was, for who asks. counts: differences by store. extents: what was
    compared. next_ns: when the next one begins."""

    began_ns: int
    seconds: float
    event_seq: int
    counts: dict[str, int]
    extents: dict[str, str]
    away: dict[str, str]
    damage: str
    next_ns: int


def read_last_round(data_dir: Path) -> LastRound | None:
    """The last round of this data directory; None: there was none, or its file is not whole."""
    try:
        content = DataDirectory(data_dir).last_round.read_bytes()
        return msgspec.json.decode(content, type=LastRound)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
