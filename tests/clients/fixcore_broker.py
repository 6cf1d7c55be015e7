"""fixcore-engine: a session engine on asyncio, with its FIX 4.4 dictionary and all checks on.

Knows fixcore. Version 0.15 answers a ResendRequest that comes inside a gap only when the gap is
filled; it asks for an open gap again after 10 s.
"""

from collections.abc import Callable
from pathlib import Path

from fixcore.application import Application
from fixcore.message.message import Message as FixcoreMessage
from fixcore.session.session_id import SessionID
from fixcore.session.session_settings import SessionSettings
from fixcore.transport.initiator import SocketInitiator

from tests.clients.broker import HEARTBEAT_SECONDS, PASSWORD, SESSION, VENUE, Broker, Fields
from tests.clients.event_loop import WaitingLoop
from tests.fix_message import Message

SETTINGS = """\
[DEFAULT]
ConnectionType=initiator
SocketConnectHost={host}
SocketConnectPort={port}
HeartBtInt={heartbeat}
ReconnectInterval=1
UseDataDictionary=Y
DataDictionary=FIX44.xml
ValidateFieldsOutOfRange=Y
ValidateUserDefinedFields=Y
CheckLatency=Y
FileStorePath={directory}/store
FileLogPath={directory}/log

[SESSION]
BeginString=FIX.4.4
SenderCompID={sender}
TargetCompID={target}
"""


class FixcoreBroker(Broker):
    """Keeps numbers and messages in fixcore's own files."""

    def __init__(self, address: tuple[str, int], directory: Path) -> None:
        super().__init__(address, directory)
        self._loop = WaitingLoop()
        settings = SessionSettings.from_string(
            SETTINGS.format(
                host=address[0],
                port=address[1],
                heartbeat=HEARTBEAT_SECONDS,
                directory=directory / "fixcore",
                sender=SESSION,
                target=VENUE,
            )
        )
        self._application = _Application(self.reports, self._loop.stir)
        self._initiator = SocketInitiator(settings, self._application)
        (self._session,) = self._initiator.sessions.values()

    def log_on(self) -> None:
        """See Broker."""
        self._loop.run(self._initiator.stop())
        self._loop.run(self._initiator.start())
        self.wait_for(lambda: self._session.is_logged_on)

    def send_order(self, fields: Fields) -> None:
        """See Broker."""
        message = FixcoreMessage()
        message.header.set(35, "D")
        for tag, value in fields.items():
            message.set_field(tag, value)
        self._loop.run(self._session.send_app(message))

    def log_out(self) -> None:
        """See Broker."""
        self._loop.run(self._initiator.logout())
        self.lose()

    def lose(self) -> None:
        """See Broker."""
        self.wait_for(lambda: not self._application.is_logged_on)

    def close(self) -> None:
        """See Broker."""
        self._loop.run(self._initiator.stop())
        self._session.close()
        self._loop.close()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """See Broker."""
        self._loop.wait_for(happened)


class _Application(Application):
    def __init__(self, reports: list[Fields], stir: Callable[[], None]) -> None:
        self._reports = reports
        self._stir = stir
        self.is_logged_on = False

    def on_logon(self, session_id: SessionID) -> None:
        """The venue has answered the Logon."""
        self.is_logged_on = True
        self._stir()

    def on_logout(self, session_id: SessionID) -> None:
        """The session has ended."""
        self.is_logged_on = False
        self._stir()

    def to_admin(self, message: FixcoreMessage, session_id: SessionID) -> None:
        """A Logon gets its credentials."""
        if message.msg_type == "A":
            message.set_field(553, SESSION)
            message.set_field(554, PASSWORD)

    def from_app(self, message: FixcoreMessage, session_id: SessionID) -> None:
        """A report came."""
        if message.msg_type == "8":
            self._reports.append(dict(Message(message.encode()).fields))
            self._stir()
