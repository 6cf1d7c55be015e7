"""Events that somebody else has put into the stream are applied by no consumer beside a journal."""

import asyncio
from pathlib import Path

import pytest

from venue.bus.parking import read_parked
from venue.bus.publisher import Publisher
from venue.domain.codec import encode
from venue.domain.events import AnyEvent, FundsDeposited
from venue.journal.beginning import begin_at
from venue.journal.reader import JournaledEvent, JournalReader
from venue.journal.segment import list_segments

from .events import numbered_events, write_journal
from .scenario import consumed, delete_stream, publish_all, running, store_raw, until
from .store import Store

LAST = 30
EVENTS = numbered_events(LAST)


async def publish(nats_url: str, journal_dir: Path, last: int) -> None:
    reader = JournalReader(journal_dir)
    try:
        await publish_all(Publisher(reader, nats_url), last)
    finally:
        reader.close()


def stored(event: AnyEvent, payload: bytes | None = None) -> JournaledEvent:
    name = type(event).__name__
    return JournaledEvent(event.event_seq, name, "_", payload or encode(event))


def forged(event: AnyEvent) -> AnyEvent:
    """A deposit of a million in its place."""
    return FundsDeposited(
        event_seq=event.event_seq, timestamp_ns=event.timestamp_ns, member="ALPHA", asset="USD",
        amount="1000000", operator="ops", reason="test",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "payload"),
    [(7, encode(forged(EVENTS[6]))), (7, b"{"), (LAST, encode(forged(EVENTS[LAST - 1]))),
     (LAST + 1, encode(forged(numbered_events(LAST + 1)[LAST])))],
    ids=["another event", "no event", "the last one", "one that is not in the journal"],
)  # fmt: skip
def test_forged_event_is_not_applied_and_a_refill_heals(
    nats_url: str, journal_dir: Path, tmp_path: Path, number: int, payload: bytes
) -> None:
    write_journal(journal_dir, EVENTS)
    in_stream = [stored(event) for event in EVENTS]
    forgery = JournaledEvent(number, "FundsDeposited", "_", payload)
    in_stream = [*in_stream[: number - 1], forgery, *in_stream[number:]]
    store = Store()

    async def scenario() -> None:
        await store_raw(nats_url, in_stream)
        consumer = store.consumer(nats_url, journal_dir=journal_dir, data_dir=tmp_path)
        async with running(consumer):
            await until(lambda: bool(read_parked(tmp_path)))
            assert store.event_seqs == list(range(1, len(store.event_seqs) + 1))
            assert len(store.event_seqs) < number
            await delete_stream(nats_url)
            await publish(nats_url, journal_dir, LAST)
            await consumed(consumer, LAST)
        assert [encode(each.event) for each in store.applied] == [encode(each) for each in EVENTS]
        assert read_parked(tmp_path) == []

    asyncio.run(scenario())


def test_event_forged_while_a_consumer_waits_for_the_next_one(
    nats_url: str, journal_dir: Path, tmp_path: Path
) -> None:
    write_journal(journal_dir, EVENTS)
    store = Store()

    async def scenario() -> None:
        await store_raw(nats_url, [stored(event) for event in EVENTS])
        consumer = store.consumer(nats_url, journal_dir=journal_dir, data_dir=tmp_path)
        async with running(consumer):
            await consumed(consumer, LAST)
            await store_raw(nats_url, [stored(forged(numbered_events(LAST + 1)[LAST]))])
            await until(lambda: bool(read_parked(tmp_path)))
        (parked,) = read_parked(tmp_path)
        assert (
            f"event {LAST + 1} of stream VENUE_EVENTS was not written by the venue" in parked.error
        )
        assert store.event_seqs[-1] == LAST

    asyncio.run(scenario())


def test_events_that_retention_has_taken_are_not_compared(nats_url: str, journal_dir: Path) -> None:
    events = numbered_events(2_000)
    write_journal(journal_dir, events, per_batch=20, segment_bytes=1 << 17)
    gone, kept, *_ = list_segments(journal_dir)
    begin_at(journal_dir, kept.number)
    store = Store()

    async def scenario() -> None:
        await publish(nats_url, journal_dir, len(events))
        gone.path.unlink()
        consumer = store.consumer(nats_url, journal_dir=journal_dir)
        async with running(consumer):
            await consumed(consumer, len(events))

    asyncio.run(scenario())
    assert store.event_seqs == list(range(1, len(events) + 1))
