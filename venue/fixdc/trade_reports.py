"""TradeCaptureReports(AE) of one side of a trade, and the answers(AQ) to who asked for them.

Pure text from events and requests. Fields stand in the order of their tags; those of the group
NoSides(552) in the order of the FIX 4.4 dictionary, which clients hold to.
"""

from venue.clock import utc_timestamp
from venue.domain.events import TradeBusted, TradeCorrected, TradeExecuted
from venue.domain.exec_ids import exec_id
from venue.domain.verbs.trade_changes import BUSTED_CODE, CORRECTED_CODE
from venue.fix.report_text import echo, settlement_fields, text_field
from venue.fixdc.copies import Copy
from venue.fixdc.requests import TradesWanted

ACCEPTED, COMPLETED, REJECTED = "0", "1", "2"
"""TradeRequestStatus(750)."""
SUCCESSFUL, TYPE_NOT_SUPPORTED, OTHER = "0", "8", "99"
"""TradeRequestResult(749)."""
NO_INSTRUMENT = "[N/A]"
_EXCHANGE_FEES = "4"


def trade_report(copy: Copy, request_id: str = "", *, last: bool = False) -> str:
    """AE about one side of a trade, its bust or its correction.

    TradeReportID(571) is the ExecID of that side's report; TradeReportRefID(572) the one before it.
    """
    event, order, side = copy.event, copy.order, copy.side
    assert isinstance(event, TradeExecuted | TradeBusted | TradeCorrected)
    assert order is not None and side is not None
    kind, previous, words = "F", "", ""
    transaction, report_type = "0", "0"
    if not isinstance(event, TradeExecuted):
        busted = isinstance(event, TradeBusted)
        kind, transaction = ("H", "1") if busted else ("G", "2")
        report_type = "6" if busted else "0"
        previous = f"572={exec_id(event.exec_ref_seq, side)}\x01"
        words = text_field(f"{BUSTED_CODE if busted else CORRECTED_CODE} {event.reason}")
    day = event.trading_day
    if not isinstance(event, TradeExecuted) and event.traded_on is not None:
        day = event.traded_on
    asked = f"568={request_id}\x01" if request_id else ""
    return (
        f"35=AE\x0117={copy.exec_id}\x0131={event.last_px}\x0132={event.last_qty}\x01"
        f"55={event.symbol}\x0160={utc_timestamp(event.timestamp_ns)}\x01"
        f"{settlement_fields(event.settlement_date)}75={day.replace('-', '')}\x01150={kind}\x01"
        f"487={transaction}\x01527={event.match_id}\x01"
        f"552=1\x01{_side(copy, words)}{asked}570=N\x01571={copy.exec_id}\x01{previous}573=0\x01"
        f"828=0\x01856={report_type}\x01880={event.match_id}\x01{'912=Y' + chr(1) if last else ''}"
    )


def _side(copy: Copy, words: str) -> str:
    """The one entry of NoSides(552)."""
    event, order, side = copy.event, copy.order, copy.side
    assert isinstance(event, TradeExecuted | TradeBusted | TradeCorrected)
    assert order is not None and side is not None
    terms = order.terms
    fill = event.buy if order is event.buy.order else event.sell
    account, parties = echo(terms.account, None, terms.parties)
    capacity = f"528={terms.order_capacity}\x01" if terms.order_capacity else ""
    fee = ""
    if fill.fee != "0":
        fee = f"136=1\x01137={fill.fee}\x01138={event.currency}\x01139={_EXCHANGE_FEES}\x01"
    return (
        f"54={terms.side.value}\x0137={terms.order_id}\x0111={order.cl_ord_id}\x01"
        f"{parties}{account}15={event.currency}\x01{capacity}{words}{fee}"
    )


def request_ack(
    wanted: TradesWanted,
    status: str,
    result: str = SUCCESSFUL,
    text: str = "",
    count: int | None = None,
) -> str:
    """AQ: what becomes of a request. count: TotNumTradeReports(748), once that is known."""
    symbol = wanted.request.fields.get("55") or NO_INSTRUMENT
    told = "" if count is None else f"748={count}\x01"
    return (
        f"35=AQ\x0155={symbol}\x01{text_field(text)}263={wanted.subscription}\x01"
        f"568={wanted.request_id}\x01569={wanted.request_type}\x01{told}749={result}\x01750={status}\x01"
    )


def is_wanted(copy: Copy, wanted: TradesWanted) -> bool:
    """Whether a trade meets every criterion of the request."""
    event, order = copy.event, copy.order
    assert isinstance(event, TradeExecuted | TradeBusted | TradeCorrected) and order is not None
    terms, fields = order.terms, wanted.request.fields
    traded_on = None if isinstance(event, TradeExecuted) else event.traded_on
    is_of = {
        "571": copy.exec_id,
        "17": copy.exec_id,
        "37": terms.order_id,
        "11": order.cl_ord_id,
        "55": event.symbol,
        "54": terms.side.value,
        "880": event.match_id,
    }
    if any(fields.get(tag, value) != value for tag, value in is_of.items()):
        return False
    if wanted.party and wanted.party not in {
        terms.member,
        *(one.party_id for one in terms.parties),
    }:
        return False
    day = (traded_on or event.trading_day).replace("-", "")
    if wanted.dates and not wanted.dates[0] <= day <= wanted.dates[-1]:
        return False
    time, times = utc_timestamp(event.timestamp_ns), wanted.times
    if times and time < times[0]:
        return False
    return len(times) < 2 or time[: len(times[1])] <= times[1]


__all__ = [
    "ACCEPTED",
    "COMPLETED",
    "OTHER",
    "REJECTED",
    "SUCCESSFUL",
    "TYPE_NOT_SUPPORTED",
    "is_wanted",
    "request_ack",
    "trade_report",
]
