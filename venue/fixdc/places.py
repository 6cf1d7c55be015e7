"""Where each listener is, on disk: one small file, which `venue status` reads too.

Knows files only. It outlives the process; after a loss of power it may be some copies behind, which
then come again. An operator sets a listener back by a file beside it, which the process takes.
"""

from pathlib import Path

import msgspec
import structlog

from venue.journal.files import replace

_log = structlog.get_logger("dropcopy")
_REWIND = ".rewind"


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """One listener. event_seq: it has surely read all copies up to this event.

    sent_event_seq: copies up to this one have been sent before. unread: how many were sent that it
    may not have read. lost_through: copies up to this event were removed before it came for them.
    waits: it is on, but its client does not read. members, accounts, levels: what it is told.
    """

    event_seq: int = 0
    sent_event_seq: int = 0
    unread: int = 0
    lost_through: int = 0
    logged_on: bool = False
    waits: bool = False
    members: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    levels: str = ""


class Places(msgspec.Struct, frozen=True):
    """event_seq: how far the process follows the journal; journal: the journal's identity."""

    journal: str = ""
    event_seq: int = 0
    listeners: dict[str, Place] = {}


def read_places(path: Path) -> Places:
    """What the file says; nothing where there is none, or where it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Places)
    except FileNotFoundError:
        return Places()
    except msgspec.MsgspecError as error:
        _log.error("places_unreadable", file=str(path), error=str(error))
        return Places()


def write_places(path: Path, places: Places, *, durably: bool = False) -> None:
    """Replace the file. Raises OSError."""
    replace(path, msgspec.json.encode(places), durably=durably)


def ask_rewind(directory: Path, session: str, event_seq: int) -> Path:
    """Ask the process to set a listener back, behind this event. Returns the file that asks.

    The file is gone once that is done. Raises OSError.
    """
    path = directory / f"{session}{_REWIND}"
    replace(path, b"%d" % event_seq, durably=True)
    return path


def take_rewind(directory: Path, session: str) -> int | None:
    """The event behind which an operator wants the listener; None: nobody has asked."""
    path = directory / f"{session}{_REWIND}"
    try:
        asked = path.read_bytes()
        path.unlink()
    except FileNotFoundError:
        return None
    return int(asked) if asked.isdigit() else None


__all__ = ["Place", "Places", "ask_rewind", "read_places", "take_rewind", "write_places"]
