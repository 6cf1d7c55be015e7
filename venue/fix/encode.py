"""Events and answers to FIX text: plain functions, one per kind of event, chosen from a table.

A message's text here begins with MsgType(35) and has neither session header nor trailer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from venue.clock import utc_timestamp
from venue.domain import events as e
from venue.domain.answers import Answer, OrderStatus
from venue.domain.commands import Party
from venue.domain.events import OrderState
from venue.domain.exec_ids import NOT_AN_EXECUTION, exec_id
from venue.domain.outgoing import Outgoing
from venue.domain.reject_reasons import CXL_REJ_REASON, ORD_REJ_REASON
from venue.domain.types import ExecType, LastLiquidityInd, Side

OTHER = "99"


class ReportEncoder:
    """Encoder of the venue. `venue_dialect`: sessions whose clients know spec/FIX44.xml."""

    def __init__(self, venue_dialect: frozenset[str] = frozenset()) -> None:
        self._venue_dialect = venue_dialect

    def reports(self, event: e.AnyEvent) -> Sequence[Outgoing]:
        """Messages that `event` causes, in the order in which they leave."""
        if type(event) is e.TradeExecuted:
            return self._fills(event)
        encoder = _ENCODERS.get(type(event))
        return () if encoder is None else (encoder(event),)

    def answer(self, answer: Answer) -> Outgoing:
        """Status report: ExecType I, ExecID 0."""
        time = utc_timestamp(answer.timestamp_ns)
        request = f"790={answer.ord_status_req_id}\x01" if answer.ord_status_req_id else ""
        if isinstance(answer, OrderStatus):
            order = answer.order
            text = _report(order, NOT_AN_EXECUTION, ExecType.ORDER_STATUS, time, order.cl_ord_id)
            return Outgoing(answer.session, text + request)
        return Outgoing(
            answer.session,
            f"35=8\x0137=NONE\x0117={NOT_AN_EXECUTION}\x01150=I\x0139=8\x01103=5\x01"
            f"11={answer.cl_ord_id}\x0155={answer.symbol}\x0154={answer.side}\x01"
            f"151=0\x0114=0\x016=0\x0160={time}\x01"
            f"58=UNKNOWN_ORDER 11={answer.cl_ord_id} names no order\x01{request}",
        )

    def _fills(self, trade: e.TradeExecuted) -> Sequence[Outgoing]:
        sell_first = trade.aggressor is Side.SELL
        sides = (Side.SELL, Side.BUY) if sell_first else (Side.BUY, Side.SELL)
        time = utc_timestamp(trade.timestamp_ns)
        messages = []
        for side in sides:
            order = trade.buy.order if side is Side.BUY else trade.sell.order
            session = order.terms.session
            liquidity = (
                LastLiquidityInd.REMOVED_LIQUIDITY
                if trade.aggressor is side
                else LastLiquidityInd.ADDED_LIQUIDITY
            )
            text = _report(
                order, exec_id(trade.event_seq, side), ExecType.TRADE, time, order.cl_ord_id
            )
            text += (
                f"31={trade.last_px}\x0132={trade.last_qty}\x01527={trade.match_id}\x01"
                f"851={liquidity.value}\x01"
            )
            if session in self._venue_dialect:
                text += f"880={trade.match_id}\x01"
            messages.append(Outgoing(session, text))
        return messages


def business_reject(
    ref_seq_num: int, ref_msg_type: str, reason: str, text: str, ref_id: str | None
) -> str:
    """BusinessMessageReject(j); BusinessRejectRefID(379) only when the message had an id."""
    reference = f"379={ref_id}\x01" if ref_id else ""
    head = f"35=j\x0145={ref_seq_num}\x01372={ref_msg_type}\x01"
    return f"{head}{reference}380={reason}\x0158={text}\x01"


def _report(
    order: OrderState, exec_id_text: str, exec_type: ExecType, time: str, cl_ord_id: str
) -> str:
    terms = order.terms
    text = (
        f"35=8\x0137={terms.order_id}\x0117={exec_id_text}\x01150={exec_type.value}\x01"
        f"39={order.ord_status.value}\x0111={cl_ord_id}\x0155={terms.symbol}\x01"
        f"54={terms.side.value}\x0138={order.order_qty}\x0140={terms.ord_type}\x01"
        f"59={terms.time_in_force}\x01151={order.leaves_qty}\x0114={order.cum_qty}\x01"
        f"6={order.avg_px}\x0160={time}\x01"
    )
    if order.price is not None:
        text += f"44={order.price}\x01"
    if terms.account is not None or terms.order_capacity is not None or terms.parties:
        text += _echo(terms.account, terms.order_capacity, terms.parties)
    return text


def _echo(account: str | None, order_capacity: str | None, parties: Sequence[Party]) -> str:
    text = f"1={account}\x01" if account is not None else ""
    if order_capacity is not None:
        text += f"528={order_capacity}\x01"
    if parties:
        text += f"453={len(parties)}\x01"
        for party in parties:
            text += f"448={party.party_id}\x01447={party.party_id_source}\x01"
            if party.party_role:
                text += f"452={party.party_role}\x01"
    return text


def _accepted(event: e.OrderAccepted) -> Outgoing:
    order = event.order
    return Outgoing(order.terms.session, _single(event, order, ExecType.NEW, order.cl_ord_id))


def _canceled(event: e.OrderCanceled) -> Outgoing:
    text = _single(event, event.order, ExecType.CANCELED, event.cl_ord_id)
    if event.orig_cl_ord_id is not None:
        text += f"41={event.orig_cl_ord_id}\x01"
    if event.restatement_reason is not None:
        text += f"378={event.restatement_reason}\x01"
    if event.text is not None:
        text += f"58={event.text}\x01"
    return Outgoing(event.order.terms.session, text)


def _replaced(event: e.OrderReplaced) -> Outgoing:
    order = event.order
    text = _single(event, order, ExecType.REPLACED, order.cl_ord_id)
    return Outgoing(order.terms.session, f"{text}41={event.orig_cl_ord_id}\x01")


def _rejected(event: e.OrderRejected) -> Outgoing:
    optional = "".join(
        f"{tag}={value}\x01"
        for tag, value in (
            ("38", event.order_qty),
            ("44", event.price),
            ("59", event.time_in_force),
        )
        if value is not None
    )
    return Outgoing(
        event.session,
        f"35=8\x0137=NONE\x0117={exec_id(event.event_seq)}\x01150=8\x0139=8\x01"
        f"103={ORD_REJ_REASON.get(event.reason, OTHER)}\x0111={event.cl_ord_id}\x01"
        f"55={event.symbol}\x0154={event.side}\x0140={event.ord_type}\x01151=0\x0114=0\x016=0\x01"
        f"60={utc_timestamp(event.timestamp_ns)}\x0158={event.reason.value} {event.detail}\x01"
        + optional
        + _echo(event.account, event.order_capacity, event.parties),
    )


def _cancel_rejected(event: e.CancelRejected) -> Outgoing:
    return Outgoing(
        event.session,
        f"35=9\x0137={event.order_id}\x0111={event.cl_ord_id}\x0141={event.orig_cl_ord_id}\x01"
        f"39={event.ord_status.value}\x01434={event.response_to.value}\x01"
        f"102={CXL_REJ_REASON.get(event.reason, OTHER)}\x01"
        f"60={utc_timestamp(event.timestamp_ns)}\x0158={event.reason.value} {event.detail}\x01",
    )


def _single(event: e.Event, order: OrderState, exec_type: ExecType, cl_ord_id: str) -> str:
    time = utc_timestamp(event.timestamp_ns)
    return _report(order, exec_id(event.event_seq), exec_type, time, cl_ord_id)


_ENCODERS: Mapping[type[e.Event], Callable[[Any], Outgoing]] = {
    e.OrderAccepted: _accepted,
    e.OrderCanceled: _canceled,
    e.OrderReplaced: _replaced,
    e.OrderRejected: _rejected,
    e.CancelRejected: _cancel_rejected,
}
