"""Whatever breaks between journal and stream, each event is stored once and in order."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from venue.bus.acknowledgements import Acknowledgements, NotStored
from venue.bus.bulk import frame
from venue.bus.connection import connected
from venue.bus.envelope import first_headers, following_headers
from venue.bus.position_file import read_position_file
from venue.bus.publisher import Publisher
from venue.bus.stream import ensure_stream, wipe_stream
from venue.bus.subjects import STREAM
from venue.data_directory import DataDirectory
from venue.servers.nats import NatsServer

from .conftest import kill, restart
from .events import numbered_events, write_journal
from .list_journal import ListJournal
from .reply_swallower import ReplySwallower
from .scenario import publish_all, published, refilled, running, stored, until

PUBLISH_JOURNAL = """
import asyncio, sys
from pathlib import Path
from venue.bus.publisher import Publisher
from venue.journal.reader import JournalReader
journal, url, position, window = sys.argv[1:]
publisher = Publisher(
    JournalReader(Path(journal)), url, position_file=Path(position), window=int(window)
)
asyncio.run(publisher.run(asyncio.Event()))
"""


def expected(journal: ListJournal) -> list[tuple[int | None, bytes]]:
    return [(event.event_seq, event.payload) for event in journal.events]


def test_publisher_killed_in_the_middle_of_windows(
    nats_url: str, journal_dir: Path, tmp_path: Path
) -> None:
    events = numbered_events(30_000)
    write_journal(journal_dir, events, per_batch=500)
    path = DataDirectory(tmp_path).position("publisher")
    argv = [sys.executable, "-c", PUBLISH_JOURNAL, str(journal_dir), nats_url, str(path), "50"]

    async def scenario() -> None:
        reached = 0
        for _ in range(4):
            process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
            try:
                await position_beyond(path, reached)
            finally:
                os.kill(process.pid, signal.SIGKILL)
                assert process.wait() == -signal.SIGKILL
            reached = position_at(path)
        assert reached > 0
        journal = ListJournal(events)
        await publish_all(Publisher(journal, nats_url), 30_000)
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


async def position_beyond(path: Path, event_seq: int) -> None:
    await until(lambda: position_at(path) > event_seq)


def position_at(path: Path) -> int:
    position = read_position_file(path)
    return position.event_seq if position else 0


def test_nats_server_killed_while_publishing(nats_server: NatsServer, nats_url: str) -> None:
    journal = ListJournal(numbered_events(60_000))

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            for reached in (1_000, 10_000, 25_000):
                await published(publisher, reached)
                kill(nats_server)
                restart(nats_server)
            await until(lambda: publisher.acknowledged_event_seq == 60_000)
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


def test_stream_deleted_while_publishing(nats_url: str) -> None:
    journal = ListJournal(numbered_events(20_000))

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await until(lambda: publisher.acknowledged_event_seq >= 5_000)
            assert await wipe_stream(nats_url)
            await refilled(nats_url, 20_000)
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


def test_lost_acknowledgements(nats_server: NatsServer, nats_url: str) -> None:
    journal = ListJournal(numbered_events(2_000))

    async def scenario() -> None:
        proxy = ReplySwallower(nats_server.host, nats_server.port)
        proxy.swallow_after = 8_000
        async with proxy.listening() as port:
            url = nats_url.replace(f":{nats_server.port}", f":{port}")
            publisher = Publisher(journal, url, window=10, acknowledgement_timeout=0.3)
            await publish_all(publisher, 2_000)
        assert proxy.swallowed > 0
        assert await stored(nats_url) == expected(journal)

    asyncio.run(scenario())


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_window_that_lacks_a_message_is_stored_up_to_it_only(nats_url: str, place: int) -> None:
    """Lost, or with a stranger's message in its place: the last one's answer must say so."""
    subject = "venue.events.Any._"

    async def scenario() -> None:
        for stranger in ([], [frame(subject, b"{}", "")]):
            async with connected(nats_url, "test") as connection:
                await ensure_stream(connection.client.jetstream())
                acknowledgements = Acknowledgements(connection)
                await acknowledgements.listen()
                frames = [frame(subject, b"1", first_headers(1, 0))]
                frames += [frame(subject, b"%d" % n, following_headers(n, n - 1)) for n in (2, 3)]
                frames += [frame(subject, b"4", following_headers(4, 3), acknowledgements.inbox)]
                frames[place - 1 : place] = stranger
                acknowledgements.expect({STREAM: 4})
                await connection.client.send(frames)
                with pytest.raises(NotStored):
                    await acknowledgements.wait(2.0)
            async with connected(nats_url, "test") as connection:
                jetstream = connection.client.jetstream()
                state = (await jetstream.stream_info(STREAM)).state
            assert state.messages == place - 1 + len(stranger)
            assert await wipe_stream(nats_url)

    asyncio.run(scenario())
