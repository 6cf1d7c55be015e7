"""Verbs of the trading day: start, end, reopening, timetable. Some events are in domain.events.

How they are said; `venue day start` is written by hand, for it knows which day it is today.
Effects: venue.engine.control.day and venue.engine.control.timetable.
"""

from venue.domain.command import ActionCommand, ConfigurationCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.timetable import Timetable
from venue.domain.types import Phase
from venue.domain.verb import Option, Verb
from venue.domain.words import Payload, by_whom


class StartDay(ActionCommand, frozen=True, tag=True):
    """Open the trading day, an ISO date; trading goes to CONTINUOUS."""

    least_role = Role.OPERATOR
    trading_day: str
    operator: str = ""
    reason: str = ""


class EndDay(ActionCommand, frozen=True, tag=True):
    """Close the trading day: orders of the day expire, good-till orders stay."""

    least_role = Role.OPERATOR
    operator: str = ""
    reason: str = ""


class ReopenDay(ActionCommand, frozen=True, tag=True):
    """Open the day that has ended again; with another date: say which day it is meant to be."""

    least_role = Role.OPERATOR
    trading_day: str = ""
    operator: str = ""
    reason: str = ""


class SetTimetable(ConfigurationCommand, frozen=True, tag=True):
    """When days start and end by themselves from now on; None: by hand."""

    least_role = Role.ADMIN
    timetable: Timetable | None = None
    operator: str = ""
    reason: str = ""

    def key(self) -> tuple[str, str]:
        """There is one."""
        return ("timetable", "")


class DayReopened(ControlEvent, frozen=True, tag=True):
    """Trading goes on in this day. What its end has expired stays so."""

    trading_day: str
    phase: Phase
    operator: str
    reason: str


class InstrumentClosed(ControlEvent, frozen=True, tag=True):
    """The hours of its group are over: the instrument does not trade, though the day is open."""

    symbol: str


class InstrumentOpened(ControlEvent, frozen=True, tag=True):
    """The instrument trades whenever the day is open."""

    symbol: str


class TimetableSet(ControlEvent, frozen=True, tag=True):
    """Days start and end by this timetable from its next time on; None: by hand."""

    timetable: Timetable | None
    operator: str = ""
    reason: str = ""


def _timetable(payload: Payload) -> str:
    timetable = payload.get("timetable")
    if timetable is None:
        return f"days start and end by hand{by_whom(payload)}"
    hours = timetable["hours"]
    groups = "".join(
        f", {each['name']} {each['hours']['start']} to {each['hours']['end']}"
        for each in timetable.get("groups", ())
    )
    what = f"{hours['start']} to {hours['end']} {timetable['time_zone']}{groups}"
    return f"days by timetable, {what}{by_whom(payload)}"


WORDS = {
    DayReopened: lambda payload: (
        f"day {payload['trading_day']} is open again: {payload['phase']}{by_whom(payload)}"
    ),
    InstrumentClosed: lambda payload: "its hours are over",
    InstrumentOpened: lambda payload: "its hours begin",
    SetTimetable: _timetable,
    TimetableSet: _timetable,
}

VERBS = (
    Verb(
        EndDay,
        "day end",
        "Close the trading day: orders of the day expire, good-till orders stay.",
        "venue day end --yes",
        (),
        done=lambda command: "the trading day is over",
        asks=lambda command: "end the trading day",
    ),
    Verb(
        ReopenDay,
        "day reopen",
        """Take an end by mistake back, or correct the date of a day in which nothing has traded.

        Orders that the end has expired do not come back.""",
        'venue day reopen --reason "ended an hour early" | venue day reopen --date 2026-12-01',
        (
            Option(
                "trading_day",
                "--date",
                "YYYY-MM-DD",
                "The day it is meant to be; the one that was open last without it.",
            ),
        ),
        done=lambda command: "trading goes on",
        asks=lambda command: (
            f"make {command.trading_day} the open trading day"
            if command.trading_day
            else "open the last trading day again"
        ),
    ),
)
