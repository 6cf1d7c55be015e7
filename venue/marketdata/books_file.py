"""The books after some event, in a file with which a restart begins.

May know the feed's image and its own file. The file is not the record: one that cannot be read is
ignored. The reader has to compare whose books they are.
"""

from pathlib import Path

import msgspec
import structlog

from venue.bus.alerts import Alert
from venue.bus.position_file import Position
from venue.clock import Clock
from venue.journal.files import replace
from venue.marketdata.feed_image import FeedImage

BOOKS_VERSION = 2
BOOKS_INCOMPLETE = "books_incomplete"

_log = structlog.get_logger()


class Books(msgspec.Struct, frozen=True):
    """The feed's image, with its position (event_seq, journal and digest; see Position)."""

    event_seq: int
    v: int
    journal: str
    feed: FeedImage
    digest: str = ""

    @property
    def position(self) -> Position:
        """The last event that the books include."""
        return Position(self.event_seq, journal=self.journal, digest=self.digest)


class _Version(msgspec.Struct):
    v: int


def write_books(path: Path, image: FeedImage, position: Position) -> None:
    """Replace the file; on return it is on disk. Raises OSError."""
    assert image.event_seq == position.event_seq
    books = Books(position.event_seq, BOOKS_VERSION, position.journal, image, position.digest)
    replace(path, msgspec.json.encode(books), durably=True)


def read_books(path: Path) -> Books | None:
    """The books in the file; None where there are none that can be used."""
    try:
        content = path.read_bytes()
        version = msgspec.json.decode(content, type=_Version).v
        if version != BOOKS_VERSION:
            _log.warning("books_not_used", why=f"they are of version {version}")
            return None
        return msgspec.json.decode(content, type=Books)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        _log.warning("books_not_used", why=f"they cannot be read: {error}")
        return None


def incomplete(consumer: str, event_seq: int, error: str) -> Alert:
    """The alert that books cannot be made again from this event on."""
    return Alert(
        type=BOOKS_INCOMPLETE,
        timestamp_ns=Clock().now_ns(),
        consumer=consumer,
        event_seq=event_seq,
        error=error,
    )
