"""QuickFIX's log: every message to a file for each session, masked, and its events to the log.

Also the one place that sees a Logon before QuickFIX acts on it. Lets no exception out.
"""

from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

import quickfix
import structlog

from venue.clock import Clock, iso
from venue.masking import mask_fix, may_hold_secret

_log = structlog.get_logger("quickfix")
_ROTATE_BYTES = 50_000_000
_LOGON = "\x0135=A\x01"

LogonGuard = Callable[[str, str], None]
"""guard(session, text of a Logon): called before QuickFIX looks at it."""

Watch = Callable[[str, str], None]
"""watch(session, text): called with a message before QuickFIX looks at it, or as it leaves."""

_Kept = tuple[int, str, str]
"""Time, direction and text of a message that is not in the file yet."""


class MessageLog(quickfix.Log):
    """Log of one session, or of the acceptor itself (session None)."""

    def __init__(
        self,
        session: str | None,
        directory: Path | None,
        guard: LogonGuard,
        arrived: Watch,
        leaves: Watch,
    ) -> None:
        super().__init__()
        self._session = session
        self._guard = guard
        self._arrived = arrived
        self._leaves = leaves
        self._now_ns = Clock().now_ns
        self._kept: list[_Kept] = []
        self._file: RotatingFileHandler | None = None
        self._is_failing = False
        if session is not None and directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = RotatingFileHandler(
                directory / f"{session}.log",
                maxBytes=_ROTATE_BYTES,
                backupCount=2,
                encoding="utf-8",
                delay=True,
                errors="backslashreplace",
            )

    def onIncoming(self, text: str) -> None:  # noqa: N802
        """A message came; it is not parsed yet."""
        if self._file is not None:
            self._kept.append((self._now_ns(), "in", text))
        if self._session is None:
            return
        try:
            self._arrived(self._session, text)
        except Exception as error:
            _log.error("the connection was not handed over", exc_info=error)
        if _LOGON in text:
            try:
                self._guard(self._session, text)
            except Exception as error:
                _log.error("the logon guard failed", exc_info=error)

    def onOutgoing(self, text: str) -> None:  # noqa: N802
        """A message leaves."""
        if self._file is not None:
            self._kept.append((self._now_ns(), "out", text))
        if self._session is not None:
            self._leaves(self._session, text)

    def onEvent(self, text: str) -> None:  # noqa: N802
        """QuickFIX says what it does."""
        level = _log.info if self._session is None else _log.debug
        level(mask_fix(text.replace("\x01", "|")), session=self._session)

    def clear(self) -> None:
        """QuickFIX asks for an empty log: the file is a record and stays."""

    def backup(self) -> None:
        """QuickFIX asks for a copy: the file rotates by itself."""

    def flush(self) -> None:
        """Write the lines kept since the last flush; what the disk does not take is left out."""
        if not self._kept or self._file is None:
            return
        kept, self._kept = self._kept, []
        lines = _lines(kept)
        try:
            stream = self._file.stream or self._file._open()
            self._file.stream = stream
            stream.write(lines)
            stream.flush()
            if stream.tell() >= _ROTATE_BYTES:
                self._file.doRollover()
            self._is_failing = False
        except OSError as error:
            self._give_up(self._file, error)

    def close(self) -> None:
        """Write what is left and close the file."""
        self.flush()
        if self._file is not None:
            self._file.close()

    def _give_up(self, file: RotatingFileHandler, error: OSError) -> None:
        """Say it once, and let go of the stream with all that it holds back."""
        if not self._is_failing:
            _log.error("the message log cannot be written", session=self._session, error=str(error))
        self._is_failing = True
        with suppress(OSError):  # the same error, when it tries once more
            file.close()


def _lines(kept: list[_Kept]) -> str:
    """Lines of the file; whether anything has to be masked is asked once for all of them."""
    lines = _stamped(kept)
    if may_hold_secret(lines):
        lines = _stamped([(ns, direction, mask_fix(text)) for ns, direction, text in kept])
    return lines.replace("\x01", "|")


def _stamped(kept: list[_Kept]) -> str:
    first_ns, last_ns = kept[0][0], kept[-1][0]
    if first_ns // 1_000_000_000 != last_ns // 1_000_000_000:
        return "".join([f"{iso(ns)} {direction} {text}\n" for ns, direction, text in kept])
    second = iso(first_ns)[: -len("123456Z")]  # the clock never goes back: all are of this second
    return "".join(
        [f"{second}{str(ns)[-9:-3]}Z {direction} {text}\n" for ns, direction, text in kept]
    )


class MessageLogFactory(quickfix.LogFactory):
    """Makes and keeps the logs. directory None: messages are not kept in files."""

    def __init__(self, directory: Path | None, guard: LogonGuard) -> None:
        super().__init__()
        self._directory = directory
        self._guard = guard
        self.arrived: Watch = lambda session, text: None
        self.leaves: Watch = lambda session, text: None
        self._logs: list[MessageLog] = []

    def create(self, session_id: quickfix.SessionID | None = None) -> MessageLog:
        """Log of a session, or of the acceptor."""
        name = None if session_id is None else session_id.getTargetCompID().getString()
        log = MessageLog(name, self._directory, self._guard, self.arrived, self.leaves)
        log.__disown__()  # the binding would hang taking ownership of a second log (SWIG 4.2)
        self._logs.append(log)
        return log

    def destroy(self, log: quickfix.Log) -> None:
        """QuickFIX is done with a log; Python owns it."""

    def flush(self) -> None:
        """Write all lines kept since the last flush."""
        for log in self._logs:
            log.flush()

    def close(self) -> None:
        """Flush and close all files."""
        for log in self._logs:
            log.close()
