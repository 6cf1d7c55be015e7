"""One real nats-server per test module, with no stream at the beginning of each test."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.bus import publisher
from venue.dropcopy import worker
from venue.journal.durable import forget_position
from venue.servers import nats
from venue.servers.nats import NatsServer

from .copies import wipe_copies
from .scenario import delete_stream


@pytest.fixture(scope="module")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats.start(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


@pytest.fixture
def nats_url(nats_server: NatsServer) -> str:
    asyncio.run(delete_stream(nats_server.url))
    return nats_server.url


def kill(server: NatsServer) -> None:
    """kill -9; what it had not written is gone."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


def restart(server: NatsServer) -> None:
    """Start a killed server again on the same port and data."""
    server.stop()  # reaps it
    server.launch()
    server.wait_ready()


@pytest.fixture
def bus(nats_url: str) -> str:
    """A nats-server without events and without drop copies."""
    asyncio.run(wipe_copies(nats_url))
    return nats_url


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drop copier keeps its numbers and looks after the streams more often than it would."""
    monkeypatch.setattr(worker, "KEEP_SECONDS", 0.05)
    monkeypatch.setattr(worker, "CHECK_SECONDS", 0.1)


@pytest.fixture(autouse=True)
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """An idle publisher looks more often than it would whether its stream is still there."""
    monkeypatch.setattr(publisher, "STREAM_CHECK_SECONDS", 0.1)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    forget_position(tmp_path / "journal")


@pytest.fixture
def journal_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "journal"
    forget_position(tmp_path / "journal")
