"""QuickFIX's acceptors, driven by `poll()`. They keep the session protocol, not outside sockets.

Knows QuickFIX and the private way to it, never a client's connection. QuickFIX reads its settings
once, so sessions that are added while the venue runs get an acceptor of their own. At its start an
acceptor binds a port. Before it can accept there, its listener is replaced by one without a name.
"""

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

import quickfix
import structlog

from venue.fix.application import VenueApplication
from venue.fix.private_way import PrivateWay, listening_descriptor

_log = structlog.get_logger("fix")
_TIMERS_SECONDS = 0.1
_LIVE: dict[str, tuple[Callable[[quickfix.Session, Any], None], str]] = {
    "CheckCompID": (quickfix.Session.setCheckCompId, "Y"),
    "CheckLatency": (quickfix.Session.setCheckLatency, "Y"),
    "MaxLatency": (quickfix.Session.setMaxLatency, "120"),
    "LogonTimeout": (quickfix.Session.setLogonTimeout, "10"),
    "LogoutTimeout": (quickfix.Session.setLogoutTimeout, "2"),
    "TimestampPrecision": (quickfix.Session.setTimestampPrecision, "3"),
    "SendRedundantResendRequests": (quickfix.Session.setSendRedundantResendRequests, "N"),
    "SendNextExpectedMsgSeqNum": (quickfix.Session.setSendNextExpectedMsgSeqNum, "N"),
    "ValidateLengthAndChecksum": (quickfix.Session.setValidateLengthAndChecksum, "Y"),
}
"""Keys that can change while QuickFIX has the session, with QuickFIX's defaults."""


class _OneAcceptor:
    """The sessions of one settings text. port: its SocketAcceptPort, free on all addresses."""

    def __init__(self, settings_text: str, port: int, application: VenueApplication) -> None:
        settings = quickfix.SessionSettings()
        settings.setFromString(settings_text)
        self._stores = quickfix.MemoryStoreFactory()
        self._acceptor = quickfix.SocketAcceptor(application, self._stores, settings)
        self.sessions: dict[str, quickfix.Session] = {}
        for session_id in self._acceptor.getSessions():
            handle = quickfix.Session.lookupSession(session_id)
            assert handle is not None
            self.sessions[session_id.getTargetCompID().getString()] = handle
        self._acceptor.poll()  # the first poll binds and listens; it accepts nobody
        self._way = PrivateWay(listening_descriptor(port))

    def connect(self) -> socket.socket:
        return self._way.connect(self.poll)

    def poll(self) -> None:
        try:
            self._acceptor.poll()
        except (RuntimeError, quickfix.FIXException) as error:
            # QuickFIX has ended the stream itself: a SequenceReset came right behind a Logout
            _log.error("quickfix gave up on a message", error=str(error))

    def close(self) -> None:
        self._acceptor.stop(True)
        self._way.close()


class FixAcceptor:
    """All acceptors. sessions: QuickFIX's sessions, by the counterparty's CompID.

    QuickFIX keeps a session until the process ends.
    """

    def __init__(self, application: VenueApplication) -> None:
        self._application = application
        self._acceptors: list[_OneAcceptor] = []
        self._of: dict[str, _OneAcceptor] = {}
        self._timers_due = 0.0
        self.sessions: dict[str, quickfix.Session] = {}

    def add(self, settings_text: Callable[[int], str]) -> None:
        """Add the sessions of a settings text. settings_text: makes it, given a SocketAcceptPort.

        Raises PrivateWayError.
        """
        port = scratch_port()
        one = _OneAcceptor(settings_text(port), port, self._application)
        self._acceptors.append(one)
        self._of |= dict.fromkeys(one.sessions, one)
        self.sessions |= one.sessions

    def configure(self, session: str, keys: Mapping[str, str]) -> None:
        """Change settings of a session that can change while it exists; see `is_live`."""
        for key, (setter, default) in _LIVE.items():
            value = keys.get(key, default)
            setter(self.sessions[session], int(value) if value.isdecimal() else value == "Y")

    def connect(self, session: str) -> socket.socket:
        """A stream to QuickFIX, for a Logon and all that follows. Raises PrivateWayError."""
        return self._of[session].connect()

    def poll(self) -> None:
        """Let QuickFIX read 8 KiB of each stream, call back and answer; returns at once."""
        for one in self._acceptors:
            one.poll()

    def run_timers(self) -> None:
        """Let QuickFIX check heartbeats and time limits: by itself it does so only when idle."""
        now = time.monotonic()
        if now < self._timers_due:
            return
        self._timers_due = now + _TIMERS_SECONDS
        stamp = quickfix.UtcTimeStamp.now()
        for name, session in self.sessions.items():
            try:
                session.next(stamp)
            except (RuntimeError, quickfix.FIXException) as error:
                _log.error("quickfix gave up on a session", session=name, error=str(error))
                session.disconnect()

    def close(self) -> None:
        """Close every stream. The caller has logged the sessions out before."""
        for one in self._acceptors:
            one.close()


def is_live(key: str) -> bool:
    """Whether a key of sessions.cfg can change while QuickFIX has the session."""
    return key in _LIVE


def scratch_port() -> int:
    """A port that is free on all addresses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


__all__ = ["FixAcceptor", "is_live", "scratch_port"]
