"""Drop copies on a real nats-server: once each, in order, whatever is killed, wiped or pruned."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.publisher import Publisher
from venue.bus.stream import ensure_stream, wipe_stream
from venue.bus.subjects import all_drop_copies, drop_stream, drop_subject
from venue.data_directory import DataDirectory
from venue.domain.events import TradeExecuted
from venue.dropcopy import drop_streams, worker
from venue.dropcopy.numbering import Numbers, count_back, number
from venue.dropcopy.worker import DropCopier
from venue.journal.durable import forget_position
from venue.journal.segment import list_segments
from venue.servers.nats import NatsServer

from .conftest import kill, restart
from .copies import (
    assert_told,
    busy_events,
    copying,
    counts_of,
    expected,
    told,
    until_told,
    wipe_copies,
)
from .events import write_journal
from .list_journal import ListJournal
from .reply_swallower import ReplySwallower
from .scenario import publish_all, running, until

EVENTS = busy_events()
LAST = len(EVENTS)
HALF = LAST // 2


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    forget_position(tmp_path / "journal")


@pytest.fixture
def bus(nats_url: str) -> str:
    """A nats-server without events and without drop copies."""
    asyncio.run(wipe_copies(nats_url))
    return nats_url


def durable(event_seq: int) -> ListJournal:
    journal = ListJournal(EVENTS)
    journal.durable = event_seq
    return journal


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps its numbers and looks after the streams more often than it would."""
    monkeypatch.setattr(worker, "KEEP_SECONDS", 0.05)
    monkeypatch.setattr(worker, "CHECK_SECONDS", 0.1)


async def copy_all(nats_url: str, data_dir: Path, event_seq: int = LAST) -> None:
    async with copying(nats_url, data_dir, durable(event_seq)) as copied:
        await copied(event_seq)
        await until_told(nats_url, counts_of(EVENTS[:event_seq]))


def test_each_member_is_told_its_own_executions(bus: str, data_dir: Path) -> None:
    async def scenario() -> None:
        await copy_all(bus, data_dir)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_it_goes_on_where_it_was(bus: str, data_dir: Path) -> None:
    async def scenario() -> None:
        for event_seq in (10, HALF, HALF, LAST):
            await copy_all(bus, data_dir, event_seq)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_a_lost_or_damaged_file_repeats_nothing(bus: str, data_dir: Path) -> None:
    async def scenario() -> None:
        await copy_all(bus, data_dir, HALF)
        file = DataDirectory(data_dir).position("dropcopy")
        file.unlink()
        await copy_all(bus, data_dir, HALF + 100)
        file.write_bytes(file.read_bytes()[:-20])
        await copy_all(bus, data_dir)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


