"""Tells wallet events: takes the members' lines from the ledger and stores them on NATS, each once.

May know the ledger's lines and the stream. The stream's last event says where to go on, so a kill
between storing and noting loses and repeats nothing. It never holds up clearing, which books first.
"""

import asyncio
from collections.abc import Callable, Mapping

import msgspec
import structlog
from nats.errors import Error as NatsError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from venue.bus.acknowledgements import NotStored
from venue.bus.agreement import StreamDisagrees
from venue.bus.connection import Backoff, Connection, connected
from venue.bus.consumer import AWAY_FAILURES_MAX
from venue.bus.parking import Parking
from venue.bus.stream import Disagreement
from venue.bus.subjects import LEDGER
from venue.clearing.statements import booked_position
from venue.clearing.wallet.event import Place, wallet_event
from venue.clearing.wallet.lines import RELAY, line_at, lines_after, note_told
from venue.clearing.wallet.stream import MEND, LedgerEnd, LedgerStream

BATCH = 500
LOOK_SECONDS = 2.0
"""How often ledger and stream are looked at while nothing is booked."""
BEHIND_SECONDS = 60.0
"""So long a ledger that is made again may be behind the stream before that is said."""
_PASSING = (OSError, NatsError, NotStored, SQLAlchemyError)
"""Failures that end by themselves: ledger and stream are asked again."""

_log = structlog.get_logger()


class WalletRelay:
    """Tells the lines of one ledger until it is stopped."""

    def __init__(
        self,
        engine: Engine,
        nats_url: str,
        parking: Parking,
        readers_of: Callable[[], Mapping[str, str]],
        *,
        replicas: int = 1,
    ) -> None:
        """engine: with the login that writes; nobody else may use it. parking: says why it stands.
        readers_of: members by the names of their readers. replicas: of a stream to be made."""
        self._engine = engine
        self._nats_url = nats_url
        self._parking = parking
        self._readers_of = readers_of
        self._replicas = replicas
        self._wake = asyncio.Event()
        self._failures = 0

    def look(self) -> None:
        """Something was booked: look for lines now."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop` is set, through every failure of NATS and of the database."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with connected(self._nats_url, RELAY) as connection:
                    await self._tell(connection, stop, backoff)
            except Disagreement as error:  # it stays so until the stream is wiped
                self._parking.park(0, str(error), stop)
            except _PASSING as error:
                self._failures += 1
                _log.warning("wallet_events_interrupted", error=_first_line(error))
                if self._failures == AWAY_FAILURES_MAX:
                    self._parking.park(0, "NATS or the ledger is away", stop)
            except Exception as error:  # booking goes on; this is tried again
                _log.error("wallet_events_failed", exc_info=error)
                self._parking.park(0, str(error) or repr(error), stop)
            await backoff.pause(stop)
        await self._parking.close()

    async def _tell(self, connection: Connection, stop: asyncio.Event, backoff: Backoff) -> None:
        """Tell lines as they are booked, until `stop` is set.

        Raises Disagreement where the stream is not this ledger's, NotStored where it has changed.
        """
        journal = await self._journal(stop)
        if journal is None:
            return
        stream = LedgerStream(connection, journal, replicas=self._replicas)
        end = await stream.open(self._readers_of())
        if not await self._agrees(end, stop):
            return
        _log.info("telling_wallet_events", after=end.place, number=end.number)
        self._parking.passed(0)
        self._failures = 0
        backoff.reset()
        place, noted = end.place, Place()
        while not stop.is_set():
            self._wake.clear()
            lines = await asyncio.to_thread(lines_after, self._engine, place, BATCH)
            if lines:
                await stream.store([wallet_event(line) for line in lines])
                place = Place(lines[-1].event_seq, lines[-1].line)
            if place != noted:
                await asyncio.to_thread(note_told, self._engine, place)
                noted = place
            if len(lines) == BATCH or await self._woken(stop):
                continue
            if not stop.is_set():
                await stream.check()
                await self._ensure_same(journal)

    async def _journal(self, stop: asyncio.Event) -> str | None:
        """Whose ledger it is, once anything is booked; None when stopped before."""
        while not stop.is_set():
            position = await asyncio.to_thread(booked_position, self._engine)
            if position.event_seq:
                return position.journal
            self._wake.clear()
            await self._woken(stop)
        return None

    async def _agrees(self, end: LedgerEnd, stop: asyncio.Event) -> bool:
        """Wait until the ledger has the stream's last event, and compare it. False: stopped before.

        A ledger that is made again from the journal is behind the stream for a while. Raises
        StreamDisagrees.
        """
        clock = asyncio.get_running_loop().time
        say_at = clock() + BEHIND_SECONDS
        while not stop.is_set():
            self._wake.clear()
            position = await asyncio.to_thread(booked_position, self._engine)
            if position.event_seq < end.place.event_seq:
                if clock() >= say_at:
                    self._parking.park(0, _ahead(end), stop)
                await self._woken(stop)
                continue
            if end.number and not await self._has(end):
                raise StreamDisagrees(
                    f"stream {LEDGER} ends with a line that the ledger does not have so: event "
                    f"{end.place.event_seq}, line {end.place.line}; {MEND}"
                )
            return True
        return False

    async def _has(self, end: LedgerEnd) -> bool:
        line = await asyncio.to_thread(line_at, self._engine, end.place)
        if line is None:
            return False
        return not end.payload or msgspec.json.encode(wallet_event(line)) == end.payload

    async def _ensure_same(self, journal: str) -> None:
        """Raise NotStored if the ledger is another journal's now: another database was put there.

        One that was emptied is filled again with the same lines.
        """
        position = await asyncio.to_thread(booked_position, self._engine)
        if position.journal not in ("", journal) and journal:
            raise NotStored("the ledger is of another journal now")

    async def _woken(self, stop: asyncio.Event) -> bool:
        """Wait for something to be booked. False: LOOK_SECONDS have passed, or `stop` is set."""
        waiting = [asyncio.create_task(each.wait()) for each in (self._wake, stop)]
        try:
            await asyncio.wait(waiting, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return self._wake.is_set()


def _ahead(end: LedgerEnd) -> str:
    return (
        f"stream {LEDGER} has event {end.place.event_seq}, the ledger has not: it is being made "
        f"again, or its journal is older than the stream; then {MEND}"
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [repr(error)])[0]
