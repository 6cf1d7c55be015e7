"""QuickFIX's acceptor, driven by `poll()`: it keeps the session protocol, and no socket outside.

Knows QuickFIX and the private way to it; never a client's connection. QuickFIX binds a port of its
own at its start; before it can accept there, its listener is replaced by one that has no name.
"""

import socket
import time

import quickfix
import structlog

from venue.fix.application import VenueApplication
from venue.fix.private_way import PrivateWay, listening_descriptor

_log = structlog.get_logger("fix")
_TIMERS_SECONDS = 0.1


class FixAcceptor:
    """Sessions of one text of settings, by the counterparty's CompID."""

    def __init__(self, settings_text: str, port: int, application: VenueApplication) -> None:
        """port: SocketAcceptPort of the settings, free on all addresses. Raises PrivateWayError."""
        settings = quickfix.SessionSettings()
        settings.setFromString(settings_text)
        self._application = application
        self._stores = quickfix.MemoryStoreFactory()
        self._acceptor = quickfix.SocketAcceptor(application, self._stores, settings)
        self._timers_due = 0.0
        self.sessions: dict[str, quickfix.Session] = {}
        for session_id in self._acceptor.getSessions():
            handle = quickfix.Session.lookupSession(session_id)
            assert handle is not None
            self.sessions[session_id.getTargetCompID().getString()] = handle
        self._acceptor.poll()  # binds and listens; accepts only in the next one
        self._way = PrivateWay(listening_descriptor(port))

    def connect(self) -> socket.socket:
        """A stream to QuickFIX, for a Logon and all that follows. Raises PrivateWayError."""
        return self._way.connect(self.poll)

    def poll(self) -> None:
        """Let QuickFIX read 8 KiB of each stream, call back and answer; returns at once."""
        try:
            self._acceptor.poll()
        except (RuntimeError, quickfix.FIXException) as error:
            # of one stream, which QuickFIX has ended: a SequenceReset right behind a Logout
            _log.error("quickfix gave up on a message", error=str(error))

    def run_timers(self) -> None:
        """Have heartbeats and time limits looked at: QuickFIX does so only when nothing comes."""
        now = time.monotonic()
        if now < self._timers_due:
            return
        self._timers_due = now + _TIMERS_SECONDS
        stamp = quickfix.UtcTimeStamp.now()
        for session in self.sessions.values():
            session.next(stamp)

    def close(self) -> None:
        """Drop every stream; sessions were logged out before."""
        self._acceptor.stop(True)
        self._way.close()


def scratch_port() -> int:
    """A port that is free on all addresses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


__all__ = ["FixAcceptor", "scratch_port"]
