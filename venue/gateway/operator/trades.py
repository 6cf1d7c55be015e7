"""Trades of the whole venue as they are booked, searched. Read-only; knows the ledger's tables."""

from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, or_, select

from venue.clearing.schema import trades
from venue.clearing.statements import exact_text
from venue.clock import iso


class TradesWanted(NamedTuple):
    """Which trades; empty or 0: any. behind: event_seq that the page before has ended with."""

    most: int
    behind: int = 0
    member: str = ""
    symbol: str = ""
    trading_day: str = ""
    match_id: str = ""
    order_id: str = ""


class BookedTrade(msgspec.Struct, frozen=True):
    """A trade as busts and corrections have left it. state: executed, corrected or busted."""

    event_seq: int
    match_id: str
    time: str
    trading_day: str
    symbol: str
    quantity: str
    price: str
    amount: str
    currency: str
    buyer: str
    buyer_account: str
    buyer_order_id: str
    seller: str
    seller_account: str
    seller_order_id: str
    settlement_date: str
    state: str


def booked_trades(engine: Engine, wanted: TradesWanted) -> list[BookedTrade]:
    """The trades that are wanted, the newest first. Raises SQLAlchemyError."""
    columns = trades.c
    query = select(trades).order_by(columns.event_seq.desc()).limit(wanted.most)
    for value, column in (
        (wanted.symbol, columns.symbol),
        (wanted.trading_day, columns.trading_day),
        (wanted.match_id, columns.match_id),
    ):
        if value:
            query = query.where(column == value)
    for value, sides in (
        (wanted.member, (columns.buyer, columns.seller)),
        (wanted.order_id, (columns.buyer_order_id, columns.seller_order_id)),
    ):
        if value:
            query = query.where(or_(*(side == value for side in sides)))
    if wanted.behind:
        query = query.where(columns.event_seq < wanted.behind)
    with engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    return [
        BookedTrade(
            row["event_seq"],
            row["match_id"],
            iso(row["timestamp_ns"]),
            row["trading_day"],
            row["symbol"],
            exact_text(row["current_quantity"]),
            exact_text(row["current_price"]),
            exact_text(row["current_amount"]),
            row["currency"],
            row["buyer"],
            row["buyer_account"] or "",
            row["buyer_order_id"],
            row["seller"],
            row["seller_account"] or "",
            row["seller_order_id"],
            row["settlement_date"] or "",
            row["status"],
        )
        for row in rows
    ]
