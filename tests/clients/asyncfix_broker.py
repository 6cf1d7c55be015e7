"""asyncfix: a session engine on asyncio that journals into SQLite.

Knows asyncfix 1.0. It does not count the Logout that ends a session, so its next Logon finds a gap
of one number; it looks at a new connection once a second. It puts PossDupFlag(43) behind the body
of what it resends, which is no FIX and is rejected (373=14): so it is told to fill its gaps.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from asyncfix import FIXMessage, FMsg
from asyncfix.connection import ConnectionState
from asyncfix.connection_client import AsyncFIXClient
from asyncfix.journaler import Journaler
from asyncfix.protocol import FIXProtocol44

from tests.clients.broker import HEARTBEAT_SECONDS, PASSWORD, SESSION, VENUE, Broker, Fields
from tests.clients.event_loop import WaitingLoop


class AsyncfixBroker(Broker):
    """Keeps numbers and messages in asyncfix's own journal."""

    def __init__(self, address: tuple[str, int], directory: Path) -> None:
        super().__init__(address, directory)
        self._loop = WaitingLoop()
        self._journal = Journaler(str(directory / "asyncfix.sqlite"))
        self._client = _Client(address, self._journal, self.reports, self._loop.stir)

    def log_on(self) -> None:
        """See Broker."""
        self._loop.run(self._client.connect())
        self.wait_for(lambda: self._client.connection_state == ConnectionState.ACTIVE)

    def send_order(self, fields: Fields) -> None:
        """See Broker."""
        self._loop.run(self._client.send_msg(FIXMessage(FMsg.NEWORDERSINGLE, fields)))

    def log_out(self) -> None:
        """See Broker."""
        self._loop.run(self._client.send_msg(FIXMessage(FMsg.LOGOUT)))
        self.lose()

    def lose(self) -> None:
        """See Broker."""
        self.wait_for(
            lambda: self._client.connection_state <= ConnectionState.DISCONNECTED_BROKEN_CONN
        )

    def close(self) -> None:
        """See Broker."""
        self._loop.run(self._client.disconnect(ConnectionState.DISCONNECTED_BROKEN_CONN))
        self._loop.close()
        self._journal.conn.close()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """See Broker."""
        self._loop.wait_for(happened)


class _Client(AsyncFIXClient):
    def __init__(
        self,
        address: tuple[str, int],
        journal: Journaler,
        reports: list[Fields],
        stir: Callable[[], None],
    ) -> None:
        super().__init__(
            FIXProtocol44(),
            SESSION,
            VENUE,
            journal,
            *address,
            heartbeat_period=HEARTBEAT_SECONDS,
            logger=logging.getLogger("asyncfix"),
        )
        self._reports = reports
        self._stir = stir

    async def on_connect(self) -> None:
        """Log on: the library leaves that to its user."""
        body = {98: "0", 108: str(HEARTBEAT_SECONDS), 553: SESSION, 554: PASSWORD}
        await self.send_msg(FIXMessage(FMsg.LOGON, body))

    async def on_message(self, msg: FIXMessage) -> None:
        """A report came."""
        if msg.msg_type == FMsg.EXECUTIONREPORT:
            self._reports.append({int(tag): value for tag, value in msg.tags.items()})
            self._stir()

    async def should_replay(self, historical_replay_msg: FIXMessage) -> bool:
        """No: see above."""
        return False

    async def on_state_change(self, connection_state: ConnectionState) -> None:
        """It is logged on, has lost its connection, or is in between."""
        self._stir()
