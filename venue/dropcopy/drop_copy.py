"""A drop copy: one ExecutionReport of a member as JSON, made from the event alone.

May know events. Pure. A member must learn nothing of the counterparty but price and quantity.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from venue.domain import events as e
from venue.domain.canceled_text import text_of
from venue.domain.commands import Party
from venue.domain.exec_ids import exec_id
from venue.domain.order_state import Fill, OrderState
from venue.domain.types import ExecType, LastLiquidityInd, OrdStatus, Side
from venue.domain.verbs.trade_changes import BUSTED_CODE, CORRECTED_CODE

DROP_COPY_VERSION = 2


class DropCopy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One execution of one member, on drop.<member>.<symbol>.

    member_seq is gapless from 1 for each member; type is the event's. Prices, quantities and
    amounts are decimal text, enumerations FIX 4.4 codes; exec_id is ExecID(17) of the report.
    """

    type: str
    v: int
    event_seq: int
    member_seq: int
    timestamp_ns: int
    member: str
    session: str
    symbol: str
    exec_id: str
    exec_type: ExecType
    ord_status: OrdStatus
    cl_ord_id: str
    side: str
    """As it was written in the order; of an order refused for its side it may be no code of FIX."""
    ord_type: str
    leaves_qty: str
    cum_qty: str
    avg_px: str
    order_id: str | None = None
    """None for an order that was rejected: it never had one."""
    orig_cl_ord_id: str | None = None
    time_in_force: str | None = None
    order_qty: str | None = None
    price: str | None = None
    stop_px: str | None = None
    account: str | None = None
    order_capacity: str | None = None
    parties: tuple[Party, ...] = ()
    """[PartyID, PartyIDSource, PartyRole] as the order had them."""
    last_px: str | None = None
    last_qty: str | None = None
    match_id: str | None = None
    """SecondaryExecID(527)."""
    trading_day: str | None = None
    last_liquidity_ind: str | None = None
    asset: str | None = None
    """What last_qty is counted in: the trade moves so much of it."""
    currency: str | None = None
    amount: str | None = None
    """last_px x last_qty in the currency."""
    fee: str | None = None
    exec_ref_id: str | None = None
    """ExecRefID(19): the execution that a bust or a correction is about."""
    exec_restatement_reason: str | None = None
    reason: str | None = None
    """Of a reject: the venue's code."""
    settlement_date: str | None = None
    """SettlDate(64), ISO, of a trade that settles later, or of what changed it."""
    text: str | None = None
    """Text(58) of the report; of a reject without its code, which is `reason`."""


def drop_copies(event: e.AnyEvent) -> tuple[DropCopy, ...]:
    """The drop copies of an event, with member_seq 0: they are not numbered yet.

    There is one for each ExecutionReport; only one where two sessions of a member got the report.
    There is none for OrderCancelReject and OrderMassCancelReport, which report no execution.
    """
    copies = _COPIES.get(type(event))
    return () if copies is None else tuple(copy for copy in copies(event) if copy.member)


def _of_order(event: Any, order: OrderState, exec_type: ExecType, **more: Any) -> DropCopy:
    terms = order.terms
    fields: dict[str, Any] = {
        "exec_id": exec_id(event.event_seq),
        "cl_ord_id": order.cl_ord_id,
        **more,
    }
    return DropCopy(
        type=e.type_of(event),
        v=DROP_COPY_VERSION,
        event_seq=event.event_seq,
        member_seq=0,
        timestamp_ns=event.timestamp_ns,
        member=terms.member,
        session=terms.session,
        symbol=terms.symbol,
        exec_type=exec_type,
        ord_status=order.ord_status,
        side=terms.side.value,
        ord_type=terms.ord_type,
        leaves_qty=order.leaves_qty,
        cum_qty=order.cum_qty,
        avg_px=order.avg_px,
        order_id=terms.order_id,
        time_in_force=terms.time_in_force,
        order_qty=order.order_qty,
        price=order.price,
        stop_px=order.stop_px,
        account=terms.account,
        order_capacity=terms.order_capacity,
        parties=terms.parties,
        **fields,
    )


def _accepted(event: e.OrderAccepted) -> tuple[DropCopy, ...]:
    return (_of_order(event, event.order, ExecType.NEW, text=event.text),)


