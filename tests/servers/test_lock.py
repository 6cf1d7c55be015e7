"""The data directory's lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from venue.data_directory import SUPERVISOR_LOCK
from venue.servers.lock import DataDirLock, LockHeld, is_held

_HOLDER = """
import sys, time
from pathlib import Path
from venue.servers.lock import DataDirLock
with DataDirLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_second_holder_is_told_who_has_it(tmp_path: Path) -> None:
    with DataDirLock(tmp_path), pytest.raises(LockHeld) as refused:
        DataDirLock(tmp_path).acquire()
    assert refused.value.pid == os.getpid()
    assert str(refused.value) == (
        f"data directory {tmp_path} is in use by a running venue (pid {os.getpid()})"
    )


def test_lock_of_a_killed_holder_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout as output:
        assert output.readline() == "held\n"
        with pytest.raises(LockHeld) as refused:
            DataDirLock(tmp_path).acquire()
        assert refused.value.pid == holder.pid
        holder.kill()
        DataDirLock(tmp_path).acquire(patience_seconds=5.0)
        holder.wait()


def test_released_lock_can_be_taken_again_and_names_nobody(tmp_path: Path) -> None:
    lock = DataDirLock(tmp_path / "new" / "directory")
    lock.acquire()
    lock.release()
    lock.release()
    assert (tmp_path / "new" / "directory" / "venue.lock").read_text() == ""
    with lock:
        assert (tmp_path / "new" / "directory" / "venue.lock").read_text() == f"{os.getpid()}\n"


def test_the_two_locks_of_a_directory_do_not_meet(tmp_path: Path) -> None:
    with DataDirLock(tmp_path), DataDirLock(tmp_path, SUPERVISOR_LOCK):
        assert (tmp_path / "run.lock").exists()


def test_holder_that_has_not_said_its_pid_is_unknown(tmp_path: Path) -> None:
    with DataDirLock(tmp_path):
        (tmp_path / "venue.lock").write_text("")
        with pytest.raises(LockHeld, match="pid unknown"):
            DataDirLock(tmp_path).acquire()


def test_asking_whether_a_lock_is_held_takes_it_from_nobody(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    assert not (tmp_path / "venue.lock").exists()
    with DataDirLock(tmp_path):
        assert is_held(tmp_path)
        assert not is_held(tmp_path, SUPERVISOR_LOCK)
    assert not is_held(tmp_path)
    with DataDirLock(tmp_path):
        assert is_held(tmp_path)
