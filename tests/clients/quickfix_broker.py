"""QuickFIX as an initiator with the dictionary that comes with it, validation on.

Knows QuickFIX. Polled from the test's thread; what a callback raises is kept, because QuickFIX
would end the process with it.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.clients.broker import (
    HEARTBEAT_SECONDS,
    PASSWORD,
    SESSION,
    VENUE,
    WAIT_SECONDS,
    Broker,
    Fields,
)
from tests.fix_message import Message
from venue.sim.interrupts import interrupts_kept

with interrupts_kept():
    import quickfix

DICTIONARY = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"


class QuickfixBroker(Broker):
    """Keeps numbers and messages in QuickFIX's own files."""

    def __init__(self, address: tuple[str, int], directory: Path) -> None:
        super().__init__(address, directory)
        self._application = _Application(self.reports)
        self._session_id = quickfix.SessionID("FIX.4.4", SESSION, VENUE)
        settings = _settings(address, directory, self._session_id)
        self._initiator = quickfix.SocketInitiator(
            self._application, quickfix.FileStoreFactory(settings), settings
        )
        self._session = self._initiator.getSession(self._session_id)

    def log_on(self) -> None:
        """See Broker."""
        self._session.logon()
        self.wait_for(lambda: self._session.isLoggedOn())

    def send_order(self, fields: Fields) -> None:
        """See Broker."""
        message = quickfix.Message()
        message.getHeader().setField(35, "D")
        for tag, value in fields.items():
            message.setField(tag, value)
        self._session.send(message)

    def log_out(self) -> None:
        """See Broker."""
        self._session.logout()
        self.lose()

    def lose(self) -> None:
        """See Broker."""
        self.wait_for(lambda: not self._session.isLoggedOn())

    def close(self) -> None:
        """See Broker."""
        self._session.disconnect()  # not left to QuickFIX's destructor, which would wait
        self._initiator.stop(True)

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """See Broker."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not happened():
            assert time.monotonic() < deadline, "it did not happen in time"
            before = self._application.count
            self._initiator.poll()
            if self._application.failure is not None:
                raise self._application.failure
            if self._application.count == before:
                threading.Event().wait(0.001)


class _Application(quickfix.Application):
    """Callbacks; `failure` holds what one of them has raised, `count` how many there were."""

    def __init__(self, reports: list[Fields]) -> None:
        super().__init__()
        self._reports = reports
        self.count = 0
        self.failure: Exception | None = None

    def onCreate(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""

    def onLogon(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""
        self.count += 1

    def onLogout(self, session_id: quickfix.SessionID) -> None:  # noqa: N802
        """Nothing to do."""
        self.count += 1

    def toAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A Logon gets its credentials."""
        if message.getHeader().getField(35) == "A":
            message.setField(553, SESSION)
            message.setField(554, PASSWORD)

    def toApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """Nothing to add."""

    def fromAdmin(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """Nothing of interest."""
        self.count += 1

    def fromApp(  # noqa: N802
        self, message: quickfix.Message, session_id: quickfix.SessionID
    ) -> None:
        """A report came."""
        self.count += 1
        try:
            fields = dict(Message(message.toString().encode("latin-1")).fields)
            if fields[35] == "8":
                self._reports.append(fields)
        except Exception as error:
            self.failure = error


def _settings(
    address: tuple[str, int], directory: Path, session_id: quickfix.SessionID
) -> quickfix.SessionSettings:
    values = {
        "ConnectionType": "initiator",
        "SocketConnectHost": address[0],
        "SocketConnectPort": str(address[1]),
        "HeartBtInt": str(HEARTBEAT_SECONDS),
        "ReconnectInterval": "1",
        "StartTime": "00:00:00",
        "EndTime": "00:00:00",
        "UseDataDictionary": "Y",
        "DataDictionary": str(DICTIONARY),
        "FileStorePath": str(directory / "quickfix"),
    }
    defaults = quickfix.Dictionary()
    for key, value in values.items():
        defaults.setString(key, value)
    settings = quickfix.SessionSettings()
    settings.set(defaults)
    settings.set(session_id, quickfix.Dictionary())
    return settings
