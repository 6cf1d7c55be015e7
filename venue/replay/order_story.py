"""An order's whole story from the journal: its requests, their effects, its place in the queue.

Tells the order's own side only: of a trade its own half. Read-only.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from venue.domain.commands import (
    CancelRemaining,
    Command,
    FollowUp,
    LogOut,
    MassCancelRemaining,
    TradingCommand,
)
from venue.domain.events import (
    AnyEvent,
    CancelRejected,
    OrderRejected,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.order_state import Fill, OrderState
from venue.domain.reject_reasons import CXL_REJ_REASON, ORD_REJ_REASON
from venue.domain.types import OPEN_STATUSES
from venue.engine.state.orders import Order
from venue.journal.record import Record
from venue.replay.order_search import FoundOrder, matching_records, orders_of
from venue.replay.rerun import state_before

_NOWHERE = (None, None, None)
AnyTrade = TradeExecuted | TradeBusted | TradeCorrected


class Step(msgspec.Struct, frozen=True):
    """What happened in one record. asked: the command, as far as it is the member's or the
    operator's own; events: each with the order's half only; order: as it was afterwards."""

    seq: int
    timestamp_ns: int
    trading_day: str
    asked: dict[str, Any]
    events: list[dict[str, Any]]
    order: OrderState | None


class QueuePlace(msgspec.Struct, frozen=True):
    """Where the order stood in the queue at its price after a record; None: not in the book.

    quantity_ahead counts what the orders before it show.
    """

    seq: int
    timestamp_ns: int
    price: str | None
    orders_ahead: int | None
    quantity_ahead: str | None


def story_of(directory: Path, found: FoundOrder) -> list[Step]:
    """All records that tell of the order, or of the refused request. Raises JournalDamage."""
    texts = [b'"cl_ord_id":' + msgspec.json.encode(found.cl_ord_id)]
    if found.order_id:
        texts.append(b'"order_id":' + msgspec.json.encode(found.order_id))
    steps = []
    for day, record in matching_records(directory, *texts):
        own = [event for event in record.events if _is_own(event, found, day)]
        if own:
            order = next((each for event in reversed(own) for each in _own(event, found)), None)
            events = [_view(event, found) for event in own]
            at = (record.seq, record.timestamp_ns, day)
            steps.append(Step(*at, _asked(record.command, found), events, order))
    return steps


def queue_places(directory: Path, order_id: str, steps: list[Step]) -> Iterator[QueuePlace]:
    """Its place in the queue after each record that changed it, until it was finished.

    Executes the journal again from the order's first record on. Raises JournalDamage,
    ReplayDifference and SnapshotMissing.
    """
    first, last = steps[0].seq, _finished_at(steps)
    replay, records = state_before(directory, first)
    state = replay.engine.state
    before: tuple[int | None, ...] = _NOWHERE
    level_before: tuple[object, ...] = ()
    for record in records:
        if last is not None and record.seq > last:
            return
        replay.take_record(record)
        order = state.orders.get(order_id)
        if order is None or not _touches(record, order):
            continue
        level = _level(order)
        if level == level_before and not state.markets[order.terms.symbol].pegs:
            continue
        level_before, place = level, _place(order)
        if place != before:
            before = place
            yield _queue_place(record, order, place)


def _level(order: Order) -> tuple[object, ...]:
    """Figures of the order and its price level. One of them changes whenever the queue ahead does,
    unless pegs change places."""
    level = order.level
    if level is None:
        return ()
    return level, level.first, level.count, level.lots, order.ahead


def _place(order: Order) -> tuple[int | None, ...]:
    """Price, orders and shown lots ahead; Nones out of the book."""
    if order.level is None:
        return _NOWHERE
    orders = lots = 0
    ahead = order.ahead
    while ahead is not None:
        orders += 1
        lots += ahead.shown_lots
        ahead = ahead.ahead
    return order.price_ticks, orders, lots


def _queue_place(record: Record, order: Order, place: tuple[int | None, ...]) -> QueuePlace:
    price_ticks, orders, lots = place
    return QueuePlace(
        record.seq,
        record.timestamp_ns,
        None if price_ticks is None else order.instrument.price_text(price_ticks),
        orders,
        None if lots is None else order.instrument.qty_text(lots),
    )


def _touches(record: Record, order: Order) -> bool:
    """Whether anything in its instrument may have moved."""
    symbol = order.terms.symbol
    return any(getattr(event, "symbol", None) == symbol for event in record.events)


def _finished_at(steps: list[Step]) -> int | None:
    """The record that finished it; None while it is open."""
    for step in steps:
        if step.order is not None and step.order.ord_status not in OPEN_STATUSES:
            return step.seq
    return None


def _own(event: AnyEvent, found: FoundOrder) -> list[OrderState]:
    return [order for order in orders_of(event) if order.terms.order_id == found.order_id]


def _is_own(event: AnyEvent, found: FoundOrder, day: str) -> bool:
    if isinstance(event, OrderRejected | CancelRejected):
        named = event.cl_ord_id == found.cl_ord_id and event.session == found.session
        about = isinstance(event, CancelRejected) and event.order_id == found.order_id != ""
        return about or (named and day in found.days)
    return bool(found.order_id and _own(event, found))


def _view(event: AnyEvent, found: FoundOrder) -> dict[str, Any]:
    """The event as JSON has it; of a trade the order's own half."""
    if isinstance(event, AnyTrade):
        return _half(event, found)
    view: dict[str, Any] = msgspec.to_builtins(event)
    if isinstance(event, OrderRejected):
        view["ord_rej_reason"] = ORD_REJ_REASON.get(event.reason, "99")
    elif isinstance(event, CancelRejected):
        view["cxl_rej_reason"] = CXL_REJ_REASON.get(event.reason, "99")
    return view


def _half(event: AnyTrade, found: FoundOrder) -> dict[str, Any]:
    is_buy = event.buy.order.terms.order_id == found.order_id
    own: Fill = event.buy if is_buy else event.sell
    view: dict[str, Any] = msgspec.to_builtins(event)
    for other in ("buy", "sell", "aggressor"):
        view.pop(other, None)
    view |= {"order": msgspec.to_builtins(own.order), "fee": own.fee}
    if isinstance(event, TradeExecuted):
        view["role"] = _role(event, own)
    elif isinstance(event, TradeCorrected):
        view.pop("previous_sell_fee", None)
        view["previous_fee"] = event.previous_fee_of(own.order.terms.side)
    return view


def _role(event: TradeExecuted, own: Fill) -> str:
    if event.aggressor is None:
        return "auction"
    is_buy = own is event.buy
    return "aggressor" if is_buy == (event.aggressor == "1") else "resting"


def _asked(command: Command, found: FoundOrder) -> dict[str, Any]:
    """The command: whole if the session's own, by name with who and why if the operator's.

    Of a counterparty's command, whose trade it was, not even the name.
    """
    if isinstance(command, MassCancelRemaining):
        command = command.request
    if isinstance(command, TradingCommand | LogOut | CancelRemaining):
        own = command.session == found.session
        view: dict[str, Any] = msgspec.to_builtins(command)
        return view if own else {}
    told = {"type": type(command).__name__}
    if isinstance(command, FollowUp):
        return told
    who = {name: getattr(command, name, "") for name in ("operator", "reason")}
    return told | {name: value for name, value in who.items() if value}
