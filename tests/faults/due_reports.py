"""Which reports an event of the journal owes to whom, as the rules of engagement have them.

Written anew from docs/RULES_OF_ENGAGEMENT.md and the event's JSON: shares no line with the venue's
own encoder, so that the two can disagree.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]
Due = tuple[str, dict[str, str]]
"""Session, and the fields of the report to it."""

_REASONS = {
    "KILL_SWITCH": "0",
    "MARKET_CLOSED": "2",
    "INSTRUMENT_HALTED": "2",
    "VENUE_STOPPING": "2",
    "DUPLICATE_CL_ORD_ID": "6",
}
"""OrdRejReason(103) of the refusals that the load meets; all others: 99, Other."""
_CANCEL_REASONS = {"UNKNOWN_ORDER": "1", "ORDER_FINISHED": "0", "DUPLICATE_CL_ORD_ID": "6"}
"""CxlRejReason(102), likewise."""
_OTHER = "99"
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def due_reports(event: Event) -> Iterator[Due]:
    """The reports of one event, in the order in which they leave."""
    reader = _READERS.get(event["type"])
    if reader is not None:
        yield from reader(event)


def _accepted(event: Event) -> Iterator[Due]:
    yield _about(event, "0")


def _canceled(event: Event) -> Iterator[Due]:
    own, fields = _about(event, "4")
    fields["11"] = event["cl_ord_id"]
    _put(fields, event, {"41": "orig_cl_ord_id", "378": "restatement_reason", "58": "text"})
    if "58" not in fields and "41" not in fields:  # nobody has asked: it may not rest
        what = "the order" if fields["14"] == "0" else "the rest"
        why = f"59={fields['59']}" if fields["59"] in ("3", "4") else f"40={fields['40']}"
        fields["58"] = f"UNFILLED {why} {what} could not trade at once"
    if event.get("requested_by") is not None:
        yield event["requested_by"], fields
    yield own, fields


def _expired(event: Event) -> Iterator[Due]:
    own, fields = _about(event, "C")
    yield own, {**fields, "58": event["text"]}


def _restated(event: Event) -> Iterator[Due]:
    own, fields = _about(event, "D")
    _put(fields, event, {"378": "restatement_reason", "58": "text"})
    if event.get("triggered"):
        fields["636"] = "Y"
    yield own, fields


def _replaced(event: Event) -> Iterator[Due]:
    own, fields = _about(event, "5")
    fields["41"] = event["orig_cl_ord_id"]
    if event.get("requested_by") is not None:
        yield event["requested_by"], fields
    yield own, fields


def _rejected(event: Event) -> Iterator[Due]:
    fields = {
        "35": "8",
        "6": "0",
        "11": event["cl_ord_id"],
        "14": "0",
        "17": f"{event['event_seq']}0",
        "37": "NONE",
        "39": "8",
        "40": event["ord_type"],
        "54": event["side"],
        "55": event["symbol"],
        "58": f"{event['reason']} {event['detail']}",
        "60": _time(event["timestamp_ns"]),
        "103": _REASONS.get(event["reason"], _OTHER),
        "150": "8",
        "151": "0",
    }
    _put(fields, event, {"38": "order_qty", "44": "price", "59": "time_in_force", "1": "account"})
    yield event["session"], fields


def _cancel_rejected(event: Event) -> Iterator[Due]:
    yield (
        event["session"],
        {
            "35": "9",
            "11": event["cl_ord_id"],
            "37": event["order_id"],
            "39": event["ord_status"],
            "41": event["orig_cl_ord_id"],
            "58": f"{event['reason']} {event['detail']}",
            "60": _time(event["timestamp_ns"]),
            "102": _CANCEL_REASONS.get(event["reason"], _OTHER),
            "434": event["response_to"],
        },
    )


def _mass_canceled(event: Event) -> Iterator[Due]:
    fields = {
        "35": "r",
        "11": event["cl_ord_id"],
        "37": event["order_id"],
        "60": _time(event["timestamp_ns"]),
        "530": event["request_type"],
        "531": event["response"],
        "533": str(event["affected"]),
    }
    known = {"54": "side", "55": "requested_symbol", "58": "text", "532": "reject_reason"}
    _put(fields, event, known)
    yield event["session"], fields


def _executed(event: Event) -> Iterator[Due]:
    """Both sides' fills: the aggressor's first, the buyer's where there is none."""
    aggressor = event.get("aggressor")
    sides = [("1", event["buy"]["order"]), ("2", event["sell"]["order"])]
    for side, order in sides if aggressor in (None, "1") else reversed(sides):
        is_aggressor = aggressor is not None and (side == "1") == (aggressor == "1")
        yield (
            order["terms"]["session"],
            {
                **_order(order),
                "17": f"{event['event_seq']}{side}",
                "31": event["last_px"],
                "32": event["last_qty"],
                "60": _time(event["timestamp_ns"]),
                "150": "F",
                "527": event["match_id"],
                "851": "2" if is_aggressor else "1",
            },
        )


_READERS: dict[str, Callable[[Event], Iterator[Due]]] = {
    "OrderAccepted": _accepted,
    "OrderCanceled": _canceled,
    "OrderExpired": _expired,
    "OrderRestated": _restated,
    "OrderReplaced": _replaced,
    "OrderRejected": _rejected,
    "CancelRejected": _cancel_rejected,
    "MassCancelReported": _mass_canceled,
    "TradeExecuted": _executed,
}


def _about(event: Event, exec_type: str) -> Due:
    """The session that entered the order, and what every report on it says."""
    order = event["order"]
    fields = {
        **_order(order),
        "17": f"{event['event_seq']}0",
        "60": _time(event["timestamp_ns"]),
        "150": exec_type,
    }
    return order["terms"]["session"], fields


def _order(order: dict[str, Any]) -> dict[str, str]:
    terms = order["terms"]
    fields = {
        "35": "8",
        "6": order["avg_px"],
        "11": order["cl_ord_id"],
        "14": order["cum_qty"],
        "37": terms["order_id"],
        "38": order["order_qty"],
        "39": order["ord_status"],
        "40": terms["ord_type"],
        "54": terms["side"],
        "55": terms["symbol"],
        "59": terms["time_in_force"],
        "151": order["leaves_qty"],
    }
    _put(fields, order, {"44": "price", "99": "stop_px", "111": "max_floor"})
    _put(fields, terms, {"1": "account", "18": "exec_inst", "110": "min_qty", "211": "peg_offset"})
    if "expire_date" in terms:
        fields["432"] = terms["expire_date"].replace("-", "")
    if "stop_px" in order and order.get("waiting"):
        fields["636"] = "N"
    if "day" in order:
        _put(fields, order["day"], {"424": "order_qty", "425": "cum_qty", "426": "avg_px"})
    return fields


def _put(fields: dict[str, str], source: dict[str, Any], names: dict[str, str]) -> None:
    for tag, name in names.items():
        if source.get(name) is not None:
            fields[tag] = source[name]


def _time(timestamp_ns: int) -> str:
    moment = _BEGIN + timedelta(microseconds=timestamp_ns // 1000)
    return moment.strftime("%Y%m%d-%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
