"""Readers of a NATS that is away, or that has only just gone: nothing is changed."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cli.bus import running_bus
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
