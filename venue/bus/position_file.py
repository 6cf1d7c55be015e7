"""How far a sink is, and of which journal: one file data_dir/positions/<sink>.json for each.

May know the data directory. The truth of some sinks lies elsewhere (ledger, trail). Their file is
not synced: after a power failure it may be older than the truth, but never ahead of it.
"""

import asyncio
import hashlib
from pathlib import Path

import msgspec
import structlog

from venue.bus.connection import wait_for_stop
from venue.data_directory import DataDirectory
from venue.journal.files import replace

_log = structlog.get_logger()
SHOW_SECONDS = 0.2
"""How often a position that goes on is shown: each time costs the disk a rename."""
LOOK_SECONDS = 1.0

SYNCED = frozenset({"publisher", "dropcopy", "marketdata-books"})
"""Sinks whose files are synced when they are written. One that cannot be read is damaged."""


class Position(msgspec.Struct, frozen=True):
    """event_seq: of the last event done. stream_sequence: its place in the stream, 0 if unknown.

    journal: identity of the event's journal. digest: of the event's bytes. Both are empty where
    nothing was done yet, or where an older version wrote the position.
    """

    event_seq: int
    stream_sequence: int = 0
    journal: str = ""
    digest: str = ""


def digest_of(payload: bytes) -> str:
    """The digest of an event's bytes."""
    return hashlib.blake2b(payload, digest_size=16).hexdigest()


def write_position(path: Path, position: Position, *, durably: bool = False) -> None:
    """Replace the file; makes its directory. Raises OSError."""
    replace(path, msgspec.json.encode(position), durably=durably)


class ShownPosition:
    """A sink's file, which only shows its position: no sink waits for a disk that does not take it.

    What was not taken is written by the next `show` or `look` that succeeds. What is noted is
    shown soon, in a thread, while `keep_looking` runs. path None: shown to nobody.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._not_taken: Position | None = None
        self._noted: Position | None = None

    def note(self, position: Position) -> None:
        """Have it shown soon, unless a newer one is."""
        self._noted = position

    def show(self, position: Position) -> None:
        """Replace the file. A failure is logged once, until the disk takes it again."""
        if self._path is None:
            return
        try:
            write_position(self._path, position)
        except OSError as error:
            if self._not_taken is None:
                _log.error("position_not_shown", file=self._path.name, error=str(error))
            self._not_taken = position
        else:
            if self._not_taken is not None:
                _log.info("position_shown_again", file=self._path.name)
            self._not_taken = None

    def look(self) -> None:
        """Write again what the disk has not taken."""
        if self._not_taken is not None:
            self.show(self._not_taken)

    async def keep_looking(self, stop: asyncio.Event) -> None:
        """Show what is noted until `stop` is set.

        What the disk has not taken is tried again: perhaps no event comes that would show one.
        """
        clock = asyncio.get_running_loop().time
        look_at = clock() + LOOK_SECONDS
        while not await wait_for_stop(stop, SHOW_SECONDS):
            await self.show_noted()
            if clock() >= look_at:
                look_at = clock() + LOOK_SECONDS
                await asyncio.to_thread(self.look)

    async def show_noted(self) -> None:
        """Show what is noted now."""
        if self._noted is not None:
            noted, self._noted = self._noted, None
            await asyncio.to_thread(self.show, noted)


def least_position(data_dir: Path, besides: str, journal: str) -> int:
    """event_seq up to which every sink but `besides` has done the events of `journal`.

    0 where there is no file, or where one cannot be read or is of another journal.
    """
    done = [
        position.event_seq
        if (position := read_position_file(path)) and position.journal in ("", journal)
        else 0
        for path in DataDirectory(data_dir).positions()
        if path.stem != besides
    ]
    return min(done, default=0)


def read_position_file(path: Path) -> Position | None:
    """The position that was written last; None when no file can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Position)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
