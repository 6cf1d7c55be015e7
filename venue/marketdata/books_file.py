"""The books as they were after some event, in a file: what a restart begins with.

May know the feed's image and its own file. It is not the record: a file that cannot be read, or is
of another journal, is left aside.
"""

from pathlib import Path

import msgspec
import structlog

from venue.dropcopy.position_file import replace_durably
from venue.marketdata.feed import FeedImage

BOOKS_VERSION = 1

_log = structlog.get_logger()


class Books(msgspec.Struct, frozen=True):
    """event_seq stands first and is the feed's: retention reads it here like any position."""

    event_seq: int
    v: int
    journal: str
    feed: FeedImage


class _Version(msgspec.Struct):
    v: int


def books_file(data_dir: Path) -> Path:
    """File of the books, beside the positions."""
    return data_dir / "positions" / "marketdata-books.json"


def write_books(path: Path, image: FeedImage, journal: str) -> None:
    """Replace the file; on return it is on disk. Raises OSError."""
    books = Books(image.event_seq, BOOKS_VERSION, journal, image)
    replace_durably(path, msgspec.json.encode(books))


def read_books(path: Path, journal: str) -> FeedImage | None:
    """The books of the journal of that identity, if there are any that can be used."""
    try:
        content = path.read_bytes()
        version = msgspec.json.decode(content, type=_Version).v
        if version != BOOKS_VERSION:
            _log.warning("books_not_used", why=f"they are of version {version}")
            return None
        books = msgspec.json.decode(content, type=Books)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        _log.warning("books_not_used", why=f"they cannot be read: {error}")
        return None
    if books.journal != journal:
        _log.warning("books_not_used", why="they are of another journal")
        return None
    return books.feed