def _canceled(event: e.OrderCanceled) -> tuple[DropCopy, ...]:
    copy = _of_order(
        event,
        event.order,
        ExecType.CANCELED,
        cl_ord_id=event.cl_ord_id,
        orig_cl_ord_id=event.orig_cl_ord_id,
        exec_restatement_reason=event.restatement_reason,
        text=text_of(event),
    )
    return (copy,)


def _expired(event: e.OrderExpired) -> tuple[DropCopy, ...]:
    return (_of_order(event, event.order, ExecType.EXPIRED, text=event.text),)


def _restated(event: e.OrderRestated) -> tuple[DropCopy, ...]:
    reason = event.restatement_reason
    copy = _of_order(
        event, event.order, ExecType.RESTATED, exec_restatement_reason=reason, text=event.text
    )
    return (copy,)


def _replaced(event: e.OrderReplaced) -> tuple[DropCopy, ...]:
    orig = event.orig_cl_ord_id
    return (_of_order(event, event.order, ExecType.REPLACED, orig_cl_ord_id=orig),)


def _rejected(event: e.OrderRejected) -> tuple[DropCopy, ...]:
    copy = DropCopy(
        type=e.type_of(event),
        v=DROP_COPY_VERSION,
        event_seq=event.event_seq,
        member_seq=0,
        timestamp_ns=event.timestamp_ns,
        member=event.member,
        session=event.session,
        symbol=event.symbol,
        exec_id=exec_id(event.event_seq),
        exec_type=ExecType.REJECTED,
        ord_status=OrdStatus.REJECTED,
        cl_ord_id=event.cl_ord_id,
        side=event.side,
        ord_type=event.ord_type,
        leaves_qty="0",
        cum_qty="0",
        avg_px="0",
        time_in_force=event.time_in_force,
        order_qty=event.order_qty,
        price=event.price,
        account=event.account,
        order_capacity=event.order_capacity,
        parties=event.parties,
        reason=event.reason.value,
        text=event.detail,
    )
    return (copy,)


def _executed(event: e.TradeExecuted) -> tuple[DropCopy, ...]:
    def half(side: Side, fill: Fill) -> DropCopy:
        took = event.aggressor is side
        ind = LastLiquidityInd.REMOVED_LIQUIDITY if took else LastLiquidityInd.ADDED_LIQUIDITY
        return _half(event, side, fill, ExecType.TRADE, last_liquidity_ind=ind.value)

    return half(Side.BUY, event.buy), half(Side.SELL, event.sell)


def _busted(event: e.TradeBusted) -> tuple[DropCopy, ...]:
    return _changed(event, ExecType.TRADE_CANCEL, BUSTED_CODE)


def _corrected(event: e.TradeCorrected) -> tuple[DropCopy, ...]:
    return _changed(event, ExecType.TRADE_CORRECT, CORRECTED_CODE)


def _changed(
    event: e.TradeBusted | e.TradeCorrected, exec_type: ExecType, code: str
) -> tuple[DropCopy, DropCopy]:
    text = f"{code} {event.reason}".rstrip()

    def half(side: Side, fill: Fill) -> DropCopy:
        ref = exec_id(event.exec_ref_seq, side)
        return _half(event, side, fill, exec_type, exec_ref_id=ref, text=text)

    return half(Side.BUY, event.buy), half(Side.SELL, event.sell)


def _half(
    event: e.TradeExecuted | e.TradeBusted | e.TradeCorrected,
    side: Side,
    fill: Fill,
    exec_type: ExecType,
    **more: Any,
) -> DropCopy:
    """One party's half of a trade: nothing in it is the other party's."""
    return _of_order(
        event,
        fill.order,
        exec_type,
        exec_id=exec_id(event.event_seq, side),
        last_px=event.last_px,
        last_qty=event.last_qty,
        match_id=event.match_id,
        trading_day=event.trading_day,
        asset=event.asset,
        currency=event.currency,
        amount=event.amount,
        fee=fill.fee,
        settlement_date=event.settlement_date,
        **more,
    )


_COPIES: Mapping[type[e.Event], Callable[[Any], tuple[DropCopy, ...]]] = {
    e.OrderAccepted: _accepted,
    e.OrderCanceled: _canceled,
    e.OrderExpired: _expired,
    e.OrderRestated: _restated,
    e.OrderReplaced: _replaced,
    e.OrderRejected: _rejected,
    e.TradeExecuted: _executed,
    e.TradeBusted: _busted,
    e.TradeCorrected: _corrected,
}
