"""One stream for all consumers of a process: one pull, one comparison with the journal, one decode.

May know the stream's events. Each consumer keeps its own place. One that is away, halted, slow or
far from the others holds up none of them: it reads for itself until it is back among them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context

from venue.bus.checked_stream import CheckedEvents, CheckedStream
from venue.bus.delivered import Delivered
from venue.bus.event_pull import PullEnded
from venue.bus.position_file import Position

EVENTS_KEPT = 8_192
BYTES_KEPT = 32 * 1024 * 1024
"""What was read last is kept for who has not taken it yet: so many events, and not more bytes."""
BATCH = 500
GATHER_SECONDS = 0.02


class SharedStream:
    """Some events of one stream, going forward, for any number of consumers."""

    def __init__(
        self, stream: CheckedStream, *, events_kept: int = EVENTS_KEPT, bytes_kept: int = BYTES_KEPT
    ) -> None:
        self._stream = stream
        self._kept = (events_kept, bytes_kept)
        self._session: _Session | None = None

    @asynccontextmanager
    async def after(
        self, position: int, gather_seconds: float, own: CheckedStream
    ) -> AsyncIterator["Seat"]:
        """The events after `position`. own: to read what the shared stream has no more.

        Raises what `CheckedStream.after` does: a failure of the shared stream is everybody's.
        """
        session = self._session
        if session is None or session.is_over:
            session = self._session = _Session(self._stream, position, *self._kept)
        seat = Seat(session, position, gather_seconds, own)
        session.seats.add(seat)
        try:
            await session.opened()
            yield seat
        finally:
            session.seats.discard(seat)
            session.moved.set()
            await seat.read_no_more()
            if not session.seats:
                await session.end()


class _Session:
    """The stream from when it was opened until it fails, or nobody reads it any more.

    It begins where its first consumer is. first: event_seq of the oldest event that is kept, or of
    the one to come.
    """

    def __init__(
        self, stream: CheckedStream, position: int, events_kept: int, bytes_kept: int
    ) -> None:
        self.seats: set[Seat] = set()
        self.moved = asyncio.Event()
        self.first = 0
        self.kept: list[Delivered] = []
        self.failure: Exception | None = None
        self.events: CheckedEvents | None = None
        self._bytes = 0
        self.events_kept = events_kept
        self._bytes_kept = bytes_kept
        self._opened = asyncio.Event()
        # in a context of its own: its log lines are not those of the consumer that came first
        self._reading = asyncio.create_task(self._read(stream, position), context=Context())

    @property
    def is_over(self) -> bool:
        """Whether no event comes any more."""
        return self.failure is not None

    @property
    def journal(self) -> str:
        """Whose events they are."""
        return "" if self.events is None else self.events.journal

    async def opened(self) -> None:
        """Wait until events can be taken. Raises why they cannot."""
        await self._opened.wait()
        if self.events is None:
            assert self.failure is not None
            raise self.failure.with_traceback(None)

    def ended_by(self, event_seq: int) -> Exception:
        """Why this event does not come, to be raised.

        What is wrong with an event before it is nothing to who has that already.
        """
        assert self.failure is not None and self.events is not None
        if event_seq > self.events.position + 1:
            return PullEnded(f"the shared stream has ended: {self.failure}")
        return self.failure.with_traceback(None)

    async def end(self) -> None:
        """Stop reading."""
        self.failure = self.failure or PullEnded("nobody reads the shared stream any more")
        self.moved.set()
        if self.events is not None:
            self.events.interrupt()
        await asyncio.wait([self._reading])

    def count_from(self, event_seq: int) -> int:
        """How many events there are from this one on."""
        return self.first + len(self.kept) - event_seq

    async def _read(self, stream: CheckedStream, position: int) -> None:
        try:
            async with stream.after(position, GATHER_SECONDS) as events:
                self.first = events.position + 1
                self.events = events
                self._opened.set()
                while self.failure is None:
                    self._keep(await events.next(BATCH))
                    await self._make_room()
        except Exception as error:  # each consumer does about it what it does about its own
            self.failure = self.failure or error
        finally:
            self._opened.set()
            for seat in self.seats:
                seat.wake()

    def _keep(self, events: list[Delivered]) -> None:
        self.kept += events
        self._bytes += sum(len(each.payload) for each in events)
        for seat in self.seats:
            seat.notice()

    async def _make_room(self) -> None:
        """Forget the oldest events once all have taken them, or somebody waits for new ones."""
        while surplus := self._surplus():
            oldest = self.first + surplus
            is_needed = any(self.first <= seat.next_seq < oldest for seat in self.seats)
            if self.is_over or not is_needed or any(seat.is_starving for seat in self.seats):
                self._bytes -= sum(len(each.payload) for each in self.kept[:surplus])
                del self.kept[:surplus]
                self.first = oldest
            else:
                self.moved.clear()
                await self.moved.wait()

    def _surplus(self) -> int:
        surplus = max(0, len(self.kept) - self.events_kept)
        left = self._bytes - sum(len(each.payload) for each in self.kept[:surplus])
        while left > self._bytes_kept and surplus < len(self.kept):
            left -= len(self.kept[surplus].payload)
            surplus += 1
        return surplus


class Seat:
    """One consumer's place in the shared stream, or behind it. next_seq: of the event it needs."""

    def __init__(
        self, session: _Session, position: int, gather_seconds: float, own: CheckedStream
    ) -> None:
        self.next_seq = position + 1
        self._session = session
        self._gather_seconds = gather_seconds if gather_seconds > GATHER_SECONDS else 0.0
        self._own = own
        self._open = AsyncExitStack()
        self._reading: CheckedEvents | None = None
        self._wake = asyncio.Event()
        self._wanted = 0
        """How many events have to be there before a waiting `next` is woken; 0: none waits."""
        self._given_at = 0.0
        self._is_interrupted = False

    @property
    def journal(self) -> str:
        """Whose events they are; empty while it is not known."""
        return self._session.journal

    @property
    def unsealed(self) -> int:
        """As CheckedEvents."""
        events = self._reading or self._session.events
        return 0 if events is None else events.unsealed

    async def ensure_in_stream(self, at: Position, what: str) -> None:
        """As CheckedEvents."""
        assert self._session.events is not None
        await self._session.events.ensure_in_stream(at, what)

    def interrupt(self) -> None:
        """Let a waiting `next` return at once with the events that it has."""
        self._is_interrupted = True
        self._wake.set()
        if self._reading is not None:
            self._reading.interrupt()

    async def next(self, limit: int) -> list[Delivered]:
        """At most `limit` next events; perhaps none. Raises why no more come."""
        if self._is_far:
            events = await self._read_on(limit)
        else:
            await self.read_no_more()
            events = await self._take(limit)
        self.next_seq += len(events)
        self._session.moved.set()
        return events

    @property
    def is_starving(self) -> bool:
        """Whether it waits, and there is nothing for it."""
        return bool(self._wanted) and self._session.count_from(self.next_seq) <= 0

    def notice(self) -> None:
        """There are new events."""
        if self._wanted and self._session.count_from(self.next_seq) >= self._wanted:
            self._wake.set()

    def wake(self) -> None:
        """There will be no more events."""
        self._wake.set()

    async def read_no_more(self) -> None:
        """End reading for itself."""
        if self._reading is not None:
            self._reading = None
            await self._open.aclose()

    @property
    def _is_far(self) -> bool:
        """Whether the shared stream has its next event no more, or not so soon."""
        session = self._session
        ahead = -session.count_from(self.next_seq)
        return self.next_seq < session.first or ahead > session.events_kept

    async def _read_on(self, limit: int) -> list[Delivered]:
        """Read for itself."""
        if self._reading is None:
            opening = self._own.after(self.next_seq - 1, self._gather_seconds)
            self._reading = await self._open.enter_async_context(opening)
        return await self._reading.next(limit)

    async def _take(self, limit: int) -> list[Delivered]:
        session = self._session
        await self._arrival(1, None)
        clock = asyncio.get_running_loop().time
        gather = self._given_at + self._gather_seconds - clock()
        if gather > 0:
            await self._arrival(limit, gather)
        self._given_at = clock()
        begin = self.next_seq - session.first
        if begin < 0:  # overtaken meanwhile
            return []
        events = session.kept[begin : begin + limit]
        if not events and session.is_over:
            raise session.ended_by(self.next_seq)
        return events

    async def _arrival(self, count: int, seconds: float | None) -> None:
        """Wait for so many events, at most so long, or until no more can come."""
        session = self._session
        if self._is_interrupted or session.is_over or session.count_from(self.next_seq) >= count:
            return
        self._wanted = count
        self._wake.clear()
        session.moved.set()
        try:
            await _wait(self._wake, seconds)
        finally:
            self._wanted = 0


async def _wait(event: asyncio.Event, seconds: float | None) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
