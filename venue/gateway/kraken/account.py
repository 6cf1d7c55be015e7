"""Kraken's private methods that only read: balances, orders, trades, ledger.

Orders are those that the gateway remembers; trades and balances are the ledger's.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from venue.gateway.callers import Caller
from venue.gateway.kraken.errors import UNAVAILABLE, Refused
from venue.gateway.kraken.figures import json_seconds, ns_of_iso, ns_of_seconds, product
from venue.gateway.kraken.profile import Kraken
from venue.gateway.kraken.terms import client_id_of, flag_of, invalid
from venue.gateway.kraken.told import order_told, trade_id, trade_told
from venue.gateway.order import Order
from venue.gateway.orders import Orders
from venue.gateway.readings import MOST_ROWS, Movement, TradeTold
from venue.marketdata.day_totals import EXACT, decimal_text

Params = Mapping[str, Any]
ROWS_OF_A_PAGE = 50
ORDERS_OF_A_QUERY = 50
PAGES_MAX = 20
"""Pages of the ledger that one request reads at most."""
_KINDS = {
    "TradeExecuted": "trade",
    "TradeBusted": "trade",
    "TradeCorrected": "trade",
    "FundsDeposited": "deposit",
    "FundsWithdrawn": "withdrawal",
    "FundsTransferred": "transfer",
}
BUSTED = "busted"


async def balances(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """Balance: what the member holds of each asset, over all its accounts."""
    held = await held_by(kraken, caller.member)
    return {asset: decimal_text(amount) for asset, amount in sorted(held.items())}


async def balances_with_holds(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """BalanceEx: the same, with what open orders of the gateway's session could use."""
    held = await held_by(kraken, caller.member)
    orders = _remembered(kraken, caller)
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
    since_ns = _time(params, "start")
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
    since_ns, until_ns = _time(params, "start"), _time(params, "end") or 2**63
    by_entry = params.get("closetime") == "open"
    found = [
        order
        for order in orders.finished_orders()
        if client_id in ("", order.client_order_id)
        and since_ns <= ns_of_iso(order.entered if by_entry else order.updated) <= until_ns
    ]
    page = found[_offset(params) :][:ROWS_OF_A_PAGE]
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
    found = [orders.get(order_id) for order_id in _ids(params)]
    return _told(kraken, orders, [order for order in found if order is not None], params)


async def trades_history(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """TradesHistory: what the ledger has booked for the member, the newest first; in pages."""
    since_ns, until_ns = _time(params, "start"), _time(params, "end") or 2**63
    found = []
    async for trade in _trades(kraken, caller.member):
        if trade.time_ns < since_ns:
            break
        if trade.time_ns <= until_ns and trade.state != BUSTED:
            found.append(trade)
    page = found[_offset(params) :][:ROWS_OF_A_PAGE]
    return {"trades": _trades_told(kraken, caller, page), "count": len(found)}


async def query_trades(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """QueryTrades: trades of the member by their ids; one that is none of its is left out."""
    found = []
    for wanted in _ids(params):
        event_seq = wanted[:-1]
        if not (event_seq.isascii() and event_seq.isdigit() and len(event_seq) < 19):
            continue
        rows = await kraken.gateway.readings.trades(caller.member, int(event_seq) + 1, 1)
        found += [trade for trade in rows if trade_id(trade) == wanted]
    return _trades_told(kraken, caller, found)


async def ledgers(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """Ledgers: changes of the member's balances, the newest first; in pages."""
    since_ns, until_ns = _time(params, "start"), _time(params, "end") or 2**63
    asset, kind = str(params.get("asset") or "all"), str(params.get("type") or "all")
    found = []
    async for row in _movements(kraken, caller.member):
        if row.time_ns < since_ns:
            break
        is_wanted = asset in ("all", row.asset) and kind in ("all", kind_of(row.kind))
        if is_wanted and row.time_ns <= until_ns:
            found.append(row)
    page = found[_offset(params) :][:ROWS_OF_A_PAGE]
    return {"ledger": {_ledger_id(row): _movement(row) for row in page}, "count": len(found)}


async def query_ledgers(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """QueryLedgers: changes of balances by their ids; of others nothing is told."""
    found, wanted_ids = dict[str, Any](), _ids(params, "id")
    for wanted in wanted_ids:
        event_seq = wanted.partition("-")[0]
        if event_seq.isascii() and event_seq.isdigit() and len(event_seq) < 19:
            behind = int(event_seq) + 1
            rows = await kraken.gateway.readings.movements(caller.member, behind, ROWS_OF_A_PAGE)
            found.update({_ledger_id(row): _movement(row) for row in rows})
    return {name: found[name] for name in wanted_ids if name in found}


def _remembered(kraken: Kraken, caller: Caller) -> Orders:
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


async def _trades(kraken: Kraken, member: str) -> AsyncIterator[TradeTold]:
    behind = 0
    for _ in range(PAGES_MAX):
        rows = await kraken.gateway.readings.trades(member, behind, MOST_ROWS)
        for row in rows:
            yield row
        if len(rows) < MOST_ROWS:
            return
        behind = int(rows[-1].cursor)


async def _movements(kraken: Kraken, member: str) -> AsyncIterator[Movement]:
    behind = 0
    for _ in range(PAGES_MAX):
        rows = await kraken.gateway.readings.movements(member, behind, MOST_ROWS)
        # lines of the last event may be cut off: they come with the next page
        last = rows[-1].cursor if len(rows) == MOST_ROWS else ""
        for row in rows:
            if row.cursor != last:
                yield row
        if not last:
            return
        behind = int(last) + 1


def _trades_told(kraken: Kraken, caller: Caller, found: list[TradeTold]) -> dict[str, Any]:
    orders = _remembered(kraken, caller)
    makers = {fill.exec_id: fill.liquidity == "maker" for fill in orders.fills}
    told = {}
    for trade in found:
        pair, name = kraken.pairs.of_symbol(trade.symbol), trade_id(trade)
        told[name] = trade_told(trade, pair, orders.get(trade.order_id))
        if name in makers:
            told[name]["maker"] = makers[name]
    return told


def _movement(row: Movement) -> dict[str, Any]:
    return {
        "refid": row.cursor,
        "time": json_seconds(row.time_ns),
        "type": kind_of(row.kind),
        "subtype": "",
        "aclass": "currency",
        "asset": row.asset,
        "amount": row.amount,
        "fee": "0",
        "balance": row.balance,
    }


def kind_of(event: str) -> str:
    """Kraken's word for what an event books."""
    return _KINDS.get(event, "adjustment")


def _ledger_id(row: Movement) -> str:
    return f"{row.cursor}-{row.line}"


def _time(params: Params, name: str) -> int:
    text = str(params.get(name) or "")
    try:
        return ns_of_seconds(text) if text else 0
    except ValueError as error:
        raise invalid(name) from error


def _offset(params: Params) -> int:
    text = str(params.get("ofs") or "0")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise invalid("ofs")
    return int(text)


def _ids(params: Params, name: str = "txid") -> list[str]:
    found = [each for each in str(params.get(name) or "").split(",") if each]
    if not found or len(found) > ORDERS_OF_A_QUERY:
        raise invalid(name, f"1 to {ORDERS_OF_A_QUERY} ids")
    return found
