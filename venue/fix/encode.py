"""Events and answers to FIX text: plain functions, one per kind of event, chosen from a table.

A message's text begins with MsgType(35) and has neither session header nor trailer. The other
fields stand in the order of their tags.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from venue.clock import utc_timestamp
from venue.domain import events as e
from venue.domain.answers import Answer, OrderStatus
from venue.domain.canceled_text import text_of
from venue.domain.exec_ids import NOT_AN_EXECUTION, exec_id
from venue.domain.order_state import OrderState
from venue.domain.outgoing import Outgoing
from venue.domain.reject_reasons import CXL_REJ_REASON, ORD_REJ_REASON
from venue.domain.types import ExecType, LastLiquidityInd, Side
from venue.domain.verbs.trade_changes import BUSTED_CODE, CORRECTED_CODE
from venue.fix.report_text import echo, report, settlement_fields, text_field

OTHER = "99"

# a member looked up in its class costs 0.1 us
_BUY, _SELL = Side.BUY, Side.SELL
_SELLS = (Side.SELL, Side.SELL_SHORT)
_NEW, _CANCELED, _TRADE = ExecType.NEW, ExecType.CANCELED, ExecType.TRADE
_ADDED_LIQUIDITY = f"851={LastLiquidityInd.ADDED_LIQUIDITY}\x01"
_REMOVED_LIQUIDITY = f"851={LastLiquidityInd.REMOVED_LIQUIDITY}\x01"


class ReportEncoder:
    """The venue's encoder. venue_dialect: sessions whose clients know spec/FIX44.xml."""

    def __init__(self, venue_dialect: frozenset[str] = frozenset()) -> None:
        self._venue_dialect = venue_dialect

    def configure(self, venue_dialect: frozenset[str]) -> None:
        """Use this set of sessions, whose clients know spec/FIX44.xml, from now on."""
        self._venue_dialect = venue_dialect

    def reports(self, event: e.AnyEvent) -> Sequence[Outgoing]:
        """Messages that `event` causes, in the order in which they leave."""
        if type(event) is e.TradeExecuted:
            return self._fills(event)
        encoder = _ENCODERS.get(type(event))
        return () if encoder is None else encoder(event)

    def answer(self, answer: Answer) -> Outgoing:
        """Status report: ExecType I, ExecID 0."""
        time = utc_timestamp(answer.timestamp_ns)
        request = _optional("584", answer.mass_status_req_id)
        rest = _optional("790", answer.ord_status_req_id)
        if isinstance(answer, OrderStatus):
            if answer.mass_status_req_id is not None:
                rest += f"911={answer.of}\x01" + ("912=Y\x01" if answer.last else "")
            order = answer.order
            kind, own_id = ExecType.ORDER_STATUS, order.cl_ord_id
            text = report(order, NOT_AN_EXECUTION, kind, time, own_id, request=request, rest=rest)
            return Outgoing(answer.session, text, answer.route)
        if answer.mass_status_req_id is not None:
            rest += "911=0\x01912=Y\x01"
        return Outgoing(
            answer.session,
            f"35=8\x016=0\x01{_optional('11', answer.cl_ord_id)}14=0\x0117={NOT_AN_EXECUTION}\x01"
            f"37=NONE\x0139=8\x0154={answer.side}\x0155={answer.symbol}\x01{text_field(answer.text)}"
            f"60={time}\x01103={answer.ord_rej_reason}\x01150=I\x01151=0\x01{request}{rest}",
            answer.route,
        )

    def _fills(self, trade: e.TradeExecuted) -> Sequence[Outgoing]:
        """Both reports: first the aggressor's; the buyer's where there is no aggressor."""
        buyer, seller = (_BUY, trade.buy.order), (_SELL, trade.sell.order)
        time = utc_timestamp(trade.timestamp_ns)
        execution = f"31={trade.last_px}\x0132={trade.last_qty}\x01"
        match = f"527={trade.match_id}\x01"
        date = trade.settlement_date
        settlement = "" if date is None else settlement_fields(date)
        liquidity = _ADDED_LIQUIDITY if trade.aggressor is None else _REMOVED_LIQUIDITY
        messages = []
        for side, order in (seller, buyer) if trade.aggressor in _SELLS else (buyer, seller):
            session = order.terms.session
            rest = liquidity
            if session in self._venue_dialect:
                rest += f"880={trade.match_id}\x01"
            own_id = exec_id(trade.event_seq, side)
            text = report(
                order,
                own_id,
                _TRADE,
                time,
                order.cl_ord_id,
                execution=execution,
                settlement=settlement,
                match=match,
                rest=rest,
            )
            messages.append(Outgoing(session, text, order.terms.route))
            liquidity = _ADDED_LIQUIDITY
        return messages


