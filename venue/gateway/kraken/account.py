"""Kraken's private methods that read what is: balances, open and closed orders.

Orders are those that the gateway remembers; balances are the ledger's.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from venue.gateway.callers import Caller
from venue.gateway.kraken.errors import UNAVAILABLE, Refused
from venue.gateway.kraken.figures import ns_of_iso, ns_of_seconds, product
from venue.gateway.kraken.profile import Kraken
from venue.gateway.kraken.terms import client_id_of, flag_of, invalid
from venue.gateway.kraken.told import order_told
from venue.gateway.order import Order
from venue.gateway.orders import Orders
from venue.marketdata.day_totals import EXACT, decimal_text

Params = Mapping[str, Any]
ROWS_OF_A_PAGE = 50
ORDERS_OF_A_QUERY = 50


async def balances(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """Balance: what the member holds of each asset, over all its accounts."""
    held = await held_by(kraken, caller.member)
    return {asset: decimal_text(amount) for asset, amount in sorted(held.items())}


async def balances_with_holds(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """BalanceEx: the same, with what open orders of the gateway's session could use."""
    held = await held_by(kraken, caller.member)
    orders = remembered(kraken, caller)
    used = _used(kraken, orders)
    return {
        asset: {
            "balance": decimal_text(held.get(asset, Decimal(0))),
            "hold_trade": decimal_text(used.get(asset, Decimal(0))),
        }
        for asset in sorted({*held, *used})
    }


async def held_by(kraken: Kraken, member: str) -> dict[str, Decimal]:
    """What a member holds of each asset. Raises Problem AWAY."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in await kraken.gateway.readings.balances(member):
        found[row.asset] = EXACT.add(found[row.asset], Decimal(row.amount))
    return dict(found)


def _used(kraken: Kraken, orders: Orders) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders.open_orders():
        pair = kraken.pairs.of_symbol(order.symbol)
        if pair is None:
            continue
        if order.side != "buy":
            asset, amount = pair.base, Decimal(order.remaining)
        else:
            # of a stop order without a limit the trigger is the best that is known
            price = order.price or order.stop_price or "0"
            asset, amount = pair.quote, product(order.remaining, price)
        found[asset] = EXACT.add(found[asset], amount)
    return found


async def open_orders(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """OpenOrders: those of the member's session here; `cl_ord_id` chooses one."""
    orders = _known(kraken, caller)
    client_id = client_id_of(params)
    since_ns = time_of(params, "start")
    found = [
        order
        for order in orders.open_orders()
        if client_id in ("", order.client_order_id) and ns_of_iso(order.entered) >= since_ns
    ]
    return {"open": _told(kraken, orders, found, params)}


async def closed_orders(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """ClosedOrders: that have ended since the gateway was started, the last first; in pages."""
    orders = _known(kraken, caller)
    client_id = client_id_of(params)
    since_ns, until_ns = time_of(params, "start"), time_of(params, "end") or 2**63
    by_entry = params.get("closetime") == "open"
    found = [
        order
        for order in orders.finished_orders()
        if client_id in ("", order.client_order_id)
        and since_ns <= ns_of_iso(order.entered if by_entry else order.updated) <= until_ns
    ]
    page = found[offset_of(params) :][:ROWS_OF_A_PAGE]
    return {"closed": _told(kraken, orders, page, params), "count": len(found)}


async def query_orders(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """QueryOrders: by `txid`, or by the client's id in `cl_ord_id` or `userref`.

    Of a client's id the venue is asked. One that is not known is left out.
    """
    orders = kraken.orders(caller)
    client_id = client_id_of(params) or client_id_of(params, "userref")
    if client_id:
        one = orders.by_client_id(client_id) or await orders.ask(client_id)
        return _told(kraken, orders, [] if one is None else [one], params)
    found = [orders.get(order_id) for order_id in ids_of(params)]
    return _told(kraken, orders, [order for order in found if order is not None], params)


async def open_positions(kraken: Kraken, caller: Caller, params: Params) -> list[object]:
    """OpenPositions: those on margin, as Kraken means it; the venue has none."""
    return []


def remembered(kraken: Kraken, caller: Caller) -> Orders:
    """The orders of who calls; none of a member that has no session here."""
    if caller.member not in kraken.gateway.sessions.members():
        return Orders()
    return kraken.orders(caller)


def _known(kraken: Kraken, caller: Caller) -> Orders:
    orders = kraken.orders(caller)
    if not orders.is_known:
        raise Refused(UNAVAILABLE, "which orders are open is not known yet")
    return orders


def _told(kraken: Kraken, orders: Orders, found: list[Order], params: Params) -> dict[str, Any]:
    with_trades = flag_of(params, "trades")
    fills = defaultdict(list)
    if with_trades:
        for fill in orders.fills:
            fills[fill.order_id].append(fill)
    told = {}
    for order in found:
        pair = kraken.pairs.of_symbol(order.symbol)
        if pair is not None:
            of_it = fills[order.order_id] if with_trades else None
            told[order.order_id] = order_told(order, pair, of_it)
    return told


def time_of(params: Params, name: str) -> int:
    """A time of a request in nanoseconds; 0 where it is absent. Raises Refused."""
    text = str(params.get(name) or "")
    try:
        return ns_of_seconds(text) if text else 0
    except ValueError as error:
        raise invalid(name) from error


def offset_of(params: Params) -> int:
    """How many rows come before the page that is asked for. Raises Refused."""
    text = str(params.get("ofs") or "0")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise invalid("ofs")
    return int(text)


def ids_of(params: Params, name: str = "txid") -> list[str]:
    """Ids of a request. Raises Refused."""
    found = [each for each in str(params.get(name) or "").split(",") if each]
    if not found or len(found) > ORDERS_OF_A_QUERY:
        raise invalid(name, f"1 to {ORDERS_OF_A_QUERY} ids")
    return found
