"""QuickFIX's acceptor, driven by `poll()`, listening where the configuration says.

QuickFIX can listen only on all addresses. So it is given a port of its own for a moment, its
listening socket is replaced, and it gets its connections from the entrance (decisions 0006, 0008).
"""

import socket
import time

import quickfix
import structlog

from venue.fix.application import VenueApplication
from venue.fix.descriptors import listening_on
from venue.fix.entrance import Entrance
from venue.fix.message_log import MessageLogFactory
from venue.fix.outflow import Outflow

_log = structlog.get_logger("fix")
_TIMERS_SECONDS = 0.1
_DRAIN_SECONDS = 0.01
_DRAIN_AT_MOST_SECONDS = 0.002
_POLLS_A_LOOK = 32
_HEARTBEAT = "8=FIX.4.4\x019=5\x0135=0\x0110=000\x01"


class ListenError(Exception):
    """The address cannot be listened on; text says why."""


class FixAcceptor:
    """Acceptor of the order-entry sessions. Nothing is accepted before `open`."""

    def __init__(
        self, settings_text: str, application: VenueApplication, logs: MessageLogFactory
    ) -> None:
        settings = quickfix.SessionSettings()
        settings.setFromString(settings_text)
        self._application = application
        self._logs = logs
        self._entrance = Entrance()
        self.outflow = Outflow()
        logs.arrived, logs.leaves = self._arrived, self.outflow.passed
        self._stores = quickfix.MemoryStoreFactory()
        self._acceptor = quickfix.SocketAcceptor(application, self._stores, settings, logs)
        self._timers_due = 0.0
        self._drain_due = 0.0
        self.sessions: dict[str, quickfix.Session] = {}
        for session_id in self._acceptor.getSessions():
            handle = quickfix.Session.lookupSession(session_id)
            assert handle is not None
            self.sessions[session_id.getTargetCompID().getString()] = handle

    def open(self, listener: socket.socket, scratch_port: int) -> None:
        """Begin to accept on `listener`, which is bound; `scratch_port` is the settings' port."""
        self._acceptor.poll()
        descriptor = listening_on(scratch_port)
        if descriptor is None:
            raise ListenError(f"QuickFIX does not listen on its port {scratch_port}")
        self._entrance.open(listener, descriptor)

    def poll(self) -> None:
        """Read, call back and send; returns at once. Raises what a callback ran into."""
        self._entrance.poll()
        try:
            self._acceptor.poll()
            self._run_timers()
            self._drain()
        except (RuntimeError, quickfix.FIXException) as error:
            # of one connection, which QuickFIX has ended: a SequenceReset right behind a Logout
            _log.error("quickfix gave up on a message", error=str(error))
        failure, self._application.failure = self._application.failure, None
        if failure is not None:
            raise failure

    def _run_timers(self) -> None:
        """Have heartbeats and time limits looked at: QuickFIX does so only when nothing comes."""
        now = time.monotonic()
        if now < self._timers_due:
            return
        self._timers_due = now + _TIMERS_SECONDS
        for session in self.sessions.values():
            session.next(quickfix.UtcTimeStamp.now())

    def _drain(self) -> None:
        """Poll on for clients that read again: QuickFIX sends one waiting message a poll."""
        began = time.monotonic()
        if began < self._drain_due:
            return
        self._drain_due = began + _DRAIN_SECONDS
        for name, session in self.sessions.items():
            if not session.isLoggedOn():
                self.outflow.end(name)
        until = began + _DRAIN_AT_MOST_SECONDS
        able = self.outflow.able()
        while able and time.monotonic() < until:
            for _ in range(_POLLS_A_LOOK):
                self._acceptor.poll()
                if time.monotonic() > until:
                    break
            able = self.outflow.able()
        for name in self.outflow.stuck(able):
            # QuickFIX tells itself over a pipe what waits, and loses it when the pipe is full
            self.sessions[name].send(quickfix.Message(_HEARTBEAT, False))

    def _arrived(self, session: str, text: str) -> None:
        descriptor = self._entrance.arrived(text)
        if descriptor is not None:
            self.outflow.begin(session, descriptor)

    def close(self) -> None:
        """Stop accepting and drop what is connected; sessions were logged out before."""
        self._acceptor.stop(True)
        self._entrance.close()
        self._logs.close()


def bind(host: str, port: int) -> socket.socket:
    """Socket bound to host and port (0: a free one). Raises ListenError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ListenError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def scratch_port() -> int:
    """A port that is free on all addresses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


__all__ = ["FixAcceptor", "ListenError", "bind", "scratch_port"]
