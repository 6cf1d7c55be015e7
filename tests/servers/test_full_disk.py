"""The supervisor on a disk that takes nothing more: it says so, goes on, and heals."""

import errno
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.servers.conditions import wait_for
from tests.servers.running import new_pid, running_supervisor
from venue.servers import supervisor
from venue.servers.child import rotate_log


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "small", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("to make a file system needs the right to mount one")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _fill(disk: Path) -> Path:
    """Take what is left of it."""
    ballast = disk / "ballast"
    with pytest.raises(OSError, match="No space left") as full, ballast.open("wb", 0) as file:
        while True:
            file.write(bytes(4096))
    assert full.value.errno == errno.ENOSPC
    return ballast


def test_worker_is_started_again_and_told_of_once_there_is_room(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOG_CHECK_SECONDS", 0.1)
    with capture_logs() as logs, running_supervisor(disk) as running:
        before = running.now()
        ballast = _fill(disk)
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
        older = log.with_name("audit.log.1")
        older.write_text("older")
        with log.open("ab") as file:
            file.write(b"x" * 16384)
        ballast = _fill(disk)
        wait_for(lambda: any(line["event"] == "log not set aside" for line in logs))
        assert running.is_running
        ballast.unlink()
        wait_for(lambda: log.stat().st_size == 0)
    assert running.status == 0
    assert older.read_text() == "x" * 16384
    assert sorted(path.name for path in log.parent.glob("audit.log*")) == [
        "audit.log",
        "audit.log.1",
    ]
