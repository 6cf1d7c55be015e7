"""Each event exactly once and in order, whatever the stream, NATS or the consumer's store do."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from venue.bus.halts import PositionMoved
from venue.bus.position_file import Position
from venue.bus.publisher import Publisher
from venue.bus.stream import wipe_stream
from venue.servers.nats import NatsServer

from .conftest import kill, restart
from .events import numbered_events, write_journal
from .list_journal import ListJournal
from .scenario import consumed, publish_all, purge, refilled, running, store_raw, until
from .store import Store, consume_until

Empty = Callable[[str], Awaitable[object]]


def test_applies_every_event_once_in_order_as_the_journal_has_it(nats_url: str) -> None:
    events = numbered_events(2_222)
    journal, store = ListJournal(events), Store()

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 2_222)
        await consume_until(store.consumer(nats_url), 2_222)

    asyncio.run(scenario())
    assert [event.event for event in store.applied] == events
    assert [event.payload for event in store.applied] == [each.payload for each in journal.events]


def test_follows_live_events_and_a_stream_that_comes_later(nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(40)), Store()
    journal.durable = 0

    async def scenario() -> None:
        consumer = store.consumer(nats_url)
        async with running(consumer), running(Publisher(journal, nats_url)):
            for durable in (1, 2, 15, 40):
                journal.durable = durable
                await consumed(consumer, durable)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(1, 41))


def test_goes_on_after_its_position_when_restarted(nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(900)), Store()

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 900)
        await consume_until(store.consumer(nats_url, position=700), 900)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(701, 901))


def test_drops_repeats(nats_url: str) -> None:
    one, two, three, four = ListJournal(numbered_events(4)).events
    store = Store()

    async def scenario() -> None:
        await store_raw(nats_url, [one, two, two, three, one, four])
        await consume_until(store.consumer(nats_url), 4)

    asyncio.run(scenario())
    assert store.event_seqs == [1, 2, 3, 4]


@pytest.mark.parametrize("missing", [range(1, 6), range(4, 8), range(2, 700)])
def test_fills_a_gap_from_the_journal(
    nats_url: str, journal_dir: Path, missing: Sequence[int]
) -> None:
    events = numbered_events(720)
    write_journal(journal_dir, events)
    store = Store()
    present = [each for each in ListJournal(events).events[:] if each.event_seq not in missing]
    last = max(missing) + 5

    async def scenario() -> None:
        await store_raw(nats_url, [each for each in present if each.event_seq <= last])
        await consume_until(store.consumer(nats_url, journal_dir=journal_dir), last)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(1, last + 1))
    assert [event.event for event in store.applied] == events[:last]


def test_waits_in_front_of_a_gap_that_no_journal_fills(nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(6)), Store()
    first, second, *_, last = journal.events

    async def scenario() -> None:
        await store_raw(nats_url, [first, second, last])
        consumer = store.consumer(nats_url)
        async with running(consumer):
            await until(lambda: consumer.position == 2)
            await asyncio.sleep(0.3)
            assert store.event_seqs == [1, 2]
            await wipe_stream(nats_url)
            await publish_all(Publisher(journal, nats_url), 6)
            await until(lambda: consumer.position == 6)

    asyncio.run(scenario())
    assert store.event_seqs == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("empty", [wipe_stream, purge])
def test_a_wiped_and_refilled_stream_repeats_nothing(nats_url: str, empty: Empty) -> None:
    journal, store = ListJournal(numbered_events(800)), Store()
    journal.durable = 500

    async def scenario() -> None:
        consumer, publisher = store.consumer(nats_url), Publisher(journal, nats_url)
        async with running(consumer), running(publisher):
            await until(lambda: consumer.position == 500)
            await empty(nats_url)
            await refilled(nats_url, 500)
            journal.durable = 800
            await until(lambda: consumer.position == 800)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(1, 801))


def test_nats_server_killed_while_consuming(nats_server: NatsServer, nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(20_000)), Store()

    async def scenario() -> None:
        consumer = store.consumer(nats_url)
        async with running(Publisher(journal, nats_url)), running(consumer):
            for reached in (500, 6_000, 12_000):
                await consumed(consumer, reached)
                kill(nats_server)
                restart(nats_server)
            await until(lambda: consumer.position == 20_000)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(1, 20_001))


def test_tries_again_when_its_store_is_away(nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(30)), Store()
    store.failures = [OSError("no database"), RuntimeError("still none")]

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 30)
        await consume_until(store.consumer(nats_url), 30)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(1, 31))


@pytest.mark.parametrize("real_position", [0, 12])
def test_goes_where_its_store_says_it_is(nats_url: str, real_position: int) -> None:
    journal, store = ListJournal(numbered_events(30)), Store()
    store.failures = [PositionMoved(Position(real_position))]

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 30)
        await consume_until(store.consumer(nats_url, position=5), 30)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(real_position + 1, 31))


def test_consumes_nothing_from_the_stream_of_another_journal(
    nats_url: str, journal_dir: Path
) -> None:
    write_journal(journal_dir, numbered_events(20))
    theirs = ListJournal([replace(each, timestamp_ns=1) for each in numbered_events(20)])
    store = Store()

    async def scenario() -> None:
        await publish_all(Publisher(theirs, nats_url), 20)
        consumer = store.consumer(nats_url, journal_dir=journal_dir)
        async with running(consumer):
            await asyncio.sleep(0.3)
            assert consumer.position == 0
            await wipe_stream(nats_url)
            ours = ListJournal(numbered_events(20))
            await publish_all(Publisher(ours, nats_url), 20)
            await consumed(consumer, 20)

    asyncio.run(scenario())
    assert [event.event for event in store.applied] == numbered_events(20)


def test_a_stop_is_not_held_up_by_a_store_that_is_away(nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(30)), Store()
    store.failures = [OSError("no database")] * 1_000

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 30)
        consumer = store.consumer(nats_url)
        async with running(consumer):
            await until(lambda: len(store.failures) < 999)
        assert consumer.position == 0

    asyncio.run(asyncio.wait_for(scenario(), 10))
    assert store.applied == []
