"""The durable position: the last event_seq and seq that are on disk, shown to other processes.

Its file is in memory-backed storage where nobody else can make names: showing it never waits for a
disk, and a reboot clears it. Only the writer advances it; readers never pass it. It belongs to one
directory: a copy of the journal has a file of its own.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import structlog

from venue.journal.files import NEW_FILE
from venue.journal.identity import home_of, identify_journal, journal_identity
from venue.memory_place import memory_place

_POSITION = struct.Struct("<QQ?")
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_log = structlog.get_logger("journal")


class Shown(NamedTuple):
    """The last event_seq and seq that are on disk."""

    event_seq: int
    seq: int


class DurablePosition:
    """The writer's end, made again at each start."""

    def __init__(self, journal_directory: Path, event_seq: int, seq: int) -> None:
        """Raises JournalIsCopy, and OSError when there is no place for the file."""
        identify_journal(journal_directory)
        self._journal_directory = journal_directory
        self._name = _file_name(journal_directory)
        self._shown = Shown(event_seq, seq)
        self._path, self._descriptor = self._put()

    def show(self, event_seq: int, seq: int) -> None:
        """State that everything up to event_seq and seq is on disk."""
        self._shown = Shown(event_seq, seq)
        try:
            os.pwrite(self._descriptor, _POSITION.pack(event_seq, seq, False), 0)
        except OSError as error:  # readers wait; what was written stays on disk
            _log.critical("how far the journal is on disk cannot be shown", error=str(error))

    def look(self) -> None:
        """Put the file back if it was removed or replaced, and log that: readers wait meanwhile."""
        with suppress(OSError):
            if os.path.samestat(os.lstat(self._path), os.fstat(self._descriptor)):
                return
        _log.critical(
            "the file that shows how far the journal is on disk was removed or replaced while the "
            "venue runs; it is put back",
            file=str(self._path),
        )
        old = self._descriptor
        try:
            self._path, self._descriptor = self._put()
        except OSError as error:  # it is tried again at the next look; nothing is lost
            _log.critical("it cannot be put back", error=str(error))
        else:
            os.close(old)

    def close(self, *, clean: bool = False) -> None:
        """Close the file; readers can still read it. clean: the venue has stopped cleanly."""
        if clean:
            os.pwrite(self._descriptor, _POSITION.pack(*self._shown, True), 0)
        os.close(self._descriptor)

    def _put(self) -> tuple[Path, int]:
        """Make the file in memory, else in the journal's directory: its path and descriptor."""
        with _places(self._journal_directory, make=True) as places:
            for path, place in places:
                try:
                    descriptor = self._make(place)
                except OSError as error:
                    _log.warning("no position file here", directory=str(path), error=str(error))
                    continue
                for _, other in places:
                    if other != place:
                        _remove(self._name, other)
                return path / self._name, descriptor
        raise OSError(f"the position of {self._journal_directory} can be shown nowhere")

    def _make(self, place: int) -> int:
        draft = f"{self._name}.draft"
        descriptor = os.open(draft, NEW_FILE, 0o600, dir_fd=place)
        try:
            os.pwrite(descriptor, _POSITION.pack(*self._shown, False), 0)
            os.rename(draft, self._name, src_dir_fd=place, dst_dir_fd=place)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


class PositionReader:
    """A reader's end, for who asks often."""

    def __init__(self, journal_directory: Path) -> None:
        self._journal_directory = journal_directory
        self._name = ""

    def read(self) -> Shown | None:
        """The position now. None: not known, because no venue has run here since the machine
        started, or because the file was removed."""
        self._name = self._name or _file_name(self._journal_directory)
        data = _read(self._journal_directory, self._name) if self._name else b""
        return Shown(*_POSITION.unpack(data)[:2]) if len(data) == _POSITION.size else None


def shown_position(journal_directory: Path) -> Shown | None:
    """As PositionReader.read."""
    return PositionReader(journal_directory).read()


def is_shown_in_memory(journal_directory: Path) -> bool:
    """Whether there is a position of this run of the machine: it says exactly how far readers were.

    One in the journal's own directory may be older than what they have read.
    """
    shown = position_path(journal_directory)
    return shown.exists() and shown.parent != journal_directory


def read_position(journal_directory: Path) -> Shown:
    """The position up to which the journal is durable; its beginning where that is not known."""
    return shown_position(journal_directory) or Shown(0, 0)


def position_path(journal_directory: Path) -> Path:
    """Path at which the position of the journal in this directory is, or would be, shown."""
    name = _file_name(journal_directory)
    with _places(journal_directory) as places:
        paths = [path / name for path, _ in places]
    return next(filter(Path.exists, paths), paths[0])


def forget_ended_position(journal_directory: Path) -> None:
    """Remove the file if its venue has stopped cleanly. To be called when all readers have ended.

    Otherwise the file stays: it is a witness of how far events were given away.
    """
    name = _file_name(journal_directory)
    data = _read(journal_directory, name) if name else b""
    if len(data) == _POSITION.size and _POSITION.unpack(data)[2]:
        forget_position(journal_directory)


def forget_position(journal_directory: Path) -> None:
    """Remove the file, as a restart of the machine does."""
    name = _file_name(journal_directory)
    if name:
        with _places(journal_directory) as places:
            for _, place in places:
                _remove(name, place)


def _file_name(journal_directory: Path) -> str:
    """Name of this journal's position file in this directory; empty without an identity."""
    identity = journal_identity(journal_directory)
    if not identity:
        return ""
    return f"{identity}-{journal_directory.stat().st_dev:x}-{home_of(journal_directory)}.position"


def _read(journal_directory: Path, name: str) -> bytes:
    with _places(journal_directory) as places:
        for _, place in places:
            with suppress(OSError):
                descriptor = os.open(name, _FILE, dir_fd=place)
                try:
                    return os.pread(descriptor, _POSITION.size + 1, 0)
                finally:
                    os.close(descriptor)
    return b""


def _remove(name: str, place: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=place)


@contextmanager
def _places(journal_directory: Path, *, make: bool = False) -> Iterator[list[tuple[Path, int]]]:
    """Where a position file may be, best first, with descriptors that are closed at the end."""
    places: list[tuple[Path, int]] = []
    try:
        memory = memory_place(make=make)
        if memory is not None:
            places.append(memory)
        places.append((journal_directory, os.open(journal_directory, _DIRECTORY)))
        yield places
    finally:
        for _, descriptor in places:
            os.close(descriptor)
