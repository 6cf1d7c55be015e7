"""Named places where a test lets a process die, a disk fail or time pass, set by environment.

VENUE_FAULT=POINT:PASSING:ACTION[,...]. ACTION at that passing (counted from 1): `kill` ends the
process as kill -9 does, `EIO` or `ENOSPC` raise that OSError; `delay=SECONDS` waits at this passing
and every later one. Unset, a point costs one look into an empty dictionary. Not for the core.
"""

import errno
import os
import signal
import time
from dataclasses import dataclass

VARIABLE = "VENUE_FAULT"

POINTS = frozenset(
    {
        "after-receive",
        "after-apply",
        "before-journal-write",
        "between-write-and-fsync",
        "after-fsync-before-send",
        "between-sends",
        "after-publish-before-ack",
        "before-consumer-commit",
        "after-consumer-commit",
        "after-delivery-before-note",
        "before-segment-preparation",
        "inside-snapshot",
        "inside-compression",
        "inside-recovery",
    }
)
_ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}


@dataclass
class _Fault:
    """passing: at which passing of the point, from now on, the action comes; 1 is the next one."""

    passing: int
    action: str


def fault_point(point: str) -> None:
    """Pass this point. Raises OSError, ends the process or waits when a test asked for it."""
    if point in _armed:
        _pass(point)


def is_armed(*points: str) -> bool:
    """Whether a test asked for anything at one of these points."""
    return any(point in _armed for point in points)


def _pass(point: str) -> None:
    for fault in _armed[point]:
        fault.passing -= 1
        if fault.action.startswith("delay="):
            if fault.passing <= 0:
                time.sleep(float(fault.action.removeprefix("delay=")))
        elif fault.passing == 0:
            if fault.action == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            number = _ERRORS[fault.action]
            raise OSError(number, f"{os.strerror(number)} (asked for at {point})")


def parse(text: str) -> dict[str, list[_Fault]]:
    """Faults by point. Raises ValueError, so that a typo does not make a test that cannot fail."""
    faults: dict[str, list[_Fault]] = {}
    for item in filter(None, text.split(",")):
        point, passing, action = item.split(":")
        kind, _, seconds = action.partition("=")
        if point not in POINTS:
            raise ValueError(f"{VARIABLE}: there is no point {point}")
        if kind == "delay":
            float(seconds)
        elif action != "kill" and action not in _ERRORS:
            raise ValueError(f"{VARIABLE}: there is no action {action}")
        faults.setdefault(point, []).append(_Fault(int(passing), action))
    return faults


_armed = parse(os.environ.get(VARIABLE, ""))
