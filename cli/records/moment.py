"""Moments as users write them: ISO 8601, or a time of the trading day in UTC.

Pure text to nanoseconds since 1970; knows no clock.
"""

import re
from datetime import UTC, datetime

_TIME_OF_DAY = r"(\d\d:\d\d(?::\d\d)?)(?:(?<=:\d\d:\d\d)[.,](\d{1,9}))?"
_OF_THE_DAY = re.compile(_TIME_OF_DAY)
_ISO = re.compile(rf"(\d{{4}}-\d\d-\d\d)[T ]{_TIME_OF_DAY}(Z|[+-]\d\d(?::?\d\d)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WITHIN_MICROSECOND_NS = 999
"""Times are shown in whole microseconds: a moment takes in all that is shown with it."""


class NotAMoment(ValueError):
    """Text that names no moment; the error's text is one line for the user."""


def is_time_of_day(text: str) -> bool:
    """Whether `text` has a time but no date: HH:MM[:SS[.ffffff]]."""
    return _OF_THE_DAY.fullmatch(text) is not None


def parse_moment(text: str, day: str = "") -> int:
    """Last nanosecond since 1970 of the moment; `day` (ISO date) is that of a time without one.

    Without offset it is UTC. A fraction of seven to nine digits is exact to the nanosecond.
    Raises NotAMoment.
    """
    match = _ISO.fullmatch(f"{day}T{text}" if is_time_of_day(text) else text)
    if match is None:
        raise NotAMoment(
            f"{text!r} is no time: 2026-01-31T09:30:00Z, 2026-01-31T10:30:00.25+01:00 and 09:30 are"
        )
    date, time, fraction, offset = match.groups(default="")
    try:
        moment = datetime.fromisoformat(f"{date}T{time}{offset or 'Z'}")
    except ValueError as error:
        raise NotAMoment(f"{text!r} is no time: {error}") from error
    since = moment - _EPOCH
    seconds_ns = (since.days * 86_400 + since.seconds) * 1_000_000_000
    within = _WITHIN_MICROSECOND_NS if len(fraction) <= 6 else 0
    return seconds_ns + int(fraction.ljust(9, "0")) + within
