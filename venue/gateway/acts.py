"""What is done with orders, the same for whoever asks by HTTP or by WebSocket.

Knows a member's orders and the limits. A wish is checked by its types here, before any of it
becomes FIX; the venue judges the rest.
"""

import secrets
from typing import Annotated, Literal

import msgspec

from venue.fixclient.message import Field, sending_time
from venue.gateway.callers import OF_ORDERS, Budget, Caller, Callers
from venue.gateway.order import TIMES, TYPES, Order, new_order_fields
from venue.gateway.orders import Orders
from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope

_END = r"$(?!\n)"
"""The end of a text: in Python `$` alone would let a line feed pass behind it."""
Number = Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{1,20}}(\.[0-9]{{1,8}})?{_END}")]
Name = Annotated[str, msgspec.Meta(pattern=rf"^[!-~]{{1,64}}{_END}")]
Symbol = Annotated[str, msgspec.Meta(pattern=rf"^[!-~]{{1,32}}{_END}")]
Day = Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_END}")]


class OrderWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order to be entered. Numbers are text, exact; what is left out is the venue's default.

    client_order_id: ClOrdID(11), unique for the member's session and trading day. expire_date: ISO
    date of `gtd`. display_quantity: MaxFloor(111), an iceberg.
    """

    symbol: Symbol
    side: Literal["buy", "sell", "sell_short"]
    quantity: Number
    type: Literal["market", "limit", "stop", "stop_limit", "market_to_limit"] = "limit"
    price: Number | None = None
    stop_price: Number | None = None
    time_in_force: Literal["day", "gtc", "ioc", "fok", "gtd"] = "day"
    expire_date: Day | None = None
    client_order_id: Name | None = None
    account: Name | None = None
    post_only: bool = False
    minimum_quantity: Number | None = None
    display_quantity: Number | None = None


class ChangeWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed of an order; the rest stays. quantity: the whole order's."""

    quantity: Number | None = None
    price: Number | None = None
    stop_price: Number | None = None


def admit(callers: Callers, caller: Caller) -> Budget:
    """Let a caller do something with orders. Raises Problem: FORBIDDEN, TOO_MANY."""
    caller.need(Scope.TRADE)
    return callers.count(OF_ORDERS, "orders", caller.member)


async def enter(orders: Orders, wanted: OrderWanted, trader: str) -> Order:
    """The order behind the venue's first answer. trader: the user. Raises as `Orders.enter`."""
    client_order_id = wanted.client_order_id or f"gw-{secrets.token_hex(8)}"
    fields = new_order_fields(
        client_order_id,
        wanted.symbol,
        wanted.side,
        wanted.type,
        wanted.quantity,
        wanted.time_in_force,
        sending_time(),
        {
            1: wanted.account or "",
            18: "6" if wanted.post_only else "",
            44: wanted.price or "",
            99: wanted.stop_price or "",
            110: wanted.minimum_quantity or "",
            111: wanted.display_quantity or "",
            432: (wanted.expire_date or "").replace("-", ""),
        },
        trader=trader,
    )
    return await orders.enter(client_order_id, fields)


def known(orders: Orders, order_id: str) -> Order:
    """The order of an OrderID. Raises Problem NOT_FOUND."""
    found = orders.get(order_id)
    if found is None:
        raise Problem(Code.NOT_FOUND, f"order {order_id} is not known here", field="order_id")
    return found


def changes_of(order: Order, wanted: ChangeWanted) -> list[Field]:
    """Fields of an order that is to be changed so. Raises Problem BAD_REQUEST for no change."""
    if wanted == ChangeWanted():
        raise Problem(Code.BAD_REQUEST, "nothing is to be changed")
    price = wanted.price or order.price
    stop_price = wanted.stop_price or order.stop_price
    changes: list[Field] = [(38, wanted.quantity or order.quantity), (40, TYPES[order.type])]
    changes += [(44, price)] if price else []
    changes += [(59, TIMES[order.time_in_force])]
    changes += [(99, stop_price)] if stop_price else []
    return changes
