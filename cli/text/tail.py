"""Events and market data in words: the one line that `venue tail` prints of each.

Pure text from decoded JSON. Must never fail: what it does not know, it shows by its fields.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from venue.cli.text.payload import SIDES
from venue.domain.canceled_text import unfilled
from venue.domain.verbs import WORDS
from venue.domain.words import Payload, by_whom, scalars

_OF_ANOTHER_VERSION = (
    KeyError, TypeError, IndexError, AttributeError, ValueError, msgspec.DecodeError
)  # fmt: skip
"""What an event of another version than this command makes of its words."""


def describe(payload: Payload) -> str:
    """The main facts of an event or of market data, in a few words."""
    facts = FACTS.get(str(payload.get("type")), scalars)
    try:
        return facts(payload)
    except _OF_ANOTHER_VERSION:
        return scalars(payload)


def _order(payload: Payload) -> str:
    order = payload["order"]
    terms = order["terms"]
    price = f" @ {order['price']}" if order.get("price") else " at market"
    facts = [
        f"{terms['member']} {SIDES.get(terms['side'], terms['side'])} {order['order_qty']}{price}",
        f"stop {order['stop_px']}" if order.get("stop_px") else "",
        f"leaves {order['leaves_qty']}",
        f"shows {order['displayed_qty']}" if order.get("displayed_qty") else "",
        "waits" if order.get("waiting") else "",
    ]
    asked = f"  asked by {payload['requested_by']}" if payload.get("requested_by") else ""
    return (
        f"{' '.join(fact for fact in facts if fact)}"
        f"  order {terms['order_id']} {order['cl_ord_id']}{asked}"
    )


def _order_with_text(payload: Payload) -> str:
    text = payload.get("text")
    return _order(payload) + (f"  {text}" if text else "")


def _canceled(payload: Payload) -> str:
    if payload.get("text") or payload.get("orig_cl_ord_id"):
        return _order_with_text(payload)
    order, terms = payload["order"], payload["order"]["terms"]
    why = unfilled(terms["time_in_force"], terms["ord_type"], order["cum_qty"])
    return f"{_order(payload)}  {why}"


def _mass_cancel_reported(payload: Payload) -> str:
    side = SIDES.get(payload.get("side", ""), "")
    asked = " ".join(filter(None, (payload.get("requested_symbol") or "all", side)))
    who = f"{payload['member'] or payload['session']} {payload['cl_ord_id']}"
    if payload["response"] == "0":
        return f"{who}  mass cancel of {asked} refused  {payload.get('text', '')}"
    return f"{who}  mass cancel of {asked}: {payload['affected']} orders"


def _trade_executed(payload: Payload) -> str:
    aggressor = SIDES.get(payload.get("aggressor", ""), "none")
    return (
        f"{payload['last_qty']} @ {payload['last_px']}  {_parties(payload)}"
        f"  match {payload['match_id']} aggressor {aggressor}"
    )


def _trade_busted(payload: Payload) -> str:
    if "buy" not in payload:  # the public's message of the same name
        return f"{payload['quantity']} @ {payload['price']}  match {payload['match_id']} busted"
    return f"{changed_terms(payload)}  match {payload['match_id']} busted{by_whom(payload)}"


def _trade_corrected(payload: Payload) -> str:
    if "buy" not in payload:
        return (
            f"{payload['quantity']} @ {payload['price']}"
            f" was {payload['previous_quantity']} @ {payload['previous_price']}"
            f"  match {payload['match_id']} corrected"
        )
    return f"{changed_terms(payload)}  match {payload['match_id']} corrected{by_whom(payload)}"


def changed_terms(payload: Payload) -> str:
    """What a trade is that was corrected, or was that is busted, and between whom."""
    was = ""
    if "previous_px" in payload:
        was = f" was {payload['previous_qty']} @ {payload['previous_px']}"
    return f"{payload['last_qty']} @ {payload['last_px']}{was}  {_parties(payload)}"


def _parties(payload: Payload) -> str:
    buyer = payload["buy"]["order"]["terms"]["member"]
    seller = payload["sell"]["order"]["terms"]["member"]
    return f"{buyer} buys from {seller}"


def _day_ended(payload: Payload) -> str:
    totals = "".join(
        f"  {each['symbol']} {each['quantity']} in {each['trades']} trades, last {each['last_px']}"
        for each in payload.get("statistics", ())
    )
    return f"{payload['trading_day']} {payload['phase']}{totals}"


def _rejected(payload: Payload) -> str:
    return f"{payload['member']} {payload['cl_ord_id']}  {payload['reason']} {payload['detail']}"


def _refused(payload: Payload) -> str:
    return f"{payload['command']}: {payload['detail']}"


def _risk_alerted(payload: Payload) -> str:
    return f"{payload['member']} {payload['code']} {payload['detail']}"


def _trade(payload: Payload) -> str:
    aggressor = SIDES.get(payload["aggressor"] or "", "none")
    return (
        f"{payload['quantity']} @ {payload['price']}  match {payload['match_id']}"
        f" aggressor {aggressor}"
    )


def _level(level: list[Any] | None) -> str:
    return f"{level[1]} @ {level[0]}" if level else "none"


def _best(payload: Payload) -> str:
    return f"bid {_level(payload['bid'])}  ask {_level(payload['ask'])}"


def _depth(payload: Payload) -> str:
    bids, asks = payload["bids"], payload["asks"]
    return (
        f"bid {_level(bids[0] if bids else None)}  ask {_level(asks[0] if asks else None)}"
        f"  {len(bids)} and {len(asks)} levels"
    )


def _order_by_order(payload: Payload) -> str:
    told = [f"{len(payload['changes'])} changes", f"{len(payload['trades'])} trades"]
    told += [name for name in ("statistics", "status", "definition") if payload[name]]
    return f"update {payload['update']}  {', '.join(told)}  checksum {payload['checksum']}"


def _bar(payload: Payload) -> str:
    prices = " ".join(payload[name] or "-" for name in ("open", "high", "low", "close"))
    told = f"{prices}  {payload['volume']} in {payload['trades']} trades"
    return f"{told}, revision {payload['revision']}" if payload.get("revision") else told


FACTS: dict[str, Callable[[Payload], str]] = {
    **WORDS,
    "OrderAccepted": _order_with_text,
    "OrderReplaced": _order,
    "OrderRestated": _order_with_text,
    "OrderCanceled": _canceled,
    "OrderExpired": _order_with_text,
    "MassCancelReported": _mass_cancel_reported,
    "OrderRejected": _rejected,
    "CancelRejected": _rejected,
    "CommandRefused": _refused,
    "RiskAlerted": _risk_alerted,
    "TradeExecuted": _trade_executed,
    "TradeBusted": _trade_busted,
    "TradeCorrected": _trade_corrected,
    "DayEnded": _day_ended,
    "Trade": _trade,
    "BestBidOffer": _best,
    "Depth": _depth,
    "OrderByOrder": _order_by_order,
    "Bar": _bar,
}
