"""Child processes: their end, their log, their process group."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.conditions import is_running, wait_for
from venue.rotation import set_aside
from venue.servers import left_over
from venue.servers.child import Child, rotate_log, spawn

_PARENT = """
import sys, time
from pathlib import Path
from venue.servers.child import spawn
child = spawn("sleeper", ["sleep", "600"], log_file=Path(sys.argv[1]) / "sleeper.log")
print(child.pid, flush=True)
time.sleep(600)
"""
_STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


def _spawn_python(tmp_path: Path, code: str, nice: int = 0) -> Child:
    argv = [sys.executable, "-c", code]
    return spawn("program", argv, log_file=tmp_path / "logs" / "program.log", nice=nice)


def test_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        pid = int(output.readline())
        assert is_running(pid)
        parent.kill()
        parent.wait()
    wait_for(lambda: not is_running(pid))


def test_outputs_go_to_the_log_and_the_last_line_is_told(tmp_path: Path) -> None:
    code = "import sys; print('one'); print('two', file=sys.stderr)"
    child = _spawn_python(tmp_path, code)
    assert child.wait(10)
    assert child.exit_status() == 0
    assert sorted(child.log_file.read_text().split()) == ["one", "two"]
    assert child.last_log_line() in ("one", "two")
    assert child.log_file.stat().st_mode & 0o777 == 0o600


def test_child_has_its_own_process_group_and_its_nice_value(tmp_path: Path) -> None:
    child = _spawn_python(tmp_path, "import time; time.sleep(600)", nice=7)
    try:
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == min(os.nice(0) + 7, 19)
    finally:
        assert child.stop() == -signal.SIGTERM


def test_child_that_ignores_the_request_is_killed_at_the_deadline(tmp_path: Path) -> None:
    child = _spawn_python(tmp_path, _STUBBORN)
    wait_for(lambda: child.last_log_line() == "deaf")
    assert child.is_alive()
    assert child.stop(seconds=0.1) == -signal.SIGKILL
    assert not is_running(child.pid)


def test_a_program_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        spawn("nothing", [str(tmp_path / "nothing")], log_file=tmp_path / "nothing.log")


def test_a_grown_log_is_set_aside_while_the_child_goes_on_writing(tmp_path: Path) -> None:
    code = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"
    log_file = tmp_path / "program.log"
    child = _spawn_python(tmp_path, "print('x' * 100)")
    assert child.wait(10)
    child.log_file.rename(log_file)
    assert not rotate_log(log_file, bytes_max=200)
    assert rotate_log(log_file, bytes_max=50)
    (aside,) = set_aside(log_file)
    assert aside.read_text() == "x" * 100 + "\n"
    assert log_file.read_text() == ""
    with log_file.open("a") as appended:
        writer = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=appended, text=True
        )
    assert writer.stdin is not None
    with writer.stdin as lines:
        lines.write("y" * 100 + "\n")
        lines.flush()
        wait_for(lambda: log_file.stat().st_size == 101)
        assert rotate_log(log_file, bytes_max=50)
        lines.write("z\n")
    writer.wait()
    assert log_file.read_text() == "z\n"
    assert [path.read_text() for path in set_aside(log_file)] == [
        "x" * 100 + "\n",
        "y" * 100 + "\n",
    ]


def test_left_over_is_found_by_program_and_directory_and_ended(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    log_file = tmp_path / "sleep.log"
    ours = spawn("ours", ["sleep", "600"], log_file=log_file, cwd=here)
    other = spawn("other", ["sleep", "600"], log_file=log_file, cwd=elsewhere)
    try:
        assert left_over.find(here, "sleep") == [ours.pid]
        assert left_over.find(here, "postgres") == []
        assert left_over.find(tmp_path / "missing", "sleep") == []
        assert left_over.stop(here, "sleep") == [ours.pid]
        assert ours.wait(1)
        assert ours.exit_status() == -signal.SIGINT
        assert other.is_alive()
    finally:
        ours.stop(signal.SIGKILL)
        other.stop(signal.SIGKILL)


def test_left_over_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    deaf = "trap '' INT; while true; do sleep 0.05; done"
    child = spawn("deaf", ["bash", "-c", deaf], log_file=tmp_path / "deaf.log", cwd=tmp_path)
    wait_for(lambda: bool(left_over.find(tmp_path, "bash")))
    assert left_over.stop(tmp_path, "bash", seconds=0.2) == [child.pid]
    assert child.wait(1)
    assert child.exit_status() in (-signal.SIGKILL, -signal.SIGINT)
