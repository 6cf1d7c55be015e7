"""Times as a person reads them: in UTC, or in the machine's zone where that was asked for.

For lines and tables only: what a program reads, JSON and CSV, is in UTC whatever was asked for.
"""

import re
from datetime import UTC, datetime

from venue.clock import iso

_UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z")


class _State:
    """Of the command that this process runs now."""

    is_local = False


def show_local(wanted: bool) -> None:
    """From now on times are shown in the machine's zone, or in UTC."""
    _State.is_local = wanted


def zone() -> str:
    """What the zone of the times shown is called, such as UTC or CET."""
    return datetime.now().astimezone().tzname() or "local" if _State.is_local else "UTC"


def in_zone(text: str) -> str:
    """A text with every time in it as it is shown: 2026-01-31T10:30:00.123456+01:00."""
    return _UTC.sub(_local, text) if _State.is_local else text


def shown_time(ns: int) -> str:
    """A time, in nanoseconds since 1970, with its day."""
    return in_zone(iso(ns))


def time_of_day(ns: int) -> str:
    """A time without its day, to the millisecond: 09:30:00.123."""
    return shown_moment(ns).strftime("%H:%M:%S.%f")[:-3]


def shown_moment(ns: int) -> datetime:
    """The moment in the zone that is shown."""
    moment = datetime.fromisoformat(iso(ns))
    return moment.astimezone() if _State.is_local else moment.astimezone(UTC)


def _local(found: re.Match[str]) -> str:
    return datetime.fromisoformat(found[0]).astimezone().isoformat()
