"""How a journal came to its directory, where it did not begin there: restored, or adopted.

The file stands beside the segments, so that whoever copies them copies it. May know the journal's
files only. A directory whose restore was not finished must never be taken for a journal.
"""

import secrets
from pathlib import Path

import msgspec

from venue.journal.files import replace
from venue.journal.identity import journal_identity

_FILE = "origin.json"


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """origin: tells this coming from every other. why: a sentence for the operator.

    ancestors: identities of the journals whose records this one has. whole: all files are there.
    """

    origin: str
    why: str
    ancestors: tuple[str, ...] = ()
    whole: bool = True


class RestoreUnfinished(Exception):
    """The directory holds a part of a backup only; text says what to do."""


def new_origin(why: str, ancestors: tuple[str, ...] = (), *, whole: bool = True) -> Origin:
    """An origin that no other journal has."""
    return Origin(origin=secrets.token_hex(8), why=why, ancestors=ancestors, whole=whole)


def read_origin(journal: Path) -> Origin | None:
    """The origin of this journal; None where it began in its directory.

    Raises RestoreUnfinished, also for a file that cannot be read.
    """
    path = journal / _FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Origin)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise RestoreUnfinished(
            f"{path} cannot be read ({error}): remove {journal.parent} and restore again"
        ) from error
    if not found.whole:
        raise RestoreUnfinished(
            f"{journal.parent} holds a restore that was not finished: remove it and restore again"
        )
    return found


def write_origin(journal: Path, origin: Origin) -> None:
    """Write it beside the segments; on return it is on disk. Raises OSError."""
    replace(journal / _FILE, msgspec.json.encode(origin), durably=True)


def ancestors_of(journal: Path) -> tuple[str, ...]:
    """Identities of the journals whose records this one has, its own last."""
    origin = read_origin(journal)
    return (*(origin.ancestors if origin else ()), journal_identity(journal))
