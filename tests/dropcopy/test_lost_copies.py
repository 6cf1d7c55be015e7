"""Drop copies whose streams were wiped, cut or taken over, and a journal that was pruned."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.stream import ensure_stream, wipe_stream
from venue.bus.subjects import all_drop_copies, drop_stream
from venue.data_directory import DataDirectory
from venue.dropcopy.copies import subject_of
from venue.journal.segment import list_segments
from venue.replay.retention import remove_segments

from .busy_day import EVENTS, HALF, LAST, copy_all, durable
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
from .scenario import until

pytestmark = pytest.mark.usefixtures("hurried")


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
                    subject_of(copy),
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
    remove_segments(data_dir / "journal", segments[: len(segments) // 2])
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
                subject_of(lost),
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
