"""A consumer that cannot go on halts, says so where an operator looks, and skips nothing."""

import asyncio
from pathlib import Path

import pytest
from nats.js import JetStreamContext
from structlog.testing import capture_logs

from venue.bus import publisher as publisher_module
from venue.bus.accounts import VENUE_ACCOUNT
from venue.bus.consumer import EventConsumer
from venue.bus.parking import Parking, read_parked
from venue.bus.publisher import Publisher
from venue.bus.stream import StreamEnd, stream_end, wipe_stream
from venue.domain.codec import encode
from venue.journal.segment import list_segments
from venue.replay.retention import remove_segments
from venue.servers.nats import NatsServer

from .conftest import kill, restart
from .events import numbered_events, write_journal
from .list_journal import ListJournal
from .scenario import publish_all, refilled, running, store_raw, stored_alerts, until
from .store import Store, consume_until


def halted_at(consumer: EventConsumer) -> int | None:
    return consumer.halted_by.event_seq if consumer.halted_by else None


def test_halts_in_front_of_an_event_that_cannot_be_applied(nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(30)), Store()
    store.refused_event_seq = 17

    async def scenario() -> EventConsumer:
        await publish_all(Publisher(journal, nats_url), 30)
        consumer = store.consumer(nats_url)
        async with running(consumer):
            await until(lambda: consumer.halted_by is not None)
        return consumer

    assert halted_at(asyncio.run(scenario())) == 17
    assert store.event_seqs == list(range(1, 17))


@pytest.mark.parametrize("payload", [b"{", b'{"type":"Unheard","event_seq":3}', None])
def test_halts_in_front_of_an_event_that_cannot_be_read(
    nats_url: str, payload: bytes | None
) -> None:
    events = ListJournal(numbered_events(5)).events
    # None: the bytes of another event
    events[2] = events[2]._replace(payload=events[3].payload if payload is None else payload)
    store = Store()

    async def scenario() -> EventConsumer:
        await store_raw(nats_url, events)
        consumer = store.consumer(nats_url)
        async with running(consumer):
            await until(lambda: consumer.halted_by is not None)
        return consumer

    assert halted_at(asyncio.run(scenario())) == 3
    assert store.event_seqs == [1, 2]


def test_an_event_that_cannot_be_applied_is_parked_and_alerted(
    nats_url: str, tmp_path: Path
) -> None:
    events = numbered_events(30)
    store = Store()
    store.refused_event_seq = 17

    async def halt() -> None:
        await publish_all(Publisher(ListJournal(events), nats_url), 30)
        consumer = store.consumer(nats_url, data_dir=tmp_path)
        async with running(consumer):
            await until(lambda: consumer.halted_by is not None)

    async def go_on() -> None:
        consumer = store.consumer(nats_url, position=16, data_dir=tmp_path)
        assert read_parked(tmp_path), "it stays parked until it is passed"
        await consume_until(consumer, 30)

    asyncio.run(halt())
    (parked,) = read_parked(tmp_path)
    assert (parked.consumer, parked.event_seq) == ("test", 17)
    assert parked.error == "event 17: an amount that makes no sense"
    assert parked.payload.encode() == encode(events[16])
    assert (tmp_path / "parked" / "test.json").stat().st_mode & 0o777 == 0o600
    (alert,) = asyncio.run(stored_alerts(nats_url))
    assert alert == {
        "type": "consumer_halted",
        "v": 1,
        "timestamp_ns": parked.timestamp_ns,
        "consumer": "test",
        "event_seq": 17,
        "error": parked.error,
    }
    store.refused_event_seq = None
    asyncio.run(go_on())
    assert read_parked(tmp_path) == []
    assert store.event_seqs == list(range(1, 31))


