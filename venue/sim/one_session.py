"""One FIX session for a moment, for trying things by hand: log on, send, collect answers, log out.

Knows sessions and text; every wait has a deadline. Nothing is kept from one time to the next.
"""

import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from venue.sim.broker import Fields, Login
from venue.sim.initiator import Initiator

_LOGON_SECONDS = 10.0
_RECONNECT_SECONDS = 2.0
_PAUSE_SECONDS = 0.1
_LOGOUT_SECONDS = 2.0
_ANSWER_SECONDS = 10.0
_QUIET_SECONDS = 0.3
_IDLE_SECONDS = 0.002


class NothingListens(Exception):
    """No connection could be made to the address."""


class LogonRefused(Exception):
    """The venue did not accept the Logon; the text is the one line that says why."""


class NoAnswer(Exception):
    """The session ended, or the time was over, before an answer came."""


class OneSession:
    """Logs on with 141=Y when entered, logs out when left; keeps all that came between."""

    def __init__(self, address: tuple[str, int], login: Login) -> None:
        self._address = address
        self._login = login
        self._is_logged_on = False
        self._end: str | None = None
        self._initiator: Initiator | None = None
        self.messages: list[Fields] = []

    def __enter__(self) -> Self:
        """Log on. Raises NothingListens or LogonRefused."""
        host, port = self._address
        try:
            socket.create_connection(self._address, _LOGON_SECONDS).close()
        except OSError as error:
            raise NothingListens(f"nothing listens on {host}:{port}") from error
        deadline = time.monotonic() + _RECONNECT_SECONDS
        while not self._log_on() and time.monotonic() < deadline:
            # closed without a word: the session's last connection may be ending only now
            time.sleep(_PAUSE_SECONDS)
        if not self._is_logged_on:
            raise LogonRefused(self._why_refused())
        try:
            self.wait_until_quiet()
        except BaseException:
            self._initiator_in_use.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Log out, and break the connection if the venue does not answer that."""
        try:
            self._initiator_in_use.log_out()
            self._poll(lambda: not self._is_logged_on, _LOGOUT_SECONDS)
        finally:
            self._initiator_in_use.close()

    def _log_on(self) -> bool:
        """One try; False if the venue closed the connection without a word."""
        self._end = None
        self._initiator = initiator = Initiator(self._address, [self._login], self)
        try:
            self._poll(lambda: self._is_logged_on or self._end is not None, _LOGON_SECONDS)
        except BaseException:
            initiator.close()
            raise
        if not self._is_logged_on:
            initiator.close()
        return self._is_logged_on or self._end != ""

    @property
    def _initiator_in_use(self) -> Initiator:
        assert self._initiator is not None
        return self._initiator

    def ask(self, text: str) -> list[Fields]:
        """Send a message and return what comes back, up to a moment of silence.

        text: its fields from MsgType(35) on. Raises NoAnswer.
        """
        before = len(self.messages)
        self._initiator_in_use.send(self._login.comp_id, text)
        self._poll(lambda: len(self.messages) > before or not self._is_logged_on, _ANSWER_SECONDS)
        self.wait_until_quiet()
        answers = self.messages[before:]
        if not answers:
            raise NoAnswer(self._end or f"the venue did not answer within {_ANSWER_SECONDS:g} s")
        return answers

    def wait_until_quiet(self) -> None:
        """Poll until nothing has come for a moment."""
        count = -1
        while count != len(self.messages):
            count = len(self.messages)
            self._poll(lambda: not self._is_logged_on, _QUIET_SECONDS)

    # What the initiator tells, inside poll

    def logged_on(self, session: str) -> None:
        """The venue has accepted the Logon."""
        self._is_logged_on = True

    def logged_out(self, session: str, reason: str) -> None:
        """The session has ended or was refused."""
        self._is_logged_on = False
        self._end = reason

    def received(self, session: str, fields: Fields) -> None:
        """A message came."""
        self.messages.append(fields)

    def _why_refused(self) -> str:
        session = self._login.comp_id
        if self._end is None:
            return f"the venue did not answer the logon as {session} in {_LOGON_SECONDS:g} s"
        if self._end:
            return f"logon as {session} was refused: {self._end}"
        return (
            "the venue closed the connection at logon: "
            f"unknown CompID {session} or session already connected"
        )

    def _poll(self, is_done: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not is_done() and time.monotonic() < deadline:
            if not self._initiator_in_use.poll():
                time.sleep(_IDLE_SECONDS)
