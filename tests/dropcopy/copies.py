"""A day for the drop-copy tests: its events, what members must be told, what they are told."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from nats.js.errors import NotFoundError

from tests.marketdata.random_venue import SESSIONS, RandomVenue
from venue.bus.connection import connected
from venue.bus.event_pull import EventPull, PullEnded
from venue.bus.position_file import read_position_file
from venue.bus.publisher import Publisher
from venue.bus.stream import stream_end, wipe_stream
from venue.bus.subjects import drop_stream
from venue.data_directory import DataDirectory
from venue.domain.events import AnyEvent
from venue.dropcopy.copies import AnyCopy, decode_copy, subject_of
from venue.dropcopy.drop_copy import DropCopy
from venue.dropcopy.numbering import Numbers, number
from venue.dropcopy.worker import DropCopier

from .list_journal import ListJournal
from .scenario import PATIENCE_SECONDS, running, until

MEMBERS = sorted(set(SESSIONS.values()))


@cache
def busy_events(seed: int = 7, commands: int = 500) -> tuple[AnyEvent, ...]:
    """Everything that happened in a random venue, from event 1 on."""
    return tuple(itertools.chain.from_iterable(RandomVenue(seed).run(commands)))


def expected(events: tuple[AnyEvent, ...], member: str, after: int = 0) -> list[DropCopy]:
    """The member's executions of these events, from those of event `after` + 1 on."""
    copies = all_expected(events, member, after)
    return [copy for copy in copies if isinstance(copy, DropCopy)]


def all_expected(events: tuple[AnyEvent, ...], member: str, after: int = 0) -> list[AnyCopy]:
    """The same with movements of funds."""
    numbers = Numbers()
    found: list[AnyCopy] = []
    for event in events:
        numbers, copies = number(numbers, event)
        found += [copy for copy in copies if copy.member == member and copy.event_seq > after]
    return found


async def told(nats_url: str, member: str) -> list[AnyCopy]:
    """What the member's stream holds, in its order; the ids must be the copies' own."""
    async with connected(nats_url, "test") as connection:
        end = await stream_end(connection.client.jetstream(), drop_stream(member))
        assert end is not None, f"{member} has no stream"
        if not end.event_seq:
            return []
        found: list[AnyCopy] = []
        stored = end.last_sequence - end.first_sequence + 1
        while len(found) < stored:
            begin = end.first_sequence + len(found)
            with suppress(PullEnded):  # by a server that has just come back: go on behind it
                async with EventPull(connection, "test", begin, drop_stream(member)) as pull:
                    while len(found) < stored:
                        for message in await pull.next(500):
                            copy = decode_copy(message.data)
                            assert message.number == copy.member_seq
                            assert message.subject.decode() == subject_of(copy)
                            found.append(copy)
        return found


async def assert_told(nats_url: str, events: tuple[AnyEvent, ...], after: int = 0) -> None:
    """Each member has been told all of its copies, once, in order, and nothing else."""
    for member in MEMBERS:
        assert await told(nats_url, member) == expected(events, member, after)


async def wipe_copies(nats_url: str) -> None:
    """No member has a stream afterwards."""
    for member in MEMBERS:
        await wipe_stream(nats_url, drop_stream(member))


async def length(nats_url: str, member: str) -> int:
    """Number of copies in the member's stream; 0 where there is none."""
    async with connected(nats_url, "test") as connection:
        try:
            info = await connection.client.jetstream().stream_info(drop_stream(member))
        except NotFoundError:
            return 0
        return info.state.messages


async def until_told(nats_url: str, counts: dict[str, int]) -> None:
    """Wait until the streams have that many copies."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while {member: await length(nats_url, member) for member in counts} != counts:
        assert asyncio.get_running_loop().time() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


def counts_of(events: tuple[AnyEvent, ...], after: int = 0) -> dict[str, int]:
    """How many copies each member has of these events."""
    return {member: len(expected(events, member, after)) for member in MEMBERS}


def kept_at(data_dir: Path) -> int:
    """event_seq that the process says it has done."""
    position = read_position_file(DataDirectory(data_dir).position("dropcopy"))
    return position.event_seq if position else 0


@asynccontextmanager
async def copying(
    nats_url: str, data_dir: Path, journal: ListJournal
) -> AsyncIterator[Callable[[int], Any]]:
    """Publisher and drop copier run inside; gives what waits until an event is copied and kept."""

    async def copied(event_seq: int) -> None:
        await until(lambda: kept_at(data_dir) >= event_seq)

    copier = DropCopier(data_dir, nats_url)
    async with running(Publisher(journal, nats_url)), running(copier):
        yield copied
