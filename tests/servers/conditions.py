"""What the tests of this package share: waiting for a condition, and looking at processes."""

import time
from collections.abc import Callable
from pathlib import Path

from venue.servers import left_over


def wait_for(
    condition: Callable[[], bool], seconds: float = 10.0, every_seconds: float = 0.01
) -> None:
    """Return as soon as the condition holds; fail the test if it does not in time.

    every_seconds: a condition that costs a process or a connection is looked at more rarely.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(every_seconds)


def is_running(pid: int) -> bool:
    return left_over.start_ticks(pid) is not None


def programs_with(argument: Path) -> list[str]:
    """Command lines of all running programs that mention a path."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and is_running(int(process.name)):
            line = command_line(int(process.name))
            found += [line] if str(argument) in line else []
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:  # it has just ended
        return ""
