"""Logs that were set aside: their names, which say when, and their order.

Knows names and files only; whoever writes a log sets it aside, and housekeeping compresses it then.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from venue.stored_names import stored_names

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_ASIDE = re.compile(
    r"(?P<log>.+\.log)\.(?:(?P<stamp>\d{8}T\d{6}\.\d{6}Z)|(?P<number>\d+))(?:\.zst)?"
)
_NS_PER_SECOND = 1_000_000_000
_MICROSECOND_NS = 1_000


def set_aside_path(log: Path, now_ns: int) -> Path:
    """Where `log` is to be moved now (UTC nanoseconds): behind all that were set aside before."""
    last = [_stamp_ns(each) for each in set_aside(log)[-1:]]
    now_ns = max([now_ns, *(each + _MICROSECOND_NS for each in last)])
    seconds, rest = divmod(now_ns, _NS_PER_SECOND)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // _MICROSECOND_NS)
    return log.with_name(f"{log.name}.{moment.strftime(_STAMP)}")


def set_aside(log: Path) -> list[Path]:
    """What was set aside of `log`, oldest first; compressed or not."""
    return [path for path in all_set_aside(log.parent) if _match(path)["log"] == log.name]


def all_set_aside(directory: Path) -> list[Path]:
    """What was set aside of all logs of a directory: oldest first, of each log."""
    # a plain file and its compressed one, which is the same, count once
    found = {
        name.removesuffix(".zst"): directory / name
        for name in sorted(stored_names(directory), reverse=True)
        if _ASIDE.fullmatch(name)
    }
    return sorted(found.values(), key=_age)


def _age(path: Path) -> tuple[str, int, str]:
    """Earlier versions counted: .1 is the newest of them, and older than all that have a stamp."""
    match = _match(path)
    return match["log"], -int(match["number"] or 0), match["stamp"] or ""


def _stamp_ns(path: Path) -> int:
    stamp = _match(path)["stamp"]
    if stamp is None:
        return 0
    moment = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    seconds = int(moment.replace(microsecond=0).timestamp())
    return seconds * _NS_PER_SECOND + moment.microsecond * _MICROSECOND_NS


def _match(path: Path) -> "re.Match[str]":
    match = _ASIDE.fullmatch(path.name)
    assert match is not None, f"{path} is no log that was set aside"
    return match