def business_reject(
    ref_seq_num: int, ref_msg_type: str, reason: str, text: str, ref_id: str | None
) -> str:
    """BusinessMessageReject(j); BusinessRejectRefID(379) only when the message had an id."""
    head = f"35=j\x0145={ref_seq_num}\x01{text_field(text)}372={ref_msg_type}\x01"
    return f"{head}{_optional('379', ref_id)}380={reason}\x01"


def _optional(tag: str, value: str | None) -> str:
    return f"{tag}={value}\x01" if value else ""


def _single(
    event: e.Event, order: OrderState, exec_type: ExecType, cl_ord_id: str, **fields: str
) -> str:
    time = utc_timestamp(event.timestamp_ns)
    return report(order, exec_id(event.event_seq), exec_type, time, cl_ord_id, **fields)


def _own(order: OrderState, text: str) -> Sequence[Outgoing]:
    terms = order.terms
    return (Outgoing(terms.session, text, terms.route),)


def _to_both(event: e.OrderCanceled | e.OrderReplaced, text: str) -> Sequence[Outgoing]:
    """The requester gets the answer. The session of the order, if it is another, gets a copy."""
    own = _own(event.order, text)
    if event.requested_by is None:
        return own
    return (Outgoing(event.requested_by, text, event.route), *own)


def _accepted(event: e.OrderAccepted) -> Sequence[Outgoing]:
    order = event.order
    time = utc_timestamp(event.timestamp_ns)
    said = "" if event.text is None else text_field(event.text)
    text = report(order, exec_id(event.event_seq), _NEW, time, order.cl_ord_id, text=said)
    return _own(order, text)


def _canceled(event: e.OrderCanceled) -> Sequence[Outgoing]:
    said = text_of(event)
    text = report(
        event.order,
        exec_id(event.event_seq),
        _CANCELED,
        utc_timestamp(event.timestamp_ns),
        event.cl_ord_id,
        orig="" if event.orig_cl_ord_id is None else f"41={event.orig_cl_ord_id}\x01",
        text="" if said is None else text_field(said),
        restated=_optional("378", event.restatement_reason),
    )
    return _to_both(event, text)


def _expired(event: e.OrderExpired) -> Sequence[Outgoing]:
    order, said = event.order, text_field(event.text)
    text = _single(event, order, ExecType.EXPIRED, order.cl_ord_id, text=said)
    return _own(order, text)


def _restated(event: e.OrderRestated) -> Sequence[Outgoing]:
    order = event.order
    text = _single(
        event,
        order,
        ExecType.RESTATED,
        order.cl_ord_id,
        text=text_field(event.text),
        restated=f"378={event.restatement_reason}\x01",
        working="636=Y\x01" if event.triggered else "",
    )
    return _own(order, text)


def _replaced(event: e.OrderReplaced) -> Sequence[Outgoing]:
    order, orig = event.order, f"41={event.orig_cl_ord_id}\x01"
    text = _single(event, order, ExecType.REPLACED, order.cl_ord_id, orig=orig)
    return _to_both(event, text)


