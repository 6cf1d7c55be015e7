"""End-of-day files: trades, net obligations, settlements, fails, fees, positions, as CSV.

Pure but for the reading. A directory for each member and one for the house, each file with the same
bytes whenever it is made once the day is booked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine

from venue.bus.subjects import member_token
from venue.clearing.documents import reading
from venue.clearing.documents.business_days import Period
from venue.clearing.documents.fees import FeeLine, fee_lines
from venue.clearing.documents.statement import (
    PURPOSES,
    StatementTrade,
    movement_of,
    sides_of,
)
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, EXACT
from venue.clearing.statements import exact_text
from venue.clock import iso
from venue.csv_text import csv_text

HOUSE = "house"
_ALL_KINDS = ("member", "unsettled", "house", "revenue", "external")
_MOVEMENT = ("event_seq", "line", "time", "type", "text", "value_date", "amount", "balance")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "trades": ("member", *StatementTrade.__struct_fields__),
    "movements": ("member", "account", "asset", "purpose", *_MOVEMENT),
    "obligations": ("member", "account", "settlement_date", "asset", "net"),
    "settlements": (
        "member", "account", "event_seq", "time", "value_date", "asset", "amount", "text",
    ),
    "fails": (
        "member", "account", "event_seq", "cycle", "symbol", "due", "asset", "quantity",
        "currency", "amount", "cycles", "cause", "short_of", "penalty",
    ),
    "fees": FeeLine.__struct_fields__,
    "positions": ("member", "account", "asset", "settled", "unsettled", "total"),
}  # fmt: skip
"""Files that each member has, with their columns. The house has them for all members together."""
_CYCLES = ("cycle", "event_seq", "settlement_date", "obligations", "settled", "partly", "failed",
           "begun", "ended")  # fmt: skip
_ACCOUNTS = ("kind", "owner", "sub_account", "asset", "opening", "closing")

Rows = list[tuple[object, ...]]
_SETTLED = "ObligationSettled"


class DayFile(NamedTuple):
    """A file to write: path below the day's directory, content, and how many rows it has."""

    path: str
    content: bytes
    rows: int


class EndOfDay(NamedTuple):
    """All files of a day, as of the last entry in it."""

    period: Period
    as_of_event_seq: int
    is_final: bool
    members: tuple[str, ...]
    files: tuple[DayFile, ...]


def end_of_day(engine: Engine, period: Period, now_ns: int) -> EndOfDay:
    """The files of a day, of one moment of the ledger. Raises SQLAlchemyError."""
    with reading.one_moment(engine) as connection:
        booked = reading.range_of(connection, period)
        held = reading.accounts(connection)
        tables = _tables(connection, period, booked, held)
        house = _house(connection, period, booked)
    members = tuple(sorted({row.owner for row in held}))
    files = [
        file(f"{HOUSE}/{name}.csv", columns, rows)
        for name, columns, rows in (
            *((name, _COLUMNS[name], rows) for name, rows in tables.items()),
            *house,
        )
    ]
    for member in members:
        for name, rows in tables.items():
            own = [row for row in rows if row[_COLUMNS[name].index("member")] == member]
            path = f"members/{member_token(member)}/{name}.csv"
            files.append(file(path, _COLUMNS[name], own))
    is_final = now_ns >= period.end_ns
    return EndOfDay(period, booked.last, is_final, members, tuple(sorted(files)))


def file(path: str, columns: Sequence[str], rows: Rows) -> DayFile:
    """A CSV file of rows."""
    return DayFile(path, csv_text(columns, rows).encode(), len(rows))


