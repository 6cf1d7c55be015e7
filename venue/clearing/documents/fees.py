"""Fees of a period: of each trade, and what busts and corrections have given back or taken since.

Pure but for the reading. A correction's or bust's line is what the trade costs then less what it
did before.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection

from venue.clearing.documents import reading
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, EXACT
from venue.clearing.statements import exact_text
from venue.clock import iso
from venue.domain.types import Side

_NOTHING = Decimal(0)
_EXECUTED = "TradeExecuted"


class FeeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A fee of one side of a trade; below zero it was given back, or is a rebate.

    type: TradeExecuted, TradeBusted or TradeCorrected. amount: what was traded, in the currency;
    "0" for a bust or correction. side: FIX's code.
    """

    event_seq: int
    time: str
    type: str
    member: str
    account: str
    match_id: str
    symbol: str
    side: str
    amount: str
    fee: str
    currency: str


def fee_lines(
    connection: Connection, booked: reading.Range, member: str | None = None
) -> list[FeeLine]:
    """Fees of a member, or of all, in order of event_seq. Raises SQLAlchemyError."""
    lines = [
        line
        for row in reading.trades(connection, booked, member)
        for line in _of_trade(row)
        if member in (None, line.member)
    ]
    for row in reading.changed_fees(connection, booked, member):
        change = EXACT.subtract(row.fee, row.fee_before)
        side = Side.BUY if row.is_buyer else Side.SELL
        if change:
            lines.append(_line(row, side, row.member, row.account, row.kind, "0", change))
    return sorted(lines, key=lambda line: (line.event_seq, line.side))


def fee_totals(lines: Sequence[FeeLine]) -> dict[str, str]:
    """Sum of the fees by currency."""
    totals: dict[str, Decimal] = {}
    for line in lines:
        total = totals.get(line.currency, _NOTHING)
        totals[line.currency] = EXACT.add(total, Decimal(line.fee))
    return {currency: exact_text(total) for currency, total in sorted(totals.items())}


def _of_trade(row: Any) -> Iterator[FeeLine]:
    """The fees of both sides of a trade as it was executed."""
    for side, owner, account, fee in (
        (Side.BUY, row.buyer, row.buyer_account, row.buyer_fee),
        (Side.SELL, row.seller, row.seller_account, row.seller_fee),
    ):
        if fee:
            account = account or DEFAULT_SUB_ACCOUNT
            yield _line(row, side, owner, account, _EXECUTED, exact_text(row.amount), fee)


def _line(
    row: Any, side: Side, member: str, account: str, kind: str, amount: str, fee: Decimal
) -> FeeLine:
    return FeeLine(
        event_seq=row.event_seq,
        time=iso(row.timestamp_ns),
        type=kind,
        member=member,
        account=account,
        match_id=row.match_id,
        symbol=row.symbol,
        side=side.value,
        amount=amount,
        fee=exact_text(fee),
        currency=row.currency,
    )
