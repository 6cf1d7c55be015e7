"""One FIX session for a moment, for trying things by hand: log on, send, collect answers, log out.

Knows sessions and text; every wait has a deadline. Nothing is kept from one time to the next.
"""

import time
from types import TracebackType
from typing import Self

from venue.fixclient.client import Client, Disconnected, Timeout
from venue.fixclient.client import LogonRefused as Refused
from venue.fixclient.message import Message
from venue.fixclient.session import Session
from venue.fixclient.wire import FixClientError
from venue.sim.broker import Fields, Login, parse

_LOGON_SECONDS = 10.0
_RECONNECT_SECONDS = 2.0
_PAUSE_SECONDS = 0.1
_LOGOUT_SECONDS = 2.0
_ANSWER_SECONDS = 10.0
_QUIET_SECONDS = 0.3
_NOT_TOLD = ("0", "1", "2", "4", "5", "A")
"""Session messages but for Reject(3), which is an answer."""


class NothingListens(Exception):
    """No connection could be made to the address."""


class LogonRefused(Exception):
    """The venue did not accept the Logon; the text is the one line that says why."""


class NoAnswer(Exception):
    """The session ended, or the time was over, before an answer came."""


class OneSession:
    """Logs on with 141=Y when entered, logs out when left; keeps all that came between."""

    def __init__(self, address: tuple[str, int], login: Login) -> None:
        self._login = login
        self._client = Client(address, Session(login.comp_id), username=login.comp_id)
        self._end: str | None = None
        """Why the session has ended: empty when the connection broke, None while it has not."""
        self.messages: list[Fields] = []

    def __enter__(self) -> Self:
        """Log on. Raises NothingListens or LogonRefused."""
        deadline = time.monotonic() + _RECONNECT_SECONDS
        try:
            while not self._log_on() and time.monotonic() < deadline:
                # closed without a word: the session's last connection may be ending only now
                time.sleep(_PAUSE_SECONDS)
            if not self._client.is_connected:
                raise LogonRefused(self._why_refused())
            self.wait_until_quiet()
        except BaseException:
            self._client.close()
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
            if self._end is None:
                self._client.logout(_LOGOUT_SECONDS)
        except FixClientError:
            pass  # the venue ended the connection first, or does not answer
        finally:
            self._client.close()

    def _log_on(self) -> bool:
        """One try; False if the venue closed the connection without a word."""
        self._end = None
        choice = self._login.cancel_on_disconnect
        extra = [] if choice is None else [(9001, "Y" if choice else "N")]
        try:
            self._client.logon(self._login.password, extra=extra, timeout=_LOGON_SECONDS)
        except Refused as error:
            self._end = "" if error.logout is None else _reason(error.logout)
        except Timeout:
            self._client.close()
        except OSError as error:
            host, port = self._client.address
            raise NothingListens(f"nothing listens on {host}:{port}") from error
        return self._end != ""

    def ask(self, text: str) -> list[Fields]:
        """Send a message and return what comes back, up to a moment of silence.

        text: its fields from MsgType(35) on. Raises NoAnswer.
        """
        before = len(self.messages)
        msg_type, _, body = text.removeprefix("35=").partition("\x01")
        try:
            self._client.session.send(msg_type.encode(), body.encode())
            self._client.flush()
        except Disconnected:
            self._end = self._end or ""
        deadline = time.monotonic() + _ANSWER_SECONDS
        while len(self.messages) == before and self._take_next(deadline - time.monotonic()):
            pass
        self.wait_until_quiet()
        answers = self.messages[before:]
        if not answers:
            raise NoAnswer(self._end or f"the venue did not answer within {_ANSWER_SECONDS:g} s")
        return answers

    def wait_until_quiet(self) -> None:
        """Take what comes until nothing has come for a moment."""
        while self._take_next(_QUIET_SECONDS):
            pass

    def _take_next(self, seconds: float) -> bool:
        """Take the next message, waiting so long; False if none came, or the session has ended."""
        if self._end is not None:
            return False
        try:
            message = self._client.receive(seconds)
        except Timeout:
            return False
        except Disconnected:
            self._end = ""
            return False
        if message.msg_type == "5":
            self._end = _reason(message)
            self._answer_logout()
        elif message.msg_type not in _NOT_TOLD:
            self.messages.append(parse(message.raw.decode(errors="surrogateescape")))
        return self._end is None

    def _answer_logout(self) -> None:
        try:
            self._client.send("5")
        except Disconnected:
            pass
        finally:
            self._client.close()

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


def _reason(logout: Message) -> str:
    text = parse(logout.raw.decode(errors="surrogateescape")).get(58)
    return "logged out by the venue" if text is None else text
