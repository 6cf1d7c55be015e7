"""Whose the stream is: what another journal left in it is neither mixed in nor overwritten."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.position_file import Position
from venue.bus.publisher import Publisher
from venue.bus.stream import owner_of, wipe_stream

from .histories import COUNT, OURS, THEIRS, halted, ours, payloads, publisher, theirs
from .list_journal import ListJournal
from .scenario import publish_all, running, stored, stored_alerts, until


async def owner(nats_url: str) -> str | None:
    async with connected(nats_url, "test") as connection:
        return await owner_of(connection.client.jetstream())


def without_owner(journal: ListJournal) -> ListJournal:
    """As an older version left its stream."""
    journal.journal = ""
    return journal


def longer(journal: ListJournal) -> ListJournal:
    """The stream got more than the journal has now: its end was lost, or it was restored."""
    journal.durable = COUNT - 5
    return journal


@pytest.mark.parametrize(
    ("stream_of", "journal", "why"),
    [
        (theirs, ours, f"belongs to journal {THEIRS}, this is {OURS}"),
        (lambda: without_owner(theirs()), ours, "is not the journal's"),
        (ours, lambda: longer(ours()), f"ends with event {COUNT}, which is not in the journal"),
        (lambda: theirs(3), ours, f"belongs to journal {THEIRS}"),
        (ours, lambda: ours(3), "which is not in the journal"),
    ],
)
def test_publisher_halts_before_a_stream_that_is_not_its_own(
    nats_url: str,
    tmp_path: Path,
    stream_of: Callable[[], ListJournal],
    journal: Callable[[], ListJournal],
    why: str,
) -> None:
    first = stream_of()

    async def scenario() -> None:
        await publish_all(Publisher(first, nats_url), len(first.events))
        second = publisher(journal(), nats_url, tmp_path)
        async with running(second):
            parked = await halted(tmp_path)
            assert parked.event_seq == 0 and why in parked.error
            await asyncio.sleep(0.3)
            assert second.acknowledged_event_seq == 0
            assert await stored(nats_url) == payloads(first), "the first one is undisturbed"
            (alert,) = await stored_alerts(nats_url)
            assert alert["error"] == parked.error
            await wipe_stream(nats_url)
            await until(lambda: second.acknowledged_event_seq > 0)
            await until(lambda: read_parked(tmp_path) == [])
        assert await owner(nats_url) == OURS

    asyncio.run(scenario())


def test_first_one_goes_on_beside_a_second_that_halts(nats_url: str, tmp_path: Path) -> None:
    first = ours()
    first.durable = 10

    async def scenario() -> None:
        async with running(Publisher(first, nats_url)):
            await until_stored(nats_url, 10)
            async with running(publisher(theirs(500), nats_url, tmp_path)):
                await halted(tmp_path)
                first.durable = COUNT
                await until_stored(nats_url, COUNT)
        assert await stored(nats_url) == payloads(first)

    asyncio.run(scenario())


async def until_stored(nats_url: str, count: int) -> None:
    while len(await stored(nats_url)) < count:
        await asyncio.sleep(0.02)


def test_of_two_that_begin_at_once_one_halts(nats_url: str, tmp_path: Path) -> None:
    journals = {"ours": ours(3_000), "theirs": theirs(3_000)}

    async def scenario() -> None:
        parts = {
            name: publisher(journal, nats_url, tmp_path / name)
            for name, journal in journals.items()
        }
        async with running(parts["ours"]), running(parts["theirs"]):
            await until(
                lambda: any(part.acknowledged_event_seq == 3_000 for part in parts.values())
            )
            await until(lambda: any(read_parked(tmp_path / name) for name in parts))
            (winner,) = [name for name in parts if parts[name].acknowledged_event_seq]
            (loser,) = [name for name in parts if name != winner]
            assert read_parked(tmp_path / winner) == []
            assert read_parked(tmp_path / loser)[0].consumer == "publisher"
        assert await stored(nats_url) == payloads(journals[winner])
        assert await owner(nats_url) == journals[winner].journal

    asyncio.run(scenario())


def test_stream_of_an_older_version_is_claimed_by_its_journal(nats_url: str) -> None:
    async def scenario() -> None:
        await publish_all(Publisher(without_owner(ours()), nats_url), COUNT)
        assert await owner(nats_url) == ""
        await publish_all(Publisher(ours(), nats_url), COUNT)
        assert await owner(nats_url) == OURS

    asyncio.run(scenario())


def test_position_says_whose_it_is_from_the_first_event_on(nats_url: str) -> None:
    journal = ours()

    async def scenario() -> Position:
        part = Publisher(journal, nats_url)
        await publish_all(part, COUNT)
        return part._acknowledged

    assert asyncio.run(scenario()).journal == OURS
