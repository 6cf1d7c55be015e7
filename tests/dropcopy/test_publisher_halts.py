"""A publisher that cannot go on halts in front of what it cannot publish, says so, and heals."""

import asyncio
from pathlib import Path

import pytest
from nats.js.api import DiscardPolicy, StreamConfig

from venue.bus import publisher as publisher_module
from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.publisher import Publisher
from venue.bus.stream import ensure_stream
from venue.bus.subjects import ALL_EVENTS, STREAM, drop_stream, drop_subject, event_subject
from venue.domain.events import AnyEvent, OrderRejected
from venue.domain.reject_reasons import RejectReason
from venue.journal.reader import JournaledEvent
from venue.journal.segment import JournalDamage, Segment

from .events import numbered_events
from .histories import COUNT, OURS, halted, ours, payloads, publisher
from .list_journal import ListJournal
from .scenario import publish_all, running, stored, stored_alerts, until


def test_journal_that_is_shown_no_more_is_said_at_once(nats_url: str, tmp_path: Path) -> None:
    journal = ours()

    async def scenario() -> None:
        part = publisher(journal, nats_url, tmp_path)
        async with running(part):
            await until(lambda: part.acknowledged_event_seq == COUNT)
            journal.durable = None
            parked = await halted(tmp_path)
            assert "is not shown" in parked.error
            journal.durable = COUNT
            await until(lambda: read_parked(tmp_path) == [])
        (alert,) = await stored_alerts(nats_url)
        assert alert["error"] == parked.error

    asyncio.run(scenario())


def test_journal_that_was_never_shown_is_waited_for_before_it_is_said(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = ours()
    journal.durable = None

    async def scenario() -> None:
        async with running(publisher(journal, nats_url, tmp_path)):
            await asyncio.sleep(0.3)
            assert read_parked(tmp_path) == []
            monkeypatch.setattr(publisher_module, "UNSHOWN_SECONDS", 0.0)
            assert "is not shown" in (await halted(tmp_path)).error

    asyncio.run(scenario())


def rejected(event_seq: int, symbol: str) -> AnyEvent:
    return OrderRejected(
        event_seq=event_seq, timestamp_ns=1, symbol=symbol, session="A", member="A", cl_ord_id="1",
        side="1", ord_type="2", reason=RejectReason.UNKNOWN_SYMBOL, detail="",
    )  # fmt: skip


@pytest.mark.parametrize(
    "symbol", ["A" * 4_200, "A" * 65, "\x00", "é" * 3_000, "A\nB", "x" * 2**20]
)
def test_event_with_any_symbol_leaves(nats_url: str, symbol: str) -> None:
    events = [*numbered_events(3), rejected(4, symbol), *numbered_events(3, first=5)]
    journal = ListJournal(events, OURS)

    async def scenario() -> None:
        await publish_all(Publisher(journal, nats_url), 7)
        assert await stored(nats_url) == payloads(journal)

    asyncio.run(scenario())
    assert event_subject("OrderRejected", symbol) == "venue.events.OrderRejected._"


def test_longest_symbol_is_a_subject_and_members_never_share_one() -> None:
    assert event_subject("X", "A" * 64) == f"venue.events.X.{'A' * 64}"
    assert drop_subject("ALPHA", "A" * 65) == "drop.ALPHA._"
    names = ["ALPHA", "A" * 64, "A" * 300, "A" * 301, "A.B", "*", "", "é"]
    assert len({drop_stream(name) for name in names}) == len(names)
    for name in names:
        stream = drop_stream(name)
        assert len(stream) < 80 and stream.isascii() and not set(stream) & set(". *>")


def test_event_that_nats_does_not_take_halts_in_front_of_it_alone(
    nats_url: str, tmp_path: Path
) -> None:
    events = [*numbered_events(9), rejected(10, "x" * (9 << 20)), *numbered_events(5, first=11)]

    async def scenario() -> None:
        part = publisher(ListJournal(events, OURS), nats_url, tmp_path)
        async with running(part):
            parked = await halted(tmp_path)
            await until(lambda: part.acknowledged_event_seq == 9)
            assert parked.event_seq == 10
            assert "event 10 has 9" in parked.error and "max_payload" in parked.error
        assert [number for number, _ in await stored(nats_url)] == list(range(1, 10))
        (alert,) = await stored_alerts(nats_url)
        assert alert["event_seq"] == 10

    asyncio.run(scenario())


class FailingJournal(ListJournal):
    """Raises an error when it is read, as long as there is one."""

    def __init__(self, error: Exception) -> None:
        super().__init__(numbered_events(COUNT), OURS)
        self.error: Exception | None = error

    def read(self, limit: int) -> list[JournaledEvent]:
        if self.error is not None:
            raise self.error
        return super().read(limit)


@pytest.mark.parametrize(
    "error",
    [
        JournalDamage(Segment(1, 1, 1, Path("x")), 7, 1, "damaged"),
        LookupError("event 1 is gone"),
        KeyError("a mistake of ours"),
        AssertionError("another"),
    ],
)
def test_nothing_that_publishing_meets_stops_it_in_silence(
    nats_url: str, tmp_path: Path, error: Exception
) -> None:
    journal = FailingJournal(error)

    async def scenario() -> None:
        part = publisher(journal, nats_url, tmp_path)
        async with running(part):
            parked = await halted(tmp_path)
            assert parked.event_seq == 1 and parked.error == str(error)
            journal.error = None
            await until(lambda: part.acknowledged_event_seq == COUNT)
            await until(lambda: read_parked(tmp_path) == [])
        assert len(await stored_alerts(nats_url)) == 1

    asyncio.run(scenario())


def test_stream_that_takes_no_more_is_said_and_heals(nats_url: str, tmp_path: Path) -> None:
    full = StreamConfig(
        name=STREAM,
        subjects=[ALL_EVENTS],
        max_msgs=5,
        discard=DiscardPolicy.NEW,
        duplicate_window=0.1,
    )

    async def limit(config: StreamConfig) -> None:
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            await ensure_stream(jetstream)
            await jetstream.update_stream(config)

    async def scenario() -> None:
        await limit(full)
        part = publisher(ours(), nats_url, tmp_path)
        async with running(part):
            parked = await halted(tmp_path)
            assert "is not stored" in parked.error and "maximum messages" in parked.error
            assert parked.event_seq == part.acknowledged_event_seq + 1 == 6
            full.max_msgs = -1
            await limit(full)
            await until(lambda: part.acknowledged_event_seq == COUNT)
            await until(lambda: read_parked(tmp_path) == [])
        assert await stored(nats_url) == payloads(ours())

    asyncio.run(scenario())


def test_nats_that_is_away_is_no_halt(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(publisher(ours(), "nats://127.0.0.1:1", tmp_path)):
            await asyncio.sleep(1.0)
        assert read_parked(tmp_path) == []

    asyncio.run(scenario())
