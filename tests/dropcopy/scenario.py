"""Running a publisher or consumer in a test, waiting for what it does, and reading the stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from venue.bus.alerts import ALERTS
from venue.bus.connection import connected
from venue.bus.consumer import EventConsumer
from venue.bus.event_pull import EventPull
from venue.bus.publisher import Publisher
from venue.bus.stream import ensure_stream, stream_end, wipe_stream
from venue.bus.subjects import LEDGER, STREAM, event_subject
from venue.journal.reader import JournaledEvent

PATIENCE_SECONDS = 20.0


async def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for a condition; fail the test when it does not come true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


async def published(publisher: Publisher, event_seq: int) -> None:
    """Wait until a running publisher has that event acknowledged."""
    await until(lambda: publisher.acknowledged_event_seq >= event_seq)


async def consumed(consumer: EventConsumer, event_seq: int) -> None:
    """Wait until a running consumer has applied that event."""
    await until(lambda: consumer.position >= event_seq)


class Part(Protocol):
    """Whatever runs until it is stopped."""

    async def run(self, stop: asyncio.Event) -> None: ...


async def refilled(nats_url: str, event_seq: int) -> None:
    """Wait until the stream, which was just wiped, ends with that event."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        while (end := await stream_end(jetstream)) is None or end.event_seq < event_seq:
            assert asyncio.get_running_loop().time() < deadline, "waited in vain"
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(part: Part) -> AsyncIterator[None]:
    """`part` runs inside and is stopped cleanly at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(part.run(stop))
    try:
        yield
        assert not task.done(), "it ended by itself"
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_SECONDS)


async def publish_all(publisher: Publisher, last: int) -> None:
    """Run a publisher until it has acknowledged event `last`."""
    async with running(publisher):
        await published(publisher, last)


async def stored(nats_url: str) -> list[tuple[int | None, bytes]]:
    """Everything in the stream: event_seq and payload, in stream order."""
    async with connected(nats_url, "test") as connection:
        end = await stream_end(connection.client.jetstream())
        if end is None or end.event_seq == 0:
            return []
        count = end.last_sequence - end.first_sequence + 1
        found: list[tuple[int | None, bytes]] = []
        async with EventPull(connection, "test", end.first_sequence) as pull:
            while len(found) < count:
                messages = await pull.next(1000)
                found += [(message.number, message.data) for message in messages]
        return found


async def stored_alerts(nats_url: str) -> list[dict[str, Any]]:
    """The operator's alerts in the stream of all alerts."""
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        state = (await jetstream.stream_info(ALERTS)).state
        messages = [
            await jetstream.get_msg(ALERTS, seq=seq)
            for seq in range(max(state.first_seq, 1), state.last_seq + 1)  # both 0: empty
        ]
    return [json.loads(each.data or b"") for each in messages if each.subject == "alert._"]


async def store_raw(nats_url: str, events: list[JournaledEvent]) -> None:
    """Put events into the stream as they come, without any of the publisher's guards."""
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        await ensure_stream(jetstream)
        for at, event in enumerate(events):
            if at and event.event_seq in [each.event_seq for each in events[:at]]:
                await asyncio.sleep(0.25)  # repeats must lie outside NATS' window to be stored
            await jetstream.publish(
                event_subject(event.type, event.symbol),
                event.payload,
                headers={"Nats-Msg-Id": str(event.event_seq)},
            )


async def purge(nats_url: str) -> None:
    """Empty the stream but let it exist: its sequence goes on counting."""
    async with connected(nats_url, "test") as connection:
        await connection.client.jetstream().purge_stream(STREAM)


async def delete_stream(nats_url: str) -> None:
    """No events, wallet events or alerts afterwards, whether there were any or not."""
    for stream in (STREAM, LEDGER, ALERTS):
        await wipe_stream(nats_url, stream)
