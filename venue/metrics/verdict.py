"""Who is healthy, and who is ready: from a look, without asking the process.

Healthy: it runs, and its loop comes round. Ready: it does its work now. An answer is empty, or says
in one line why not.
"""

import time

from venue.counts_page import LATE_SECONDS
from venue.metrics.look import FollowerLook, Look, ProcessLook
from venue.processes import METRICS, TRADING
from venue.servers.ports import is_listened_on

BEHIND_SECONDS = 60.0
"""A follower that is further behind is not ready: what it tells is old."""


def why_not_healthy(process: ProcessLook | None) -> str:
    """Why a restart of the process would be right; empty: it would not."""
    if process is None:
        return "it was not started"
    if not process.is_up:
        return f"it is down; {process.failing}" if process.failing else "it is down"
    if process.counts is not None:
        age = process.counts.age_seconds(time.monotonic_ns())
        if age > LATE_SECONDS:
            return f"its loop has not come round for {age:.0f} s"
    return ""


def why_not_ready(name: str, look: Look) -> str:
    """Why it does not do its work now; empty: it does."""
    process = look.processes.get(name)
    why = why_not_healthy(process)
    if why or process is None:
        return why
    if process.counts is None:
        return "it is starting: it has not shown yet that it works"
    if process.counts.not_ready:
        return process.counts.not_ready
    behind = [_why_behind(each) for each in look.followers.values() if each.runs_in == name]
    if any(behind):
        return "; ".join(filter(None, behind))
    address = _address(name, look)
    if address and not is_listened_on(address):
        return f"nobody listens at {address}"
    return ""


def _why_behind(follower: FollowerLook) -> str:
    if follower.halted:
        return f"{follower.name} halts: {follower.halted}"
    if follower.lag_events is None:
        return f"how far {follower.name} is, is not known"
    if (follower.lag_seconds or 0.0) > BEHIND_SECONDS:
        return f"{follower.name} is {follower.lag_seconds:.0f} s behind"
    return ""


def _address(name: str, look: Look) -> str:
    """Where it listens, HOST:PORT; empty: it has no port, or it is not known."""
    if look.running is None or name == METRICS.name:
        return ""
    return look.running.fix if name == TRADING.name else look.running.addresses.get(name, "")
