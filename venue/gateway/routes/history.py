"""Public history: trades and bars of a symbol; the trading day and its timetable."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from venue.gateway.answers import BarList, PublicTradeList
from venue.gateway.callers import OF_AN_ADDRESS
from venue.gateway.context import Gateway, address_of, answer, gateway_of, limit
from venue.gateway.described import PUBLIC, told
from venue.gateway.history import INTERVALS, MINUTE_NS, since
from venue.gateway.problems import Code
from venue.gateway.trading_facts import SessionTold

router = APIRouter(prefix="/v1", tags=["market data"])
MOST_TRADES, MOST_BARS = 1_000, 1_440
_ERRORS = (*PUBLIC, Code.NOT_FOUND, Code.AWAY)
_LATEST_MS = 10**13
Since = Annotated[
    int,
    Query(ge=0, le=_LATEST_MS, description="From when on, in milliseconds since 1970; 0: of late."),
]


@router.get(
    "/instruments/{symbol}/trades",
    summary="Public trades",
    responses=told(PublicTradeList, _ERRORS),
)
async def trades(
    request: Request,
    symbol: str,
    since_ms: Annotated[Since, Query(alias="since")] = 0,
    most: Annotated[int, Query(ge=1, le=MOST_TRADES, alias="limit")] = 100,
) -> Response:
    """The last trades since then, as busts and corrections have left them; without `since` of the
    last hour. To read on: `since` as the time of the last one."""
    gateway = _public(request)
    gateway.markets.ticker(symbol)  # refuses a symbol that is none
    begin_ns = since(since_ms, time.time_ns(), 60 * MINUTE_NS)
    return answer(PublicTradeList(symbol, await gateway.history.trades(symbol, begin_ns, most)))


@router.get("/instruments/{symbol}/bars", summary="Bars", responses=told(BarList, _ERRORS))
async def bars(
    request: Request,
    symbol: str,
    interval: Literal["1m", "5m", "15m", "1h", "1d"] = "1m",
    since_ms: Annotated[Since, Query(alias="since")] = 0,
    most: Annotated[int, Query(ge=1, le=MOST_BARS, alias="limit")] = 120,
) -> Response:
    """Open, high, low, close, volume and value of intervals with a trade; without `since` as many
    intervals as the limit has."""
    gateway = _public(request)
    gateway.markets.ticker(symbol)
    begin_ns = since(since_ms, time.time_ns(), INTERVALS[interval] * most)
    found = await gateway.history.bars(symbol, interval, begin_ns, most)
    return answer(BarList(symbol, interval, found))


@router.get(
    "/calendar", summary="The trading day", responses=told(SessionTold, (*PUBLIC, Code.AWAY))
)
async def calendar(request: Request) -> Response:
    """The trading day, the venue's phase, and by which timetable days begin and end."""
    return answer(await _public(request).facts.session())


def _public(request: Request) -> Gateway:
    limit(request, OF_AN_ADDRESS, "address", address_of(request))
    return gateway_of(request)
