"""What a listener is answered: copies by ExecID, open orders, trades. Each a generator of parts.

Reads the feed and the open orders; sends nothing. None in place of a part lets others go on: an
answer may be as long as the journal.
"""

import time
from collections.abc import Callable, Generator
from typing import NamedTuple

from venue.domain.answers import (
    NO_SYMBOL,
    UNDISCLOSED,
    UNKNOWN_ORDER,
    OrderMassStatusQuery,
    OrderStatus,
    OrderUnknown,
)
from venue.domain.order_state import OrderState
from venue.domain.reject_reasons import RejectReason
from venue.fix.encode import ReportEncoder, business_reject
from venue.fix.report_text import text_field
from venue.fix.tags import BusinessRejectReason
from venue.fixdc.copies import Copy
from venue.fixdc.feed import Feed, Reading
from venue.fixdc.open_orders import OpenOrders
from venue.fixdc.requests import (
    EXEC_ID_RANGE_COMPLETE,
    LAST,
    ExecIDRange,
    OpenOrdersWanted,
    Request,
    TradesWanted,
)
from venue.fixdc.sources import Sources
from venue.fixdc.trade_reports import (
    ACCEPTED,
    COMPLETED,
    OTHER,
    REJECTED,
    TYPE_NOT_SUPPORTED,
    is_wanted,
    request_ack,
    trade_report,
)
from venue.journal.reader import EventPruned

AT_ONCE = 64
SECURITY, ALL, PARTY = "1", "7", "8"
"""MassStatusReqType(585) that are offered."""
_ENCODER = ReportEncoder()


class Part(NamedTuple):
    """A message of an answer: its text and route, as in Outgoing; or a copy, told once more."""

    text: str = ""
    route: str = ""
    copy: Copy | None = None


Answer = Generator[Part | None, None, None]
IDLE = Part()
"""Nothing is to be sent now, but later perhaps."""


def on_behalf_of(session: str) -> str:
    """OnBehalfOfCompID(115): the session whose report it is."""
    return f"115={session}\x01"


def refusal(request: Request, reason: str, text: str, ref_id: str) -> Part:
    """BusinessMessageReject(j) of a request, in words."""
    body = business_reject(request.number, request.msg_type, reason, text, ref_id)
    return Part(body, request.route)


