"""Kraken's private methods that read what the ledger has booked: trades, lines, deposits.

All tell the newest first, in pages. What is asked for by time is found by the ledger's index.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

from venue.gateway.callers import Caller
from venue.gateway.kraken.account import ids_of, offset_of, remembered, time_of
from venue.gateway.kraken.figures import json_seconds
from venue.gateway.kraken.profile import Kraken
from venue.gateway.kraken.told import trade_id, trade_told
from venue.gateway.readings import MOST_ROWS, Movement, TradeTold, before

Params = Mapping[str, Any]
ROWS_OF_A_PAGE = 50
READS_MAX = 20
"""So many times 500 rows of the ledger one request looks through at most."""
_KINDS = {
    "TradeExecuted": "trade",
    "TradeBusted": "trade",
    "TradeCorrected": "trade",
    "FundsDeposited": "deposit",
    "FundsWithdrawn": "withdrawal",
    "FundsTransferred": "transfer",
}
_BUSTED = "busted"
T = TypeVar("T")


async def trades_history(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """TradesHistory: the member's trades as they stand. count: so many there are at least."""

    async def wanted() -> AsyncIterator[TradeTold]:
        async for trade in _trades(kraken, caller.member, params):
            if trade.state != _BUSTED:
                yield trade

    page, count = await _page(wanted(), params)
    return {"trades": _trades_told(kraken, caller, page), "count": count}


async def query_trades(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """QueryTrades: trades of the member by their ids; one that is none of its is left out."""
    found = []
    for wanted in ids_of(params):
        behind = _behind(wanted[:-1])
        if behind:
            rows = await kraken.gateway.readings.trades(caller.member, behind, 1)
            found += [trade for trade in rows if trade_id(trade) == wanted]
    return _trades_told(kraken, caller, found)


async def ledgers(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """Ledgers: changes of the member's balances, by `asset` and `type`. count: at least."""
    kind = str(params.get("type") or "all")
    page, count = await _page(_movements(kraken, caller.member, params, kind), params)
    return {"ledger": {_ledger_id(row): _movement(row) for row in page}, "count": count}


async def query_ledgers(kraken: Kraken, caller: Caller, params: Params) -> dict[str, Any]:
    """QueryLedgers: changes of balances by their ids; of others nothing is told."""
    found, wanted_ids = dict[str, Any](), ids_of(params, "id")
    for wanted in wanted_ids:
        behind = _behind(wanted.partition("-")[0])
        if behind:
            readings = kraken.gateway.readings
            rows = await readings.movements(caller.member, before(behind), ROWS_OF_A_PAGE)
            found.update({_ledger_id(row): _movement(row) for row in rows})
    return {name: found[name] for name in wanted_ids if name in found}


async def deposits(kraken: Kraken, caller: Caller, params: Params) -> list[dict[str, Any]]:
    """DepositStatus: what was paid in."""
    return await _transactions(kraken, caller, params, "deposit")


async def withdrawals(kraken: Kraken, caller: Caller, params: Params) -> list[dict[str, Any]]:
    """WithdrawStatus: what was paid out."""
    return await _transactions(kraken, caller, params, "withdrawal")


def kind_of(event: str) -> str:
    """Kraken's word for what an event books."""
    return _KINDS.get(event, "adjustment")


async def _transactions(
    kraken: Kraken, caller: Caller, params: Params, kind: str
) -> list[dict[str, Any]]:
    page, _ = await _page(_movements(kraken, caller.member, params, kind), params)
    return [
        {
            "method": "venue",
            "aclass": "currency",
            "asset": row.asset,
            "refid": _ledger_id(row),
            "txid": row.cursor,
            "info": row.description,
            "amount": row.amount.removeprefix("-"),
            "fee": "0",
            "time": json_seconds(row.time_ns),
            "status": "Success",
        }
        for row in page
    ]


async def _page(rows: AsyncIterator[T], params: Params) -> tuple[list[T], int]:
    """The page that is asked for, and how many rows there are: one more where others follow."""
    offset = offset_of(params)
    found: list[T] = []
    async for row in rows:
        found.append(row)
        if len(found) > offset + ROWS_OF_A_PAGE:
            break
    return found[offset:][:ROWS_OF_A_PAGE], len(found)


async def _trades(kraken: Kraken, member: str, params: Params) -> AsyncIterator[TradeTold]:
    since_ns, behind = time_of(params, "start"), await _end(kraken, params)
    for _ in range(READS_MAX):
        rows = await kraken.gateway.readings.trades(member, behind, MOST_ROWS)
        for row in rows:
            if row.time_ns < since_ns:
                return
            yield row
        if len(rows) < MOST_ROWS:
            return
        behind = int(rows[-1].cursor)


async def _movements(
    kraken: Kraken, member: str, params: Params, kind: str
) -> AsyncIterator[Movement]:
    asset = str(params.get("asset") or "all")
    since_ns, behind = time_of(params, "start"), before(await _end(kraken, params))
    for _ in range(READS_MAX):
        rows = await kraken.gateway.readings.movements(member, behind, MOST_ROWS)
        for row in rows:
            if row.time_ns < since_ns:
                return
            if asset in ("all", row.asset) and kind in ("all", kind_of(row.kind)):
                yield row
        if len(rows) < MOST_ROWS:
            return
        behind = rows[-1].cursor


async def _end(kraken: Kraken, params: Params) -> int:
    """The event before which a request's rows begin; 0: at the newest."""
    until_ns = time_of(params, "end")
    if not until_ns:
        return 0
    return await kraken.gateway.readings.sequence_at(until_ns) + 1


def _behind(event_seq: str) -> int:
    """What is asked for, so that the rows of an event come first; 0: it is no event's number."""
    is_number = event_seq.isascii() and event_seq.isdigit() and len(event_seq) < 19
    return int(event_seq) + 1 if is_number else 0


def _trades_told(kraken: Kraken, caller: Caller, found: list[TradeTold]) -> dict[str, Any]:
    orders = remembered(kraken, caller)
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


def _ledger_id(row: Movement) -> str:
    return row.cursor.replace(".", "-")
