"""A sink of a process that has several on one stream, for the tests of the shared stream."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from venue.bus.checked_stream import CheckedStream
from venue.bus.consumer import EventConsumer
from venue.bus.delivered import Delivered
from venue.bus.halts import PositionMoved
from venue.bus.parking import Parking
from venue.bus.position_file import Position
from venue.bus.shared_stream import SharedStream
from venue.domain.codec import encode

from .events import numbered_events

LAST = 600
EVENTS = numbered_events(LAST)
NAMES = ("north", "east", "south", "west")


class Sink:
    """Keeps what it is given. It can be stopped and started, be away, be slow, and take poison."""

    def __init__(self, name: str, nats_url: str, data_dir: Path | None, batch: int = 500) -> None:
        self.name = name
        self.applied: list[Delivered] = []
        self.position = Position(0)
        self.poison: int | None = None
        self.failures = 0
        self.pause = 0.0
        self.may_apply = asyncio.Event()
        self.may_apply.set()
        self.moves_back = False
        self._nats_url = nats_url
        self._data_dir = data_dir
        self._batch = batch
        self._running: tuple[asyncio.Event, asyncio.Task[None]] | None = None
        self.consumer: EventConsumer | None = None

    @property
    def event_seqs(self) -> list[int]:
        return [each.event_seq for each in self.applied]

    @property
    def is_running(self) -> bool:
        return self._running is not None

    async def apply(self, events: Sequence[Delivered], reached: Position) -> None:
        await self.may_apply.wait()
        if self.pause:
            await asyncio.sleep(self.pause)
        if self.failures:
            self.failures -= 1
            raise OSError("the store is away")
        if self.moves_back:  # its store is one from a backup, half as far
            self.moves_back = False
            del self.applied[len(self.applied) // 2 :]
            self.position = Position(len(self.applied))
            raise PositionMoved(self.position)
        if self.poison in [each.event_seq for each in events]:
            raise ValueError("an amount that makes no sense")
        assert all(each.event.event_seq == each.event_seq for each in events)
        self.applied += events
        self.position = reached

    def start(self, shared: SharedStream, journal_dir: Path | None = None) -> None:
        assert self._running is None
        self.consumer = EventConsumer(
            name=self.name,
            nats_url=self._nats_url,
            journal_dir=journal_dir,
            position=self.position,
            apply=self.apply,
            parking=Parking(self.name, self._nats_url, self._data_dir),
            batch=self._batch,
            gather_seconds=0.03 if self.name == "north" else 0.02,
            shared=shared,
        )
        stop = asyncio.Event()
        self._running = (stop, asyncio.create_task(self.consumer.run(stop)))

    async def stop(self) -> None:
        if self._running is not None:
            (stop, task), self._running = self._running, None
            stop.set()
            await asyncio.wait_for(task, 60)

    @property
    def is_halted(self) -> bool:
        return self.consumer is not None and self.consumer.halted_by is not None


def share(nats_url: str, journal_dir: Path | None = None, **more: Any) -> SharedStream:
    return SharedStream(CheckedStream("shared", nats_url, journal_dir), **more)


@asynccontextmanager
async def stopped_at_the_end(*sinks: Sink) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for sink in sinks:
            stack.push_async_callback(sink.stop)
        yield


def assert_all_have_all(sinks: Sequence[Sink], last: int = LAST) -> None:
    for sink in sinks:
        assert sink.event_seqs == list(range(1, last + 1)), sink.name
        assert [each.payload for each in sink.applied] == [encode(each) for each in EVENTS[:last]]