def test_an_alert_waits_for_nats(nats_server: NatsServer, nats_url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        stop = asyncio.Event()
        kill(nats_server)
        parking = Parking("test", nats_server.url, tmp_path)
        halted = asyncio.create_task(parking.halt(5, "cannot", stop))
        await until(lambda: bool(read_parked(tmp_path)))
        restart(nats_server)
        await until(lambda: has_alerts(nats_server))
        assert not halted.done()
        stop.set()
        await halted
        assert [alert["event_seq"] for alert in await stored_alerts(nats_server.url)] == [5]

    asyncio.run(scenario())


def has_alerts(server: NatsServer) -> bool:
    """Whether the stream of alerts has a message on disk, by the files that NATS keeps."""
    messages = server.directory / "jetstream" / VENUE_ACCOUNT / "streams" / "ALERTS" / "msgs"
    return any(path.stat().st_size for path in messages.glob("*.blk"))


def test_a_parked_file_that_cannot_be_read_still_shows(tmp_path: Path) -> None:
    (tmp_path / "parked").mkdir()
    (tmp_path / "parked" / "clearing.json").write_text("{")
    (parked,) = read_parked(tmp_path)
    assert parked.consumer == "clearing" and "cannot be read" in parked.error


def pruned_journal(journal_dir: Path, count: int) -> int:
    """A journal of `count` events whose first segments retention has taken; its first event."""
    write_journal(journal_dir, numbered_events(count), per_batch=20)
    *gone, last = list_segments(journal_dir)
    assert len(gone) > 1
    remove_segments(journal_dir, gone)
    return last.first_event_seq


COUNT = 9_000


@pytest.mark.parametrize("behind", [False, True])
def test_says_which_events_are_gone_for_ever(
    nats_url: str, journal_dir: Path, tmp_path: Path, behind: bool
) -> None:
    first = pruned_journal(journal_dir, COUNT)
    store = Store()
    position = 10 if behind else 0
    present = [
        each for each in ListJournal(numbered_events(COUNT)).events if each.event_seq >= first
    ]

    async def scenario() -> None:
        await store_raw(nats_url, present[:40])
        consumer = store.consumer(
            nats_url, position=position, journal_dir=journal_dir, data_dir=tmp_path
        )
        async with running(consumer):
            await until(lambda: consumer.halted_by is not None)

    asyncio.run(scenario())
    (parked,) = read_parked(tmp_path)
    assert parked.event_seq == position + 1
    assert f"events {position + 1} to {first - 1} are missing" in parked.error
    assert f"it begins with {first}" in parked.error
    assert store.applied == []


def test_what_retention_took_is_read_from_the_stream_that_still_has_it(
    nats_url: str, journal_dir: Path
) -> None:
    first = pruned_journal(journal_dir, COUNT)
    store = Store()

    async def scenario() -> None:
        await publish_all(Publisher(ListJournal(numbered_events(COUNT)), nats_url), COUNT)
        await consume_until(store.consumer(nats_url, journal_dir=journal_dir), first + 5)

    asyncio.run(scenario())
    assert store.event_seqs[: first + 5] == list(range(1, first + 6))


def test_a_hole_in_the_stream_s_middle_is_filled_from_the_stream_s_beginning(
    nats_url: str, journal_dir: Path
) -> None:
    """The consumer aims by counting back from the end; a hole makes it aim behind its event."""
    first = pruned_journal(journal_dir, COUNT)
    events = ListJournal(numbered_events(COUNT)).events
    store = Store()

    async def scenario() -> None:
        await store_raw(nats_url, events[:5] + events[first + 2 : first + 40])
        consumer = store.consumer(nats_url, position=2, journal_dir=journal_dir)
        async with running(consumer):
            await until(lambda: consumer.halted_by is not None)
        assert consumer.position == 5

    asyncio.run(scenario())
    assert store.event_seqs == [3, 4, 5]


def test_the_publisher_begins_where_a_pruned_journal_begins(nats_url: str) -> None:
    journal, store = ListJournal(numbered_events(900)), Store()
    journal.first = 301

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await until(lambda: publisher.acknowledged_event_seq == 900)
            assert await wipe_stream(nats_url)
            await refilled(nats_url, 900)
        await consume_until(store.consumer(nats_url, position=300), 900)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(301, 901))


def test_a_pruned_journal_without_new_events_is_no_reason_to_begin_again(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = ListJournal(numbered_events(300))
    journal.first = 301
    looks = []

    async def counted(jetstream: JetStreamContext) -> StreamEnd | None:
        looks.append(1)
        return await stream_end(jetstream)

    monkeypatch.setattr(publisher_module, "STREAM_CHECK_SECONDS", 0.01)
    monkeypatch.setattr(publisher_module, "stream_end", counted)

    async def scenario() -> None:
        async with running(Publisher(journal, nats_url)):
            await until(lambda: len(looks) > 5)

    with capture_logs() as log:
        asyncio.run(scenario())
    warnings = [line["event"] for line in log if line["log_level"] != "info"]
    assert warnings == ["stream_begins_late"]
    assert log[0]["first_event"] == 301


def test_the_publisher_leaves_no_hole_between_an_old_stream_and_a_pruned_journal(
    nats_url: str,
) -> None:
    journal, store = ListJournal(numbered_events(900)), Store()
    journal.durable = 200

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 200)
        journal.durable, journal.first = 900, 301
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await asyncio.sleep(0.3)
            assert publisher.acknowledged_event_seq == 0
            await wipe_stream(nats_url)
            await until(lambda: publisher.acknowledged_event_seq == 900)
        await consume_until(store.consumer(nats_url, position=300), 900)

    asyncio.run(scenario())
    assert store.event_seqs == list(range(301, 901))
