"""What a timetable means: at which times the trading day and the hours of groups change, in UTC.

Reads the time-zone database and, where it is named, a calendar of holidays. No clock: the time is
given. What these times do is venue.engine.control.timetable's.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from venue.clock import iso
from venue.domain.commands import FollowTimetable
from venue.domain.timetable import WEEKDAYS, Hours, Timetable
from venue.domain.types import Phase

_NS_PER_SECOND = 1_000_000_000
_MOST_DAYS_BACK = 366
_LONG_AGO_NS = _MOST_DAYS_BACK * 86_400 * _NS_PER_SECOND
"""A venue that was down for longer takes up the timetable as of a year ago."""
_NEVER_NS = 1 << 62
_BETWEEN_DAYS = (Phase.START_OF_DAY, Phase.CLOSED)


class Change(NamedTuple):
    """A time at which something changes, and what is from then on.

    at_ns: UTC nanoseconds. trading_day: ISO date of the open day, empty for none. closed: symbols
    that do not trade though it is open.
    """

    at_ns: int
    trading_day: str
    closed: tuple[str, ...]

    @property
    def command(self) -> FollowTimetable:
        """What brings it about."""
        return FollowTimetable(self.at_ns, self.trading_day, self.closed)


def change_told(change: Change) -> dict[str, Any]:
    """The change for somebody to read; trading_day None: the day ends."""
    return {
        "at": iso(change.at_ns),
        "trading_day": change.trading_day or None,
        "closed": list(change.closed),
    }


def is_holiday_calendar(name: str) -> bool:
    """Whether there are holidays of a market or country of that name."""
    try:
        _holidays(name, 2026)
    except NotImplementedError:
        return False
    return True


def holidays_of(name: str, years: Iterable[int]) -> tuple[str, ...]:
    """Holidays of a market or country in some years, ISO dates in order.

    Raises NotImplementedError for what is neither.
    """
    return tuple(sorted(day.isoformat() for year in years for day in _holidays(name, year)))


@cache
def _holidays(name: str, year: int) -> frozenset[date]:
    """Holidays of a market, else of a country. Raises NotImplementedError for neither."""
    import holidays  # here, for it takes 0.15 s, and few name a calendar

    try:
        return frozenset(holidays.financial_holidays(name, years=year))
    except NotImplementedError:
        return frozenset(holidays.country_holidays(name, years=year))


def wrong_with(timetable: Timetable) -> str | None:
    """Why a timetable cannot be followed on this machine, or None."""
    try:
        next(changes(timetable, 0), None)
    except (KeyError, ValueError, OSError, NotImplementedError) as error:
        return f"the timetable cannot be followed: {error}"
    return None


def is_overnight(hours: Hours) -> bool:
    """Whether they begin on the calendar day before."""
    return time.fromisoformat(hours.start) >= time.fromisoformat(hours.end)


def changes(timetable: Timetable, after_ns: int) -> Iterator[Change]:
    """All changes after a time, in order, without an end; none if no day is ever a trading day.

    Times that a change of the clocks leaves out are those of before it.
    """
    zone = ZoneInfo(timetable.time_zone)
    day = datetime.fromtimestamp(after_ns // _NS_PER_SECOND, zone).date() - timedelta(days=1)
    idle = 0
    while idle <= _MOST_DAYS_BACK:
        idle += 1
        if _trades(timetable, timetable.hours, day):
            for change in _changes_of_day(timetable, zone, day):
                if change.at_ns > after_ns:
                    idle = 0
                    yield change
        day += timedelta(days=1)


def _changes_of_day(timetable: Timetable, zone: ZoneInfo, day: date) -> Iterator[Change]:
    opens, ends = _span(timetable.hours, zone, day)
    spans = {group: _span(group.hours, zone, day) for group in timetable.groups}
    times = {opens, ends}.union(*spans.values())
    for at_ns in sorted(at for at in times if opens <= at <= ends):
        if at_ns == ends:
            yield Change(at_ns, "", ())
            continue
        closed = (
            symbol
            for group, (group_opens, group_ends) in spans.items()
            if not (group_opens <= at_ns < group_ends and _trades(timetable, group.hours, day))
            for symbol in group.symbols
        )
        yield Change(at_ns, day.isoformat(), tuple(sorted(closed)))


def _span(hours: Hours, zone: ZoneInfo, day: date) -> tuple[int, int]:
    first = day - timedelta(days=1) if is_overnight(hours) else day
    return _ns(first, hours.start, zone), _ns(day, hours.end, zone)


def _ns(day: date, text: str, zone: ZoneInfo) -> int:
    local = datetime.combine(day, time.fromisoformat(text), zone)
    return int(local.timestamp()) * _NS_PER_SECOND


def _trades(timetable: Timetable, hours: Hours, day: date) -> bool:
    if WEEKDAYS[day.weekday()] not in hours.weekdays or day.isoformat() in hours.holidays:
        return False
    name = timetable.holiday_calendar
    return not name or day not in _holidays(name, day.year)


def standing(timetable: Timetable, now_ns: int) -> Change | None:
    """The change that was last at `now_ns`, within a week; None: there was none."""
    return _last(timetable, now_ns - 7 * 86_400 * _NS_PER_SECOND, now_ns)


def _last(timetable: Timetable, after_ns: int, now_ns: int) -> Change | None:
    last = None
    for change in changes(timetable, after_ns):
        if change.at_ns > now_ns:
            break
        last = change
    return last


def effective_changes(
    timetable: Timetable, now_ns: int, phase: str, trading_day: str
) -> Iterator[Change]:
    """The changes after a time that change something, as things are then: no start of a day that
    was opened ahead of its time, no end of one that is over."""
    last = standing(timetable, now_ns)
    was_in_hours = last is not None and bool(last.trading_day)
    is_open = phase not in _BETWEEN_DAYS
    for change in changes(timetable, now_ns):
        day = change.trading_day
        if day > trading_day:
            is_open, trading_day = True, day
            yield change
        elif is_open and (not day or was_in_hours or change.closed):
            is_open = bool(day)
            yield change
        was_in_hours = bool(day)


class TimetableWatch:
    """Says when a time of the timetable has come. Costs nothing before it does.

    wrong: why it cannot be followed, such as a time zone that this machine does not know.
    """

    def __init__(self) -> None:
        self.wrong: str | None = None
        self._seen: tuple[Timetable | None, int] = (None, 0)
        self._since_ns = 0
        self._next_ns = 0

    def due(
        self,
        timetable: Timetable | None,
        followed_ns: int,
        now_ns: int,
        phase: Phase,
        trading_day: str,
    ) -> FollowTimetable | None:
        """What the timetable asks for now, one step at a time; None: nothing.

        followed_ns: the time that was followed last. Of several changes that came while the venue
        was down the last one counts. Where it opens a day while an earlier one is still open, that
        one ends first.
        """
        if timetable is None:
            return None
        if self._seen[0] is not timetable or self._seen[1] != followed_ns:
            if self._seen[0] is not timetable:
                self.wrong = wrong_with(timetable)
            self._seen = (timetable, followed_ns)
            if self.wrong is not None:
                self._next_ns = _NEVER_NS
                return None
            self._since_ns = max(followed_ns, now_ns - _LONG_AGO_NS)
            first = next(changes(timetable, self._since_ns), None)
            self._next_ns = _NEVER_NS if first is None else first.at_ns
        if now_ns < self._next_ns:
            return None
        last = _last(timetable, self._since_ns, now_ns)
        assert last is not None, "its time has come"
        is_open = phase not in _BETWEEN_DAYS
        if is_open and trading_day < last.trading_day:
            return FollowTimetable(last.at_ns - 1)
        return last.command
