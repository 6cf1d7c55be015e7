"""When FIX requests came, by the log of messages: followed as it grows, or searched.

Knows the log's lines. A request is known by its session and ClOrdID(11); the last one before its
record counts, for a ClOrdID may be sent again.
"""

import os
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from venue.data_directory import DataDirectory
from venue.journal.compressed import CompressionDamage, open_stored
from venue.rotation import set_aside

REQUESTS_KEPT = 50_000
READ_BACK_BYTES = 1 << 20
"""Of a log that is there already so much is read at first."""
_REQUEST = re.compile(
    rb"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})Z in "
    rb"[^\n]*?\|35=[DFGq](?=\|)[^\n]*?\|11=([^|\n]+)\|",
    re.MULTILINE,
)
_MICROSECOND_NS = 1_000
_SECOND_NS = 1_000_000_000


class Arrivals:
    """The newest requests of all sessions, as their logs tell of them."""

    def __init__(self, data_dir: Path) -> None:
        self._directory = DataDirectory(data_dir).session_logs
        self._files: dict[Path, BinaryIO] = {}
        self._rest: dict[Path, bytes] = {}
        self._came: OrderedDict[tuple[str, str], int] = OrderedDict()

    def read_on(self) -> None:
        """Take in what was logged since. A log that was set aside is read to its end first."""
        with suppress(FileNotFoundError):
            for path in self._directory.glob("*.log"):
                self._read(path)

    def came_ns(self, session: str, cl_ord_id: str, before_ns: int) -> int:
        """When this request came; 0: it is not known, or came later."""
        came = self._came.get((session, cl_ord_id), 0)
        return came if came <= before_ns else 0

    def close(self) -> None:
        """Close the logs."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _read(self, path: Path) -> None:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = path.open("rb")
            file.seek(max(0, path.stat().st_size - READ_BACK_BYTES))
        self._take(path, file.read())
        if path.stat().st_ino != os.fstat(file.fileno()).st_ino:
            self._take(path, file.read())
            file.close()
            self._files[path] = path.open("rb")
            self._rest.pop(path, None)
            self._take(path, self._files[path].read())

    def _take(self, path: Path, data: bytes) -> None:
        if not data:
            return
        data = self._rest.pop(path, b"") + data
        end = data.rfind(b"\n") + 1
        self._rest[path] = data[end:]
        for cl_ord_id, came_ns in requests_in(data[:end]):
            self._came[path.stem, cl_ord_id] = came_ns
            self._came.move_to_end((path.stem, cl_ord_id))
        while len(self._came) > REQUESTS_KEPT:
            self._came.popitem(last=False)


def search(data_dir: Path, session: str, cl_ord_id: str, before_ns: int) -> int:
    """When a request came, by all that is kept of the session's log; 0: nothing is kept of it."""
    log = DataDirectory(data_dir).session_log(session)
    named = b"|11=%b|" % cl_ord_id.encode()
    for path in (log, *reversed(set_aside(log))):
        try:
            with open_stored(path) as stream:
                lines = [line for line in stream if named in line]
        except (FileNotFoundError, CompressionDamage):
            continue
        came = [
            came_ns
            for found, came_ns in requests_in(b"".join(lines))
            if found == cl_ord_id and came_ns <= before_ns
        ]
        if came:
            return came[-1]
    return 0


def requests_in(lines: bytes) -> Iterator[tuple[str, int]]:
    """ClOrdID of each request in whole lines of a log, and when it came (UTC nanoseconds)."""
    for found in _REQUEST.finditer(lines):
        yield found[2].decode("utf-8", "replace"), _ns(found[1].decode())


def _ns(stamp: str) -> int:
    seconds, _, fraction = stamp.partition(".")
    moment = datetime.fromisoformat(seconds).replace(tzinfo=UTC)
    return int(moment.timestamp()) * _SECOND_NS + int(fraction) * _MICROSECOND_NS
