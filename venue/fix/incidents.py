"""Messages that have raised an exception: they are kept, masked, and shown to the operator.

Writes one file for each into a directory that only the owner can read, up to a fixed number.
"""

import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path

import structlog

from venue.clock import iso
from venue.fix.message_log import shown

_log = structlog.get_logger("sessions")
_MOST_FILES = 100
_TOLD = 20


class Incidents:
    """directory: where they are kept. now_ns: gives UTC nanoseconds."""

    def __init__(self, directory: Path, now_ns: Callable[[], int]) -> None:
        self._directory = directory
        self._now_ns = now_ns
        self._told: deque[dict[str, object]] = deque(maxlen=_TOLD)
        self._written = 0

    def record(self, session: str, address: str, number: int, raw: bytes, error: Exception) -> None:
        """Keep a message with the exception that it raised, and log it."""
        text = shown(raw.decode(errors="surrogateescape"))
        what = shown(f"{type(error).__name__}: {error}")
        _log.critical(
            "a message broke its session: it is kept for looking at",
            session=session,
            address=address,
            msg_seq_num=number,
            directory=str(self._directory),
            error=what,
        )
        time = iso(self._now_ns())
        self._told.append({"time": time, "session": session, "address": address, "error": what})
        self._write(f"{time} {session} {address}\n{text}\n", error)

    def told(self) -> list[dict[str, object]]:
        """The latest incidents since the venue started, for the operator."""
        return list(self._told)

    def _write(self, head: str, error: Exception) -> None:
        if self._written >= _MOST_FILES:
            return
        self._written += 1
        trace = shown("".join(traceback.format_exception(error)).replace("\n", "\x01"))
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{head.split(' ', 1)[0].replace(':', '')}-{self._written}.txt"
            with (self._directory / name).open("x", encoding="utf-8") as file:
                file.write(head + trace.replace("|", "\n"))
        except OSError as failure:
            _log.error("the message could not be kept", error=str(failure))
