"""Events put into NATS by hand, workers that run while a test looks on, and what they publish."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from venue.bus.alerts import ALERTS
from venue.bus.connection import connected
from venue.bus.position_file import read_position_file
from venue.bus.stream import ensure_stream
from venue.bus.subjects import PUBLIC_TRADES, STREAM, event_subject
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.domain.commands import AdvanceTime
from venue.domain.events import AnyEvent, symbol_of, type_of
from venue.journal.durable import forget_position
from venue.journal.record import Batch, Record
from venue.journal.segment import EMPTY_JOURNAL
from venue.marketdata.broadcast import last_value_keys
from venue.sequencer.writer import JournalWriter

PATIENCE_SECONDS = 20.0


class Worker(Protocol):
    """A part that runs until it is stopped."""

    def __call__(self, stop: asyncio.Event) -> Any: ...


async def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for a condition; fail the test when it does not come true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    """The worker runs inside and is stopped cleanly at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker(stop))
    try:
        yield
        assert not task.done(), "it ended by itself"
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_SECONDS)


async def publish(nats_url: str, events: Sequence[AnyEvent]) -> None:
    """Store events in the stream as the publisher would, waiting for each acknowledgement."""
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        await ensure_stream(jetstream)
        for event in events:
            await jetstream.publish(
                event_subject(type_of(event), symbol_of(event)),
                encode(event),
                headers={"Nats-Msg-Id": str(event.event_seq)},
            )


async def done(data_dir: Path, event_seq: int) -> None:
    """Wait until market data says that it has done an event, and NATS has what came of it."""

    def reached() -> bool:
        position = read_position_file(DataDirectory(data_dir).position("marketdata"))
        return position is not None and position.event_seq >= event_seq

    await until(reached)


class Heard:
    """Market data as a subscriber hears it: (subject, payload), in order."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    async def take(self, message: Msg) -> None:
        self.messages.append((message.subject, msgspec.json.decode(message.data)))

    def reached(self, event_seq: int) -> bool:
        """Whether a best bid/offer, which comes last of a symbol, has included this event."""
        best = [payload for name, payload in self.messages if name.endswith(".bbo")]
        return any(payload["event_seq"] >= event_seq for payload in best)

    def has(self, subject: str, count: int) -> bool:
        """Whether so many messages have come on a subject."""
        return len(self.of(subject)) >= count

    def of(self, subject: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.messages if name == subject]


@asynccontextmanager
async def listening(nats_url: str, subject: str = "md.>") -> AsyncIterator[Heard]:
    """Hear everything on a subject from now on."""
    heard = Heard()
    async with connected(nats_url, "listener") as connection:
        await connection.client.subscribe(subject, cb=heard.take)
        await connection.client.flush()
        yield heard


async def last_values(nats_url: str) -> dict[str, dict[str, Any]]:
    """Everything in the bucket md_last."""
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        bucket = await jetstream.key_value("md_last")
        keys = await last_value_keys(jetstream)
        return {key: msgspec.json.decode((await bucket.get(key)).value or b"") for key in keys}


async def wipe(nats_url: str) -> None:
    """Neither events nor alerts nor the bucket of last values afterwards."""
    async with connected(nats_url, "test") as connection:
        for stream in (STREAM, ALERTS, PUBLIC_TRADES, "KV_md_last"):
            try:
                await connection.client.jetstream().delete_stream(stream)
            except NotFoundError:
                continue


async def delete_bucket(nats_url: str) -> None:
    """No last values afterwards."""
    async with connected(nats_url, "test") as connection:
        await connection.client.jetstream().delete_stream("KV_md_last")


@contextmanager
def journal(
    data_dir: Path,
    events: Sequence[AnyEvent],
    *,
    per_batch: int = 1_000,
    segment_bytes: int = 1 << 20,
) -> Iterator[JournalWriter]:
    """A real journal in a data directory that holds these events, from event_seq 1 on."""
    directory = data_dir / "journal"
    directory.mkdir(parents=True)
    writer = JournalWriter(directory, segment_bytes, EMPTY_JOURNAL)
    try:
        for start in range(0, len(events), per_batch):
            append(writer, events[start : start + per_batch])
        yield writer
    finally:
        writer.close()
        forget_position(directory)


def append(writer: JournalWriter, events: Sequence[AnyEvent]) -> None:
    """One frame whose records hold one event each."""
    records = [
        Record(writer.next_seq + at, event.timestamp_ns, 1, 1, AdvanceTime(), [event])
        for at, event in enumerate(events)
    ]
    writer.append(Batch(records))