def _why(event: e.OrderRejected | e.CancelRejected) -> str:
    return text_field(f"{event.reason.value} {event.detail}")


def _rejected(event: e.OrderRejected) -> Sequence[Outgoing]:
    first, last = echo(event.account, event.order_capacity, event.parties)
    text = (
        f"35=8\x01{first}6=0\x0111={event.cl_ord_id}\x0114=0\x0117={exec_id(event.event_seq)}\x01"
        f"37=NONE\x01{_optional('38', event.order_qty)}39=8\x0140={event.ord_type}\x01"
        f"{_optional('44', event.price)}54={event.side}\x0155={event.symbol}\x01"
        f"{_why(event)}{_optional('59', event.time_in_force)}"
        f"60={utc_timestamp(event.timestamp_ns)}\x01"
        f"103={ORD_REJ_REASON.get(event.reason, OTHER)}\x01150=8\x01151=0\x01{last}"
    )
    return (Outgoing(event.session, text, event.route),)


def _cancel_rejected(event: e.CancelRejected) -> Sequence[Outgoing]:
    text = (
        f"35=9\x0111={event.cl_ord_id}\x0137={event.order_id}\x0139={event.ord_status.value}\x01"
        f"41={event.orig_cl_ord_id}\x01{_why(event)}"
        f"60={utc_timestamp(event.timestamp_ns)}\x01"
        f"102={CXL_REJ_REASON.get(event.reason, OTHER)}\x01434={event.response_to.value}\x01"
    )
    return (Outgoing(event.session, text, event.route),)


def _mass_cancel_reported(event: e.MassCancelReported) -> Sequence[Outgoing]:
    said = "" if event.text is None else text_field(event.text)
    text = (
        f"35=r\x0111={event.cl_ord_id}\x0137={event.order_id}\x01{_optional('54', event.side)}"
        f"{_optional('55', event.requested_symbol)}{said}"
        f"60={utc_timestamp(event.timestamp_ns)}\x01530={event.request_type}\x01"
        f"531={event.response}\x01{_optional('532', event.reject_reason)}533={event.affected}\x01"
    )
    return (Outgoing(event.session, text, event.route),)


def _busted(event: e.TradeBusted) -> Sequence[Outgoing]:
    return _changed(event, ExecType.TRADE_CANCEL, BUSTED_CODE)


def _corrected(event: e.TradeCorrected) -> Sequence[Outgoing]:
    return _changed(event, ExecType.TRADE_CORRECT, CORRECTED_CODE)


def _changed(
    event: e.TradeBusted | e.TradeCorrected, exec_type: ExecType, code: str
) -> Sequence[Outgoing]:
    """Both sides' reports; ExecRefID(19) names the latest execution of the trade."""
    time = utc_timestamp(event.timestamp_ns)
    messages: list[Outgoing] = []
    for side, order in ((Side.BUY, event.buy.order), (Side.SELL, event.sell.order)):
        text = report(
            order,
            exec_id(event.event_seq, side),
            exec_type,
            time,
            order.cl_ord_id,
            execution=f"19={exec_id(event.exec_ref_seq, side)}\x0131={event.last_px}\x01"
            f"32={event.last_qty}\x01",
            settlement=settlement_fields(event.settlement_date),
            text=text_field(f"{code} {event.reason}"),
            match=f"527={event.match_id}\x01",
        )
        messages += _own(order, text)
    return messages


_ENCODERS: Mapping[type[e.Event], Callable[[Any], Sequence[Outgoing]]] = {
    e.OrderAccepted: _accepted,
    e.OrderCanceled: _canceled,
    e.OrderExpired: _expired,
    e.OrderRestated: _restated,
    e.OrderReplaced: _replaced,
    e.OrderRejected: _rejected,
    e.CancelRejected: _cancel_rejected,
    e.MassCancelReported: _mass_cancel_reported,
    e.TradeBusted: _busted,
    e.TradeCorrected: _corrected,
}
