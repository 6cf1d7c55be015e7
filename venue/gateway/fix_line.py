"""One FIX session of a member, kept up: logged on again whenever it ends.

Knows the FIX client's session and a socket of the event loop. It judges nothing: messages of the
venue go to who it was made for. Numbers begin again at each logon (141=Y); what the venue had not
seen read comes again then.
"""

import asyncio
import random
from collections.abc import Callable, Iterable

import structlog

from venue.bus.connection import wait_for_stop
from venue.fixclient.message import Field, Message, encoded
from venue.fixclient.session import Session
from venue.fixclient.wire import FixClientError, field
from venue.gateway.problems import Code, Problem

HEARTBEAT_SECONDS = 10
LOGON_SECONDS = 10.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 10.0
Address = Callable[[], tuple[str, int]]
"""Tells host and port of the venue, as they are now. May raise OSError."""
_KEEP_ORDERS = (9001, "N")
_READ_BYTES = 1 << 16
_log = structlog.get_logger()


class FixLine:
    """name: the session's SenderCompID. heard: gets each application message and Reject(3), in the
    loop.

    up: is called behind each logon. `trouble` says why it is not up; empty: it is.
    """

    def __init__(
        self,
        address: Address,
        name: str,
        password: str,
        heard: Callable[[Message], None],
        up: Callable[[], None],
        down: Callable[[], None],
    ) -> None:
        self._address = address
        self.name = name
        self._password = password
        self._heard = heard
        self._up = up
        self._down = down
        self._writer: asyncio.StreamWriter | None = None
        self._session = Session(name, keeps=False)
        self._was_on = False
        """Whether this connection was logged on."""
        self.trouble = "not logged on yet"

    @property
    def is_up(self) -> bool:
        """Whether messages are taken."""
        return self._writer is not None and not self.trouble

    def send(self, msg_type: str, fields: Iterable[Field]) -> int:
        """Send an application message; its MsgSeqNum. Raises Problem AWAY where the session is not
        logged on."""
        if self._writer is None or self.trouble:
            raise Problem(Code.AWAY, f"the venue is away: {self.trouble}", retry_after=1)
        number = self._session.send(msg_type.encode(), encoded(fields))
        self._flush(self._writer)
        return number

    async def run(self, stop: asyncio.Event) -> None:
        """Keep it up until `stop` is set; then log out."""
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            self._was_on = False
            try:
                await self._once(stop)
            except (OSError, FixClientError, TimeoutError, asyncio.IncompleteReadError) as error:
                self.trouble = str(error) or repr(error)
                _log.warning("fix_line_down", session=self.name, why=self.trouble)
            if self._writer is not None:
                self._writer.close()
                self._writer = None
                self._down()
            if self._was_on:
                pause = FIRST_PAUSE_SECONDS
            await wait_for_stop(stop, pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _once(self, stop: asyncio.Event) -> None:
        """One connection, to its end."""
        async with asyncio.timeout(LOGON_SECONDS):
            reader, self._writer = await asyncio.open_connection(*self._address())
        self._session = Session(self.name, keeps=False)
        self._session.log_on(
            self._password,
            username=self.name,
            heartbeat=HEARTBEAT_SECONDS,
            more=encoded([_KEEP_ORDERS]),
        )
        self._flush(self._writer)
        listening = asyncio.create_task(self._listen(reader, self._writer))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
            self._session.send(b"5")
            self._flush(self._writer)
        finally:
            for task in (listening, stopping):
                task.cancel()
            self.trouble = self.trouble or "the connection has ended"

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take what comes, until the connection ends. Heartbeats go out meanwhile."""
        silent = 0.0
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    data = await reader.read(_READ_BYTES)
            except TimeoutError:
                silent += HEARTBEAT_SECONDS
                if silent >= (2.5 * HEARTBEAT_SECONDS if self._was_on else LOGON_SECONDS):
                    raise TimeoutError(f"the venue was silent for {silent:g} s") from None
                self._session.send(b"0")
                self._flush(writer)
                continue
            if not data:
                raise ConnectionError(self.trouble or "the venue has closed the connection")
            silent = 0.0
            for message in self._session.receive(data):
                self._take(message, writer)

    def _take(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        """One message."""
        self._session.follow(raw)
        kind = field(raw, b"35")
        if kind == b"A":
            self.trouble, self._was_on = "", True
            self._up()
            return
        if kind == b"5":
            self.trouble = field(raw, b"58").decode("latin-1") or "logged out"
            raise ConnectionError(self.trouble)
        if kind == b"1":
            self._session.answer_test(raw)
        elif kind == b"2":
            self._session.answer_resend(raw, orders=False)
        elif kind not in (b"0", b"4"):
            if kind == b"3":
                _log.error("fix_reject", session=self.name, message=raw.decode("latin-1"))
            self._heard(Message(raw))
        self._flush(writer)

    def _flush(self, writer: asyncio.StreamWriter) -> None:
        data = bytes(self._session.out)
        self._session.out.clear()
        if data:
            writer.write(data)
