"""Kraken's REST paths: a method is found by its name, answered with HTTP 200 whatever comes of it.

Parses, calls, answers: `{"error": [...], "result": ...}`.
"""

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from venue.gateway.callers import Caller
from venue.gateway.context import BODY_BYTES_MAX, JSON, address_of
from venue.gateway.kraken import account, booked, public, trading
from venue.gateway.kraken.errors import (
    INTERNAL,
    INVALID_ARGUMENTS,
    PERMISSION_DENIED,
    UNKNOWN_METHOD,
    Refused,
    refused,
)
from venue.gateway.kraken.profile import Kraken, kraken_of
from venue.gateway.problems import Problem
from venue.gateway.scopes import Scope

Params = dict[str, Any]
Answers = Callable[[Kraken, Caller, Params], Awaitable[object]]
FIELDS_MAX = 100
PRIVATE: dict[str, tuple[Scope, Answers]] = {
    "Balance": (Scope.READ, account.balances),
    "BalanceEx": (Scope.READ, account.balances_with_holds),
    "OpenOrders": (Scope.READ, account.open_orders),
    "ClosedOrders": (Scope.READ, account.closed_orders),
    "QueryOrders": (Scope.READ, account.query_orders),
    "TradesHistory": (Scope.READ, booked.trades_history),
    "QueryTrades": (Scope.READ, booked.query_trades),
    "Ledgers": (Scope.READ, booked.ledgers),
    "QueryLedgers": (Scope.READ, booked.query_ledgers),
    "DepositStatus": (Scope.READ, booked.deposits),
    "WithdrawStatus": (Scope.READ, booked.withdrawals),
    "OpenPositions": (Scope.READ, account.open_positions),
    "AddOrder": (Scope.TRADE, trading.add_order),
    "AddOrderBatch": (Scope.TRADE, trading.add_orders),
    "AmendOrder": (Scope.TRADE, trading.amend_order),
    "CancelOrder": (Scope.TRADE, trading.cancel_order),
    "CancelOrderBatch": (Scope.TRADE, trading.cancel_orders),
    "CancelAll": (Scope.TRADE, trading.cancel_all),
    "CancelAllOrdersAfter": (Scope.TRADE, trading.cancel_all_after),
    "GetWebSocketsToken": (Scope.READ, trading.websocket_token),
}
"""What is served of Kraken's private methods, and the scope that each needs."""
router = APIRouter(include_in_schema=False)
_encode = msgspec.json.Encoder(decimal_format="number").encode
_log = structlog.get_logger("gateway")


@router.api_route("/0/public/{method}", methods=["GET", "POST"])
async def answer_public(request: Request, method: str) -> Response:
    """What Kraken has under /0/public."""

    async def do(kraken: Kraken) -> object:
        kraken.entrance.count(address_of(request))
        answers = public.METHODS.get(method)
        if answers is None:
            raise Refused(UNKNOWN_METHOD)
        return await answers(kraken, {**_form(request.url.query), **await _said(request)})

    return await _answered(request, do)


@router.post("/0/private/{method}")
async def answer_private(request: Request, method: str) -> Response:
    """What Kraken has under /0/private."""

    async def do(kraken: Kraken) -> object:
        address = address_of(request)
        kraken.entrance.count(address)
        params = await _said(request)
        caller = await kraken.entrance.signed(
            request.headers.get("api-key", ""),
            request.headers.get("api-sign", ""),
            request.url.path,
            params,
            await request.body(),
            address,
        )
        if method not in PRIVATE:
            raise Refused(UNKNOWN_METHOD)
        scope, answers = PRIVATE[method]
        if scope not in caller.scopes:
            raise Refused(PERMISSION_DENIED, f"it needs the scope {scope}")
        return await answers(kraken, caller, params)

    return await _answered(request, do)


async def _answered(request: Request, do: Callable[[Kraken], Awaitable[object]]) -> Response:
    """The answer of a method, whatever comes of it."""
    told: dict[str, Any]
    try:
        told = {"error": [], "result": await do(kraken_of(request))}
    except Refused as error:
        told = {"error": error.on_rest()}
    except Problem as problem:
        told = {"error": refused(problem).on_rest()}
    except Exception as error:  # a mistake of ours costs one request, and is said
        _log.error("request_failed", path=request.url.path, exc_info=error)
        told = {"error": [INTERNAL]}
    return Response(_encode(told), media_type=JSON)


async def _said(request: Request) -> Params:
    """What the body of a request says: a form, or JSON where that is said. Raises Refused."""
    body = await request.body()
    if not body:
        return {}
    if len(body) > BODY_BYTES_MAX:
        raise Refused(INVALID_ARGUMENTS, f"at most {BODY_BYTES_MAX} bytes")
    try:
        if not request.headers.get("content-type", "").startswith(JSON):
            return _form(body.decode())
        found = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Refused(INVALID_ARGUMENTS, "it cannot be read") from error
    if not isinstance(found, dict):
        raise Refused(INVALID_ARGUMENTS, "it is no object")
    return found


def _form(text: str) -> Params:
    """Fields of a form; of those with one name the last counts. Raises Refused."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError as error:
        raise Refused(INVALID_ARGUMENTS, "it cannot be read") from error
