"""The log of FIX messages: every message that came or left, masked, in one file for each session.

One line a message, with `|` for the separator. Characters that could forge a line or a field are
written as codes. Never raises: what the disk does not take is left out, and that is logged once.
"""

from collections.abc import Iterable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

from venue import printable
from venue.clock import iso
from venue.data_directory import log_name
from venue.masking import mask_fix, may_hold_secret

_log = structlog.get_logger("fix")
_ROTATE_BYTES = 50_000_000
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
        self._files: dict[str, RotatingFileHandler] = {}
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
        file = self._files.get(session) or self._open(session)
        try:
            stream = file.stream or file._open()
            file.stream = stream
            stream.buffer.write(_lines(noted))
            stream.buffer.flush()
            if stream.tell() >= _ROTATE_BYTES:
                file.doRollover()
            self._failing.discard(session)
        except OSError as error:
            if session not in self._failing:
                _log.error("the message log cannot be written", session=session, error=str(error))
            self._failing.add(session)
            with suppress(OSError):  # closing tries to write again and meets the same error
                file.close()

    def _open(self, session: str) -> RotatingFileHandler:
        assert self._directory is not None
        file = self._files[session] = RotatingFileHandler(
            self._directory / log_name(session),
            maxBytes=_ROTATE_BYTES,
            backupCount=2,
            encoding="utf-8",
            delay=True,
            errors="backslashreplace",
        )
        return file


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
