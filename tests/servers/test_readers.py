"""Readers of a NATS that is away, or that has only just gone: nothing is changed."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.cli.bus import running_bus
from venue.bus.connection import connected
from venue.data_directory import DataDirectory
from venue.journal.files import replace
from venue.readers_file import read_readers
from venue.servers import ServerError
from venue.servers.ports import free_port
from venue.servers.readers import ReaderRefused, Readers
from venue.servers.runtime import RuntimeInfo, find_running


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RuntimeInfo]:
    """A NATS as its venue's runtime.json has it."""
    with running_bus(tmp_path) as server:
        (tmp_path / "journal").mkdir()
        info = find_running(tmp_path)
        assert info is not None and server.pid is not None
        yield msgspec.structs.replace(info, servers={"nats": server.pid}, restarts={"nats": 0})


def names(data_dir: Path) -> list[str]:
    return list(read_readers(DataDirectory(data_dir).readers))


def test_change_that_nats_does_not_take_is_none(tmp_path: Path, running: RuntimeInfo) -> None:
    Readers(tmp_path, running).add("KEPT", "")
    dead = os.fork()
    if dead == 0:
        os._exit(0)
    os.waitpid(dead, 0)
    gone = Readers(tmp_path, msgspec.structs.replace(running, servers={"nats": dead}))
    unnamed = Readers(tmp_path, msgspec.structs.replace(running, servers={}))
    for readers in (gone, unnamed):
        with pytest.raises(ServerError, match="nothing was changed"):
            readers.add("NEW", "")
        with pytest.raises(ServerError, match="nothing was changed"):
            readers.remove("KEPT")
        with pytest.raises(ServerError, match="nothing was changed"):
            readers.rotate("KEPT")
        assert names(tmp_path) == ["KEPT"]
    assert Readers(tmp_path, running).remove("KEPT").member == ""
    assert names(tmp_path) == []


def test_reader_that_was_just_added_is_answered_and_others_wait_on(
    tmp_path: Path, running: RuntimeInfo
) -> None:
    readers = Readers(tmp_path, running)
    at = urlsplit(running.nats)

    def url(name: str, password: str) -> str:
        return f"nats://{name}:{password}@{at.hostname}:{at.port}"

    async def scenario() -> None:
        first = url("BACK", await asyncio.to_thread(readers.add, "BACK", "ALPHA"))
        async with connected(first, "test") as connection, connected(running.nats, "t") as venue:
            jetstream = connection.client.jetstream()
            assert (await jetstream.consumer_info("DROP_ALPHA", "BACK")).name == "BACK"
            subscription = await jetstream.pull_subscribe_bind("BACK", "DROP_ALPHA")
            waiting = asyncio.create_task(subscription.fetch(1, timeout=20))
            news = await connection.client.subscribe("drop.ALPHA.>")
            await connection.client.flush()
            second = url("DESK", await asyncio.to_thread(readers.add, "DESK", "ALPHA"))
            async with connected(second, "test") as other:
                bound = other.client.jetstream()
                assert (await bound.consumer_info("DROP_ALPHA", "DESK")).name == "DESK"
            await venue.client.publish("drop.ALPHA.ACME", b"new")
            assert (await news.next_msg(timeout=10)).data == b"new"
            (message,) = await waiting
            await message.ack_sync(timeout=10)
            await asyncio.to_thread(readers.remove, "DESK")
            info = await jetstream.consumer_info("DROP_ALPHA", "BACK")
            assert (info.num_pending, info.num_ack_pending) == (0, 0)

    asyncio.run(scenario())


def test_reader_without_a_consumer_is_none(
    tmp_path: Path, running: RuntimeInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = Readers(tmp_path, running)
    nowhere = f"nats://venue:x@127.0.0.1:{free_port()}"
    monkeypatch.setattr(readers, "_nats_url", nowhere)
    with pytest.raises(ServerError, match="NATS at nats://"):
        readers.add("BACK", "ALPHA")
    assert names(tmp_path) == []


def test_readers_of_a_nats_of_ones_own_are_made_there(tmp_path: Path, running: RuntimeInfo) -> None:
    with pytest.raises(ReaderRefused, match="venue reader permissions"):
        Readers(tmp_path, msgspec.structs.replace(running, restarts={}))
    replace(DataDirectory(tmp_path).readers, b"{")
