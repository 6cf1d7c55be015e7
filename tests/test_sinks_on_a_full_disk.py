"""Each sink where nothing of its own can be written: it goes on, and its files heal."""

import asyncio
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.clearing.conftest import drop_ledger
from tests.dropcopy.copies import wipe_copies
from tests.dropcopy.scenario import until
from tests.marketdata.scenario import wipe as wipe_streams
from tests.sinks import FOLLOWERS, publisher, running, shown_at
from tests.test_sinks import EVENTS, LAST, follow, replace_journal
from venue.audit.heads import HEAD_FILE
from venue.bus.parking import read_parked
from venue.bus.position_file import Position
from venue.data_directory import DataDirectory
from venue.dropcopy.numbering import Numbers
from venue.journal.durable import forget_position
from venue.servers import nats, postgres

PATIENCE = 120


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """NATS and PostgreSQL."""
    bus = nats.start(tmp_path_factory.mktemp("nats"))
    database = postgres.start(tmp_path_factory.mktemp("postgres"))
    yield bus.url, database.url
    bus.stop()
    database.stop()


@pytest.fixture
def data_dir(tmp_path: Path, urls: tuple[str, str]) -> Iterator[Path]:
    """Nothing was ever followed."""
    forget_all(urls)
    yield tmp_path
    forget_position(tmp_path / "journal")


def forget_all(urls: tuple[str, str]) -> None:
    asyncio.run(wipe_streams(urls[0]))
    asyncio.run(wipe_copies(urls[0]))
    drop_ledger(urls[1])


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Nothing can be written in place of this file inside."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        yield
    finally:
        draft.rmdir()


@pytest.mark.parametrize("name", list(FOLLOWERS))
def test_sink_goes_on_while_its_position_cannot_be_written_and_shows_it_afterwards(
    name: str, data_dir: Path, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_journal(data_dir, EVENTS)
    tried: set[tuple[str, int]] = set()
    wanted = {(name, LAST), ("publisher", LAST)}

    def refuse(path: Path, position: Position | Numbers, **_: bool) -> None:
        tried.add((path.stem, position.event_seq))
        raise OSError(errno.ENOSPC, "No space left on device")

    def are_shown() -> bool:
        return all(shown_at(data_dir, sink) == last for sink, last in wanted)

    async def scenario() -> None:
        async with (
            running(publisher(data_dir, *urls)),
            running(FOLLOWERS[name](data_dir, *urls)),
        ):
            with monkeypatch.context() as disk:
                disk.setattr("venue.bus.position_file.write_position", refuse)
                disk.setattr("venue.bus.publisher.write_position", refuse)
                disk.setattr("venue.dropcopy.worker.keep_numbers", refuse)
                await until(lambda: wanted <= tried, PATIENCE)
                assert not DataDirectory(data_dir).position(name).exists()
                assert not DataDirectory(data_dir).position("publisher").exists()
            await until(are_shown, PATIENCE)
        assert read_parked(data_dir) == []

    asyncio.run(scenario())


def test_trail_that_cannot_be_begun_on_a_full_disk_is_begun_when_there_is_room(
    data_dir: Path, urls: tuple[str, str]
) -> None:
    replace_journal(data_dir, EVENTS)
    head = data_dir / "audit" / HEAD_FILE

    async def scenario() -> None:
        with capture_logs() as logs, full_disk(head):
            async with running(FOLLOWERS["audit"](data_dir, *urls)):
                await until(lambda: "trail_not_opened" in [line["event"] for line in logs])
        await follow("audit", data_dir, urls)
        with full_disk(head):
            async with running(FOLLOWERS["audit"](data_dir, *urls)):
                pass
        assert head.is_file()

    asyncio.run(scenario())
