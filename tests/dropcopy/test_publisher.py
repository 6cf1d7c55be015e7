"""What the publisher stores, and what it never does, on a real nats-server."""

import asyncio
from pathlib import Path

import pytest

from venue.bus.connection import connected
from venue.bus.position_file import (
    Position,
    digest_of,
    read_position_file,
)
from venue.bus.publisher import Publisher
from venue.bus.stream import stream_end
from venue.bus.subjects import STREAM, event_subject
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.domain.events import OrderRejected
from venue.domain.reject_reasons import RejectReason
from venue.journal.reader import JournalReader
from venue.journal.segment import EMPTY_JOURNAL
from venue.sequencer.writer import JournalWriter

from .events import append_batch, numbered_events, write_journal
from .list_journal import ListJournal
from .scenario import publish_all, published, purge, refilled, running, store_raw, stored, until


def expected(journal: ListJournal) -> list[tuple[int | None, bytes]]:
    return [(event.event_seq, event.payload) for event in journal.events]


def test_stores_every_event_once_in_order_with_its_bytes_unchanged(nats_url: str) -> None:
    journal = ListJournal(numbered_events(1_234))
    asyncio.run(publish_all(Publisher(journal, nats_url), 1_234))
    assert asyncio.run(stored(nats_url)) == expected(journal)


def test_uses_the_public_subjects(nats_url: str) -> None:
    assert event_subject("TradeExecuted", "BTC-USD") == "venue.events.TradeExecuted.BTC-USD"
    assert event_subject("FundsDeposited", "") == "venue.events.FundsDeposited._"


@pytest.mark.parametrize("symbol", ["A B", "A.B", "*", ">", "a", "A\r\nPUB x 0\r\n", "", "\u00c9"])
def test_what_a_member_wrote_as_symbol_cannot_stop_it_nor_choose_a_subject(
    nats_url: str, symbol: str
) -> None:
    rejected = OrderRejected(
        event_seq=1, timestamp_ns=1, symbol=symbol, session="A", member="A", cl_ord_id="1",
        side="1", ord_type="2", reason=RejectReason.UNKNOWN_SYMBOL, detail="",
    )  # fmt: skip
    journal = ListJournal([rejected])

    async def scenario() -> str:
        await publish_all(Publisher(journal, nats_url), 1)
        async with connected(nats_url, "test") as connection:
            stored = await connection.client.jetstream().get_msg(STREAM, seq=1)
        assert stored.data == encode(rejected) and stored.subject is not None
        return stored.subject

    assert asyncio.run(scenario()) == "venue.events.OrderRejected._"


def test_never_reads_past_the_durable_position(nats_url: str) -> None:
    journal = ListJournal(numbered_events(50))
    journal.durable = 20

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await until(lambda: publisher.acknowledged_event_seq == 20)
            journal.durable = 30
            await until(lambda: publisher.acknowledged_event_seq == 30)
        assert [seq for seq, _ in await stored(nats_url)] == list(range(1, 31))

    asyncio.run(scenario())


def test_a_new_publisher_goes_on_from_the_stream_s_real_end(nats_url: str) -> None:
    journal = ListJournal(numbered_events(700))
    journal.durable = 400
    asyncio.run(publish_all(Publisher(journal, nats_url), 400))
    journal.durable = 700
    asyncio.run(publish_all(Publisher(journal, nats_url), 700))
    assert asyncio.run(stored(nats_url)) == expected(journal)


def test_two_publishers_at_once_still_store_each_event_once(nats_url: str) -> None:
    events = numbered_events(3_000)
    one, other = ListJournal(events), ListJournal(events)

    async def scenario() -> None:
        await asyncio.gather(
            publish_all(Publisher(one, nats_url, window=7), 3_000),
            publish_all(Publisher(other, nats_url, window=11), 3_000),
        )
        assert await stored(nats_url) == expected(one)

    asyncio.run(scenario())


