"""The engine's events in the reference venue's words, so that both can be compared."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.reference.days import Said
from venue.domain import events as e
from venue.domain.instruments import Instrument
from venue.domain.order_state import OrderState

Instruments = dict[str, Instrument]


def seen(event: e.AnyEvent, instruments: Instruments) -> Said:
    """One event as a tuple of plain values: ticks, lots, codes."""
    say = _WORDS.get(type(event))
    return say(event, instruments) if say is not None else (type(event).__name__,)


def _view(order: OrderState, instruments: Instruments) -> Said:
    instrument = instruments[order.terms.symbol]
    lots, ticks = instrument.lots, instrument.ticks
    day = order.day
    return (
        int(order.terms.order_id),
        order.terms.session,
        order.cl_ord_id,
        order.ord_status.value,
        lots(order.order_qty),
        lots(order.leaves_qty),
        lots(order.cum_qty),
        Decimal(order.avg_px),
        _maybe(ticks, order.price),
        _maybe(ticks, order.stop_px),
        _maybe(lots, order.max_floor),
        frozenset((order.terms.exec_inst or "").split()),
        (order.terms.expire_ns, order.terms.expire_date),
        _maybe(lots, order.displayed_qty),
        order.waiting,
        None if day is None else (lots(day.order_qty), lots(day.cum_qty), Decimal(day.avg_px)),
    )


def _maybe(convert: Callable[[str], int | None], text: str | None) -> int | None:
    return None if text is None else convert(text)


def _code(text: str | None) -> str | None:
    return None if text is None else text.partition(" ")[0]


def _canceled(event: e.OrderCanceled, instruments: Instruments) -> Said:
    return (
        "canceled",
        _view(event.order, instruments),
        event.cl_ord_id,
        event.orig_cl_ord_id,
        event.restatement_reason,
        _code(event.text),
        event.requested_by,
    )


def _restated(event: e.OrderRestated, instruments: Instruments) -> Said:
    view, text = _view(event.order, instruments), _code(event.text)
    return ("restated", view, event.restatement_reason, text, event.triggered)


def _request_rejected(event: e.CancelRejected, instruments: Instruments) -> Said:
    return (
        "request rejected",
        event.session,
        event.cl_ord_id,
        event.orig_cl_ord_id,
        event.order_id,
        event.ord_status.value,
        event.response_to.value,
        event.reason.value,
    )


def _trade(event: e.TradeExecuted, instruments: Instruments) -> Said:
    instrument = instruments[event.symbol]
    return (
        "trade",
        event.match_id,
        instrument.ticks(event.last_px),
        instrument.lots(event.last_qty),
        _view(event.buy.order, instruments),
        _view(event.sell.order, instruments),
        event.aggressor,
        Decimal(event.amount),
    )


def _changed(event: e.TradeBusted | e.TradeCorrected, instruments: Instruments) -> Said:
    instrument = instruments[event.symbol]
    corrected = isinstance(event, e.TradeCorrected)
    numbers = [instrument.ticks(event.last_px), instrument.lots(event.last_qty)]
    if isinstance(event, e.TradeCorrected):
        numbers += [instrument.ticks(event.previous_px), instrument.lots(event.previous_qty)]
    return (
        "corrected" if corrected else "busted",
        event.match_id,
        event.exec_ref_seq,
        *numbers,
        _view(event.buy.order, instruments),
        _view(event.sell.order, instruments),
    )


def _mass(event: e.MassCancelReported, instruments: Instruments) -> Said:
    return (
        "mass",
        event.session,
        event.cl_ord_id,
        event.order_id,
        event.response,
        event.affected,
        event.reject_reason,
    )


# Each function takes exactly the event type it is listed under.
_WORDS: dict[type, Callable[[Any, Instruments], Said]] = {
    e.OrderAccepted: lambda event, all_: ("accepted", _view(event.order, all_)),
    e.OrderRejected: lambda event, all_: (
        "rejected",
        event.session,
        event.cl_ord_id,
        event.reason.value,
    ),
    e.OrderCanceled: _canceled,
    e.OrderExpired: lambda event, all_: ("expired", _view(event.order, all_)),
    e.OrderRestated: _restated,
    e.OrderReplaced: lambda event, all_: (
        "replaced",
        _view(event.order, all_),
        event.orig_cl_ord_id,
        event.requested_by,
    ),
    e.CancelRejected: _request_rejected,
    e.TradeExecuted: _trade,
    e.TradeBusted: _changed,
    e.TradeCorrected: _changed,
    e.MassCancelReported: _mass,
    e.DayStarted: lambda event, all_: ("DayStarted", event.trading_day),
    e.DayEnded: lambda event, all_: ("DayEnded", event.trading_day),
    e.CommandRefused: lambda event, all_: ("refused", event.command),
}