@pytest.mark.parametrize("whose", ["ALPHA", "all"])
def test_a_wiped_stream_is_refilled_with_the_same_numbers(
    bus: str, data_dir: Path, whose: str
) -> None:
    write_journal(data_dir / "journal", list(EVENTS))

    async def wipe() -> None:
        if whose == "all":
            await wipe_copies(bus)
        else:
            await wipe_stream(bus, drop_stream(whose))

    async def scenario() -> None:
        async with copying(bus, data_dir, durable(HALF)) as copied:
            await copied(HALF)
            await wipe()
            await until_told(bus, counts_of(EVENTS[:HALF]))
        await wipe()  # while nobody looks
        await copy_all(bus, data_dir)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_a_stream_that_lost_its_end_gets_just_what_it_lacks(bus: str, data_dir: Path) -> None:
    """As after a power failure: nats-server acknowledges before it syncs."""
    write_journal(data_dir / "journal", list(EVENTS))
    kept = expected(EVENTS, "BRAVO")[:25]

    async def scenario() -> None:
        await copy_all(bus, data_dir)
        await wipe_stream(bus, drop_stream("BRAVO"))
        async with connected(bus, "test") as connection:
            jetstream = connection.client.jetstream()
            await ensure_stream(jetstream, drop_stream("BRAVO"), all_drop_copies("BRAVO"))
            for copy in kept:
                await jetstream.publish(
                    drop_subject("BRAVO", copy.symbol),
                    msgspec.json.encode(copy),
                    headers={"Nats-Msg-Id": str(copy.member_seq)},
                )
        await copy_all(bus, data_dir)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def prune(data_dir: Path) -> int:
    """Take the older half of the journal's segments; the first event that is left."""
    segments = list_segments(data_dir / "journal")
    assert len(segments) > 3
    for segment in segments[: len(segments) // 2]:
        segment.path.unlink()
    return segments[len(segments) // 2].first_event_seq


def small_segments(data_dir: Path) -> None:
    write_journal(data_dir / "journal", list(EVENTS), per_batch=40, segment_bytes=1 << 17)


def test_wiped_when_the_journal_is_pruned_it_is_numbered_as_before(
    bus: str, data_dir: Path
) -> None:
    small_segments(data_dir)

    async def scenario() -> None:
        await copy_all(bus, data_dir)
        first = prune(data_dir)
        await wipe_copies(bus)
        journal = durable(LAST)
        journal.first = first
        await wipe_stream(bus)
        async with copying(bus, data_dir, journal):
            await until_told(bus, counts_of(EVENTS, after=first - 1))
        await assert_told(bus, EVENTS, after=first - 1)

    asyncio.run(scenario())


def test_without_numbers_and_without_the_first_events_it_makes_no_numbers_up(
    bus: str, data_dir: Path
) -> None:
    small_segments(data_dir)
    first = prune(data_dir)
    journal = durable(LAST)
    journal.first = first

    async def scenario() -> None:
        async with copying(bus, data_dir, journal):
            await until(lambda: bool(read_parked(data_dir)))
        await until_told(bus, {"ALPHA": 0})

    asyncio.run(scenario())
    (parked,) = read_parked(data_dir)
    assert parked.consumer == "dropcopy" and f"events 1 to {first - 1} are missing" in parked.error


def test_a_member_without_a_stretch_of_copies_is_not_told_the_rest(
    bus: str, data_dir: Path
) -> None:
    """Its stream lost its end, and the journal no longer has what would fill it."""
    small_segments(data_dir)
    lost = expected(EVENTS, "ALPHA")[3]

    async def scenario() -> None:
        await copy_all(bus, data_dir)
        first = prune(data_dir)
        await wipe_stream(bus, drop_stream("ALPHA"))
        async with connected(bus, "test") as connection:
            jetstream = connection.client.jetstream()
            await ensure_stream(jetstream, drop_stream("ALPHA"), all_drop_copies("ALPHA"))
            await jetstream.publish(
                drop_subject("ALPHA", lost.symbol),
                msgspec.json.encode(lost),
                headers={"Nats-Msg-Id": str(lost.member_seq)},
            )
        async with copying(bus, data_dir, durable(LAST)):
            await until(lambda: bool(read_parked(data_dir)))
            assert f"ends with copy {lost.member_seq}" in read_parked(data_dir)[0].error
            assert await told(bus, "ALPHA") == [lost]
            await wipe_stream(bus, drop_stream("ALPHA"))
            await until_told(bus, counts_of(EVENTS, after=first - 1) | counts_of_others())
            assert await told(bus, "ALPHA") == expected(EVENTS, "ALPHA", after=first - 1)

    asyncio.run(scenario())


def counts_of_others() -> dict[str, int]:
    return {member: count for member, count in counts_of(EVENTS).items() if member != "ALPHA"}


def test_a_stream_of_another_journal_is_left_alone_and_parked(bus: str, data_dir: Path) -> None:
    theirs = busy_events(seed=8)

    async def scenario() -> None:
        journal = ListJournal(theirs)
        async with copying(bus, data_dir, journal) as copied:
            await copied(len(theirs))
        DataDirectory(data_dir).position("dropcopy").unlink()
        await wipe_stream(bus)
        async with copying(bus, data_dir, durable(LAST)):
            await until(lambda: bool(read_parked(data_dir)))
            assert "not of this journal" in read_parked(data_dir)[0].error
            await assert_told(bus, theirs)
            await wipe_copies(bus)
            await until_told(bus, counts_of(EVENTS))
            await until(lambda: read_parked(data_dir) == [])
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_nats_server_killed_while_it_copies(
    bus: str, nats_server: NatsServer, data_dir: Path
) -> None:
    journal = durable(HALF // 2)

    async def scenario() -> None:
        async with copying(bus, data_dir, journal) as copied:
            for event_seq in (HALF // 2, HALF):
                journal.durable = event_seq
                await copied(event_seq)
                kill(nats_server)
                restart(nats_server)
            journal.durable = LAST
            await copied(LAST)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_lost_acknowledgements(
    bus: str, nats_server: NatsServer, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop_streams, "ACKNOWLEDGEMENT_TIMEOUT_SECONDS", 0.3)

    async def scenario() -> None:
        await publish_all(Publisher(durable(LAST), bus), LAST)
        proxy = ReplySwallower(nats_server.host, nats_server.port)
        proxy.swallow_after = 5_000
        async with proxy.listening() as port:
            url = bus.replace(f":{nats_server.port}", f":{port}")
            async with running(DropCopier(data_dir, url)):
                await until_told(bus, counts_of(EVENTS))
        assert proxy.swallowed > 0
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_two_processes_at_once_still_store_each_copy_once(bus: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        await asyncio.gather(copy_all(bus, tmp_path / "one"), copy_all(bus, tmp_path / "other"))
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_counting_back_gives_the_numbers_of_any_earlier_event(data_dir: Path) -> None:
    write_journal(data_dir / "journal", list(EVENTS))
    numbers = Numbers()
    at = {0: numbers}
    for event in EVENTS:
        numbers, _ = number(numbers, event)
        at[event.event_seq] = numbers
    trade = next(event.event_seq for event in EVENTS if isinstance(event, TradeExecuted))
    for event_seq in (0, 30, trade - 1, trade, HALF, LAST):
        back = asyncio.run(count_back(numbers, event_seq, data_dir / "journal"))
        assert back.event_seq == event_seq
        assert {m: n for m, n in back.members.items() if n} == {
            m: n for m, n in at[event_seq].members.items() if n
        }
