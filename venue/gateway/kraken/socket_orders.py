"""Orders over Kraken's WebSocket v2: add_order, amend_order, cancel_order, cancel_all.

As over REST, in other words: numbers are JSON numbers, times in force small letters.
"""

import time
from collections.abc import Mapping
from typing import Any

from venue.clock import iso
from venue.gateway.callers import Caller
from venue.gateway.kraken.errors import PERMISSION_DENIED, Refused
from venue.gateway.kraken.profile import Kraken
from venue.gateway.kraken.requests import Request, answer
from venue.gateway.kraken.socket import Socket
from venue.gateway.kraken.terms import (
    Terms,
    change_of,
    checked,
    client_id_of,
    ensure_in_time,
    expires_of,
    flag_of,
    invalid,
    number_of,
    order_type_of,
    refuse_unknown,
    self_match_of,
    side_of,
    time_in_force_of,
)
from venue.gateway.kraken.trading import CANCELS_OF_A_BATCH, amend, amend_id, cancel, enter
from venue.gateway.kraken.trading import open_order as order_of
from venue.gateway.scopes import Scope
from venue.gateway.switches import LONGEST_SECONDS

_ADDED = frozenset({
    "token", "order_type", "side", "symbol", "order_qty", "limit_price", "limit_price_type",
    "triggers", "time_in_force", "expire_time", "post_only", "cl_ord_id", "display_qty",
    "stp_type", "deadline", "validate", "fee_preference",
})  # fmt: skip
_AMENDED = frozenset({
    "token", "order_id", "cl_ord_id", "order_qty", "limit_price", "limit_price_type",
    "trigger_price", "trigger_price_type", "post_only", "display_qty", "deadline", "symbol",
})  # fmt: skip
_PRICE_TYPES = (None, "static")
"""Prices are prices here, no distances from others."""
_NS = 10**9


async def add_order(socket: Socket, request: Request) -> None:
    """One order; with `validate` it is only looked at."""
    caller, params = _trader(socket, request), request.params
    terms = _terms(socket.kraken, params)
    ensure_in_time(params)
    if terms.is_only_tried:
        socket.say(answer(request, {"warnings": ["nothing was entered"]}))
        return
    order = await enter(socket.kraken, caller, terms)
    told = {"order_id": order.order_id, "cl_ord_id": order.client_order_id}
    socket.say(answer(request, told))


async def amend_order(socket: Socket, request: Request) -> None:
    """Other terms of an open order."""
    caller, params = _trader(socket, request), request.params
    refuse_unknown(params, _AMENDED)
    _ensure_plain(params, "limit_price_type", "trigger_price_type")
    change = change_of(params)
    ensure_in_time(params)
    found = order_of(socket.kraken, caller, params, "order_id")
    order = await amend(socket.kraken, caller, found, change)
    told = {"amend_id": amend_id(order), "order_id": order.order_id}
    socket.say(answer(request, {**told, "cl_ord_id": order.client_order_id}))


async def cancel_order(socket: Socket, request: Request) -> None:
    """Open orders by `order_id` or `cl_ord_id`, an answer for each."""
    caller = _trader(socket, request)
    names = [
        *({"order_id": name} for name in request.several("order_id")),
        *({"cl_ord_id": name} for name in request.several("cl_ord_id")),
    ]
    if not 0 < len(names) <= CANCELS_OF_A_BATCH:
        raise invalid("order_id", f"1 to {CANCELS_OF_A_BATCH} orders")
    for name in names:
        order = await cancel(
            socket.kraken, caller, order_of(socket.kraken, caller, name, "order_id")
        )
        told = {"order_id": order.order_id, "cl_ord_id": order.client_order_id}
        socket.say(answer(request, told))


async def cancel_all(socket: Socket, request: Request) -> None:
    """All open orders of the member's session."""
    caller = _trader(socket, request)
    socket.kraken.entrance.count_order(caller)
    count = await socket.kraken.orders(caller).cancel_all()
    socket.say(answer(request, {"count": count}))


async def cancel_all_after(socket: Socket, request: Request) -> None:
    """The dead man's switch; 0 takes it back."""
    caller, seconds = _trader(socket, request), request.count("timeout", -1)
    if not 0 <= seconds <= LONGEST_SECONDS:
        raise invalid("timeout", f"0 to {LONGEST_SECONDS} seconds")
    socket.kraken.orders(caller)
    now_ns = time.time_ns()
    socket.kraken.gateway.switches.set(caller.member, seconds)
    trigger = iso(now_ns + seconds * _NS) if seconds else "0"
    socket.say(answer(request, {"currentTime": iso(now_ns), "triggerTime": trigger}))


def _trader(socket: Socket, request: Request) -> Caller:
    caller = socket.caller(request)
    if Scope.TRADE not in caller.scopes:
        raise Refused(PERMISSION_DENIED, f"it needs the scope {Scope.TRADE}")
    return caller


def _ensure_plain(params: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if params.get(name) not in _PRICE_TYPES:
            raise invalid(name, "a price, not a distance")


def _terms(kraken: Kraken, params: Mapping[str, Any]) -> Terms:
    refuse_unknown(params, _ADDED)
    _ensure_plain(params, "limit_price_type")
    triggers = params.get("triggers") or {}
    if not isinstance(triggers, dict):
        raise invalid("triggers")
    refuse_unknown(triggers, frozenset({"price", "price_type", "reference"}))
    _ensure_plain(triggers, "price_type")
    if triggers.get("reference") not in (None, "last"):
        raise invalid("triggers", "only the last price triggers")
    return checked(
        Terms(
            pair=kraken.pairs.of(params.get("symbol")),
            side=side_of(params.get("side"), "side"),
            order_type=order_type_of(params.get("order_type")),
            quantity=number_of(params, "order_qty", "volume"),
            price=number_of(params, "limit_price", "price"),
            stop_price=number_of(triggers, "price"),
            time_in_force=time_in_force_of(params.get("time_in_force")),
            expires_ns=expires_of(params.get("expire_time")),
            post_only=flag_of(params, "post_only"),
            display_quantity=number_of(params, "display_qty", "displayvol"),
            client_order_id=client_id_of(params),
            self_match=self_match_of(params.get("stp_type")),
            is_only_tried=flag_of(params, "validate"),
        )
    )
