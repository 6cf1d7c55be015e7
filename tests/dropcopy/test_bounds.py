"""Streams within their bounds: compressed, never empty, and whoever is behind reads the journal."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nats.js import JetStreamContext
from nats.js.api import StorageType, StoreCompression, StreamConfig

from venue.bus import bounds
from venue.bus.bounds import bound_streams, keep_bounded
from venue.bus.connection import connected
from venue.bus.publisher import Publisher
from venue.bus.stream import ALERTS_KEPT_OF_ONE, ensure_stream, stream_end
from venue.bus.subjects import (
    ALERTS,
    ALL_ALERTS,
    ALL_EVENTS,
    STREAM,
    all_drop_copies,
    drop_stream,
)
from venue.journal.reader import JournalReader
from venue.settings.retention import RetentionSettings

from .events import numbered_events, write_journal
from .list_journal import ListJournal
from .scenario import consumed, publish_all, published, running, stored
from .store import Store, consume_until

DAY = timedelta(days=1)


async def bounded(
    nats_url: str, retention: RetentionSettings, later: timedelta = timedelta()
) -> None:
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        await bound_streams(jetstream, retention, lambda: datetime.now(UTC) + later)


async def config_of(jetstream: JetStreamContext, stream: str = STREAM) -> StreamConfig:
    return (await jetstream.stream_info(stream)).config


def test_stream_of_an_earlier_version_is_compressed_and_bounded_and_keeps_its_events(
    nats_url: str,
) -> None:
    journal, store = ListJournal(numbered_events(900)), Store()

    async def scenario() -> None:
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            config = StreamConfig(
                name=STREAM, subjects=[ALL_EVENTS], storage=StorageType.FILE, max_age=60 * 86400.0
            )
            await jetstream.add_stream(config)
        journal.durable = 600
        await publish_all(Publisher(journal, nats_url), 600)
        await bounded(nats_url, RetentionSettings(stream_gib=3))
        async with connected(nats_url, "test") as connection:
            found = await config_of(connection.client.jetstream())
        assert (found.compression, found.max_bytes) == (StoreCompression.S2, 3 << 30)
        assert not found.max_age, "age is the publisher's: it keeps the last event"
        journal.durable = 900
        await publish_all(Publisher(journal, nats_url), 900)
        await consume_until(store.consumer(nats_url), 900)
        await bounded(nats_url, RetentionSettings(stream_gib=0))
        async with connected(nats_url, "test") as connection:
            assert (await config_of(connection.client.jetstream())).max_bytes == -1

    asyncio.run(scenario())
    assert store.event_seqs == list(range(1, 901))


def test_alerts_of_one_do_not_drive_out_those_of_another_in_an_older_stream_either(
    nats_url: str,
) -> None:
    async def scenario() -> int | None:
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            await jetstream.add_stream(StreamConfig(name=ALERTS, subjects=[ALL_ALERTS]))
            await bound_streams(jetstream, RetentionSettings())
            return (await config_of(jetstream, ALERTS)).max_msgs_per_subject

    assert asyncio.run(scenario()) == ALERTS_KEPT_OF_ONE


def test_new_streams_are_compressed_from_the_first_event_on(nats_url: str) -> None:
    async def scenario() -> None:
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            for stream, subjects in (
                (STREAM, ALL_EVENTS),
                (drop_stream("ALPHA"), all_drop_copies("ALPHA")),
            ):
                await ensure_stream(jetstream, stream, subjects)
                assert (await config_of(jetstream, stream)).compression == StoreCompression.S2
            await jetstream.delete_stream(drop_stream("ALPHA"))

    asyncio.run(scenario())


@pytest.mark.parametrize("reached", [0, 350, 699])
def test_consumer_behind_the_bound_fills_from_the_journal(
    nats_url: str, journal_dir: Path, reached: int
) -> None:
    events = numbered_events(720)
    write_journal(journal_dir, events)
    store, reader = Store(), JournalReader(journal_dir)
    retention = RetentionSettings(stream_days=7)

    async def scenario() -> None:
        await publish_all(Publisher(reader, nats_url), 720)
        await bounded(nats_url, retention, 6 * DAY)
        assert len(await stored(nats_url)) == 720
        await bounded(nats_url, retention, 8 * DAY)
        assert [event_seq for event_seq, _ in await stored(nats_url)] == [720], "the last one stays"
        consumer = store.consumer(nats_url, position=reached, journal_dir=journal_dir)
        await consume_until(consumer, 720)

    asyncio.run(scenario())
    reader.close()
    assert store.event_seqs == list(range(reached + 1, 721))
    assert [event.event for event in store.applied] == events[reached:]


def test_only_what_is_older_goes(nats_url: str) -> None:
    journal = ListJournal(numbered_events(300))
    journal.durable = 200

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await published(publisher, 200)
            async with connected(nats_url, "test") as connection:
                jetstream = connection.client.jetstream()
                last = (await jetstream.get_msg(STREAM, seq=200)).time
                assert last is not None
                while datetime.now(UTC) <= last + timedelta(milliseconds=5):
                    await asyncio.sleep(0.001)
                journal.durable = 300
                await published(publisher, 300)
                moment = last + 2 * DAY + timedelta(milliseconds=2)
                await bound_streams(jetstream, RetentionSettings(stream_days=2), lambda: moment)
        assert [event_seq for event_seq, _ in await stored(nats_url)] == list(range(201, 301))

    asyncio.run(scenario())


def test_consumer_and_publisher_go_on_while_the_stream_is_cut_by_age_and_by_size(
    nats_url: str, journal_dir: Path
) -> None:
    events = numbered_events(3_000)
    write_journal(journal_dir, events)
    store, reader = Store(), JournalReader(journal_dir)

    async def scenario() -> None:
        publisher = Publisher(reader, nats_url, window=100)
        async with connected(nats_url, "test") as connection, running(publisher):
            jetstream = connection.client.jetstream()
            await published(publisher, 500)
            config = await config_of(jetstream)
            config.max_bytes = 20_000
            await jetstream.update_stream(config)
            consumer = store.consumer(nats_url, journal_dir=journal_dir)
            async with running(consumer):
                await published(publisher, 3_000)
                await bounded(nats_url, RetentionSettings(stream_days=1), 2 * DAY)
                await consumed(consumer, 3_000)
            end = await stream_end(jetstream)
            assert end is not None and end.event_seq == end.last_sequence == 3_000
        await publish_all(Publisher(reader, nats_url), 3_000)

    asyncio.run(scenario())
    reader.close()
    assert store.event_seqs == list(range(1, 3_001))


def test_drop_streams_have_bounds_of_their_own(nats_url: str) -> None:
    stream = drop_stream("ALPHA")

    async def scenario() -> None:
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            await ensure_stream(jetstream, stream, all_drop_copies("ALPHA"))
            try:
                for number in range(1, 4):
                    await jetstream.publish(
                        "drop.ALPHA.ACME", b"{}", headers={"Nats-Msg-Id": str(number)}
                    )
                retention = RetentionSettings(drop_stream_days=30, drop_stream_gib=2)
                await bounded(nats_url, retention, 29 * DAY)
                assert (await jetstream.stream_info(stream)).state.messages == 3
                assert (await config_of(jetstream, stream)).max_bytes == 2 << 30
                await bounded(nats_url, retention, 31 * DAY)
                end = await stream_end(jetstream, stream)
                assert end is not None and (end.first_sequence, end.event_seq) == (3, 3)
            finally:
                await jetstream.delete_stream(stream)

    asyncio.run(scenario())


def test_streams_are_looked_at_again_and_again(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LOOK_SECONDS", 0.01)

    async def scenario() -> None:
        stop = asyncio.Event()
        keeping = asyncio.create_task(keep_bounded(nats_url, RetentionSettings(), stop))
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            await ensure_stream(jetstream)
            async with asyncio.timeout(20):
                while (await config_of(jetstream)).max_bytes != 16 << 30:
                    await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(keeping, 20)

    asyncio.run(scenario())
