"""End-of-day files: trades, net obligations, settlements, fails, fees, positions, as CSV.

Pure but for the reading. A directory for each member and one for the house, each file with the same
bytes whenever it is made once the day is booked.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
from venue.csv_text import csv_line

HOUSE = "house"
_ALL_KINDS = ("member", "unsettled", "house", "revenue", "external")
_MOVEMENT = (
    "event_seq", "line", "time", "type", "text", "reference", "value_date", "amount", "balance",
)  # fmt: skip
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


class Sheets:
    """The tables of a day as lines of CSV: of the house, and of each member its own part.

    A line is made once, and stands in both.
    """

    def __init__(self) -> None:
        self._house: dict[str, list[str]] = {name: [] for name in _COLUMNS}
        self._members: dict[tuple[str, str], list[str]] = {}

    def add(self, name: str, row: Sequence[object]) -> None:
        """Add a row to a table."""
        line = csv_line(row)
        self._house[name].append(line)
        member = str(row[_COLUMNS[name].index("member")])
        self._members.setdefault((member, name), []).append(line)

    def files(self, members: Sequence[str]) -> Iterator[DayFile]:
        """Every table of the house, and of each of these members."""
        for name, columns in _COLUMNS.items():
            yield file(f"{HOUSE}/{name}.csv", columns, self._house[name])
            for member in members:
                path = f"members/{member_token(member)}/{name}.csv"
                yield file(path, columns, self._members.get((member, name), []))


def end_of_day(engine: Engine, period: Period, now_ns: int) -> EndOfDay:
    """The files of a day, of one moment of the ledger. Raises SQLAlchemyError."""
    sheets = Sheets()
    with reading.one_moment(engine) as connection:
        booked = reading.range_of(connection, period)
        held = reading.accounts(connection)
        _fill(sheets, connection, period, booked, held)
        house = list(_house(connection, period, booked))
    members = tuple(sorted({row.owner for row in held}))
    is_final = now_ns >= period.end_ns
    files = tuple(sorted((*house, *sheets.files(members))))
    return EndOfDay(period, booked.last, is_final, members, files)


def file(path: str, columns: Sequence[str], lines: Sequence[str]) -> DayFile:
    """A CSV file of lines."""
    return DayFile(path, "".join((csv_line(columns), *lines)).encode(), len(lines))


def _fill(
    sheets: Sheets,
    connection: Connection,
    period: Period,
    booked: reading.Range,
    held: Sequence[Any],
) -> None:
    """Add the rows of all members."""
    ids = [row.account_id for row in held]
    by_id = {row.account_id: row for row in held}
    for row in reading.trades(connection, booked):
        for member in dict.fromkeys((row.buyer, row.seller)):
            for side in sides_of(row, member):
                sheets.add("trades", (member, *_values(side)))
    for row in reading.movements(connection, ids, booked):
        _add_movement(sheets, row, by_id[row.account_id])
    for key, net in reading.net_obligations(connection, booked.last).items():
        sheets.add("obligations", (*key, exact_text(net)))
    of_cycles = [row.cycle for row in reading.cycles(connection, period)]
    for row in reading.fails(connection, of_cycles):
        sheets.add("fails", _fail(row))
    for line in fee_lines(connection, booked):
        sheets.add("fees", _values(line))
    for position in _positions(held, reading.balances_at(connection, ids, booked.last)):
        sheets.add("positions", position)


def _add_movement(sheets: Sheets, row: Any, of: Any) -> None:
    """A line; where it is what settlement has delivered or paid, it is a settlement too."""
    told = movement_of(row)
    fields = (getattr(told, name) for name in _MOVEMENT)
    sheets.add("movements", (of.owner, of.sub_account, of.asset, PURPOSES[of.kind], *fields))
    if row.kind == _SETTLED and of.kind == "member":
        sheets.add(
            "settlements",
            (
                of.owner, of.sub_account, told.event_seq, told.time, told.value_date, of.asset,
                told.amount, told.text,
            ),
        )  # fmt: skip


def _house(connection: Connection, period: Period, booked: reading.Range) -> Iterator[DayFile]:
    """Files that only the house has: cycles of settlement, and all ledger accounts."""
    cycles = [
        (
            row.cycle, row.event_seq, row.settlement_date.isoformat(), row.obligations, row.settled,
            row.partly, row.failed, iso(row.begun_ns), row.ended_ns and iso(row.ended_ns),
        )
        for row in reading.cycles(connection, period)
    ]  # fmt: skip
    yield file(f"{HOUSE}/cycles.csv", _CYCLES, [csv_line(row) for row in cycles])
    every = sorted(
        reading.accounts(connection, kinds=_ALL_KINDS),
        key=lambda row: (row.kind, row.owner, row.sub_account, row.asset),
    )
    ids = [row.account_id for row in every]
    opening, closing = (reading.balances_at(connection, ids, seq) for seq in booked)
    accounts = [
        (
            row.kind, row.owner, row.sub_account, row.asset,
            exact_text(opening[row.account_id] or Decimal(0)), exact_text(closing[row.account_id]),
        )
        for row in every
        if closing[row.account_id] is not None
    ]  # fmt: skip
    yield file(f"{HOUSE}/accounts.csv", _ACCOUNTS, [csv_line(row) for row in accounts])


def _fail(row: Any) -> tuple[object, ...]:
    return (
        row.member, row.account, row.event_seq, row.cycle, row.symbol, row.due.isoformat(),
        row.asset, exact_text(row.quantity), row.currency, exact_text(row.amount), row.cycles,
        row.cause, row.short_of, exact_text(row.penalty),
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
