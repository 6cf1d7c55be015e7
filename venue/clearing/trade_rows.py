"""Rows of the table `trades`: adds one for a match, and changes it for a bust or correction.

May know the schema and SQL; writes in the transaction that it is given. Must never change a trade
that is not as the event says it was: then the event and the ledger contradict each other.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, bindparam, update

from venue.clearing.copying import Row, copy_rows
from venue.clearing.postings import EventNotPostable
from venue.clearing.schema import BUSTED, CORRECTED, trades
from venue.domain.events import AnyEvent, TradeBusted, TradeCorrected, TradeExecuted
from venue.domain.types import Side

CURRENT = ("quantity", "price", "amount", "buyer_fee", "seller_fee")
"""Columns that a correction changes: as executed, and behind current_ as it is now."""
COLUMNS = (
    "event_seq", "match_id", "timestamp_ns", "trading_day", "symbol", "quantity", "price", "asset",
    "amount", "currency", "buyer", "buyer_account", "buyer_order_id", "buyer_fee", "seller",
    "seller_account", "seller_order_id", "seller_fee", *(f"current_{name}" for name in CURRENT),
    "settlement_date",
)  # fmt: skip
"""Columns of a row that is added for a match."""

_COPY_TRADES = f"COPY clearing.trades ({', '.join(COLUMNS)}) FROM STDIN"
_CHANGE = (
    update(trades)
    .where(
        trades.c.match_id == bindparam("of_match_id"),
        trades.c.status != BUSTED,
        trades.c.current_quantity == bindparam("was_quantity"),
        trades.c.current_price == bindparam("was_price"),
        trades.c.current_amount == bindparam("was_amount"),
        trades.c.current_buyer_fee == bindparam("was_buyer_fee"),
        trades.c.current_seller_fee == bindparam("was_seller_fee"),
    )
    .values(
        status=bindparam("to_status"),
        changed_seq=bindparam("by_event_seq"),
        current_quantity=bindparam("to_quantity"),
        current_price=bindparam("to_price"),
        current_amount=bindparam("to_amount"),
        current_buyer_fee=bindparam("to_buyer_fee"),
        current_seller_fee=bindparam("to_seller_fee"),
    )
)


def add_trades(cursor: "psycopg.Cursor[Any]", events: Sequence[AnyEvent]) -> None:
    """Add a row for each TradeExecuted of `events`. Raises psycopg.Error."""
    rows = [trade_row(event) for event in events if isinstance(event, TradeExecuted)]
    if rows:
        copy_rows(cursor, _COPY_TRADES, rows)


def change_trades(connection: Connection, events: Sequence[AnyEvent]) -> None:
    """Change the rows as the TradeBusted and TradeCorrected of `events` say, in their order.

    Raises EventNotPostable for a trade that is not as the event says it was before.
    """
    for event in events:
        if isinstance(event, TradeBusted | TradeCorrected):
            changed = connection.execute(_CHANGE, _change(event)).rowcount
            if changed != 1:
                raise EventNotPostable(
                    f"event {event.event_seq}: trade {event.match_id} is not booked as it says"
                )


def changed_row(event: TradeBusted | TradeCorrected) -> dict[str, object]:
    """What the changeable columns of the trade's row are after the event."""
    status = CORRECTED if isinstance(event, TradeCorrected) else BUSTED
    current = {f"current_{name}": value for name, value in _current(event).items()}
    return {"status": status, "changed_seq": event.event_seq, **current}


def _current(event: TradeBusted | TradeCorrected) -> dict[str, str]:
    values = (event.last_qty, event.last_px, event.amount, event.buy.fee, event.sell.fee)
    return dict(zip(CURRENT, values, strict=True))


def _change(event: TradeBusted | TradeCorrected) -> dict[str, object]:
    values = was = _current(event)
    if isinstance(event, TradeCorrected):
        fees = event.previous_fee_of(Side.BUY), event.previous_fee_of(Side.SELL)
        before = (event.previous_qty, event.previous_px, event.previous_amount, *fees)
        was = dict(zip(CURRENT, before, strict=True))
    return {
        "of_match_id": event.match_id,
        "by_event_seq": event.event_seq,
        "to_status": changed_row(event)["status"],
        **{f"was_{name}": text for name, text in was.items()},
        **{f"to_{name}": text for name, text in values.items()},
    }


def trade_row(event: TradeExecuted) -> Row:
    """The row of a match, a value for each of COLUMNS."""
    buy, sell = event.buy.order.terms, event.sell.order.terms
    return (
        event.event_seq, event.match_id, event.timestamp_ns, event.trading_day, event.symbol,
        event.last_qty, event.last_px, event.asset, event.amount, event.currency,
        buy.member, buy.account, buy.order_id, event.buy.fee,
        sell.member, sell.account, sell.order_id, event.sell.fee,
        event.last_qty, event.last_px, event.amount, event.buy.fee, event.sell.fee,
        event.settlement_date,
    )  # fmt: skip