def test_a_repeat_is_refused_long_after_nats_forgot_the_id(nats_url: str) -> None:
    journal = ListJournal(numbered_events(10))

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 10)
        await asyncio.sleep(0.3)  # three times NATS' duplicate window
        async with connected(nats_url, "test") as connection:
            reply = await connection.client.request(
                event_subject("FundsDeposited", "_"),
                journal.events[3].payload,
                headers={"Nats-Msg-Id": "4", "Nats-Expected-Last-Sequence": "3"},
            )
        assert b"wrong last sequence" in reply.data
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


def test_a_purged_stream_is_refilled_while_nothing_new_happens(nats_url: str) -> None:
    journal = ListJournal(numbered_events(600))

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await until(lambda: publisher.acknowledged_event_seq == 600)
            await purge(nats_url)
            await refilled(nats_url, 600)
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


def test_stops_in_front_of_a_stream_that_another_journal_has_filled(nats_url: str) -> None:
    ours = ListJournal(numbered_events(10))
    theirs = ListJournal(numbered_events(8, first=2))
    foreign = [each._replace(event_seq=each.event_seq - 1) for each in theirs.events]

    async def scenario() -> None:
        await store_raw(nats_url, foreign)
        publisher = Publisher(ours, nats_url)
        async with running(publisher):
            async with connected(nats_url, "test") as connection:
                before = await stream_end(connection.client.jetstream())
            await asyncio.sleep(0.3)
        assert publisher.acknowledged_event_seq == 0
        assert before is not None and len(await stored(nats_url)) == before.last_sequence == 8

    asyncio.run(scenario())


def test_waits_while_nobody_shows_how_far_the_journal_is(nats_url: str) -> None:
    journal = ListJournal(numbered_events(20))

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 20)
        journal.durable = None  # as after a reboot, before trading has started
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await asyncio.sleep(0.2)
            assert publisher.acknowledged_event_seq == 0
            journal.durable = 20
            await until(lambda: publisher.acknowledged_event_seq == 20)
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


def test_drains_what_is_durable_when_it_is_stopped(nats_url: str) -> None:
    journal = ListJournal(numbered_events(1_000))

    async def scenario() -> None:
        stop = asyncio.Event()
        stop.set()
        await Publisher(journal, nats_url).run(stop)
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


def test_gives_up_draining_after_two_seconds_without_nats() -> None:
    journal = ListJournal(numbered_events(5))

    async def scenario() -> float:
        stop = asyncio.Event()
        stop.set()
        began = asyncio.get_running_loop().time()
        await Publisher(journal, "nats://127.0.0.1:1").run(stop)
        return asyncio.get_running_loop().time() - began

    assert 1.9 < asyncio.run(scenario()) < 4


def test_states_its_position_in_the_data_directory(nats_url: str, tmp_path: Path) -> None:
    path = DataDirectory(tmp_path).position("publisher")
    assert read_position_file(path) is None
    journal = ListJournal(numbered_events(321), "mine")
    asyncio.run(publish_all(Publisher(journal, nats_url, position_file=path), 321))
    digest = digest_of(journal.events[-1].payload)
    assert read_position_file(path) == Position(321, 321, "mine", digest)


def test_follows_a_real_journal_as_it_grows(nats_url: str, journal_dir: Path) -> None:
    events = numbered_events(900)
    write_journal(journal_dir, events[:0])

    async def scenario() -> None:
        writer = JournalWriter(journal_dir, 1 << 17, EMPTY_JOURNAL)
        reader = JournalReader(journal_dir)
        publisher = Publisher(reader, nats_url)
        try:
            async with running(publisher):
                for start in range(0, 900, 3):
                    append_batch(writer, events[start : start + 3])
                    if start % 30 == 0:
                        await published(publisher, start + 1)
                await until(lambda: publisher.acknowledged_event_seq == 900)
        finally:
            reader.close()
            writer.close()
        assert await stored(nats_url) == expected(ListJournal(events))

    asyncio.run(scenario())
