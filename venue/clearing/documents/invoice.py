"""A member's fee invoice for a month, by instrument and currency.

Pure but for the reading. Fees are charged to the account when a trade is made, so an invoice says
what was paid, and asks for nothing.
"""

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from sqlalchemy import Engine

from venue.clearing.documents import reading
from venue.clearing.documents.business_days import Period
from venue.clearing.documents.fees import FeeLine, fee_lines, fee_totals
from venue.clearing.documents.statement import NoSuchMember
from venue.clearing.postings import EXACT
from venue.clearing.statements import exact_text
from venue.clock import iso


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """Fees of an instrument. fills: how many cost a fee. amount: what was traded in them.

    fees: of these fills. adjustments: what busts and corrections gave back (below zero) or took.
    """

    symbol: str
    currency: str
    fills: int
    amount: str
    fees: str
    adjustments: str
    total: str


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice. begins, ends: of the month, in UTC; the end is not part of it.

    as_of_event_seq: the last entry that is in it. is_final: the month was over when it was made.
    """

    number: str
    member: str
    month: str
    time_zone: str
    begins: str
    ends: str
    as_of_event_seq: int
    is_final: bool
    lines: list[InvoiceLine]
    totals: dict[str, str]


def invoice_of(engine: Engine, member: str, period: Period, now_ns: int) -> Invoice:
    """The invoice of a member for a month. Raises NoSuchMember, SQLAlchemyError."""
    with reading.one_moment(engine) as connection:
        if not reading.accounts(connection, member):
            raise NoSuchMember(f"the ledger has no member {member}")
        booked = reading.range_of(connection, period)
        charged = fee_lines(connection, booked, member)
    return Invoice(
        number=f"{period.name}-{member}",
        member=member,
        month=period.name,
        time_zone=period.time_zone,
        begins=iso(period.begin_ns),
        ends=iso(period.end_ns),
        as_of_event_seq=booked.last,
        is_final=now_ns >= period.end_ns,
        lines=_by_instrument(charged),
        totals=fee_totals(charged),
    )


def _by_instrument(charged: list[FeeLine]) -> list[InvoiceLine]:
    groups: dict[tuple[str, str], list[FeeLine]] = {}
    for line in charged:
        groups.setdefault((line.currency, line.symbol), []).append(line)
    return [_line(symbol, currency, lines) for (currency, symbol), lines in sorted(groups.items())]


def _line(symbol: str, currency: str, lines: list[FeeLine]) -> InvoiceLine:
    new = [line for line in lines if line.type == "TradeExecuted"]
    changes = [line for line in lines if line.type != "TradeExecuted"]
    fees, adjustments = _sum(line.fee for line in new), _sum(line.fee for line in changes)
    return InvoiceLine(
        symbol=symbol,
        currency=currency,
        fills=len(new),
        amount=exact_text(_sum(line.amount for line in new)),
        fees=exact_text(fees),
        adjustments=exact_text(adjustments),
        total=exact_text(EXACT.add(fees, adjustments)),
    )


def _sum(texts: Iterable[str]) -> Decimal:
    total = Decimal(0)
    for text in texts:
        total = EXACT.add(total, Decimal(text))
    return total
