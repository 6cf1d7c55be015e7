"""Kraken's private methods that change orders: add, amend, cancel, all of them, the switch.

Each becomes one FIX message of the member's session, which the venue answers.
"""

import time
from collections.abc import Mapping
from typing import Any

from venue.clock import iso
from venue.gateway.callers import Caller
from venue.gateway.kraken.errors import UNKNOWN_ORDER, Refused, refused
from venue.gateway.kraken.profile import Kraken
from venue.gateway.kraken.signatures import TOKEN_SECONDS
from venue.gateway.kraken.terms import (
    Change,
    Terms,
    change_of,
    changes_of,
    checked,
    client_id_of,
    ensure_in_time,
    expires_of,
    flag_of,
    flags_of,
    invalid,
    new_order,
    number_of,
    order_type_of,
    refuse_unknown,
    self_match_of,
    side_of,
    time_in_force_of,
)
from venue.gateway.order import OPEN, Order, parties_of
from venue.gateway.problems import Problem
from venue.gateway.switches import LONGEST_SECONDS

Params = Mapping[str, Any]
ORDERS_OF_A_BATCH = 15
CANCELS_OF_A_BATCH = 50
_SIGNED = frozenset({"nonce", "otp", "deadline", "asset_class", "validate"})
_ADDED = _SIGNED | {
    "pair", "type", "ordertype", "volume", "price", "price2", "timeinforce", "expiretm",
    "oflags", "displayvol", "cl_ord_id", "stptype",
}  # fmt: skip
_AMENDED = _SIGNED | {
    "txid", "cl_ord_id", "order_qty", "limit_price", "trigger_price", "display_qty", "post_only",
    "pair",
}  # fmt: skip
_NS = 10**9


