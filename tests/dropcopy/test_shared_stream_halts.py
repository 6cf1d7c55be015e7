"""What is wrong with an event, or with NATS, under several consumers on one stream: who halts."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.bus.connection import connected
from venue.bus.delivered import Delivered
from venue.bus.parking import read_parked
from venue.bus.position_file import Position
from venue.bus.publisher import Publisher
from venue.bus.stream import wipe_stream
from venue.bus.subjects import STREAM
from venue.domain.codec import encode
from venue.journal.durable import forget_position
from venue.journal.segment import list_segments
from venue.replay.retention import remove_segments
from venue.servers.nats import NatsServer

from .conftest import kill, restart
from .events import write_journal
from .list_journal import ListJournal
from .scenario import publish_all, running, store_raw, until
from .sink import EVENTS, LAST, NAMES, Sink, assert_all_have_all, share, stopped_at_the_end


@pytest.fixture(scope="module")
def journal_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("data") / "journal"
    write_journal(directory, EVENTS)
    yield directory
    forget_position(directory)


async def purge_until(nats_url: str, event_seq: int) -> None:
    """The stream begins with this event."""
    async with connected(nats_url, "test") as connection:
        await connection.client.jetstream().purge_stream(STREAM, seq=event_seq)


def test_poison_halts_one_and_is_parked_for_it_alone(
    nats_url: str, journal_dir: Path, tmp_path: Path
) -> None:
    async def scenario() -> list[Sink]:
        sinks = [Sink(name, nats_url, tmp_path) for name in NAMES]
        sinks[1].poison = 250
        shared = share(nats_url, journal_dir)
        async with stopped_at_the_end(*sinks):
            await publish_all(Publisher(ListJournal(EVENTS), nats_url), LAST)
            for sink in sinks:
                sink.start(shared, journal_dir)
            await until(lambda: sinks[1].is_halted)
            await until(lambda: all(s.position.event_seq == LAST for s in sinks if not s.poison))
            (parked,) = read_parked(tmp_path)
            assert (parked.consumer, parked.event_seq) == ("east", 250)
            assert sinks[1].event_seqs == list(range(1, 250))
            sinks[1].poison = None
            await sinks[1].stop()
            sinks[1].start(shared, journal_dir)
            await until(lambda: sinks[1].position.event_seq == LAST)
        return sinks

    assert_all_have_all(asyncio.run(scenario()))
    assert read_parked(tmp_path) == []


def test_event_that_is_lost_halts_only_who_needs_it(
    nats_url: str, journal_dir: Path, tmp_path: Path
) -> None:
    """The shared stream begins where the one begins that cannot go on; the others lose nothing."""
    write_journal(tmp_path / "journal", EVENTS, segment_bytes=1 << 14)
    *gone, last = list_segments(tmp_path / "journal")
    first = last.first_event_seq
    assert gone and first > 2

    async def scenario() -> list[Sink]:
        sinks = [Sink(name, nats_url, tmp_path) for name in NAMES]
        for sink in sinks[1:]:
            sink.applied = [Delivered(each.event_seq, encode(each)) for each in EVENTS[: first - 1]]
            sink.position = Position(first - 1)
        await publish_all(Publisher(ListJournal(EVENTS), nats_url), LAST)
        await purge_until(nats_url, first)
        remove_segments(tmp_path / "journal", gone)
        shared = share(nats_url, tmp_path / "journal")
        async with stopped_at_the_end(*sinks):
            for sink in sinks:
                sink.start(shared, tmp_path / "journal")
            await until(lambda: sinks[0].is_halted)
            await until(lambda: all(sink.position.event_seq == LAST for sink in sinks[1:]))
        return sinks

    lost, *others = asyncio.run(scenario())
    forget_position(tmp_path / "journal")
    assert lost.applied == []
    assert_all_have_all(others)
    assert [each.consumer for each in read_parked(tmp_path)] == ["north"]


def test_forged_event_parks_all_and_a_refill_heals_all(
    nats_url: str, journal_dir: Path, tmp_path: Path
) -> None:
    in_stream = ListJournal(EVENTS[:30]).events
    in_stream[6] = in_stream[6]._replace(payload=encode(EVENTS[8]))

    async def scenario() -> list[Sink]:
        sinks = [Sink(name, nats_url, tmp_path) for name in NAMES]
        shared = share(nats_url, journal_dir)
        await store_raw(nats_url, in_stream)
        async with stopped_at_the_end(*sinks):
            for sink in sinks:
                sink.start(shared, journal_dir)
            await until(lambda: {each.consumer for each in read_parked(tmp_path)} == set(NAMES))
            assert [sink.event_seqs for sink in sinks] == [list(range(1, 7))] * 4
            await wipe_stream(nats_url)
            await publish_all(Publisher(ListJournal(EVENTS), nats_url), LAST)
            await until(lambda: all(sink.position.event_seq == LAST for sink in sinks))
            await until(lambda: read_parked(tmp_path) == [])
        return sinks

    assert_all_have_all(asyncio.run(scenario()))


def test_nats_server_killed_under_all_of_them(
    nats_server: NatsServer, nats_url: str, journal_dir: Path
) -> None:
    async def scenario() -> list[Sink]:
        sinks = [Sink(name, nats_url, None, batch=7) for name in NAMES]
        for sink in sinks:
            sink.pause = 0.001
        shared = share(nats_url, journal_dir)
        async with (
            running(Publisher(ListJournal(EVENTS), nats_url)),
            stopped_at_the_end(*sinks),
        ):
            for sink in sinks:
                sink.start(shared, journal_dir)
            for reached in (50, 300):
                await until(lambda: max(s.position.event_seq for s in sinks) >= reached)  # noqa: B023
                kill(nats_server)
                restart(nats_server)
            await until(lambda: all(sink.position.event_seq == LAST for sink in sinks))
        return sinks

    assert_all_have_all(asyncio.run(scenario()))
