"""Balances as of any event or time: each account by one read of an index, all of a member at once.

Read-only. What is asked as of an event is the same for ever, whatever is booked meanwhile.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select, Subquery, func, select, text, true, union_all

from venue.clearing.postings import EXACT, AccountKind
from venue.clearing.schema import (
    CONSUMER,
    accounts,
    balances,
    entries,
    obligations,
    position,
    postings,
)

_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
_NOTHING = Decimal(0)


class NotBookedYet(ValueError):
    """The ledger is not as far as it is asked about; text is one line for the user."""


class DueAmount(NamedTuple):
    """What is owed to an account on a day (ISO date), over all symbols; below zero: by it."""

    due: str
    amount: Decimal


class Holding(NamedTuple):
    """What an account has of an asset: settled, and what is still to be settled, by due date."""

    account: str
    asset: str
    settled: Decimal
    unsettled: tuple[DueAmount, ...] = ()

    @property
    def receivable(self) -> Decimal:
        """What comes in: sum of the due dates that are above zero."""
        return _sum(each.amount for each in self.unsettled if each.amount > 0)

    @property
    def payable(self) -> Decimal:
        """What goes out, as a positive number. No due date is set off against another one."""
        return _sum(each.amount.copy_negate() for each in self.unsettled if each.amount < 0)


class Holdings(NamedTuple):
    """All that a member has, as of the event `event_seq`; no rows: nothing was booked for it."""

    event_seq: int
    rows: tuple[Holding, ...]


@contextmanager
def ledger_snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection on which all that is read is of one moment. Raises SQLAlchemyError."""
    with engine.connect() as connection, connection.begin():
        connection.execute(_SNAPSHOT)
        yield connection


def booked_seq(connection: Connection) -> int:
    """The last event that is booked; 0 until clearing has begun."""
    query = select(position.c.event_seq).where(position.c.consumer == CONSUMER)
    return connection.execute(query).scalar_one_or_none() or 0


def seq_at_time(connection: Connection, timestamp_ns: int) -> int:
    """The last event with an entry that was booked at that time or before; 0: there was none."""
    return connection.execute(time_query(timestamp_ns)).scalar_one_or_none() or 0


def balance_as_of(connection: Connection, account_id: int, event_seq: int) -> Decimal:
    """An account's balance behind that event."""
    found = connection.execute(balance_query(account_id, event_seq)).scalar_one_or_none()
    return _NOTHING if found is None else found


def member_holdings(engine: Engine, member: str, at: int | None = None) -> Holdings:
    """All that a member has, settled and not, of one moment: now, or behind the event `at`.

    Raises NotBookedYet, SQLAlchemyError.
    """
    with ledger_snapshot(engine) as connection:
        event_seq = as_of(connection, at)
        settled = connection.execute(settled_query(member, at)).all()
        owed = connection.execute(due_query(member, at)).all()
    due: dict[tuple[str, str], list[DueAmount]] = {}
    for row in owed:
        key = (row.sub_account, row.asset)
        due.setdefault(key, []).append(DueAmount(row.due.isoformat(), row.amount))
    has = {(row.sub_account, row.asset): row.balance for row in settled}
    keys = sorted({*has, *due})
    return Holdings(
        event_seq,
        tuple(Holding(*key, has.get(key, _NOTHING), tuple(due.get(key, ()))) for key in keys),
    )


def balance_query(account_id: int, event_seq: int) -> Select[Any]:
    """One read of the index of an account's lines."""
    return (
        select(postings.c.balance_after)
        .where(postings.c.account_id == account_id, postings.c.event_seq <= event_seq)
        .order_by(postings.c.event_seq.desc(), postings.c.line.desc())
        .limit(1)
    )


def settled_query(member: str, at: int | None) -> Select[Any]:
    """sub_account, asset and balance of a member's settled accounts."""
    of_member = accounts.c.kind == AccountKind.MEMBER, accounts.c.owner == member
    held = balances if at is None else last_lines(at)
    balance = held.c.balance if at is None else held.c.balance_after
    query = select(accounts.c.sub_account, accounts.c.asset, balance.label("balance"))
    on = balances.c.account_id == accounts.c.account_id if at is None else true()
    return query.join_from(accounts, held, on).where(*of_member)


def last_lines(at: int) -> Any:
    """Of each row of `accounts` beside it, its last line behind the event `at`."""
    return (
        select(postings.c.balance_after, postings.c.version, postings.c.event_seq)
        .where(postings.c.account_id == accounts.c.account_id, postings.c.event_seq <= at)
        .order_by(postings.c.event_seq.desc(), postings.c.line.desc())
        .limit(1)
        .lateral("last_line")
    )


def due_query(member: str, at: int | None) -> Select[Any]:
    """sub_account, asset, due and amount of what is owed to a member, or by it.

    Now: from its obligations. As of an event: the lines of its unsettled accounts, added up.
    """
    rows = _owed_now(member) if at is None else _owed_at(member, at)
    total = func.sum(rows.c.amount)
    return (
        select(rows.c.sub_account, rows.c.asset, rows.c.due, total.label("amount"))
        .group_by(rows.c.sub_account, rows.c.asset, rows.c.due)
        .having(total != 0)
        .order_by(rows.c.sub_account, rows.c.asset, rows.c.due)
    )


def _owed_now(member: str) -> Subquery:
    of = obligations.c
    legs = [
        select(of.account.label("sub_account"), asset.label("asset"), of.due, net.label("amount"))
        .where(of.member == member, net != 0)
        for asset, net in ((of.asset, of.quantity), (of.currency, of.amount))
    ]  # fmt: skip
    return union_all(*legs).subquery()


def _owed_at(member: str, at: int) -> Subquery:
    of_account = (
        select(postings.c.value_date.label("due"), func.sum(postings.c.amount).label("amount"))
        .where(postings.c.account_id == accounts.c.account_id, postings.c.event_seq <= at)
        .group_by(postings.c.value_date)
        .lateral("of_account")
    )
    own = accounts.c.kind == AccountKind.UNSETTLED, accounts.c.owner == member
    columns = (accounts.c.sub_account, accounts.c.asset, of_account.c.due, of_account.c.amount)
    return select(*columns).join_from(accounts, of_account, true()).where(*own).subquery()


def as_of(connection: Connection, at: int | None) -> int:
    """The event that is asked about. Raises NotBookedYet."""
    booked = booked_seq(connection)
    if at is None:
        return booked
    if at > booked:
        raise NotBookedYet(f"the ledger is at event {booked}: event {at} is not booked yet")
    return at


def time_query(timestamp_ns: int) -> Select[Any]:
    """One read of the index of entries by time."""
    return (
        select(entries.c.event_seq)
        .where(entries.c.timestamp_ns <= timestamp_ns)
        .order_by(entries.c.timestamp_ns.desc(), entries.c.event_seq.desc())
        .limit(1)
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, amounts, _NOTHING)