def copies_in_range(asked: ExecIDRange, feed: Feed, sources: Sources) -> Answer:
    """The listener's copies with these ExecIDs, then U2 with their count."""
    fault = _range_fault(asked, feed)
    if fault is not None:
        yield refusal(asked.request, BusinessRejectReason.OTHER, fault, asked.begin)
        return
    begin, end = int(asked.begin), feed.through * 10 + 9
    if asked.end != LAST:
        end = int(asked.end)
    reading, count, lost = Reading(feed, begin // 10 - 1), 0, ""
    try:
        while reading.event_seq < end // 10:
            for copy in reading.next(AT_ONCE):
                if begin <= int(copy.exec_id) <= end and sources.wants(copy):
                    count += 1
                    yield Part(copy=copy)
            yield None
    except EventPruned as pruned:  # retention was faster
        lost = text_field(_not_kept(pruned.first_event_seq))
    finally:
        reading.close()
    yield Part(
        f"35={EXEC_ID_RANGE_COMPLETE}\x01{lost}21001={asked.begin}\x0121002={asked.end}\x01"
        f"21003={count}\x0121004={'N' if lost else 'Y'}\x01",
        asked.request.route,
    )


def open_orders(wanted: OpenOrdersWanted, orders: OpenOrders, sources: Sources) -> Answer:
    """A status report (150=I) of each open order that is asked for; 912=Y on the last."""
    request, fields = wanted.request, wanted.request.fields
    query = OrderMassStatusQuery("", fields["584"], wanted.request_type)
    meets = _order_filter(wanted)
    found = [] if meets is None else [each for each in orders.of(sources) if meets(each)]
    now_ns = time.time_ns()
    for place, order in enumerate(found, start=1):
        status = OrderStatus(
            "",
            order,
            now_ns,
            mass_status_req_id=query.mass_status_req_id,
            of=len(found),
            last=place == len(found),
        )
        yield Part(_ENCODER.answer(status).text, on_behalf_of(order.terms.session))
        if place % AT_ONCE == 0:
            yield None
    if not found:
        why = "no open order"
        if meets is None:
            why = f"585={wanted.request_type} is not offered"
        none = OrderUnknown(
            "",
            fields.get("55", NO_SYMBOL),
            UNDISCLOSED,
            now_ns,
            f"{RejectReason.UNKNOWN_ORDER} {why}",
            mass_status_req_id=query.mass_status_req_id,
            ord_rej_reason=UNKNOWN_ORDER,
        )
        yield Part(_ENCODER.answer(none).text, request.route)


def trades(wanted: TradesWanted, feed: Feed, sources: Sources) -> Answer:
    """Trade reports of all days that the journal has; with a subscription, those to come too.

    AQ accepts it; the last report of what has been has 912=Y; without a subscription AQ says that
    it is done, and how many they were.
    """
    if wanted.request_type not in ("0", "1"):
        text = f"TRADE_REQUEST_UNSUPPORTED 569={wanted.request_type} is not offered"
        yield _acknowledged(wanted, REJECTED, TYPE_NOT_SUPPORTED, text)
        return
    yield _acknowledged(wanted, ACCEPTED)
    reading = Reading(feed, feed.first_event_seq() - 1, only_trades=True)
    until, count = feed.through, 0
    held: Copy | None = None  # it may turn out to be the last
    try:
        while reading.event_seq < until:
            for copy in reading.next(AT_ONCE):
                if sources.has(copy) and is_wanted(copy, wanted):
                    if held is not None:
                        yield _reported(held, wanted)
                    held, count = copy, count + 1
            yield None
        if held is not None:
            yield _reported(held, wanted, last=True)
        if wanted.subscription == "0":
            yield Part(request_ack(wanted, COMPLETED, count=count), wanted.request.route)
            return
        while True:
            for copy in reading.next(AT_ONCE):
                if sources.has(copy) and is_wanted(copy, wanted):
                    yield _reported(copy, wanted)
            yield IDLE if reading.is_at_the_end else None
    except EventPruned as pruned:  # retention was faster
        text = _not_kept(pruned.first_event_seq)
        yield _acknowledged(wanted, REJECTED, OTHER, text)
    finally:
        reading.close()


def _reported(copy: Copy, wanted: TradesWanted, *, last: bool = False) -> Part:
    return Part(trade_report(copy, wanted.request_id, last=last), on_behalf_of(copy.session))


def _acknowledged(wanted: TradesWanted, status: str, result: str = "0", text: str = "") -> Part:
    return Part(request_ack(wanted, status, result, text), wanted.request.route)


def subscription_refused(wanted: TradesWanted, text: str) -> Part:
    """AQ of a request that is not taken."""
    return _acknowledged(wanted, REJECTED, OTHER, text)


def subscription_ended(wanted: TradesWanted) -> Part:
    """AQ of a request that ends a subscription."""
    return _acknowledged(wanted, COMPLETED)


def _range_fault(asked: ExecIDRange, feed: Feed) -> str | None:
    fault = asked.fault
    if fault is not None:
        return f"EXEC_ID_RANGE_INVALID {fault}"
    first = feed.first_event_seq()
    if int(asked.begin) // 10 < first:
        return _not_kept(first)
    if asked.end != LAST and int(asked.end) // 10 > feed.through:
        return f"EXEC_ID_UNKNOWN no ExecID is above {feed.through}2 yet"
    if int(asked.begin) // 10 > feed.through:
        return f"EXEC_ID_UNKNOWN no ExecID is above {feed.through}2 yet"
    return None


def _not_kept(first_event_seq: int) -> str:
    return f"EXEC_ID_NOT_KEPT the journal begins with ExecID {first_event_seq}0"


def _order_filter(wanted: OpenOrdersWanted) -> Callable[[OrderState], bool] | None:
    """Which orders are asked for; None: the type of request is not offered."""
    fields, kind, party = wanted.request.fields, wanted.request_type, wanted.party
    if kind not in (SECURITY, ALL, PARTY):
        return None
    symbol = fields.get("55", "") if kind == SECURITY else fields.get("55")

    def meets(order: OrderState) -> bool:
        terms = order.terms
        if kind == PARTY and party not in {terms.member, *(one.party_id for one in terms.parties)}:
            return False
        return (
            symbol in (None, terms.symbol)
            and fields.get("54") in (None, terms.side.value)
            and fields.get("1") in (None, terms.account)
        )

    return meets


__all__ = [
    "IDLE",
    "Answer",
    "Part",
    "copies_in_range",
    "on_behalf_of",
    "open_orders",
    "refusal",
    "subscription_ended",
    "subscription_refused",
    "trades",
]
