"""Says the clients' half of a scenario again, and compares each answer of the venue's.

Waits on sockets, with a deadline for each answer. Behind an answer that does not come, or is
another message, nothing is comparable any more: the rest is skipped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from venue.fix.names import Names
from venue.fixclient.client import Client, Disconnected, Timeout
from venue.fixclient.message import Message, encoded
from venue.fixclient.session import Session
from venue.fixclient.wire import FixClientError
from venue.scenarios.comparing import Difference, differences
from venue.scenarios.placeholders import CLIENT_IDS, Played
from venue.scenarios.recording import is_kept
from venue.scenarios.scenario import Said

_LOGON, _LOGOUT = "A", "5"
_HEARTBEAT_SECONDS = "30"
_NO_MESSAGE = 0
"""Tag of a difference that is a message's being there or not."""


class Login(NamedTuple):
    """As whom a session of the scenario logs on."""

    comp_id: str
    password: str


class Checked(NamedTuple):
    """An answer of the scenario. name: what it is, in words; line: in its file, 0: behind its end.

    is_skipped: it was not looked at, for what came before was not as expected.
    """

    session: str
    name: str
    line: int
    differences: Sequence[Difference] = ()
    is_skipped: bool = False


class Player:
    """Plays once, at the venue of this address. logins: by the session's name in the scenario."""

    def __init__(
        self,
        address: tuple[str, int],
        logins: Mapping[str, Login],
        names: Names,
        run_id: str,
        seconds: float,
    ) -> None:
        """seconds: how long an answer may take."""
        self._names = names
        self._played = Played(run_id)
        self._seconds = seconds
        self._logins = logins
        self._clients = {
            name: Client(address, Session(login.comp_id), username=login.comp_id)
            for name, login in logins.items()
        }

    def play(self, scenario: Sequence[Said]) -> Iterator[Checked]:
        """The result of each answer, as it comes; at the end one for whatever more has come.

        Raises OSError when the venue does not take a connection, KeyError for an id of the venue's
        that a client is to send before it has come.
        """
        is_lost = False
        try:
            for said in scenario:
                if said.is_sent:
                    is_lost = is_lost or not self._send(said)
                    continue
                name = self._name_of(said)
                if is_lost:
                    yield Checked(said.session, name, said.line, is_skipped=True)
                    continue
                found = self._compare(said)
                is_lost = any(each.tag in (35, _NO_MESSAGE) for each in found)
                yield Checked(said.session, name, said.line, found)
            for session in self._clients:
                found = [] if is_lost else self._leftover(session)
                yield Checked(session, "nothing more", 0, found, is_lost)
        finally:
            for client in self._clients.values():
                client.close()

    def _send(self, said: Said) -> bool:
        """Send a client's message; False when the connection is gone."""
        client, now = self._clients[said.session], datetime.now(UTC)
        if said.msg_type == _LOGON or not client.is_connected:
            self._log_on(said if said.msg_type == _LOGON else None, said.session)
            if said.msg_type == _LOGON:
                return True
        values = [(tag, self._played.to_send(tag, value, now)) for tag, value in said.fields]
        try:
            client.send(said.msg_type, values)
        except Disconnected:
            return False
        return True

    def _log_on(self, said: Said | None, session: str) -> None:
        """Connect and send a Logon, with new numbers; one that the scenario lacks is answered, too.

        Its EncryptMethod and HeartBtInt are the client's own to write.
        """
        client, login = self._clients[session], self._logins[session]
        fields = [] if said is None else list(said.fields)
        heartbeat = dict(fields).get(108, _HEARTBEAT_SECONDS)
        client.connect(self._seconds)
        client.session.log_on(
            login.password,
            username=login.comp_id,
            heartbeat=int(heartbeat),
            more=encoded(each for each in fields if each[0] not in (98, 108)),
        )
        client.flush()
        if said is None:
            client.expect(_LOGON, self._seconds)

    def _compare(self, said: Said) -> list[Difference]:
        client = self._clients[said.session]
        try:
            came = client.expect(_is_told, self._seconds)
        except Timeout:
            return [Difference(_NO_MESSAGE, f"nothing came within {self._seconds:g} s")]
        except FixClientError as error:
            return [Difference(_NO_MESSAGE, f"nothing came: {_first_words(error)}")]
        if came.msg_type == _LOGOUT:
            client.close()
        return differences(said, came, self._played, self._names)

    def _leftover(self, session: str) -> list[Difference]:
        """What has come that the scenario does not have, up to the answer to a TestRequest."""
        client = self._clients[session]
        if client.is_connected:
            try:
                client.send("1", [(112, "end")])
                client.expect(_answers("end"), self._seconds)
            except FixClientError as error:
                return [Difference(_NO_MESSAGE, f"the session is gone: {_first_words(error)}")]
        more = [message for message in client.inbox if _is_told(message)]
        return [
            Difference(_NO_MESSAGE, f"{self._names.message(each.msg_type)} came too: {each}")
            for each in more
        ]

    def _name_of(self, said: Said) -> str:
        """The answer in words: what it is, and of which order or request."""
        about = [value for tag, value in said.fields if tag in CLIENT_IDS][:1]
        exec_type = self._names.meaning(150, dict(said.fields).get(150, ""))
        words = [f"{self._names.message(said.msg_type)}({said.msg_type})", exec_type, *about]
        return " ".join(word for word in words if word)


def _is_told(message: Message) -> bool:
    return is_kept(message.msg_type, message.fields, is_sent=False)


def _answers(name: str) -> Callable[[Message], bool]:
    return lambda message: message.get(112) == name


def _first_words(error: FixClientError) -> str:
    return str(error).partition("; waited for")[0]
