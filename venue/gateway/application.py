"""The web application: paths, errors in one shape, headers of every answer.

Knows FastAPI and the paths. Has no state of its own: all of it is the gateway's.
"""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

import venue
from venue.gateway.context import Gateway, refusal
from venue.gateway.described import describe
from venue.gateway.framing import Framing
from venue.gateway.hot import HotPaths
from venue.gateway.operator import routes as operators
from venue.gateway.problems import Code, Problem
from venue.gateway.routes import account, history, markets, me, oauth, orders, wallet
from venue.gateway.streams import route as stream_route
from venue.gateway.streams.streams import Streams

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_log = structlog.get_logger("gateway")


def application(gateway: Gateway, streams: Streams | None = None) -> FastAPI:
    """The application of this gateway. streams: what WebSocket is served from; None: it is not."""
    made = FastAPI(
        title="venue",
        version=venue.__version__,
        summary="Orders, market data and accounts of the venue, over HTTP.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    made.state.gateway = gateway
    for part in (oauth, markets, history, orders, account, wallet, me, stream_route):
        made.include_router(part.router)
    if gateway.operating is not None:
        made.include_router(operators.router())
    if streams is not None:
        made.state.streams = streams
        made.router.add_websocket_route(stream_route.PATH, stream_route.stream)
    made.add_exception_handler(Problem, _problem)
    made.add_exception_handler(RequestValidationError, _wrong_request)
    made.add_exception_handler(HTTPException, _no_such_path)
    made.add_exception_handler(Exception, _broken)
    made.add_middleware(HotPaths, hot=(*orders.HOT, *markets.HOT))
    made.add_middleware(Framing, headers=_SECURITY)
    describe(made)
    return made


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return refusal(error)


async def _wrong_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return refusal(Problem(Code.BAD_REQUEST, f"it is no JSON: {first['ctx']['error']}"))
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return refusal(Problem(Code.BAD_REQUEST, str(first["msg"]), field=field))


async def _no_such_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = Code.NOT_FOUND if error.status_code == 404 else Code.BAD_REQUEST
    found = refusal(Problem(code, str(error.detail)))
    found.status_code = error.status_code
    found.headers.update(error.headers or {})
    return found


async def _broken(request: Request, error: Exception) -> Response:
    """A mistake of ours costs one request, and is said."""
    _log.error("request_failed", path=request.url.path, exc_info=error)
    found = refusal(Problem(Code.AWAY, "the gateway could not do it: it has made a mistake"))
    found.status_code = 500
    found.headers.update(_SECURITY)  # it is answered outside of the framing
    return found
