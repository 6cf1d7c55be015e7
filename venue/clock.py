"""The only reader of wall-clock time, and the texts of times in FIX and ISO form.

Knows the standard library only. The core must never import it: it gets the time with commands.
"""

import time
from collections.abc import Callable

_NS_PER_SECOND = 1_000_000_000
_NS_PER_MILLISECOND = 1_000_000
_NS_PER_MICROSECOND = 1_000

_fix_second: tuple[int, str] = (-1, "")
"""The last utc_timestamp's second and its text, replaced together so that threads see a pair."""

_fix_time: tuple[int, str] = (-1, "")
"""The last utc_timestamp's nanoseconds and text: all events of a batch have one time."""

_iso_second: tuple[int, str] = (-1, "")
"""The same for iso."""


class Clock:
    """Nanoseconds since 1970 UTC that never go back; one instance for each thread that needs it.

    After the system's clock was set back, time here goes on at half speed until the system's clock
    has caught up. So it neither stands still nor stays ahead (decision 0012).
    """

    __slots__ = ("_anchor_ns", "_last_ns", "_monotonic_ns", "_wall_ns")

    def __init__(
        self,
        floor_ns: int = 0,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Never return less than `floor_ns`, such as the last timestamp of the journal."""
        self._last_ns = floor_ns
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._anchor_ns = 0  # monotonic time of the last reading while behind; 0: not behind

    def now_ns(self) -> int:
        """The time now; a little after the last one while the system's clock is behind."""
        now = self._wall_ns()
        if now >= self._last_ns:
            self._last_ns = now
            self._anchor_ns = 0
            return now
        return self._at_half_speed()

    def ahead_ns(self) -> int:
        """How far time here is ahead of the system's clock; 0 when it is not."""
        return max(0, self._last_ns - self._wall_ns())

    def _at_half_speed(self) -> int:
        monotonic = self._monotonic_ns()
        if self._anchor_ns:
            self._last_ns += (monotonic - self._anchor_ns) // 2
        self._anchor_ns = monotonic
        return self._last_ns


def utc_timestamp(ns: int) -> str:
    """FIX UTCTimestamp with milliseconds: `20260131-09:30:00.123` (truncated, never rounded up)."""
    global _fix_second, _fix_time
    cached, text = _fix_time
    if cached == ns:
        return text
    second, rest = divmod(ns, _NS_PER_SECOND)
    cached, text = _fix_second
    if cached != second:
        text = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(second))
        _fix_second = (second, text)
    text = f"{text}.{rest // _NS_PER_MILLISECOND:03}"
    _fix_time = (ns, text)
    return text


def stamper(decimals: int) -> Callable[[int], str]:
    """utc_timestamp with so many decimals of the second, 0 to 9, truncated."""
    if decimals == 3:
        return utc_timestamp

    def stamp(ns: int) -> str:
        second = utc_timestamp(ns)[: len("20260131-09:30:00")]
        return (
            f"{second}.{ns % _NS_PER_SECOND:09}"[: len(second) + 1 + decimals]
            if decimals
            else second
        )

    return stamp


def iso(ns: int) -> str:
    """ISO 8601 in UTC with microseconds: `2026-01-31T09:30:00.123456Z`."""
    global _iso_second
    second, rest = divmod(ns, _NS_PER_SECOND)
    cached, text = _iso_second
    if cached != second:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _iso_second = (second, text)
    return f"{text}.{rest // _NS_PER_MICROSECOND:06}Z"


def duration(ns: int) -> str:
    """A length of time as one reads it: `2 d 3 h`, `5 h 10 min`, `40 s`."""
    seconds = ns // _NS_PER_SECOND
    for size, unit, part, smaller in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // part} {smaller}"
    return f"{seconds} s"


def trading_day(ns: int) -> str:
    """ISO date, in UTC, of the trading day that begins at this time."""
    return time.strftime("%Y-%m-%d", time.gmtime(ns // _NS_PER_SECOND))
