"""Copies of ExecutionReports, made from the event alone, and whose they are.

Pure. A copy is the report of the order session field by field, with CopyMsgIndicator(797)=Y. A
trade has one for each side; nothing in it is the other side's.
"""

from collections.abc import Mapping
from typing import NamedTuple

from venue.domain import events as e
from venue.domain.exec_ids import exec_id
from venue.domain.order_state import OrderState
from venue.domain.types import Side
from venue.fix.encode import ReportEncoder

_REPORT = "35=8\x01"
_TRADES = (e.TradeExecuted, e.TradeBusted, e.TradeCorrected)
_ORDERS = (e.OrderAccepted, e.OrderCanceled, e.OrderExpired, e.OrderRestated, e.OrderReplaced)
TRADE_TYPES = frozenset(kind.__name__ for kind in _TRADES)
COPIED_TYPES = frozenset(kind.__name__ for kind in (*_TRADES, *_ORDERS, e.OrderRejected))
"""Types of the events that have copies; no other has to be decoded."""

_ENCODER = ReportEncoder()


class Copy(NamedTuple):
    """One report of one member's session. account: Account(1), empty where there is none.

    order: as it was after the event; None for an order that was refused. side: which side of a
    trade; None for whatever is no trade. text: as in Outgoing, for the dialect `stock`.
    """

    event: e.AnyEvent
    exec_id: str
    member: str
    account: str
    session: str
    order: OrderState | None
    side: Side | None
    text: str

    @property
    def event_seq(self) -> int:
        """The event that it reports."""
        return self.event.event_seq

    @property
    def is_trade(self) -> bool:
        """Whether it reports a trade, its bust or its correction."""
        return self.side is not None

    def text_for(self, *, venue_dialect: bool) -> str:
        """Its text for a session of either dialect."""
        if venue_dialect and isinstance(self.event, e.TradeExecuted):
            return f"{self.text}880={self.event.match_id}\x01"
        return self.text


def copies_of(event: e.AnyEvent) -> list[Copy]:
    """The copies of an event, in the order in which its reports leave.

    One where two sessions of a member got the same report: the one to the order's own session.
    """
    whose = _whose(event)
    if not whose:
        return []
    texts = {
        _exec_id_in(report.text): report.text
        for report in _ENCODER.reports(event)
        if report.text.startswith(_REPORT)
    }
    return [
        whose[own_id]._replace(text=_marked(text))
        for own_id, text in texts.items()
        if whose[own_id].member
    ]


def _whose(event: e.AnyEvent) -> Mapping[str, Copy]:
    """The copies by ExecID, without their texts."""
    if isinstance(event, _TRADES):
        sides = ((Side.BUY, event.buy.order), (Side.SELL, event.sell.order))
        found = [_of_order(event, order, side) for side, order in sides]
    elif isinstance(event, _ORDERS):
        found = [_of_order(event, event.order, None)]
    elif isinstance(event, e.OrderRejected):
        own_id, account = exec_id(event.event_seq), event.account or ""
        found = [Copy(event, own_id, event.member, account, event.session, None, None, "")]
    else:
        found = []
    return {copy.exec_id: copy for copy in found}


def _of_order(event: e.AnyEvent, order: OrderState, side: Side | None) -> Copy:
    terms, own_id = order.terms, exec_id(event.event_seq, side)
    return Copy(event, own_id, terms.member, terms.account or "", terms.session, order, side, "")


def _exec_id_in(text: str) -> str:
    return text.partition("\x0117=")[2].partition("\x01")[0]


def _marked(text: str) -> str:
    """The report with CopyMsgIndicator(797)=Y, in its place in the order of tags."""
    before, behind, rest = text.partition("\x01851=")
    return f"{before}\x01797=Y{behind}{rest}" if behind else f"{text}797=Y\x01"


__all__ = ["COPIED_TYPES", "TRADE_TYPES", "Copy", "copies_of"]
