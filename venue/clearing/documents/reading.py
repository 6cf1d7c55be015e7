"""Queries of the ledger that documents are made of, each over the entries of a period.

May know the schema and SQL. All of a document is read in one transaction, of one moment. Times of
entries never go back, so a period is a range of event_seq, and each query an indexed one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from venue.clearing.documents.business_days import Period
from venue.clearing.postings import EXACT

OF_MEMBERS = ("member", "unsettled")
"""Kinds of the accounts that members own: what is settled, and what is not yet."""

_AT_ONCE = 5_000
"""Rows of a long answer."""
_LAST_BEFORE = text(
    "SELECT event_seq FROM clearing.entries WHERE timestamp_ns < :ns "
    "ORDER BY timestamp_ns DESC, event_seq DESC LIMIT 1"
)
_ACCOUNTS = text(
    "SELECT account_id, kind, owner, sub_account, asset FROM clearing.accounts "
    "WHERE kind = ANY(:kinds) AND (owner = :owner OR CAST(:owner AS text) IS NULL) "
    "ORDER BY owner, sub_account, asset, kind"
)
_BALANCES = text(
    "SELECT ids.account_id, (SELECT p.balance_after FROM clearing.postings p "
    "WHERE p.account_id = ids.account_id AND p.event_seq <= :event_seq "
    "ORDER BY p.event_seq DESC, p.line DESC LIMIT 1) AS balance "
    "FROM unnest(CAST(:ids AS int[])) AS ids (account_id)"
)
_MOVEMENTS = text(
    "SELECT p.account_id, p.event_seq, p.line, p.amount, p.balance_after, p.value_date, "
    "e.timestamp_ns, e.kind, e.description, coalesce(r.reference, '') AS reference "
    "FROM clearing.postings p JOIN clearing.entries e ON e.event_seq = p.event_seq "
    "LEFT JOIN clearing.payments r ON r.event_seq = p.event_seq "
    "WHERE p.account_id = ANY(:ids) AND p.event_seq > :after AND p.event_seq <= :last "
    "ORDER BY p.event_seq, p.line"
)
_TRADES = text(
    "SELECT * FROM clearing.trades WHERE event_seq > :after AND event_seq <= :last "
    "AND (CAST(:member AS text) IS NULL OR buyer = :member OR seller = :member) "
    "ORDER BY event_seq"
)
# What a trade cost before a correction: after the correction before it, else as it was executed.
_CHANGED_FEES = text(
    "SELECT c.event_seq, e.timestamp_ns, e.kind, c.member, c.account, c.of_id AS match_id, "
    "c.symbol, c.currency, c.quantity > 0 AS is_buyer, "
    "CASE WHEN c.kind = 'bust' THEN 0 ELSE c.fee END AS fee, "
    "CASE WHEN c.kind = 'bust' THEN c.fee ELSE coalesce("
    "(SELECT p.fee FROM clearing.position_changes p WHERE p.member = c.member "
    "AND p.event_seq > t.event_seq AND p.event_seq < c.event_seq AND p.kind = 'correction' "
    "AND p.of_id = c.of_id AND (p.quantity > 0) = (c.quantity > 0) "
    "ORDER BY p.event_seq DESC LIMIT 1), "
    "CASE WHEN c.quantity > 0 THEN t.buyer_fee ELSE t.seller_fee END) END AS fee_before "
    "FROM clearing.position_changes c "
    "JOIN clearing.trades t ON t.match_id = c.of_id "
    "JOIN clearing.entries e ON e.event_seq = c.event_seq "
    "WHERE c.event_seq > :after AND c.event_seq <= :last AND c.kind IN ('bust', 'correction') "
    "AND (CAST(:member AS text) IS NULL OR c.member = :member) ORDER BY c.event_seq, c.line"
)
_OBLIGATIONS = text(
    "SELECT member, account, due, asset, quantity AS amount FROM clearing.obligations "
    "WHERE quantity <> 0 UNION ALL "
    "SELECT member, account, due, currency, amount FROM clearing.obligations WHERE amount <> 0"
)
_OWED_SINCE = text(
    "SELECT a.owner, a.sub_account, p.value_date, a.asset, sum(p.amount) AS amount "
    "FROM clearing.postings p JOIN clearing.accounts a ON a.account_id = p.account_id "
    "WHERE p.event_seq > :last AND a.kind = 'unsettled' "
    "GROUP BY a.owner, a.sub_account, p.value_date, a.asset"
)
_CYCLES = text(
    "SELECT * FROM clearing.cycles WHERE begun_ns >= :begin_ns AND begun_ns < :end_ns "
    "ORDER BY cycle"
)
_FAILS = text("SELECT * FROM clearing.fails WHERE cycle = ANY(:cycles) ORDER BY event_seq")


class Range(NamedTuple):
    """Entries of a period: after < event_seq <= last. Equal: nothing was booked in it."""

    after: int
    last: int


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the ledger as it is now, whatever is booked meanwhile."""
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="REPEATABLE READ")


