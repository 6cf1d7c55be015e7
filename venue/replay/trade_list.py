"""Trades as the journal has them: one row a match, as its last bust or correction has left it.

Read-only; works beside a running venue and on a stopped one.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from venue.clock import iso
from venue.domain.events import TradeBusted, TradeCorrected, TradeExecuted
from venue.domain.order_state import Fill
from venue.domain.types import Side
from venue.replay.order_search import matching_records

EXECUTED, CORRECTED, BUSTED = "executed", "corrected", "busted"
_TEXTS = (b'"TradeExecuted"', b'"TradeBusted"', b'"TradeCorrected"')


class TradeRow(msgspec.Struct, frozen=True):
    """A trade. state: executed, corrected or busted; time: of the match, UTC.

    Prices and quantities are those that count now; a busted trade has those that it had.
    """

    match_id: str
    time: str
    trading_day: str
    symbol: str
    last_px: str
    last_qty: str
    amount: str
    currency: str
    aggressor: Side | None
    state: str
    buy_member: str
    buy_session: str
    buy_order_id: str
    buy_cl_ord_id: str
    buy_fee: str
    sell_member: str
    sell_session: str
    sell_order_id: str
    sell_cl_ord_id: str
    sell_fee: str


class TradesWanted(msgspec.Struct, frozen=True):
    """Which trades; empty: any. from_ns, to_ns: both included, of the match; None: no bound.

    Without from_ns and to_ns only those of the last trading day are wanted.
    """

    member: str = ""
    symbol: str = ""
    from_ns: int | None = None
    to_ns: int | None = None

    @property
    def is_of_last_day(self) -> bool:
        """Whether only the last trading day is meant."""
        return self.from_ns is None and self.to_ns is None


def trades(journal: Path, wanted: TradesWanted) -> list[TradeRow]:
    """The trades that are wanted, in order of time. Raises JournalDamage."""
    rows: dict[str, TradeRow] = {}
    last_day = ""
    for day, record in matching_records(journal, *_TEXTS):
        if wanted.is_of_last_day and day != last_day:
            rows.clear()
        last_day = day
        for event in record.events:
            if isinstance(event, TradeExecuted):
                if _is_wanted(event, wanted):
                    rows[event.match_id] = _row(event)
            elif isinstance(event, TradeBusted) and event.match_id in rows:
                rows[event.match_id] = _with(rows[event.match_id], state=BUSTED)
            elif isinstance(event, TradeCorrected) and event.match_id in rows:
                rows[event.match_id] = _corrected(rows[event.match_id], event)
    return list(rows.values())


def _is_wanted(event: TradeExecuted, wanted: TradesWanted) -> bool:
    return (
        wanted.symbol in ("", event.symbol)
        and wanted.member in ("", _member(event.buy), _member(event.sell))
        and (wanted.from_ns is None or event.timestamp_ns >= wanted.from_ns)
        and (wanted.to_ns is None or event.timestamp_ns <= wanted.to_ns)
    )


def _member(fill: Fill) -> str:
    return fill.order.terms.member


def _row(event: TradeExecuted) -> TradeRow:
    return TradeRow(
        match_id=event.match_id,
        time=iso(event.timestamp_ns),
        trading_day=event.trading_day,
        symbol=event.symbol,
        last_px=event.last_px,
        last_qty=event.last_qty,
        amount=event.amount,
        currency=event.currency,
        aggressor=event.aggressor,
        state=EXECUTED,
        **dict(_half("buy", event.buy)),
        **dict(_half("sell", event.sell)),
    )


def _half(side: str, fill: Fill) -> Iterator[tuple[str, str]]:
    terms = fill.order.terms
    yield f"{side}_member", terms.member
    yield f"{side}_session", terms.session
    yield f"{side}_order_id", terms.order_id
    yield f"{side}_cl_ord_id", fill.order.cl_ord_id
    yield f"{side}_fee", fill.fee


def _corrected(row: TradeRow, event: TradeCorrected) -> TradeRow:
    return _with(
        row,
        state=CORRECTED,
        last_px=event.last_px,
        last_qty=event.last_qty,
        amount=event.amount,
        buy_fee=event.buy.fee,
        sell_fee=event.sell.fee,
    )


def _with(row: TradeRow, **changed: str) -> TradeRow:
    return msgspec.structs.replace(row, **changed)
