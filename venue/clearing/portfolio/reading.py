"""A member's portfolio out of the ledger's tables, as of an event or a time; read-only.

All of it is of one moment: one snapshot of the database, up to one event. Each query is led by an
index from the member, symbol or account to its rows.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, inspect, text

from venue.clearing.balances import as_of, ledger_snapshot, seq_at_time
from venue.clearing.portfolio.changes import Change, ChangeKind
from venue.clearing.portfolio.holdings import Held, Holdings, Mark
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.portfolio import folded
from venue.clearing.schema import SCHEMA, position
from venue.domain.decimal_text import MONEY_SCALE, divide_half_away

AT_ONCE = 5_000
"""Rows that are fetched in one go."""


def _units(expression: str) -> str:
    """A count of 10^-8 as text of digits, which is read faster than a number of any size."""
    return f"trim_scale({expression} * {MONEY_SCALE})::text"


def _trades(side: str, sign: str) -> str:
    amount = _units("amount" if sign == "-" else "-amount")
    return (
        f"SELECT event_seq, coalesce({side}_account, 'default'), asset, "
        f"{_units(f'{sign}quantity')}, symbol, currency, {amount}, {_units(f'{side}_fee')}, "
        f"match_id FROM clearing.trades WHERE {side} = :member AND event_seq <= :at "
        "ORDER BY event_seq"
    )


BOUGHT = _trades("buyer", "")
SOLD = _trades("seller", "-")
OTHERS = (
    f"SELECT event_seq, kind, account, asset, {_units('quantity')}, symbol, currency, "
    f"{_units('amount')}, {_units('fee')}, of_id FROM clearing.position_changes "
    "WHERE member = :member AND event_seq <= :at ORDER BY event_seq, line"
)
MARKS = f"""
WITH RECURSIVE traded (symbol) AS (
  (SELECT symbol FROM clearing.trades ORDER BY symbol LIMIT 1)
  UNION ALL
  SELECT (
    SELECT t.symbol FROM clearing.trades t WHERE t.symbol > traded.symbol ORDER BY t.symbol LIMIT 1
  ) FROM traded WHERE traded.symbol IS NOT NULL
)
SELECT mark.* FROM traded CROSS JOIN LATERAL (
  SELECT t.symbol, t.asset, t.currency, t.event_seq, t.match_id,
    {_units("CASE WHEN t.changed_seq <= :at THEN t.current_price ELSE t.price END")} AS price
  FROM clearing.trades t
  WHERE t.symbol = traded.symbol AND t.event_seq <= :at
    AND (t.status <> 'busted' OR t.changed_seq > :at)
  ORDER BY t.event_seq DESC LIMIT 1
) mark
WHERE traded.symbol IS NOT NULL
"""
"""The last trade of each symbol; of a corrected one its price as corrected by then."""
RATIOS = (
    f"SELECT event_seq, asset, {_units('quantity')}, {_units('amount')} "
    "FROM clearing.position_changes WHERE member = '' AND kind = 'ratio' AND event_seq <= :at "
    "ORDER BY event_seq"
)
"""Splits: a price of before counts by them."""
BALANCES = f"""
SELECT a.kind, a.sub_account, a.asset, {_units("p.balance_after")} AS balance
FROM clearing.accounts a CROSS JOIN LATERAL (
  SELECT p.balance_after FROM clearing.postings p
  WHERE p.account_id = a.account_id AND p.event_seq <= :at
  ORDER BY p.event_seq DESC, p.line DESC LIMIT 1
) p
WHERE a.kind IN ('member', 'unsettled') AND a.owner = :member
"""
"""What a member has in each of its ledger accounts: one indexed read an account."""


class NoLedger(LookupError):
    """Nothing was ever booked in this database."""


class Moment(NamedTuple):
    """Up to an event, or a time (UTC nanoseconds); neither: up to all that is booked."""

    event_seq: int | None = None
    at_ns: int | None = None


NOW = Moment()


def read_holdings(engine: Engine, member: str, method: Method, moment: Moment = NOW) -> Holdings:
    """What a member has, as of the moment.

    Raises NoLedger, NotBookedYet for an event that is not booked yet, and SQLAlchemyError.
    """
    if not inspect(engine).has_table(position.name, schema=SCHEMA):
        raise NoLedger
    with ledger_snapshot(engine) as connection:
        at = event_of(connection, moment)
        of_member = {"member": member, "at": at}
        portfolio = folded(
            _trades_of(connection, of_member), _others(connection, of_member), method
        )
        balances = _balances(connection, of_member)
        return Holdings(at, portfolio, _marks(connection, at), balances)


def ensure_booked(engine: Engine, event_seq: int) -> None:
    """Raise NoLedger, or NotBookedYet, unless the ledger has come to this event."""
    if not inspect(engine).has_table(position.name, schema=SCHEMA):
        raise NoLedger
    with ledger_snapshot(engine) as connection:
        event_of(connection, Moment(event_seq))


def read_marks(engine: Engine, moment: Moment) -> dict[str, Mark]:
    """The marks alone; as read_holdings."""
    with ledger_snapshot(engine) as connection:
        return _marks(connection, event_of(connection, moment))


def event_of(connection: Connection, moment: Moment) -> int:
    """The last event that counts: 0 before the first. Raises NotBookedYet."""
    if moment.at_ns is not None:
        return seq_at_time(connection, moment.at_ns)
    return as_of(connection, moment.event_seq)


def _marks(connection: Connection, at: int) -> dict[str, Mark]:
    found = {
        row.symbol: Mark(
            row.symbol, row.asset, row.currency, row.event_seq, row.match_id, int(row.price)
        )
        for row in connection.execute(text(MARKS), {"at": at})
    }
    for event_seq, asset, new, old in connection.execute(text(RATIOS), {"at": at}):
        for symbol, mark in found.items():
            if mark.asset == asset and mark.event_seq < event_seq:
                price = divide_half_away(mark.price * int(old), int(new))
                found[symbol] = mark._replace(price=price)
    return found


def _trades_of(connection: Connection, of_member: Mapping[str, Any]) -> Iterator[Change]:
    """The member's sides of trades in order; of one with itself what was bought comes first."""
    sides = (_rows(connection, query, of_member) for query in (BOUGHT, SOLD))
    member, kind = of_member["member"], ChangeKind.TRADE
    for event_seq, account, asset, quantity, symbol, currency, amount, fee, match_id in merge(
        *sides, key=lambda row: row[0]
    ):
        yield Change(
            event_seq, kind, member, account, asset, int(quantity), symbol, currency,
            int(amount), int(fee), match_id,
        )  # fmt: skip


