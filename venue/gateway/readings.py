"""What clearing has booked for a member: balances, movements, trades. Read-only.

Knows the ledger's tables. Runs in threads, behind a circuit breaker: where PostgreSQL is away, who
asks is told so at once and does not wait for it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from venue.clearing.schema import accounts, entries, postings, trades
from venue.clearing.statements import exact_text, member_balances
from venue.gateway.guard import Guard, GuardTold, is_any_of
from venue.gateway.problems import Code, Problem

AT_ONCE = 2
"""Queries at a time, as many as the engine has connections; who is behind them waits, and no longer
than WAIT_SECONDS."""
WAIT_SECONDS = 5.0
DEADLINE_SECONDS = 10.0
MOST_ROWS = 500
LINE_MAX = 2**15 - 1
"""The highest line of an entry that the ledger's column can have."""
T = TypeVar("T")
Row = Any
"""A row by the names of its columns."""


class BalanceTold(msgspec.Struct, frozen=True):
    """What an account of the member holds of an asset, as booked."""

    account: str
    asset: str
    amount: str


class Movement(msgspec.Struct, frozen=True):
    """A change of a balance. cursor: what the next page begins behind."""

    cursor: str
    time_ns: int
    kind: str
    description: str
    account: str
    asset: str
    amount: str


class TradeTold(msgspec.Struct, frozen=True):
    """A trade of the member, as busts and corrections have left it. cursor: as in Movement."""

    cursor: str
    match_id: str
    time_ns: int
    trading_day: str
    symbol: str
    side: str
    price: str
    quantity: str
    amount: str
    fee: str
    currency: str
    order_id: str
    account: str
    state: str


class Readings:
    """The ledger of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(AT_ONCE, "ledger")
        self._guard = Guard(
            "the ledger",
            AT_ONCE,
            is_any_of(SQLAlchemyError, TimeoutError),
            waits_seconds=WAIT_SECONDS,
        )

    @property
    def state(self) -> str:
        """Of the breaker: closed, open or half-open."""
        return self._guard.state

    def guard(self) -> GuardTold:
        """How the way to the ledger is."""
        return self._guard.told()

    async def balances(self, member: str) -> list[BalanceTold]:
        """What a member holds. Raises Problem AWAY."""
        rows = await self.ask(lambda: member_balances(self._engine, member))
        return [BalanceTold(row.account, row.asset, exact_text(row.amount)) for row in rows]

    async def movements(self, member: str, behind: str, most: int) -> list[Movement]:
        """Changes of a member's balances, the newest first. behind: a cursor; empty: from the end.

        Raises Problem AWAY.
        """
        return await self.ask(lambda: self._movements(member, behind, most))

    async def trades(self, member: str, behind: int, most: int) -> list[TradeTold]:
        """A member's trades, the newest first. Raises Problem AWAY."""
        return await self.ask(lambda: self._trades(member, behind, most))

    def _movements(self, member: str, behind: str, most: int) -> list[Movement]:
        query = (
            select(postings.c.event_seq, entries, accounts, postings.c.amount, postings.c.line)
            .join(accounts, accounts.c.account_id == postings.c.account_id)
            .join(entries, entries.c.event_seq == postings.c.event_seq)
            .where(accounts.c.kind == "member", accounts.c.owner == member)
            .order_by(postings.c.event_seq.desc(), postings.c.line)
            .limit(min(most, MOST_ROWS))
        )
        if behind:
            event_seq, _, line = behind.partition(".")
            later = postings.c.line > min(int(line or 0), LINE_MAX)
            query = query.where(
                (postings.c.event_seq < int(event_seq))
                | ((postings.c.event_seq == int(event_seq)) & later)
            )
        with self._engine.connect() as connection:
            return [
                Movement(
                    f"{row.event_seq}.{row.line}",
                    row.timestamp_ns,
                    row.kind,
                    row.description,
                    row.sub_account,
                    row.asset,
                    exact_text(row.amount),
                )
                for row in connection.execute(query)
            ]

    def _trades(self, member: str, behind: int, most: int) -> list[TradeTold]:
        query = (
            select(trades)
            .where((trades.c.buyer == member) | (trades.c.seller == member))
            .order_by(trades.c.event_seq.desc())
            .limit(min(most, MOST_ROWS))
        )
        if behind:
            query = query.where(trades.c.event_seq < behind)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [told for row in rows for told in _sides(row, member)]

    async def ask(self, query: Callable[[], T]) -> T:
        """Ask in a thread. Raises Problem AWAY, and what the query raises but for SQLAlchemyError.

        The threads are its own: a query that hangs holds up no login.
        """
        loop = asyncio.get_running_loop()
        try:
            async with self._guard.passing(), asyncio.timeout(DEADLINE_SECONDS):
                return await loop.run_in_executor(self._threads, query)
        except (SQLAlchemyError, TimeoutError) as error:
            raise Problem(Code.AWAY, "the ledger cannot be read now", retry_after=1) from error


def _sides(row: Row, member: str) -> list[TradeTold]:
    """The member's side of a trade, or both where it has traded with itself."""
    parties = (("buy", "buyer"), ("sell", "seller"))
    return [_side(row, side, party) for side, party in parties if row[party] == member]


def _side(row: Row, side: str, party: str) -> TradeTold:
    return TradeTold(
        str(row["event_seq"]),
        row["match_id"],
        row["timestamp_ns"],
        row["trading_day"],
        row["symbol"],
        side,
        exact_text(row["current_price"]),
        exact_text(row["current_quantity"]),
        exact_text(row["current_amount"]),
        exact_text(row[f"current_{party}_fee"]),
        row["currency"],
        row[f"{party}_order_id"],
        row[f"{party}_account"] or "",
        row["status"],
    )
