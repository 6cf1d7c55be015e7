"""Where a journal begins: the number of the first segment that retention has left.

It is on disk before an older segment is removed. So a segment that is missing for another reason is
known to be lost. Knows this one file only.
"""

from pathlib import Path

from venue.journal.files import replace

_FILE = "beginning"
FIRST = 1


def beginning_file(directory: Path) -> Path:
    """Where it stands; there is none where nothing was ever removed."""
    return directory / _FILE


def first_kept(directory: Path) -> int:
    """Number of the first segment that has to be there; FIRST where nothing was ever removed.

    Raises ValueError when the file cannot be read.
    """
    try:
        return int((directory / _FILE).read_bytes())
    except FileNotFoundError:
        return FIRST


def begin_at(directory: Path, number: int) -> None:
    """Let the journal begin at segment `number`: those before it may be removed. Raises OSError."""
    replace(directory / _FILE, b"%d\n" % number, durably=True)
