"""Reads the ledger: trial balance, a member's balances, and a check of both against the postings.

Read-only. Numbers leave as exact decimal text; a sum of zero leaves as the number 0.
"""

from decimal import Decimal
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import Engine, Select, case, func, inspect, select, true

from venue.bus.position_file import Position
from venue.clearing.balances import as_of, last_lines, ledger_snapshot
from venue.clearing.postings import AccountKind
from venue.clearing.schema import CONSUMER, accounts, balances, entries, position, postings


class AssetTotals(TypedDict):
    """Totals of one asset over all ledger accounts. sum is 0, or exact text if it is not."""

    sum: int | str
    credits: str
    debits: str
    accounts: int


class TrialBalance(TypedDict):
    """The whole ledger at the event `position`.

    trades: how many were ever executed. busted: how many of these were busted.
    """

    assets: dict[str, AssetTotals]
    trades: int
    busted: int
    position: int


class Balance(NamedTuple):
    """What a member holds of an asset in one of its accounts."""

    account: str
    asset: str
    amount: Decimal


class UnreconciledAccount(NamedTuple):
    """A ledger account whose running balance is not the sum of its postings."""

    owner: str
    sub_account: str
    asset: str
    balance: Decimal
    posted: Decimal


def exact_text(amount: Decimal) -> str:
    """Shortest decimal text: no exponent, no zeros behind the point."""
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def trial_balance(engine: Engine, at: int | None = None) -> TrialBalance:
    """Sums by asset, numbers of trades, and position, all at the same moment: now, or at `at`.

    credits: total of the accounts above zero. debits: total of those below, as a positive number.
    at: the event behind which the ledger is looked at. Empty, with position 0, until clearing has
    begun. Raises NotBookedYet, SQLAlchemyError.
    """
    if not inspect(engine).has_table(position.name, schema=position.schema):
        return {"assets": {}, "trades": 0, "busted": 0, "position": 0}
    with ledger_snapshot(engine) as connection:
        event_seq = as_of(connection, at)
        rows = connection.execute(totals_query(at)).all()
        counted = connection.execute(counts_query(event_seq)).one_or_none()
    return {
        "assets": {
            row.asset: {
                "sum": exact_text(row.total) if row.total else 0,
                "credits": exact_text(row.credits),
                "debits": exact_text(row.debits),
                "accounts": row.accounts,
            }
            for row in rows
        },
        "trades": 0 if counted is None else counted.trades,
        "busted": 0 if counted is None else counted.busted,
        "position": event_seq,
    }


def totals_query(at: int | None) -> Select[Any]:
    """Totals of each asset over all accounts: one row of each, however much was booked."""
    if at is None:
        held, others = balances.c.balance, balances
        on = balances.c.account_id == accounts.c.account_id
    else:
        others = last_lines(at)
        held, on = others.c.balance_after, true()
    return (
        select(
            accounts.c.asset,
            func.sum(held).label("total"),
            func.sum(case((held > 0, held), else_=0)).label("credits"),
            func.sum(case((held < 0, -held), else_=0)).label("debits"),
            func.count().label("accounts"),
        )
        .join_from(accounts, others, on)
        .group_by(accounts.c.asset)
        .order_by(accounts.c.asset)
    )


def counts_query(event_seq: int) -> Select[Any]:
    """How many trades were executed and busted: the last entry says it."""
    return (
        select(entries.c.trades, entries.c.busted)
        .where(entries.c.event_seq <= event_seq)
        .order_by(entries.c.event_seq.desc())
        .limit(1)
    )


def booked_position(engine: Engine) -> Position:
    """The last event that is booked; event_seq is 0 until clearing has begun."""
    if not inspect(engine).has_table(position.name, schema=position.schema):
        return Position(0)
    query = select(position).where(position.c.consumer == CONSUMER)
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return Position(0)
    return Position(row.event_seq, journal=row.journal, digest=row.digest)


def member_balances(engine: Engine, member: str) -> list[Balance]:
    """A member's balances by account and asset; empty when nothing was ever booked for it."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(accounts.c.sub_account, accounts.c.asset, balances.c.balance)
            .join_from(balances, accounts)
            .where(accounts.c.kind == AccountKind.MEMBER, accounts.c.owner == member)
            .order_by(accounts.c.sub_account, accounts.c.asset)
        ).all()
    return [Balance(row.sub_account, row.asset, row.balance) for row in rows]


def members(engine: Engine) -> list[str]:
    """Members for which something was ever booked."""
    with engine.connect() as connection:
        owners = select(accounts.c.owner).where(accounts.c.kind == AccountKind.MEMBER).distinct()
        return list(connection.execute(owners.order_by(accounts.c.owner)).scalars())


def unreconciled(engine: Engine) -> list[UnreconciledAccount]:
    """Accounts whose running balance is not the sum of their postings. There should be none."""
    posted = (
        select(postings.c.account_id, func.sum(postings.c.amount).label("posted"))
        .group_by(postings.c.account_id)
        .subquery()
    )
    total = func.coalesce(posted.c.posted, 0)
    held = func.coalesce(balances.c.balance, 0)
    with engine.connect() as connection:
        rows = connection.execute(
            select(
                accounts.c.owner, accounts.c.sub_account, accounts.c.asset, held.label("held"),
                total.label("posted"),
            )
            .join_from(accounts, balances, isouter=True)
            .outerjoin(posted, posted.c.account_id == accounts.c.account_id)
            .where(held != total)
        ).all()  # fmt: skip
    return [UnreconciledAccount(*row) for row in rows]
