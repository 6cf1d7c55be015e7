"""The log of FIX messages: every message that came or left, masked, in one file for each session.

One line a message, with `|` for the separator. Characters that could forge a line or a field are
written as codes. A file is set aside when it is large, and each day (UTC). Never raises: what the
disk does not take is left out, and that is logged once.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import structlog

from venue import printable
from venue.clock import iso
from venue.data_directory import log_name
from venue.masking import mask_fix, may_hold_secret
from venue.rotation import set_aside_path

_log = structlog.get_logger("fix")
ROTATE_BYTES = 16_000_000
_DAY_NS = 86_400 * 1_000_000_000
_SECOND_NS = 1_000_000_000
_PLAIN = bytes(code for code in range(32, 127) if code != ord("|")) + b"\x01"
_TRAILER = b"\x0110="

_Noted = tuple[int, bytes, bytes]
"""UTC nanoseconds, direction and bytes of a message that is not in the file yet."""


class MessageLog:
    """The sessions' files in `directory`; None: nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._noted: dict[str, list[_Noted]] = {}
        self._files: dict[str, _File] = {}
        self._failing: set[str] = set()
        if directory is not None:
            directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.mkdir(mode=0o700, exist_ok=True)

    def note_in(self, session: str, messages: Iterable[bytes], now_ns: int) -> None:
        """Keep messages that came."""
        self._keep(session, [(now_ns, b"in", message) for message in messages])

    def note_out(self, session: str, message: bytes, now_ns: int) -> None:
        """Keep a message that leaves."""
        self._keep(session, ((now_ns, b"out", message),))

    def note_all(self, session: str, data: bytes, now_ns: int) -> None:
        """Keep messages that leave together; they are the venue's own."""
        begin = 0
        while begin < len(data):
            trailer = data.find(_TRAILER, begin)
            end = len(data) if trailer < 0 else data.find(b"\x01", trailer + 1) + 1 or len(data)
            self.note_out(session, data[begin:end], now_ns)
            begin = end

    def flush(self) -> None:
        """Write what was noted since the last flush."""
        for session, noted in self._noted.items():
            if noted:
                self._noted[session] = []
                self._write(session, noted)

    def _keep(self, session: str, messages: Iterable[_Noted]) -> None:
        if self._directory is not None:
            noted = self._noted.get(session)
            if noted is None:
                noted = self._noted[session] = []
            noted += messages

    def close(self) -> None:
        """Write what is left and close the files."""
        self.flush()
        for file in self._files.values():
            file.close()

    def _write(self, session: str, noted: list[_Noted]) -> None:
        assert self._directory is not None
        file = self._files.get(session)
        if file is None:
            file = self._files[session] = _File(self._directory / log_name(session))
        try:
            file.write(_lines(noted), noted[0][0])
            self._failing.discard(session)
        except OSError as error:
            if session not in self._failing:
                _log.error("the message log cannot be written", session=session, error=str(error))
            self._failing.add(session)
            file.close()


class _File:
    """One session's file, opened by the first write and after every failure."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: BinaryIO | None = None
        self._bytes = self._day = 0

    def write(self, lines: bytes, now_ns: int) -> None:
        """Append all or nothing. Raises OSError."""
        stream = self._stream or self._open()
        if self._bytes and (self._bytes >= ROTATE_BYTES or self._day != now_ns // _DAY_NS):
            stream.close()
            self._stream = None
            self._path.rename(set_aside_path(self._path, now_ns))
            stream = self._open()
        self._day = now_ns // _DAY_NS
        if stream.write(lines) != len(lines):
            with suppress(OSError):
                stream.truncate(self._bytes)
            raise OSError(f"{self._path.name} takes a part only")
        self._bytes += len(lines)

    def close(self) -> None:
        """Close it; the next write opens it again."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _open(self) -> BinaryIO:
        self._stream = stream = self._path.open("ab", buffering=0)
        status = os.fstat(stream.fileno())
        self._bytes, self._day = status.st_size, status.st_mtime_ns // _DAY_NS
        return stream


def _lines(noted: list[_Noted]) -> bytes:
    """A line for each message. Only if any may hold a secret or odd bytes, each is masked alone."""
    lines = _stamped(noted)
    if lines.translate(None, _PLAIN) == b"\n" * len(noted) and not may_hold_secret(lines):
        return lines.replace(b"\x01", b"|")
    return _stamped(
        [
            (
                ns,
                way,
                shown(data.decode(errors="surrogateescape")).encode("utf-8", "backslashreplace"),
            )
            for ns, way, data in noted
        ]
    )


def _stamped(noted: list[_Noted]) -> bytes:
    if len({ns // _SECOND_NS for ns, _, _ in noted}) > 1:
        return b"".join([b"%b %b %b\n" % (iso(ns).encode(), way, data) for ns, way, data in noted])
    second = iso(noted[0][0])[: -len("123456Z")].encode()
    return b"".join(
        [
            b"%b%06dZ %b %b\n" % (second, ns // 1000 % 1_000_000, way, data)
            for ns, way, data in noted
        ]
    )


def shown(text: str) -> str:
    """A message as one line: secrets masked, `|` for the separator, codes for what is not text."""
    if may_hold_secret(text):
        text = mask_fix(text)
    return printable.shown(text.replace("|", "\\x7c").replace("\x01", "|"))


__all__ = ["MessageLog", "shown"]
