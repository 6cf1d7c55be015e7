"""What operators are answered, where it is not an answer of trading: the types of its schemas.

A field more than a type says may come at any time; FIELD_name beside a FIX code is one of them.
"""

from typing import Any

import msgspec

from venue.domain.overview import OrderRow
from venue.domain.role import Role
from venue.domain.timetable import Timetable
from venue.gateway.described import OF_LEDGER, OF_ORDERS, told
from venue.gateway.guard import GuardTold
from venue.gateway.operator.trades import BookedTrade
from venue.health import ProcessHealth, ServerHealth
from venue.reconcile.break_rows import BreakRow
from venue.settlement_days import SettlementDay


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Base: it was done, or found."""

    ok: bool


class OperatorTold(Found, frozen=True, kw_only=True):
    """Who operates, and in which role."""

    operator: str
    role: Role


class VenueHealth(Found, frozen=True, kw_only=True):
    """How the venue is, as `venue status --json`; ok: nothing troubles. guards: the gateway's."""

    processes: list[ProcessHealth]
    servers: list[ServerHealth]
    unreachable: list[str]
    guards: dict[str, GuardTold]


class Printed(Found, frozen=True, kw_only=True):
    """What the command line prints with --json: docs/schemas/cli.json has its fields."""


class BreakList(Found, frozen=True, kw_only=True):
    """Breaks, the oldest first."""

    breaks: list[BreakRow]


class BreakTold(BreakRow, frozen=True, kw_only=True):
    """A break as it is now."""

    ok: bool


class MessageTold(msgspec.Struct, frozen=True):
    """A FIX message. before: time and way. fields: tag, name, value, meaning; entries of groups."""

    msg_type: str
    name: str | None
    before: str
    problems: list[str]
    fields: list[dict[str, Any]]


class MessageList(Found, frozen=True, kw_only=True):
    """Messages of a session, the last one last."""

    messages: list[MessageTold]


class OrderPage(Found, frozen=True, kw_only=True):
    """Orders in order of entry. next: what the next page begins behind; null: it was the last."""

    orders: list[OrderRow]
    next: str | None


class BookedTrades(Found, frozen=True, kw_only=True):
    """Booked trades, the newest first."""

    trades: list[BookedTrade]


class CycleFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle of settlement as it is booked. ended: null while it goes on."""

    cycle: int
    event_seq: int
    settlement_date: str
    obligations: int
    settled: int
    partly: int
    failed: int
    begun: str
    ended: str | None


class CycleList(Found, frozen=True, kw_only=True):
    """Cycles of settlement, the last one first."""

    cycles: list[CycleFacts]


class CycleTold(CycleFacts, frozen=True, kw_only=True):
    """A cycle with what failed in it."""

    ok: bool
    fails: list[dict[str, Any]]


class DayChange(msgspec.Struct, frozen=True):
    """A change of the timetable. trading_day: that is open then; null: none. closed: symbols that
    do not trade."""

    at: str
    trading_day: str | None
    closed: list[str]


class CalendarTold(Found, frozen=True, kw_only=True):
    """The trading day, what comes, and which days settle. timetable: null: by hand."""

    trading_day: str
    phase: str
    timetable: Timetable | None
    next: DayChange | None
    changes: list[DayChange]
    settlement_days: list[SettlementDay]


class CommandField(msgspec.Struct, frozen=True):
    """A field of a command. choices: what it may be; none: anything."""

    name: str
    is_needed: bool
    help: str
    choices: list[str]


class CommandTold(msgspec.Struct, frozen=True):
    """A command. path: its words, with a slash between them below /commands."""

    path: str
    help: str
    fields: list[CommandField]


class CommandList(Found, frozen=True, kw_only=True):
    """What can be done."""

    commands: list[CommandTold]


class Outcome(Found, frozen=True, kw_only=True):
    """What came of a command. held: ids under which it waits for another operator. events: as in
    the journal. still_open: orders that a block has yet to cancel; null: it cancels none."""

    text: str
    held: list[str]
    events: list[dict[str, Any]]
    still_open: int | None


def read(kind: type) -> dict[int | str, dict[str, Any]]:
    """What a path that reads answers, for `responses`."""
    return told(kind, OF_LEDGER)


def done(kind: type, *also: int) -> dict[int | str, dict[str, Any]]:
    """What a path that changes something answers."""
    return told(kind, OF_ORDERS, also=also)