def range_of(connection: Connection, period: Period) -> Range:
    """The entries that were booked in a period."""
    after, last = (
        connection.execute(_LAST_BEFORE, {"ns": ns}).scalar_one_or_none() or 0
        for ns in (period.begin_ns, period.end_ns)
    )
    return Range(after, last)


def accounts(
    connection: Connection, owner: str | None = None, kinds: Sequence[str] = OF_MEMBERS
) -> Sequence[Any]:
    """Accounts of these kinds: account_id, kind, owner, sub_account, asset; None: of all owners."""
    return connection.execute(_ACCOUNTS, {"kinds": list(kinds), "owner": owner}).all()


def balances_at(connection: Connection, ids: Sequence[int], event_seq: int) -> dict[int, Any]:
    """Balance of each account behind that event, by account_id; None: nothing was booked yet."""
    rows = connection.execute(_BALANCES, {"ids": list(ids), "event_seq": event_seq})
    return {row.account_id: row.balance for row in rows}


def movements(connection: Connection, ids: Sequence[int], booked: Range) -> Iterator[Any]:
    """Lines of these accounts with their entries, in order; not all in memory at once."""
    values = {"ids": list(ids), **booked._asdict()}
    yield from connection.execute(_MOVEMENTS, values, execution_options={"yield_per": _AT_ONCE})


def trades(connection: Connection, booked: Range, member: str | None = None) -> Sequence[Any]:
    """Trades that were executed in a period, of one member or of all."""
    return connection.execute(_TRADES, {"member": member, **booked._asdict()}).all()


def changed_fees(connection: Connection, booked: Range, member: str | None = None) -> Sequence[Any]:
    """What busts and corrections of a period made of the fees of each side: fee_before and fee."""
    return connection.execute(_CHANGED_FEES, {"member": member, **booked._asdict()}).all()


def net_obligations(connection: Connection, last: int) -> dict[tuple[str, str, str, str], Decimal]:
    """What each member is owed, or owes below zero, behind event `last`.

    By member, account, due date and asset; none of zero. They are as booked now, less what was
    booked since.
    """
    owed: dict[tuple[str, str, str, str], Decimal] = {}
    since = connection.execute(_OWED_SINCE, {"last": last})
    taken_back = [(*row[:4], row.amount.copy_negate()) for row in since]
    for member, account, due, asset, amount in (*connection.execute(_OBLIGATIONS), *taken_back):
        key = (member, account, str(due), asset)
        owed[key] = EXACT.add(owed.get(key, Decimal(0)), amount)
    return {key: amount for key, amount in sorted(owed.items()) if amount}


def cycles(connection: Connection, period: Period) -> Sequence[Any]:
    """Cycles of settlement that began in a period."""
    bounds = {"begin_ns": period.begin_ns, "end_ns": period.end_ns}
    return connection.execute(_CYCLES, bounds).all()


def fails(connection: Connection, of_cycles: Sequence[int]) -> Sequence[Any]:
    """What these cycles have not settled."""
    return connection.execute(_FAILS, {"cycles": list(of_cycles)}).all()
