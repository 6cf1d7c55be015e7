"""Finds orders in a journal by OrderID(37) or ClOrdID(11), also refused ones without an OrderID.

Read-only. Frames that do not contain the text are skipped undecoded.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from venue.domain.events import (
    AnyEvent,
    CancelRejected,
    DayReopened,
    DayStarted,
    OrderRejected,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.order_state import OrderState
from venue.engine.trading.targets import NO_ORDER_ID
from venue.journal.contents import batch_of
from venue.journal.places import place_of_record
from venue.journal.record import Record
from venue.replay.replay import durable_frames

_DAYS = (b'"DayStarted"', b'"DayReopened"')


class FoundOrder(msgspec.Struct):
    """An order, or a refused request: order_id is empty then. days: trading days it was named on.

    first_seq: first record that names it.
    """

    order_id: str
    session: str
    member: str
    symbol: str
    cl_ord_id: str
    days: list[str]
    first_seq: int


def orders_of(event: AnyEvent) -> list[OrderState]:
    """The orders an event shows: none, one, or both sides of a trade."""
    order = getattr(event, "order", None)
    if order is not None:
        return [order]
    if isinstance(event, TradeExecuted | TradeBusted | TradeCorrected):
        return [event.buy.order, event.sell.order]
    return []


def matching_records(directory: Path, *texts: bytes) -> Iterator[tuple[str, Record]]:
    """Records of frames that hold one of the texts, with the trading day of each.

    The day is empty before the first that was started in the journal. Raises JournalDamage.
    """
    day = ""
    wanted = (*_DAYS, *texts)
    for frame in durable_frames(directory, place_of_record(directory, 1)):
        if not any(text in frame.body for text in wanted):
            continue
        for record in batch_of(frame).records:
            for event in record.events:
                if isinstance(event, DayStarted | DayReopened):
                    day = event.trading_day
            yield day, record


def find_orders(directory: Path, text: str, tag: str = "") -> list[FoundOrder]:
    """Orders and refused requests that the text names; tag "37" or "11" says as what.

    Raises JournalDamage.
    """
    found: dict[tuple[str, ...], FoundOrder] = {}
    for day, record in matching_records(directory, msgspec.json.encode(text)):
        for event in record.events:
            for each in _named(event, text, tag, day, record.seq):
                key = (each.order_id,) if each.order_id else (each.session, day)
                known = found.setdefault(key, each)
                if day not in known.days:
                    known.days.append(day)
    taken = {(each.session, day) for each in found.values() if each.order_id for day in each.days}
    return [
        each
        for each in found.values()
        if each.order_id or (each.session, each.days[0]) not in taken
    ]


def _named(event: AnyEvent, text: str, tag: str, day: str, seq: int) -> Iterator[FoundOrder]:
    if isinstance(event, OrderRejected | CancelRejected):
        if tag != "37" and event.cl_ord_id == text:
            about = event.order_id if isinstance(event, CancelRejected) else NO_ORDER_ID
            order_id = "" if about == NO_ORDER_ID else about
            who = (event.session, event.member, event.symbol)
            yield FoundOrder(order_id, *who, text, [day], seq)
        return
    requested = (getattr(event, "cl_ord_id", None), getattr(event, "orig_cl_ord_id", None))
    for order in orders_of(event):
        terms = order.terms
        by_request = tag != "37" and text in (order.cl_ord_id, *requested)
        if by_request or (tag != "11" and terms.order_id == text):
            who = (terms.session, terms.member, terms.symbol)
            yield FoundOrder(terms.order_id, *who, order.cl_ord_id, [day], seq)
