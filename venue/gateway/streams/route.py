"""The path /v1/stream, with what is checked before a socket is opened; and its document.

Knows starlette. A browser says where its page is from: it is let in only from origins that are
named. Tokens stand in a header or in the first message, never in the URL, which is logged.
"""

from functools import cache

from fastapi import APIRouter
from starlette.responses import Response
from starlette.websockets import WebSocket

from venue.gateway.callers import OF_AN_ADDRESS, Caller
from venue.gateway.context import JSON, Gateway, refusal
from venue.gateway.problems import Code, Problem
from venue.gateway.streams.asyncapi import document
from venue.gateway.streams.feed import encode
from venue.gateway.streams.socket import Socket
from venue.gateway.streams.streams import Streams
from venue.gateway.streams.wire import EXTENSION, Line

PATH = "/v1/stream"
router = APIRouter(prefix="/v1", tags=["market data"])


@router.get("/asyncapi.json", summary="Messages of the WebSocket")
async def asyncapi() -> Response:
    """AsyncAPI 3 of /v1/stream."""
    return Response(_text(), media_type=JSON)


@cache
def _text() -> bytes:
    return encode(document())


async def stream(websocket: WebSocket) -> None:
    """Open a socket, or say in one answer of HTTP why not; then serve it."""
    gateway: Gateway = websocket.app.state.gateway
    streams: Streams = websocket.app.state.streams
    address = websocket.client.host if websocket.client is not None else ""
    try:
        caller = _admitted(gateway, streams, websocket, address)
    except Problem as problem:
        await websocket.send_denial_response(refusal(problem))
        return
    line: Line = websocket.scope["extensions"][EXTENSION]
    await websocket.accept()
    await Socket(gateway, streams, websocket, line, address, caller).run()


def _admitted(
    gateway: Gateway, streams: Streams, websocket: WebSocket, address: str
) -> Caller | None:
    """Whose token the handshake has; None: it has none.

    Raises Problem: FORBIDDEN, BAD_REQUEST, UNAUTHENTICATED, TOO_MANY.
    """
    gateway.callers.count(OF_AN_ADDRESS, "address", address)
    origins = websocket.headers.getlist("origin")
    if any(origin not in streams.limits.origins for origin in origins):
        raise Problem(Code.FORBIDDEN, "pages of this origin may not connect", field="Origin")
    if websocket.url.query:
        raise Problem(Code.BAD_REQUEST, "nothing stands in the URL: a token is said inside")
    streams.admit(address)
    authorization = websocket.headers.get("authorization", "")
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Problem(Code.UNAUTHENTICATED, "it takes an access token (Bearer) only")
    caller = gateway.callers.bearer(token.strip(), address)
    streams.admit_user(caller.user.name)
    return caller
