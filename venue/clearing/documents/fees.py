"""Fees of a period: of each trade, and what busts and corrections have given back or taken since.

Pure but for the reading. A correction's or bust's line is what the trade costs now less what it did
when it was executed; where a trade was changed more than once, all of that stands at the last one.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection

from venue.clearing.documents import reading
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, EXACT
from venue.clearing.schema import BUSTED
from venue.clearing.statements import exact_text
from venue.clock import iso
from venue.domain.types import Side

_NOTHING = Decimal(0)


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
        for line in _lines(row, row.event_seq, row.timestamp_ns, "TradeExecuted")
    ]
    for change, row in reading.changed_trades(connection, booked):
        if change.event_seq == row.changed_seq:
            lines += _lines(row, change.event_seq, change.timestamp_ns, change.kind)
    own = [line for line in lines if member in (None, line.member)]
    return sorted(own, key=lambda line: (line.event_seq, line.side))


def fee_totals(lines: Sequence[FeeLine]) -> dict[str, str]:
    """Sum of the fees by currency."""
    totals: dict[str, Decimal] = {}
    for line in lines:
        total = totals.get(line.currency, _NOTHING)
        totals[line.currency] = EXACT.add(total, Decimal(line.fee))
    return {currency: exact_text(total) for currency, total in sorted(totals.items())}


def _lines(row: Any, event_seq: int, timestamp_ns: int, kind: str) -> Iterator[FeeLine]:
    is_new = kind == "TradeExecuted"
    for side, owner, account, fee, current in (
        (Side.BUY, row.buyer, row.buyer_account, row.buyer_fee, row.current_buyer_fee),
        (Side.SELL, row.seller, row.seller_account, row.seller_fee, row.current_seller_fee),
    ):
        now = _NOTHING if row.status == BUSTED else current
        charged = fee if is_new else EXACT.subtract(now, fee)
        if not charged:
            continue
        yield FeeLine(
            event_seq=event_seq,
            time=iso(timestamp_ns),
            type=kind,
            member=owner,
            account=account or DEFAULT_SUB_ACCOUNT,
            match_id=row.match_id,
            symbol=row.symbol,
            side=side.value,
            amount=exact_text(row.amount) if is_new else "0",
            fee=exact_text(charged),
            currency=row.currency,
        )
