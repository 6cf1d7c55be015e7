"""Starting again what has ended."""

from collections.abc import Callable
from pathlib import Path

from tests.servers.conditions import wait_for
from venue.servers import ServerError, unit
from venue.servers.child import Child, spawn
from venue.servers.unit import Unit


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
