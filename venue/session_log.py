"""The messages of a session as the venue has logged them, also what was set aside of the log.

Knows files; masks secrets, as `venue.fix_text` does.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from venue.fix_text import FoundMessage, messages_in
from venue.journal.compressed import open_stored
from venue.rotation import set_aside


def latest_lines(file: Path, count: int) -> tuple[list[bytes], int]:
    """The latest lines of a log, also of what was set aside of it; and the end of the whole ones in
    the file itself. Raises CompressionDamage and OSError."""
    while True:
        older = set_aside(file)
        text = b"" if older and not file.exists() else file.read_bytes()
        if set_aside(file)[-1:] == older[-1:]:  # else it was set aside while this looked
            break
    text = text[: text.rfind(b"\n") + 1]
    found = text.splitlines()
    while older and len(found) < count:
        with open_stored(older.pop()) as stream:
            found = stream.read().splitlines() + found
    return found[-count:] if count else [], len(text)


def found_in(lines: Iterable[bytes]) -> Iterator[FoundMessage]:
    """The messages in lines of a log or capture, in their order."""
    for line in lines:
        yield from messages_in(line.decode("latin-1"))
