"""Verbs of the trading day: its start and its end. Their events are in venue.domain.events.

How they are said; `venue day start` is written by hand, for it knows which day it is today.
Effects: venue.engine.control.day.
"""

from venue.domain.command import ActionCommand
from venue.domain.role import Role
from venue.domain.verb import Verb


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
)
