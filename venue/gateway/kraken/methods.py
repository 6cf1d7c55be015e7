"""What Kraken's WebSocket v2 can be asked, and the paths under which it is served.

Parses subscriptions; each channel does the rest.
"""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from venue.gateway.kraken import balances, channels, executions, socket_orders
from venue.gateway.kraken.errors import Refused, refused
from venue.gateway.kraken.names import Pair
from venue.gateway.kraken.profile import kraken_of
from venue.gateway.kraken.public import interval_of
from venue.gateway.kraken.requests import Request, answer, pong
from venue.gateway.kraken.socket import TRY_LATER, Does, Socket
from venue.gateway.problems import Problem

PUBLIC: dict[str, Callable[[Socket, Request, Pair], Awaitable[None]]] = {
    "book": channels.book,
    "ticker": channels.ticker,
    "trade": channels.trade,
    "ohlc": channels.ohlc,
}
"""Channels of pairs."""
PRIVATE: dict[str, Callable[[Socket, Request], Awaitable[None]]] = {
    "executions": executions.subscribe,
    "balances": balances.subscribe,
}
"""Channels of a member."""
NO_CHANNEL = "Subscription name invalid"
router = APIRouter(include_in_schema=False)
_log = structlog.get_logger("gateway")


async def ping(socket: Socket, request: Request) -> None:
    """Whether the connection lives."""
    socket.say(pong(request))


async def subscribe(socket: Socket, request: Request) -> None:
    """Begin a channel: of each pair with an answer of its own."""
    channel = str(request.params.get("channel"))
    if channel in PRIVATE:
        await PRIVATE[channel](socket, request)
        return
    if channel not in PUBLIC:
        raise Refused(NO_CHANNEL, channel)
    for name in _pairs(request):
        try:
            await PUBLIC[channel](socket, request, socket.kraken.pairs.of(name))
        except Refused as error:
            socket.say(answer(request, error=error.on_socket(), symbol=name))
        except Problem as problem:
            socket.say(answer(request, error=refused(problem).on_socket(), symbol=name))


async def unsubscribe(socket: Socket, request: Request) -> None:
    """End a channel: of each pair with an answer of its own."""
    channel = str(request.params.get("channel"))
    if channel in PRIVATE:
        _end(socket, request, (channel,), {"channel": channel})
        return
    if channel not in PUBLIC:
        raise Refused(NO_CHANNEL, channel)
    more = (interval_of(request.params.get("interval", 1)),) if channel == "ohlc" else ()
    names = [socket.kraken.pairs.of(name).name for name in _pairs(request)]
    for name in names:
        told = {"channel": channel, "symbol": name}
        _end(socket, request, (channel, name, *more), told)


def _end(
    socket: Socket, request: Request, name: tuple[object, ...], told: Mapping[str, object]
) -> None:
    end = socket.subscriptions.pop(name, None)
    if end is None:
        socket.say(answer(request, error="Subscription Not Found"))
        return
    end()
    socket.say(answer(request, told))


def _pairs(request: Request) -> list[str]:
    names = request.several("symbol")
    if not names:
        raise Refused("Pair field must be an array", "symbol")
    return names


METHODS: dict[str, Does] = {
    "ping": ping,
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "add_order": socket_orders.add_order,
    "amend_order": socket_orders.amend_order,
    "cancel_order": socket_orders.cancel_order,
    "cancel_all": socket_orders.cancel_all,
    "cancel_all_orders_after": socket_orders.cancel_all_after,
}
"""What is served of Kraken's methods."""


@router.websocket("/v2")
async def everybody(websocket: WebSocket) -> None:
    """Public channels; private ones with a token."""
    await _serve(websocket)


@router.websocket("/auth/v2")
async def members(websocket: WebSocket) -> None:
    """The same, at the address that clients use for private channels."""
    await _serve(websocket)


async def _serve(websocket: WebSocket) -> None:
    kraken = kraken_of(websocket)
    try:
        kraken.entrance.count(websocket.client.host if websocket.client is not None else "")
    except Problem:
        await websocket.close(TRY_LATER)  # before it is accepted: HTTP says 403
        return
    try:
        await Socket(websocket, kraken, METHODS).run()
    except (WebSocketDisconnect, TimeoutError) as error:
        _log.info("socket_lost", error=repr(error))