async def add_order(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """AddOrder: one order. With `validate` nothing is entered: only the request is looked at."""
    terms = _terms(kraken, params)
    ensure_in_time(params)
    if terms.is_only_tried:
        return {"descr": {"order": terms.sentence()}}
    order = await enter(kraken, caller, terms)
    return {"descr": {"order": terms.sentence()}, "txid": [order.order_id]}


async def add_orders(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """AddOrderBatch: orders of one pair, one after the other; each has its own answer."""
    orders = params.get("orders")
    if not isinstance(orders, list) or not 1 < len(orders) <= ORDERS_OF_A_BATCH:
        raise invalid("orders", f"2 to {ORDERS_OF_A_BATCH} orders")
    common = {name: params[name] for name in ("pair", "deadline", "validate") if name in params}
    each = [{**order, **common} for order in orders if isinstance(order, dict)]
    if len(each) != len(orders):
        raise invalid("orders", "each is an object")
    all_terms = [_terms(kraken, order) for order in each]
    ensure_in_time(params)
    return {"orders": [await _entered(kraken, caller, terms) for terms in all_terms]}


async def amend_order(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """AmendOrder: other terms of an open order."""
    refuse_unknown(params, _AMENDED)
    change = change_of(params)
    ensure_in_time(params)
    order = await amend(kraken, caller, open_order(kraken, caller, params, "txid"), change)
    return {"amend_id": amend_id(order)}


async def cancel_order(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """CancelOrder: one open order, by `txid` or `cl_ord_id`."""
    await cancel(kraken, caller, open_order(kraken, caller, params, "txid"))
    return {"count": 1}


async def cancel_orders(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """CancelOrderBatch: several; those that are not open are not counted."""
    orders = params.get("orders", params.get("cl_ord_ids"))
    if not isinstance(orders, list) or not 1 <= len(orders) <= CANCELS_OF_A_BATCH:
        raise invalid("orders", f"1 to {CANCELS_OF_A_BATCH} ids")
    count = 0
    for each in orders:
        name = str(each.get("txid", "")) if isinstance(each, dict) else str(each)
        try:
            await cancel(kraken, caller, _open(kraken, caller, name))
        except (Refused, Problem) as error:
            told = refused(error) if isinstance(error, Problem) else error
            if told.error != UNKNOWN_ORDER:
                raise
        else:
            count += 1
    return {"count": count}


async def cancel_all(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """CancelAll: all open orders of the member's session."""
    kraken.entrance.count_order(caller)
    return {"count": await kraken.orders(caller).cancel_all()}


async def cancel_all_after(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """CancelAllOrdersAfter: the dead man's switch; 0 takes it back."""
    text = str(params.get("timeout", ""))
    if not (text.isascii() and text.isdigit()) or int(text[:9]) > LONGEST_SECONDS:
        raise invalid("timeout", f"0 to {LONGEST_SECONDS} seconds")
    kraken.orders(caller)
    now_ns, seconds = time.time_ns(), int(text)
    kraken.gateway.switches.set(caller.member, seconds)
    return {
        "currentTime": iso(now_ns),
        "triggerTime": iso(now_ns + seconds * _NS) if seconds else "0",
    }


async def websocket_token(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """GetWebSocketsToken: what private messages over WebSocket have to show."""
    token = kraken.entrance.token(caller, time.time_ns())
    return {"token": token, "expires": TOKEN_SECONDS}


async def enter(kraken: Kraken, caller: Caller, terms: Terms) -> Order:
    """Enter an order. Raises Refused, Problem."""
    kraken.entrance.count_order(caller)
    fields = [*new_order(terms), *parties_of(caller.user.name)]
    return await kraken.orders(caller).enter(terms.client_order_id, fields)


async def amend(kraken: Kraken, caller: Caller, order: Order, change: Change) -> Order:
    """Change an open order. Raises Refused, Problem."""
    if change == Change():
        raise invalid("order_qty", "nothing is to be changed")
    kraken.entrance.count_order(caller)
    return await kraken.orders(caller).replace(order, changes_of(order, change))


async def cancel(kraken: Kraken, caller: Caller, order: Order) -> Order:
    """Cancel an open order. Raises Refused, Problem."""
    kraken.entrance.count_order(caller)
    return await kraken.orders(caller).cancel(order)


def amend_id(order: Order) -> str:
    """What names a change of an order."""
    return f"{order.order_id}-{order.number}"


def open_order(kraken: Kraken, caller: Caller, params: Params, name: str) -> Order:
    """The open order that a request names by the venue's id or the client's. Raises Refused."""
    client_id = client_id_of(params)
    if client_id:
        found = kraken.orders(caller).by_client_id(client_id)
        if found is None or found.state not in OPEN:
            raise Refused(UNKNOWN_ORDER)
        return found
    return _open(kraken, caller, str(params.get(name, "")))


def _open(kraken: Kraken, caller: Caller, order_id: str) -> Order:
    found = kraken.orders(caller).get(order_id)
    if found is None or found.state not in OPEN:
        raise Refused(UNKNOWN_ORDER)
    return found


async def _entered(kraken: Kraken, caller: Caller, terms: Terms) -> dict[str, Any]:
    """The answer of one order of a batch."""
    descr = {"order": terms.sentence()}
    if terms.is_only_tried:
        return {"descr": descr}
    try:
        order = await enter(kraken, caller, terms)
    except Refused as error:
        return {"error": error.error, "descr": descr}
    except Problem as problem:
        return {"error": refused(problem).error, "descr": descr}
    return {"descr": descr, "txid": order.order_id}


def _terms(kraken: Kraken, params: Params) -> Terms:
    """The terms of a new order as REST has them: of a stop `price` triggers, `price2` limits."""
    refuse_unknown(params, _ADDED)
    order_type = order_type_of(params.get("ordertype"))
    price, price2 = number_of(params, "price"), number_of(params, "price2", "price")
    is_stop = order_type.startswith("stop-loss")
    # clients send 0 where there is none
    price = "" if order_type == "market" and price == "0" else price
    price2 = "" if price2 == "0" else price2
    return checked(
        Terms(
            pair=kraken.pairs.of(params.get("pair")),
            side=side_of(params.get("type"), "type"),
            order_type=order_type,
            quantity=number_of(params, "volume"),
            price=price2 if is_stop else price,
            stop_price=price if is_stop else price2,
            time_in_force=time_in_force_of(params.get("timeinforce")),
            expires_ns=expires_of(params.get("expiretm")),
            post_only=flags_of(params.get("oflags")),
            display_quantity=number_of(params, "displayvol"),
            client_order_id=client_id_of(params),
            self_match=self_match_of(params.get("stptype")),
            is_only_tried=flag_of(params, "validate"),
        )
    )
