"""What a member holds and has been told: portfolio, wallet events, statements. Read-only.

Knows the ledger's readers, and trading for what open orders reserve. Runs in threads, by the same
guard as all that is read of the ledger.
"""

import asyncio
from functools import partial
from typing import Literal

import msgspec
from sqlalchemy import Engine, text

from venue.clearing.balances import NotBookedYet
from venue.clearing.documents.business_days import BusinessDays, NotAPeriod
from venue.clearing.documents.statement import NoSuchMember, Statement, statement_of
from venue.clearing.documents.statement_forms import statement_csv, statement_pdf
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.reading import Holdings, Moment, NoLedger, read_holdings
from venue.clearing.portfolio.report import (
    AccountBalance,
    PositionRow,
    balance_rows,
    position_rows,
)
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT
from venue.clearing.wallet.event import WalletEvent, WalletLine, wallet_event
from venue.domain.decimal_text import parse_money
from venue.gateway.problems import Code, Problem
from venue.gateway.readings import MOST_ROWS, Readings
from venue.gateway.trading_facts import MemberRisk, TradingFacts

BOOKED_SECONDS = 1.0
"""How long clearing may take to come to the event that reservations are of."""
_LOOK_SECONDS = 0.05
Form = Literal["json", "csv", "pdf"]
MEDIA = {"json": "application/json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}
_WALLET = """
    SELECT p.event_seq, p.line, p.amount, p.balance_after, p.value_date, p.wallet_number,
      a.kind AS account_kind, a.owner, a.sub_account, a.asset, e.timestamp_ns,
      e.kind AS entry_kind
    FROM clearing.postings p
    JOIN clearing.accounts a ON a.account_id = p.account_id
    JOIN clearing.entries e ON e.event_seq = p.event_seq
    WHERE a.owner = :member AND a.kind IN ('member', 'unsettled')
      AND p.wallet_number > :behind AND p.wallet_number < :before
    ORDER BY p.wallet_number {order} LIMIT :most
"""
_NEWEST_FIRST = text(_WALLET.format(order="DESC"))
_OLDEST_FIRST = text(_WALLET.format(order="ASC"))
_LAST = 2**62


class Portfolio(msgspec.Struct, frozen=True):
    """Positions and balances behind one event. reserved and free of balances: null where trading
    does not say what open orders reserve at that event."""

    member: str
    method: str
    event_seq: int
    positions: tuple[PositionRow, ...]
    balances: tuple[AccountBalance, ...]


class HoldingsOfMembers:
    """Reads of one ledger. method: whose cost a sale takes. days: when business days begin."""

    def __init__(
        self,
        engine: Engine,
        readings: Readings,
        facts: TradingFacts,
        method: Method,
        days: BusinessDays,
    ) -> None:
        self._engine = engine
        self._readings = readings
        self._facts = facts
        self._method = method
        self._days = days

    async def portfolio(self, member: str, account: str) -> Portfolio:
        """What a member has. Raises Problem AWAY."""
        try:
            risk = await self._facts.risk(member)
        except Problem:  # the portfolio says that reservations are not known
            risk = None
        holdings, at_once = await self._holdings(member, risk)
        reserved = _reserved(risk) if risk is not None and at_once else None
        return Portfolio(
            member,
            self._method.value,
            holdings.event_seq,
            tuple(position_rows(holdings, account)),
            tuple(balance_rows(holdings, reserved, account)),
        )

    async def _holdings(self, member: str, risk: MemberRisk | None) -> tuple[Holdings, bool]:
        """What is booked, and whether that is at the reservations' event."""

        loop = asyncio.get_running_loop()
        deadline = loop.time() + BOOKED_SECONDS
        while risk is not None and loop.time() < deadline:
            found = await self._readings.ask(partial(self._read, member, risk.event_seq))
            if found is not None:
                return found, True
            await asyncio.sleep(_LOOK_SECONDS)
        now = await self._readings.ask(partial(self._read, member, None))
        assert now is not None, "what is booked is booked"
        return now, False

    def _read(self, member: str, event_seq: int | None) -> Holdings | None:
        """Behind an event; None: that is not booked yet. Raises Problem AWAY."""
        try:
            return read_holdings(self._engine, member, self._method, Moment(event_seq))
        except NotBookedYet:
            return None
        except NoLedger:
            raise Problem(Code.AWAY, "nothing is booked yet", retry_after=1) from None

    async def wallet(
        self, member: str, behind: int | None, before: int | None, most: int
    ) -> list[WalletEvent]:
        """Wallet events by wallet_number. before: the newest of those below it first; None: the
        last ones. behind: the oldest above it first. Raises Problem AWAY."""
        query = _NEWEST_FIRST if behind is None else _OLDEST_FIRST
        values = {
            "member": member,
            "behind": behind or 0,
            "before": _LAST if before is None else before,
            "most": min(most, MOST_ROWS),
        }

        def read() -> list[WalletEvent]:
            with self._engine.connect() as connection:
                return [wallet_event(WalletLine(*row)) for row in connection.execute(query, values)]

        return await self._readings.ask(read)

    async def statement(self, member: str, date: str, form: Form, now_ns: int) -> bytes:
        """A statement of account. date: ISO; empty: of the last day that has ended. Raises Problem:
        BAD_REQUEST, NOT_FOUND, AWAY."""
        try:
            period = self._days.day(date or self._days.last_ended(now_ns))
        except NotAPeriod as error:
            raise Problem(Code.BAD_REQUEST, str(error), field="date") from error

        def read() -> bytes:
            made = statement_of(self._engine, member, period, now_ns)
            return _as(form, made)

        try:
            return await self._readings.ask(read)
        except NoSuchMember as error:
            raise Problem(Code.NOT_FOUND, f"nothing was ever booked for {member}") from error


def _as(form: Form, made: Statement) -> bytes:
    if form == "csv":
        return statement_csv(made).encode()
    if form == "pdf":
        return statement_pdf(made)
    return msgspec.json.encode(made)


def _reserved(risk: MemberRisk) -> dict[tuple[str, str], int]:
    """What open orders reserve, in 10^-8, by ledger account and asset."""
    found: dict[tuple[str, str], int] = {}
    for purse in risk.scopes[0].funds:
        units = parse_money(purse.reserved)
        assert units is not None, purse
        found[purse.account or DEFAULT_SUB_ACCOUNT, purse.asset] = units
    return found
