"""The supervisor on a disk that takes nothing more: it says so, goes on, and heals."""

import asyncio
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig
from structlog.testing import capture_logs

from tests.servers.conditions import wait_for
from tests.servers.disks import fill, small_disk
from tests.servers.running import new_pid, running_supervisor
from venue.rotation import set_aside
from venue.servers import supervisor
from venue.servers.child import rotate_log
from venue.servers.nats import NatsServer


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    with small_disk(tmp_path, "256k") as place:
        yield place


@pytest.fixture
def larger_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB."""
    with small_disk(tmp_path, "64m") as place:
        yield place


def test_worker_is_started_again_and_told_of_once_there_is_room(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOG_CHECK_SECONDS", 0.1)
    with capture_logs() as logs, running_supervisor(disk) as running:
        before = running.now()
        ballast = fill(disk)
        os.kill(before.processes["audit"], signal.SIGKILL)
        wait_for(lambda: any(line["event"] == "started again" for line in logs))
        wait_for(lambda: any("cannot be written yet" in line["event"] for line in logs))
        assert running.is_running
        assert running.now() == before
        ballast.unlink()
        new_pid(lambda: running.process("audit"), before.processes["audit"])
        assert running.now().restarts["audit"] == 1
    assert running.status == 0
    assert not (disk / "runtime.json").exists()


def test_log_that_cannot_be_set_aside_stays_and_ends_nothing(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOG_CHECK_SECONDS", 0.05)
    monkeypatch.setattr(supervisor, "rotate_log", partial(rotate_log, bytes_max=8192))
    with capture_logs() as logs, running_supervisor(disk) as running:
        log = disk / "logs" / "audit.log"
        with log.open("ab") as file:
            file.write(b"x" * 16384)
        ballast = fill(disk)
        wait_for(lambda: any(line["event"] == "log not set aside" for line in logs))
        assert running.is_running
        ballast.unlink()
        wait_for(lambda: log.stat().st_size == 0)
    assert running.status == 0
    (older,) = set_aside(log)
    assert older.read_text() == "x" * 16384
    assert sorted(log.parent.glob("audit.log*")) == [log, older]


def stores(url: str, size: int = 1 << 10) -> bool:
    """Whether nats-server stores a message of this size."""

    async def publish() -> None:
        client = await nats.connect(url, allow_reconnect=False)
        try:
            stream = client.jetstream(timeout=2)
            await stream.add_stream(StreamConfig(name="TEST", subjects=["test.>"]))
            await stream.publish("test.one", bytes(size))
        finally:
            await client.close()

    try:
        asyncio.run(publish())
    except (OSError, NatsError):
        return False
    return True


def test_nats_that_a_full_disk_has_hurt_is_named_and_mended_once_there_is_room(
    larger_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOG_CHECK_SECONDS", 0.1)
    server = NatsServer(larger_disk)
    with running_supervisor(larger_disk, server) as running:
        assert stores(server.url)
        spare = larger_disk / "spare"
        spare.write_bytes(bytes(1 << 16))
        ballast = fill(larger_disk)
        wait_for(lambda: not stores(server.url), 60)
        spare.unlink()  # room for its log and for runtime.json, not for a start
        wait_for(lambda: not stores(server.url) and "nats" in running.now().failing, 60)
        assert "no space left on device" in running.now().failing["nats"]
        before = running.now().servers["nats"]
        ballast.unlink()
        wait_for(lambda: stores(server.url), 60)
        new_pid(lambda: running.now().servers.get("nats", 0), before)
        wait_for(lambda: not running.now().failing, 60)
    assert running.status == 0


def test_nats_that_was_started_on_a_nearly_full_disk_stores_what_fits_later(
    larger_disk: Path,
) -> None:
    ballast = fill(larger_disk, leave=2 << 20)
    server = NatsServer(larger_disk)
    with running_supervisor(larger_disk, server):
        ballast.unlink()
        assert all(stores(server.url, 4 << 20) for _ in range(5))


def test_nats_is_started_again_on_a_full_disk(larger_disk: Path) -> None:
    server = NatsServer(larger_disk)
    with running_supervisor(larger_disk, server) as running:
        before = running.now().servers["nats"]
        ballast = fill(larger_disk)
        config = (larger_disk / "nats" / "server.conf").read_bytes()
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: server.pid not in (before, None), 60)
        assert (larger_disk / "nats" / "server.conf").read_bytes() == config
        ballast.unlink()
        wait_for(lambda: stores(server.url), 60)
