"""Trading that ends under its supervisor: started again, not too often, never what it refuses."""

import os
import signal
import threading
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.servers import programs
from tests.servers.conditions import command_line, is_running, programs_with, wait_for
from tests.servers.running import RunningSupervisor, new_pid, running_supervisor
from venue.servers import supervisor, trading_unit


def test_trading_that_ends_is_started_again_at_its_address_and_nobody_else_is_disturbed(
    tmp_path: Path,
) -> None:
    with running_supervisor(tmp_path) as running:
        before = running.now()
        old = before.processes["trading"]
        os.kill(old, signal.SIGKILL)
        new = new_pid(lambda: running.process("trading"), old)
        wait_for(lambda: command_line(new) != "")
        assert command_line(new).endswith("--set\0fix.port=9878\0")
        after = running.now()
        assert after.restarts == {"trading": 1, "publisher": 0, "audit": 0}
        assert after.fix == before.fix
        assert {**after.processes, "trading": old} == before.processes
    assert running.status == 0
    assert not any(is_running(pid) for pid in (old, new))


def _why_down(logs: Sequence[MutableMapping[str, Any]]) -> str:
    """Why trading stays down, as it was said, once."""
    (said,) = [line for line in logs if line["log_level"] == "critical"]
    assert said["event"] == "trading stays down; stopping all"
    return str(said["because"])


def _kill_trading(running: RunningSupervisor, times: int) -> None:
    """Each time as soon as it accepts logons again."""
    for _ in range(times):
        (running.data_dir / "ends.trading.up").unlink()
        pid = running.process("trading")
        os.kill(pid, signal.SIGKILL)
        new_pid(lambda: running.process("trading"), pid)
        wait_for((running.data_dir / "ends.trading.up").exists)


def test_trading_that_ends_a_fourth_time_in_a_minute_stays_down_and_all_stops(
    tmp_path: Path,
) -> None:
    with capture_logs() as logs, running_supervisor(tmp_path) as running:
        _kill_trading(running, 3)
        pids = running.now().processes
        assert running.now().restarts["trading"] == 3
        os.kill(pids["trading"], signal.SIGKILL)
        running.join()
    assert running.status == 1
    ended = (
        "trading ended by itself with status -9: ; started again 3 times in ",
        "trading ended with status -9 at its start",  # the supervisor had not heard it was ready
    )
    assert _why_down(logs).startswith(ended)
    assert not any(is_running(pid) for pid in pids.values())
    assert not (tmp_path / "runtime.json").exists()


def test_ends_that_lie_apart_do_not_keep_trading_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trading_unit, "RESTARTS_SECONDS", 0.0)
    with running_supervisor(tmp_path) as running:
        _kill_trading(running, 5)
        assert running.now().restarts["trading"] == 5


def test_restart_that_trading_refuses_is_not_tried_again(
    tmp_path: Path,
) -> None:
    with (
        capture_logs() as logs,
        running_supervisor(tmp_path, trading=programs.REFUSED_AGAIN) as running,
    ):
        os.kill(running.process("trading"), signal.SIGKILL)
        running.join()
    assert running.status == 3
    assert _why_down(logs) == "journal is damaged"
    assert [line["event"] for line in logs].count("trading is started again") == 1
    assert programs_with(tmp_path) == []


def test_trading_without_room_is_waited_for_and_everything_else_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trading_unit, "ROOM_SECONDS", 0.05)
    with (
        capture_logs() as logs,
        running_supervisor(tmp_path, trading=programs.NO_ROOM_AGAIN) as running,
    ):
        before = running.now()
        os.kill(before.processes["trading"], signal.SIGKILL)
        wait_for(lambda: running.now().failing == {"trading": "no room"}, 60)
        tried = running.now().restarts["trading"]
        wait_for(lambda: running.now().restarts["trading"] > tried + 3, 60)
        assert running.is_running and running.now().processes["audit"] == before.processes["audit"]
        (tmp_path / "ends.room").touch()
        wait_for(lambda: any("accepts logons again" in line["event"] for line in logs), 60)
        wait_for(lambda: not running.now().failing, 60)
    assert running.status == 0
    waits = [line for line in logs if line["event"] == "trading waits for room on the disk"]
    assert len(waits) == 1, "it is said once"


def test_trading_is_not_started_while_the_disk_has_less_room_than_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trading_unit, "ROOM_SECONDS", 0.01)
    short = os.statvfs(tmp_path)
    asked: list[Path] = []

    def statvfs(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(f_bavail=0, f_frsize=short.f_frsize)

    with running_supervisor(tmp_path, trading=programs.NO_ROOM_AGAIN) as running:
        monkeypatch.setattr(os, "statvfs", statvfs)
        os.kill(running.process("trading"), signal.SIGKILL)
        wait_for(lambda: running.now().failing != {}, 60)
        restarts = running.now().restarts["trading"]
        wait_for(lambda: len(asked) > 5, 60)
        assert running.now().restarts["trading"] == restarts == 1
        (tmp_path / "ends.room").touch()
        monkeypatch.undo()
        wait_for(lambda: running.now().failing == {}, 60)


def test_restarts_that_end_without_a_word_are_bounded_too(
    tmp_path: Path,
) -> None:
    with (
        capture_logs() as logs,
        running_supervisor(tmp_path, trading=programs.CRASHED_AGAIN) as running,
    ):
        os.kill(running.process("trading"), signal.SIGKILL)
        running.join()
    assert running.status == 1
    assert "ended with status 1 at its start: no such journal" in _why_down(logs)
    assert [line["event"] for line in logs].count("trading is started again") == 3
    assert programs_with(tmp_path) == []


def test_stop_while_trading_is_started_again_stops_at_once(tmp_path: Path) -> None:
    with running_supervisor(tmp_path, trading=programs.SILENT_AGAIN) as running:
        os.kill(running.process("trading"), signal.SIGKILL)
        wait_for(lambda: running.now().restarts["trading"] == 1)
    assert running.status == 0
    assert programs_with(tmp_path) == []


def test_start_that_takes_long_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PROGRESS_SECONDS", 0.1)
    with capture_logs() as logs:

        def go() -> None:
            wait_for(lambda: any(line.get("says") for line in logs), 60)
            (tmp_path / "ends.go").touch()

        going = threading.Thread(target=go)
        going.start()
        with running_supervisor(tmp_path, trading=programs.SLOW):
            going.join()
    (said, *_) = [line for line in logs if line.get("says")]
    assert (said["event"], said["says"]) == (
        "waiting for trading to accept logons",
        "event 5 of 9",
    )
