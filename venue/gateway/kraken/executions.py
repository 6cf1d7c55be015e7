"""The private channel `executions`: a member's orders and fills, numbered, behind a snapshot.

A message has orders or fills, never both: clients go by its first row.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import count, islice
from typing import Any

import msgspec

from venue.gateway.callers import Caller
from venue.gateway.hub import Topic
from venue.gateway.kraken.channels import begin
from venue.gateway.kraken.errors import PERMISSION_DENIED, UNAVAILABLE, Refused
from venue.gateway.kraken.figures import json_number, product
from venue.gateway.kraken.names import Pairs
from venue.gateway.kraken.requests import Request, answer
from venue.gateway.kraken.socket import Socket
from venue.gateway.kraken.told import (
    MONEY_DECIMALS,
    cost_of,
    number_of_match,
    order_type,
    side_of,
)
from venue.gateway.order import OPEN, Fill, Order, OrderNews
from venue.gateway.orders import FILLS_MAX, Orders
from venue.gateway.scopes import Scope

FILLS_OF_A_SNAPSHOT = 50
_encode = msgspec.json.Encoder().encode
Row = dict[str, Any]


async def subscribe(socket: Socket, request: Request) -> None:
    """Begin the channel: open orders unless `snap_orders` is false, fills with `snap_trades`."""
    caller = reader(socket, request)
    orders = socket.kraken.orders(caller)
    if not orders.is_known:
        raise Refused(UNAVAILABLE, "which orders are open is not known yet")
    snap_orders = request.switch("snap_orders", request.switch("snapshot", True))
    snap_trades = request.switch("snap_trades", False)
    executions = Executions(socket.kraken.pairs, orders, socket.say)
    listen = socket.kraken.gateway.hub.listen
    begin(socket, ("executions",), listen(Topic.ORDERS, caller.member, executions.hear))
    told = {"channel": "executions", "snap_orders": snap_orders, "snap_trades": snap_trades}
    socket.say(answer(request, told))
    executions.show(with_orders=snap_orders, with_fills=snap_trades)


def reader(socket: Socket, request: Request) -> Caller:
    """Who may see what is his member's. Raises Refused, Problem."""
    caller = socket.caller(request)
    if Scope.READ not in caller.scopes:
        raise Refused(PERMISSION_DENIED, f"it needs the scope {Scope.READ}")
    return caller


class Executions:
    """What one listener has been told. say: takes a message."""

    def __init__(self, pairs: Pairs, orders: Orders, say: Callable[[bytes], None]) -> None:
        self._pairs = pairs
        self._orders = orders
        self._say = say
        self._numbers = count(1)
        self._open = {order.order_id: order for order in orders.open_orders()}
        self._told_fills = OrderedDict.fromkeys(fill.exec_id for fill in orders.fills)

    def show(self, *, with_orders: bool, with_fills: bool) -> None:
        """Tell the snapshot: a message of open orders, and one of the last fills."""
        rows = [self._order(order, "status") for order in self._open.values()]
        self._tell("snapshot", [row for row in rows if row] if with_orders else [])
        if with_fills:
            last = [*islice(reversed(self._orders.fills), FILLS_OF_A_SNAPSHOT)]
            fills = [self._fill(fill, self._orders.get(fill.order_id)) for fill in reversed(last)]
            self._tell("snapshot", [row for row in fills if row])

    def hear(self, member: str, news: OrderNews) -> None:
        """Tell what has become of an order; nothing where nothing has."""
        order, before = news.order, self._open.get(news.order.order_id)
        if order.state in OPEN:
            self._open[order.order_id] = order
        else:
            self._open.pop(order.order_id, None)
        fill = news.fill
        if fill is not None:
            # after a lost connection the venue may say a fill again
            if fill.exec_id not in self._told_fills:
                self._note(fill)
                self._tell_row(self._fill(fill, order))
                kind = "filled" if order.state == "filled" else "status"
                self._tell_row(self._order(order, kind))
        elif before is None:
            if news.is_corrected:
                self._tell_row(self._order(order, "status"))
            elif order.state in OPEN:  # a finished one was told when it ended
                self._tell_row(self._order(order, "new" if order.filled == "0" else "status"))
        elif _terms(before) != _terms(order):
            self._tell_row(self._order(order, _kind(before, order)))

    def _note(self, fill: Fill) -> None:
        self._told_fills[fill.exec_id] = None
        if len(self._told_fills) > FILLS_MAX:
            self._told_fills.popitem(last=False)

    def _tell_row(self, row: Row | None) -> None:
        if row is not None:
            self._tell("update", [row])

    def _tell(self, kind: str, rows: Iterable[Row]) -> None:
        told = {"channel": "executions", "type": kind, "data": [*rows]}
        self._say(_encode({**told, "sequence": next(self._numbers)}))

    def _order(self, order: Order, kind: str) -> Row | None:
        """An order as it is now; None: its pair is not known."""
        pair = self._pairs.of_symbol(order.symbol)
        if pair is None:
            return None
        prices, quantities = pair.price_decimals, pair.quantity_decimals
        row: Row = {
            "order_id": order.order_id,
            "cl_ord_id": order.client_order_id,
            "exec_type": kind,
            "order_status": order.state,
            "symbol": pair.name,
            "side": side_of(order.side),
            "order_type": order_type(order),
            "time_in_force": order.time_in_force.upper(),
            "order_qty": json_number(order.quantity, quantities),
            "cum_qty": json_number(order.filled, quantities),
            "cum_cost": json_number(cost_of(order), MONEY_DECIMALS),
            "avg_price": json_number(order.average_price, MONEY_DECIMALS),
            "timestamp": order.updated,
        }
        if order.price:
            row["limit_price"] = json_number(order.price, prices)
        if order.stop_price:
            row["stop_price"] = json_number(order.stop_price, prices)
            row["triggers"] = {"reference": "last", "price": row["stop_price"]}
        if order.post_only:
            row["post_only"] = True
        if order.state not in OPEN and order.text:
            row["reason"] = order.text
        return row

    def _fill(self, fill: Fill, order: Order | None) -> Row | None:
        """A fill, with the state of its order where that is remembered."""
        pair = self._pairs.of_symbol(fill.symbol)
        if pair is None:
            return None
        row: Row = {
            "order_id": fill.order_id,
            "cl_ord_id": fill.client_order_id,
            "exec_id": fill.exec_id,
            "exec_type": "trade",
            "trade_id": number_of_match(fill.match_id),
            "symbol": pair.name,
            "side": side_of(fill.side),
            "last_qty": json_number(fill.quantity, pair.quantity_decimals),
            "last_price": json_number(fill.price, pair.price_decimals),
            "cost": json_number(product(fill.price, fill.quantity), MONEY_DECIMALS),
            "liquidity_ind": "m" if fill.liquidity == "maker" else "t",
            "timestamp": fill.time,
        }
        if order is not None:
            row["order_status"] = order.state
            row["order_type"] = order_type(order)
            row["order_qty"] = json_number(order.quantity, pair.quantity_decimals)
            row["cum_qty"] = json_number(order.filled, pair.quantity_decimals)
        return row


def _terms(order: Order) -> tuple[str, ...]:
    return (order.state, order.quantity, order.price, order.stop_price, order.filled)


def _kind(before: Order, order: Order) -> str:
    """Kraken's word for what has happened to an order, where it was no fill."""
    if order.state not in OPEN:
        return "expired" if order.state == "expired" else "canceled"
    is_amended = _terms(before)[1:4] != _terms(order)[1:4]
    return "amended" if is_amended else "status"
