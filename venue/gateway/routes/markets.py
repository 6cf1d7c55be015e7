"""Public market data: instruments, books, last values; and how the gateway is."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from venue.gateway.callers import OF_AN_ADDRESS
from venue.gateway.context import address_of, answer, gateway_of, limit
from venue.gateway.markets import MOST_LEVELS

router = APIRouter(prefix="/v1", tags=["market data"])
Depth = Annotated[int, Query(ge=1, le=MOST_LEVELS, description="Price levels of each side.")]


@router.get("/instruments", summary="What is traded")
async def instruments(request: Request) -> Response:
    """The public terms of all instruments."""
    _count(request)
    return answer({"instruments": gateway_of(request).markets.instruments()})


@router.get("/instruments/{symbol}/book", summary="An order book")
async def book(request: Request, symbol: str, depth: Depth = 10) -> Response:
    """Price levels, with the number of the update and its checksum, the same on every face."""
    _count(request)
    return answer(gateway_of(request).markets.book(symbol, depth))


@router.get("/instruments/{symbol}/ticker", summary="Best prices and the day")
async def ticker(request: Request, symbol: str) -> Response:
    """Best bid and offer, statistics of the trading day, and state."""
    _count(request)
    return answer(gateway_of(request).markets.ticker(symbol))


@router.get("/tickers", summary="All tickers")
async def tickers(request: Request) -> Response:
    """The ticker of each symbol."""
    _count(request)
    markets = gateway_of(request).markets
    return answer({"tickers": [markets.ticker(symbol) for symbol in markets.symbols()]})


@router.get("/time", summary="The gateway's clock")
async def now(request: Request) -> Response:
    """UTC, milliseconds since 1970: what a signed request is held against."""
    _count(request)
    return answer({"time_ms": time.time_ns() // 1_000_000})


@router.get("/status", summary="How the gateway is")
async def status(request: Request) -> Response:
    """Whether what stands behind it answers; 503 where orders are not taken."""
    _count(request)
    gateway = gateway_of(request)
    troubles = gateway.sessions.troubles()
    told = {
        "market_data": "current" if gateway.markets.is_current else "stale",
        "ledger": gateway.readings.state,
        "orders": {member: troubles.get(member, "on") for member in gateway.sessions.members()},
    }
    is_well = gateway.markets.is_current and not troubles and gateway.readings.state == "closed"
    return answer({"ok": is_well, **told}, 200 if is_well else 503)


def _count(request: Request) -> None:
    limit(request, OF_AN_ADDRESS, "address", address_of(request))