def _tables(
    connection: Connection, period: Period, booked: reading.Range, held: Sequence[Any]
) -> dict[str, Rows]:
    """Rows of all members, by file."""
    ids = [row.account_id for row in held]
    moved = reading.movements(connection, ids, booked)
    closing = reading.balances_at(connection, ids, booked.last)
    of_cycles = [row.cycle for row in reading.cycles(connection, period)]
    by_id = {row.account_id: row for row in held}
    owed = reading.net_obligations(connection, booked.last)
    return {
        "trades": list(_trades(reading.trades(connection, booked))),
        "movements": list(_movements(moved, by_id)),
        "obligations": [(*key, exact_text(net)) for key, net in owed.items()],
        "settlements": list(_settlements(moved, by_id)),
        "fails": list(_fails(reading.fails(connection, of_cycles))),
        "fees": [_values(line) for line in fee_lines(connection, booked)],
        "positions": list(_positions(held, closing)),
    }


def _house(
    connection: Connection, period: Period, booked: reading.Range
) -> Iterator[tuple[str, Sequence[str], Rows]]:
    """Files that only the house has: cycles of settlement, and all ledger accounts."""
    cycles = reading.cycles(connection, period)
    yield "cycles", _CYCLES, [
        (row.cycle, row.event_seq, str(row.settlement_date), row.obligations, row.settled,
         row.partly, row.failed, iso(row.begun_ns), row.ended_ns and iso(row.ended_ns))
        for row in cycles
    ]  # fmt: skip
    every = sorted(
        reading.accounts(connection, kinds=_ALL_KINDS),
        key=lambda row: (row.kind, row.owner, row.sub_account, row.asset),
    )
    ids = [row.account_id for row in every]
    opening, closing = (reading.balances_at(connection, ids, seq) for seq in booked)
    yield "accounts", _ACCOUNTS, [
        (row.kind, row.owner, row.sub_account, row.asset,
         exact_text(opening[row.account_id] or Decimal(0)),
         exact_text(closing[row.account_id]))
        for row in every
        if closing[row.account_id] is not None
    ]  # fmt: skip


def _trades(rows: Iterable[Any]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        for member in dict.fromkeys((row.buyer, row.seller)):
            for side in sides_of(row, member):
                yield (member, *_values(side))


def _movements(rows: Iterable[Any], by_id: dict[int, Any]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        of, told = by_id[row.account_id], movement_of(row, {})
        fields = (getattr(told, name) for name in _MOVEMENT)
        yield (of.owner, of.sub_account, of.asset, PURPOSES[of.kind], *fields)


def _settlements(rows: Iterable[Any], by_id: dict[int, Any]) -> Iterator[tuple[object, ...]]:
    """What was delivered and paid: the settled lines of settlement's entries."""
    for row in rows:
        of, told = by_id[row.account_id], movement_of(row, {})
        if row.kind == _SETTLED and of.kind == "member":
            yield (
                of.owner, of.sub_account, told.event_seq, told.time, told.value_date, of.asset,
                told.amount, told.text,
            )  # fmt: skip


def _fails(rows: Iterable[Any]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (
            row.member, row.account, row.event_seq, row.cycle, row.symbol, str(row.due), row.asset,
            exact_text(row.quantity), row.currency, exact_text(row.amount), row.cycles, row.cause,
            row.short_of, exact_text(row.penalty),
        )  # fmt: skip


def _positions(held: Sequence[Any], closing: dict[int, Any]) -> Iterator[tuple[object, ...]]:
    """What each member has and is owed of each asset; accounts that are empty are left out."""
    sums: defaultdict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(dict)
    for row in held:
        key = (row.owner, row.sub_account or DEFAULT_SUB_ACCOUNT, row.asset)
        sums[key][PURPOSES[row.kind]] = closing[row.account_id] or Decimal(0)
    for key, parts in sorted(sums.items()):
        settled = parts.get("settled", Decimal(0))
        unsettled = parts.get("unsettled", Decimal(0))
        if settled or unsettled:
            total = EXACT.add(settled, unsettled)
            yield (*key, exact_text(settled), exact_text(unsettled), exact_text(total))


def _values(row: msgspec.Struct) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in row.__struct_fields__)