def _others(connection: Connection, of_member: Mapping[str, Any]) -> list[Change]:
    member = of_member["member"]
    return [
        Change(
            event_seq, ChangeKind(kind), member, account, asset, int(quantity), symbol, currency,
            int(amount), int(fee), of,
        )
        for event_seq, kind, account, asset, quantity, symbol, currency, amount, fee, of in _rows(
            connection, OTHERS, of_member
        )
    ]  # fmt: skip


def _balances(connection: Connection, of_member: Mapping[str, Any]) -> dict[tuple[str, str], Held]:
    found: dict[tuple[str, str], Held] = {}
    for kind, account, asset, balance in _rows(connection, BALANCES, of_member):
        held = found.get((account, asset), Held())
        field = "settled" if kind == "member" else "unsettled"
        found[account, asset] = held._replace(**{field: int(balance)})
    return found


def _rows(connection: Connection, query: str, of_member: Mapping[str, Any]) -> Iterator[Any]:
    options = {"yield_per": AT_ONCE}
    return iter(connection.execute(text(query), of_member, execution_options=options))


__all__ = [
    "BALANCES",
    "BOUGHT",
    "MARKS",
    "NOW",
    "OTHERS",
    "RATIOS",
    "SOLD",
    "Held",
    "Holdings",
    "Mark",
    "Moment",
    "NoLedger",
    "ensure_booked",
    "event_of",
    "read_holdings",
    "read_marks",
]
