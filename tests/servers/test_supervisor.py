"""The supervisor over tiny programs and a real nats-server."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.servers import programs
from tests.servers.conditions import is_running, programs_with, wait_for
from tests.servers.running import RunningSupervisor, new_pid, running_supervisor
from venue.servers import ServerError, nats, supervisor
from venue.servers.lock import DataDirLock, LockHeld
from venue.servers.nats import NatsServer
from venue.servers.ports import free_port
from venue.servers.runtime import find_running
from venue.servers.trading_unit import TradingNotReady


def test_all_stop_in_order_and_nothing_is_left(tmp_path: Path) -> None:
    with running_supervisor(tmp_path, NatsServer(tmp_path)) as running:
        info = running.now()
        assert info == running.infos[0]
        assert info.fix == "127.0.0.1:9878"
        assert set(info.processes) == {"trading", "publisher", "audit"}
        pids = [*info.processes.values(), *info.servers.values()]
        assert all(is_running(pid) for pid in pids)
        nats.check_reachable(info.nats)
    assert running.status == 0
    assert (tmp_path / "ends").read_text().split() == ["trading", "publisher", "audit"]
    assert not any(is_running(pid) for pid in pids)
    assert not (tmp_path / "runtime.json").exists()


def test_worker_that_dies_is_started_again_and_its_new_pid_is_told(tmp_path: Path) -> None:
    with running_supervisor(tmp_path) as running:
        old, trading = running.process("audit"), running.process("trading")
        os.kill(old, signal.SIGKILL)
        second = new_pid(lambda: running.process("audit"), old)
        os.kill(second, signal.SIGKILL)
        third = new_pid(lambda: running.process("audit"), second)
        assert is_running(third)
        assert running.now().restarts == {"trading": 0, "publisher": 0, "audit": 2}
        assert running.process("trading") == trading
    assert running.status == 0
    assert not is_running(third)


def test_nats_server_that_dies_comes_back_on_its_port_while_trading_goes_on(
    tmp_path: Path,
) -> None:
    server = NatsServer(tmp_path)
    with running_supervisor(tmp_path, server) as running:
        before = running.now()
        os.kill(before.servers["nats"], signal.SIGKILL)
        new_pid(lambda: running.now().servers.get("nats", 0), before.servers["nats"])
        after = running.now()
        assert after.nats == before.nats
        assert after.processes == before.processes
        wait_for(server.is_ready)
        nats.check_reachable(after.nats)


def test_it_is_ready_once_every_port_accepts(tmp_path: Path) -> None:
    running = RunningSupervisor(tmp_path, programs.supervisor(tmp_path, port=free_port()))
    thread = threading.Thread(target=running.start)
    thread.start()
    wait_for(lambda: programs.all_up(tmp_path))
    assert running.infos == []
    (tmp_path / "ends.go").touch()
    thread.join(20)
    assert len(running.infos) == 1
    running.stop()


def test_port_that_accepts_nobody_does_not_hold_up_trading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PORTS_SECONDS", 0.2)
    running = RunningSupervisor(tmp_path, programs.supervisor(tmp_path, port=free_port()))
    running.start()
    assert len(running.infos) == 1
    running.stop()


def test_reason_why_trading_is_not_ready_is_passed_on(tmp_path: Path) -> None:
    refused = programs.supervisor(tmp_path, trading=programs.REFUSED)
    with pytest.raises(TradingNotReady) as error:
        refused.run(lambda info: None)
    assert (str(error.value), error.value.exit_status) == ("journal is damaged", 3)


def test_refusal_is_passed_on_while_a_server_does_not_get_ready(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    server.is_ready = lambda: False  # type: ignore[method-assign]
    with pytest.raises(TradingNotReady, match="journal is damaged"):
        programs.supervisor(tmp_path, trading=programs.REFUSED, servers=(server,)).run(
            lambda info: None
        )
    assert programs_with(tmp_path) == []


def test_trading_that_crashes_at_its_start_is_quoted(tmp_path: Path) -> None:
    crashing = programs.supervisor(tmp_path, trading=programs.CRASHED)
    with pytest.raises(TradingNotReady) as error:
        crashing.run(lambda info: None)
    assert error.value.exit_status == 1
    assert str(error.value) == (
        "trading ended with status 1 at its start: no such journal "
        f"(see {tmp_path}/logs/trading.log)"
    )


def test_trading_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    silent = programs.supervisor(tmp_path, trading=programs.SILENT, ready_seconds=0.1)
    with pytest.raises(TradingNotReady, match=r"does not accept logons after 0 s"):
        silent.run(lambda info: None)


def test_stop_while_starting_stops_at_once(tmp_path: Path) -> None:
    silent = programs.supervisor(tmp_path, trading=programs.SILENT)
    silent.signals.request()
    assert silent.run(lambda info: pytest.fail("it never was ready")) == 0


def test_server_that_cannot_start_leaves_nothingrunning_supervisor(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats" / "NATS_VERSION").write_text("1\n")
    server = NatsServer(tmp_path)
    with pytest.raises(ServerError, match="was written by nats-server 1"):
        programs.supervisor(tmp_path, servers=(server,)).run(lambda info: None)
    assert programs_with(tmp_path) == []


def _start_script(data_dir: Path) -> tuple["subprocess.Popen[str]", list[int]]:
    script = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.programs", str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert script.stdout is not None
    said = script.stdout.readline().split()
    if said[:1] != ["ready"]:
        script.kill()
        pytest.fail(f"the supervisor said {said} and ended with {_close(script)}")
    wait_for(lambda: programs.all_up(data_dir))
    return script, [int(pid) for pid in said[1:]]


def _close(script: "subprocess.Popen[str]") -> int:
    with script:
        return script.wait(20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    script, pids = _start_script(tmp_path)
    os.killpg(script.pid, number)
    assert _close(script) == 0
    assert (tmp_path / "ends").read_text().split() == ["trading", "publisher", "audit"]
    assert not any(is_running(pid) for pid in pids)


def test_second_run_follows_at_once_after_kill_9_and_no_orphan_is_left(tmp_path: Path) -> None:
    first, old_pids = _start_script(tmp_path)
    os.killpg(first.pid, signal.SIGKILL)
    second, new_pids = _start_script(tmp_path)
    try:
        wait_for(lambda: not any(is_running(pid) for pid in old_pids))
        assert all(is_running(pid) for pid in new_pids)
        assert _close(first) == -signal.SIGKILL
    finally:
        second.terminate()
        assert _close(second) == 0
    assert not any(is_running(pid) for pid in new_pids)


def test_second_interrupt_kills_at_once(tmp_path: Path) -> None:
    script, pids = _start_script(tmp_path)
    os.kill(pids[0], signal.SIGSTOP)  # trading will not answer SIGTERM
    script.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        script.wait(0.5)
    script.send_signal(signal.SIGINT)
    assert _close(script) == 130
    wait_for(lambda: not any(is_running(pid) for pid in pids))


def test_data_directory_in_use_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    script, pids = _start_script(tmp_path)
    try:
        with pytest.raises(LockHeld) as refused:
            programs.main(tmp_path)
        assert refused.value.pid == script.pid
        assert all(is_running(pid) for pid in pids)
    finally:
        script.terminate()
        assert _close(script) == 0
    with DataDirLock(tmp_path):
        assert find_running(tmp_path) is None
