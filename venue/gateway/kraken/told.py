"""Orders and trades of a member as Kraken's REST tells them. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from venue.gateway.kraken.figures import fixed, json_seconds, ns_of_iso, product
from venue.gateway.kraken.names import Pair
from venue.gateway.kraken.terms import Terms
from venue.gateway.order import OPEN, Fill, Order
from venue.gateway.readings import TradeTold

STATES = {"filled": "closed", "canceled": "canceled", "expired": "expired"}
MONEY_DECIMALS = 8
_BUYERS, _SELLERS = "1", "2"
"""Behind the event's number in the ExecID of each side's fill."""


def order_type(order: Order) -> str:
    """Kraken's word for the type of an order."""
    return {"stop": "stop-loss", "stop_limit": "stop-loss-limit"}.get(order.type, order.type)


def side_of(side: str) -> str:
    """Kraken knows no short sale: it is a sale."""
    return "buy" if side == "buy" else "sell"


def state_of(order: Order) -> str:
    """Kraken's word for the state of an order."""
    return "open" if order.state in OPEN else STATES.get(order.state, "canceled")


def cost_of(order: Order) -> Decimal:
    """What has been paid or got for the order, to the rounding of its average price."""
    return product(order.filled, order.average_price)


def order_told(order: Order, pair: Pair, fills: Iterable[Fill] | None = None) -> dict[str, Any]:
    """An order as OpenOrders, ClosedOrders and QueryOrders have it. fills: None: are not asked."""
    trigger = fixed(order.stop_price or "0", pair.price_decimals)
    limit = fixed(order.price or "0", pair.price_decimals)
    kind = order_type(order)
    is_stop = bool(order.stop_price)
    terms = Terms(pair, side_of(order.side), kind, order.quantity, order.price, order.stop_price)
    told: dict[str, Any] = {
        "refid": None,
        "userref": None,
        "cl_ord_id": order.client_order_id,
        "status": state_of(order),
        "opentm": json_seconds(ns_of_iso(order.entered)),
        "starttm": 0,
        "expiretm": 0,
        "descr": {
            "pair": pair.id,
            "type": terms.side,
            "ordertype": kind,
            "price": (trigger if is_stop else limit if order.price else "0"),
            "price2": limit if is_stop and order.price else "0",
            "leverage": "none",
            "order": terms.sentence(),
            "close": "",
        },
        "vol": fixed(order.quantity, pair.quantity_decimals),
        "vol_exec": fixed(order.filled, pair.quantity_decimals),
        "cost": fixed(cost_of(order), MONEY_DECIMALS),
        "price": fixed(order.average_price, MONEY_DECIMALS),
        "stopprice": trigger,
        "limitprice": limit,
        "misc": "",
        "oflags": "fciq,post" if order.post_only else "fciq",
        "timeinforce": order.time_in_force.upper(),
    }
    if order.state not in OPEN:
        told["closetm"] = json_seconds(ns_of_iso(order.updated))
        told["reason"] = order.text or None
    if fills is not None:
        told["trades"] = [fill.exec_id for fill in fills]
    return told


def trade_id(trade: TradeTold) -> str:
    """The ExecID of the member's side of a trade."""
    return f"{trade.cursor}{_BUYERS if trade.side == 'buy' else _SELLERS}"


def trade_told(trade: TradeTold, pair: Pair | None, order: Order | None) -> dict[str, Any]:
    """A trade as TradesHistory and QueryTrades have it. order: None: it is not remembered."""
    told: dict[str, Any] = {
        "ordertxid": trade.order_id,
        "postxid": trade_id(trade),
        "pair": pair.id if pair is not None else trade.symbol,
        "time": json_seconds(trade.time_ns),
        "type": trade.side,
        "price": trade.price,
        "cost": trade.amount,
        "fee": trade.fee,
        "vol": trade.quantity,
        "margin": "0",
        "misc": "",
        "trade_id": number_of_match(trade.match_id),
    }
    if order is not None:
        told["ordertype"] = order_type(order)
    return told


def number_of_match(match_id: str) -> int:
    """The number in the venue's id of a match."""
    return int(match_id.removeprefix("M"))
