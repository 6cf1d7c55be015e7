"""Starting again what has ended."""

from collections.abc import Callable
from pathlib import Path

from structlog.testing import capture_logs

from tests.servers.conditions import wait_for
from venue.servers import ServerError, unit
from venue.servers.child import Child, spawn
from venue.servers.unit import Unit

_FAILS = ["sh", "-c", "echo no such table; exit 3"]


def _sleeper(log_file: Path, seconds: str) -> Callable[[], Child]:
    return lambda: spawn("sleeper", ["sleep", seconds], log_file=log_file)


def test_start_that_fails_is_tried_again_until_it_works(tmp_path: Path) -> None:
    failures = [OSError("no memory"), ServerError("port taken")]

    def start() -> Child:
        if started and failures:
            raise failures.pop()
        return _sleeper(tmp_path / "log", "0" if not started else "600")()

    started = False
    sleeper = Unit("sleeper", start)
    sleeper.launch()
    started = True
    first = sleeper.child
    assert first is not None
    assert first.wait(5)
    assert sleeper.keep_running()  # its end is noted
    assert not sleeper.keep_running()  # its pause is not over
    assert sleeper.restarts == 0
    wait_for(sleeper.keep_running)
    assert sleeper.child is not None and sleeper.restarts == 1
    sleeper.child.stop()
    assert failures == []


def test_pause_doubles_up_to_its_limit_and_begins_anew_after_a_steady_run(
    tmp_path: Path,
) -> None:
    sleeper = Unit("sleeper", _sleeper(tmp_path / "log", "0"))
    pauses = []
    for _ in range(7):
        pauses.append(sleeper._pause_seconds)
        _end(sleeper)
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    sleeper.launch()
    sleeper._started_at -= unit.STEADY_SECONDS
    assert sleeper.child is not None
    assert sleeper.child.wait(5)
    sleeper.keep_running()
    assert sleeper._pause_seconds == 0.4


def _end(sleeper: Unit) -> None:
    sleeper.launch()
    assert sleeper.child is not None
    assert sleeper.child.wait(5)
    assert sleeper.keep_running()


def test_who_keeps_ending_is_said_to_be_failing_until_it_runs_steadily(tmp_path: Path) -> None:
    sleeper = Unit("sleeper", lambda: spawn("sleeper", _FAILS, log_file=tmp_path / "log"))
    for _ in range(unit.FAILING_ENDS - 1):
        _end(sleeper)
    assert sleeper.failing == ""
    with capture_logs() as logs:
        _end(sleeper)
    assert sleeper.failing == "ended 5 times in a row, last with status 3: no such table"
    assert [(line["log_level"], line["event"]) for line in logs] == [("critical", "keeps ending")]
    sleeper._start = _sleeper(tmp_path / "log", "600")
    sleeper.launch()
    assert sleeper.child is not None
    assert not sleeper.keep_running()
    assert sleeper.failing != ""
    sleeper._started_at -= unit.STEADY_SECONDS
    assert sleeper.keep_running()  # there is news of it
    assert sleeper.failing == ""
    sleeper.child.stop()
