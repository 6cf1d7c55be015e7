"""Public market data: instruments, books, last values; and how the gateway is."""

import time

from fastapi import APIRouter, Request
from starlette.responses import Response

from venue.gateway.answers import Guards, InstrumentList, StatusTold, TickerList, TimeTold
from venue.gateway.callers import OF_AN_ADDRESS
from venue.gateway.context import address_of, answer, gateway_of, limit, number_asked
from venue.gateway.described import PUBLIC, asks, told
from venue.gateway.hot import Hot
from venue.gateway.markets import MOST_LEVELS, Book, Ticker
from venue.gateway.problems import Code

router = APIRouter(prefix="/v1", tags=["market data"])
_OF_ALL = (*PUBLIC, Code.AWAY)
_OF_SYMBOLS = (*_OF_ALL, Code.NOT_FOUND)
LEVELS = 10
"""Price levels of each side, unless more or fewer are asked for."""
_DEPTH = {"type": "integer", "minimum": 1, "maximum": MOST_LEVELS, "default": LEVELS}


@router.get("/instruments", summary="What is traded", responses=told(InstrumentList, _OF_ALL))
async def instruments(request: Request) -> Response:
    """The public terms of all instruments."""
    _count(request)
    markets = gateway_of(request).markets
    markets.require_all()
    return answer({"instruments": markets.instruments()})


@router.get(
    "/instruments/{symbol}/book",
    summary="An order book",
    responses=told(Book, _OF_SYMBOLS),
    openapi_extra=asks("symbol", query={"depth": _DEPTH}),
)
async def book(request: Request) -> Response:
    """Price levels, with the number of the update and its checksum, the same on every face."""
    _count(request)
    depth = number_asked(request, "depth", LEVELS, MOST_LEVELS)
    return answer(gateway_of(request).markets.book(request.path_params["symbol"], depth))


@router.get(
    "/instruments/{symbol}/ticker",
    summary="Best prices and the day",
    responses=told(Ticker, _OF_SYMBOLS),
    openapi_extra=asks("symbol"),
)
async def ticker(request: Request) -> Response:
    """Best bid and offer, statistics of the trading day, and state."""
    _count(request)
    return answer(gateway_of(request).markets.ticker(request.path_params["symbol"]))


@router.get("/tickers", summary="All tickers", responses=told(TickerList, _OF_ALL))
async def tickers(request: Request) -> Response:
    """The ticker of each symbol."""
    _count(request)
    markets = gateway_of(request).markets
    markets.require_all()
    return answer({"tickers": [markets.ticker(symbol) for symbol in markets.symbols()]})


@router.get("/time", summary="The gateway's clock", responses=told(TimeTold))
async def now(request: Request) -> Response:
    """UTC, milliseconds since 1970: what a signed request is held against."""
    _count(request)
    return answer(TimeTold(time.time_ns() // 1_000_000))


@router.get("/status", summary="How the gateway is", responses=told(StatusTold, also=(503,)))
async def status(request: Request) -> Response:
    """Whether what stands behind it answers; 503 where orders are not taken."""
    _count(request)
    gateway = gateway_of(request)
    sessions, troubles = gateway.sessions, gateway.sessions.troubles()
    orders = {member: troubles.get(member, "on") for member in sessions.members()}
    guards = Guards(
        gateway.readings.guard(),
        gateway.history.guard(),
        gateway.facts.guard(),
        {member: sessions.of(member).guard() for member in sessions.members()},
    )
    is_current, ledger = gateway.markets.is_current, gateway.readings.state
    is_well = is_current and not troubles and ledger == "closed"
    market_data = "current" if is_current else "stale"
    found = StatusTold(is_well, market_data, ledger, orders, guards)
    return answer(found, 200 if is_well else 503)


def _count(request: Request) -> None:
    limit(request, OF_AN_ADDRESS, "address", address_of(request))


HOT = (
    Hot("GET", "/v1/instruments/{symbol}/book", book),
    Hot("GET", "/v1/instruments/{symbol}/ticker", ticker),
)
