"""An order's story in words and as JSON: steps, places in the queue and fills in order of time.

Pure text from what was found; no counterparty is in it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from venue.cli.text.command import command_facts
from venue.cli.text.payload import SIDES
from venue.cli.text.tail import describe
from venue.cli.text.times import shown_time
from venue.clock import iso
from venue.domain.types import OrdStatus
from venue.domain.words import Payload, by_whom
from venue.printable import shown
from venue.replay.order_search import FoundOrder
from venue.replay.order_story import QueuePlace, Step

MOST_PLACES = 200


def told_of(
    found: FoundOrder, steps: Sequence[Step], places: Sequence[QueuePlace]
) -> dict[str, Any]:
    """The story as one JSON object."""
    order = _last_order(steps)
    return {
        "order_id": found.order_id or None,
        "session": found.session,
        "member": found.member,
        "symbol": found.symbol,
        "trading_days": found.days,
        "order": None if order is None else msgspec.to_builtins(order),
        "steps": [{**msgspec.to_builtins(step), "time": iso(step.timestamp_ns)} for step in steps],
        "queue": [
            {**msgspec.to_builtins(place), "time": iso(place.timestamp_ns)} for place in places
        ],
        "fills": fills(steps),
    }


def fills(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Its fills as they stand now, each with its match id; busted ones say so."""
    found: dict[str, dict[str, Any]] = {}
    for step in steps:
        for event in step.events:
            if event["type"] == "TradeExecuted":
                names = ("match_id", "last_px", "last_qty", "amount", "currency", "fee", "role")
                found[event["match_id"]] = {
                    **{name: event[name] for name in names},
                    "time": iso(step.timestamp_ns),
                    "busted": False,
                }
            elif event["type"] == "TradeCorrected" and event["match_id"] in found:
                new = {name: event[name] for name in ("last_px", "last_qty", "amount", "fee")}
                found[event["match_id"]] |= new
            elif event["type"] == "TradeBusted" and event["match_id"] in found:
                found[event["match_id"]]["busted"] = True
    return list(found.values())


def story_lines(
    found: FoundOrder, steps: Sequence[Step], places: Sequence[QueuePlace]
) -> Iterator[str]:
    """The story for reading."""
    name = f"order {found.order_id}" if found.order_id else f"refused request {found.cl_ord_id}"
    yield shown(f"{name} of {found.member}, session {found.session}, in {found.symbol}")
    told = [(step.seq, 0, _step_lines(step)) for step in steps]
    told += [(each.seq, 1, iter([_place_line(each)])) for each in places[:MOST_PLACES]]
    for _, _, lines in sorted(told, key=lambda each: each[:2]):
        yield from map(shown, lines)
    if len(places) > MOST_PLACES:
        yield f"its place changed {len(places) - MOST_PLACES:,} times more: --json has them all"
    yield from map(shown, _summary(steps))


def _step_lines(step: Step) -> Iterator[str]:
    asked = dict(step.asked)
    kind = asked.get("type", "")
    facts = f"{kind}  {command_facts(asked)}" if "session" in asked else kind + by_whom(asked)
    yield f"{shown_time(step.timestamp_ns)}  record {step.seq}  {facts}".rstrip()
    for event in step.events:
        words = _WORDS.get(event["type"], describe)
        yield f"    event {event['event_seq']}  {event['type']}  {words(event)}"


def _place_line(place: QueuePlace) -> str:
    at = f"{shown_time(place.timestamp_ns)}  record {place.seq}"
    if place.price is None:
        return f"{at}  not in the book"
    if not place.orders_ahead:
        return f"{at}  first in the queue at {place.price}"
    return (
        f"{at}  in the queue at {place.price}: {place.orders_ahead:,} orders and "
        f"{place.quantity_ahead} ahead"
    )


def _trade(payload: Payload) -> str:
    order = payload["order"]
    return (
        f"{payload['last_qty']} @ {payload['last_px']}  match {payload['match_id']}"
        f"  as {payload['role']}  fee {payload['fee']} {payload['currency']}"
        f"  leaves {order['leaves_qty']} of {order['order_qty']}"
    )


def _busted(payload: Payload) -> str:
    return (
        f"{payload['last_qty']} @ {payload['last_px']}  match {payload['match_id']} undone"
        f"{by_whom(payload)}  leaves {payload['order']['leaves_qty']}"
    )


def _corrected(payload: Payload) -> str:
    return (
        f"{payload['last_qty']} @ {payload['last_px']} was {payload['previous_qty']} @ "
        f"{payload['previous_px']}  match {payload['match_id']}{by_whom(payload)}"
    )


def _rejected(payload: Payload) -> str:
    price = f" @ {payload['price']}" if payload.get("price") else ""
    what = f"{SIDES.get(payload['side'], payload['side'])} {payload.get('order_qty') or ''}{price}"
    return (
        f"{payload['cl_ord_id']} {what}  refused by {payload['reason']}: {payload['detail']}"
        f"  (103={payload['ord_rej_reason']})"
    )


def _cancel_rejected(payload: Payload) -> str:
    return (
        f"{payload['cl_ord_id']} about {payload['orig_cl_ord_id']}  refused by "
        f"{payload['reason']}: {payload['detail']}  (102={payload['cxl_rej_reason']})"
    )


_WORDS: dict[str, Callable[[Payload], str]] = {
    "TradeExecuted": _trade,
    "TradeBusted": _busted,
    "TradeCorrected": _corrected,
    "OrderRejected": _rejected,
    "CancelRejected": _cancel_rejected,
}


def _summary(steps: Sequence[Step]) -> Iterator[str]:
    order = _last_order(steps)
    if order is None:
        return
    status = OrdStatus(order.ord_status).name.lower().replace("_", " ")
    yield (
        f"now {status}: {order.cum_qty} of {order.order_qty} filled at {order.avg_px}, "
        f"{order.leaves_qty} open"
    )
    for fill in fills(steps):
        busted = "  busted" if fill["busted"] else ""
        yield f"    {fill['match_id']}  {fill['last_qty']} @ {fill['last_px']}{busted}"


def _last_order(steps: Sequence[Step]) -> Any:
    return next((step.order for step in reversed(steps) if step.order is not None), None)
