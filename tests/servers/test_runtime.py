"""runtime.json and the pipe to the supervisor."""

import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from venue import compiled_core
from venue.servers import ServerError, left_over
from venue.servers.runtime import (
    READY_FD_VARIABLE,
    Readiness,
    RuntimeInfo,
    find_running,
    remove_runtime,
    report_failure,
    report_progress,
    report_ready,
    write_runtime,
)


def _info(pid: int, pid_start_ticks: int | None) -> RuntimeInfo:
    return RuntimeInfo(
        fix="127.0.0.1:9878",
        nats="nats://venue:secret@127.0.0.1:4222",
        database="postgresql://venue:secret@127.0.0.1:5432/venue",
        data_dir=".venue",
        pid=pid,
        pid_start_ticks=pid_start_ticks or 0,
        started_ns=1,
        processes={"trading": 7},
        servers={"nats": 8},
    )


def test_running_venue_is_found_by_its_file_which_only_its_owner_reads(tmp_path: Path) -> None:
    info = _info(os.getpid(), left_over.start_ticks(os.getpid()))
    write_runtime(tmp_path, info)
    assert find_running(tmp_path) == info
    assert (tmp_path / "runtime.json").stat().st_mode & 0o777 == 0o600
    remove_runtime(tmp_path)
    remove_runtime(tmp_path)
    assert find_running(tmp_path) is None


def test_file_of_a_dead_venue_counts_as_none(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    write_runtime(tmp_path, _info(ended.pid, 1))
    assert find_running(tmp_path) is None


def test_stranger_with_the_pid_of_a_dead_venue_is_not_taken_for_it(tmp_path: Path) -> None:
    write_runtime(tmp_path, _info(os.getpid(), 1))
    assert find_running(tmp_path) is None


def test_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "runtime.json").write_text("{")
    with pytest.raises(ServerError, match=r"runtime\.json cannot be read: "):
        find_running(tmp_path)


def test_trading_reports_once_and_closes_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setenv(READY_FD_VARIABLE, str(writer))
    report_ready("127.0.0.1:9878")
    report_failure("too late")
    with os.fdopen(reader, "rb") as pipe:
        said = msgspec.json.decode(pipe.read(), type=Readiness)
    assert said == Readiness(ready=True, fix="127.0.0.1:9878", core=compiled_core.core())


def test_failure_is_reported_with_its_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setenv(READY_FD_VARIABLE, str(writer))
    report_failure("journal damaged", 3)
    with os.fdopen(reader, "rb") as pipe:
        said = msgspec.json.decode(pipe.read())
    assert said == {"ready": False, "error": "journal damaged", "exit": 3}


def test_progress_comes_before_the_last_word_and_leaves_the_pipe_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    monkeypatch.setenv(READY_FD_VARIABLE, str(writer))
    report_progress("event 5 of 9")
    report_ready("127.0.0.1:9878")
    report_progress("too late")
    with os.fdopen(reader, "rb") as pipe:
        first, last = map(msgspec.json.decode, pipe)
    assert first == {"ready": False, "progress": "event 5 of 9"}
    assert last["ready"] is True
