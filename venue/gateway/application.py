"""The web application: paths, errors in one shape, headers of every answer.

Knows FastAPI and the paths. Has no state of its own: all of it is the gateway's.
"""

from collections.abc import Awaitable, Callable

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

import venue
from venue.gateway.context import BODY_BYTES_MAX, Gateway, budget_headers, refusal
from venue.gateway.problems import Code, Problem
from venue.gateway.routes import account, markets, oauth, orders
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
    for part in (oauth, markets, orders, account, stream_route):
        made.include_router(part.router)
    if streams is not None:
        made.state.streams = streams
        made.router.add_websocket_route(stream_route.PATH, stream_route.stream)
    made.add_exception_handler(Problem, _problem)
    made.add_exception_handler(RequestValidationError, _wrong_request)
    made.add_exception_handler(HTTPException, _no_such_path)
    made.add_exception_handler(Exception, _broken)
    made.middleware("http")(_framed)
    return made


async def _framed(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > BODY_BYTES_MAX:
        response = refusal(Problem(Code.BAD_REQUEST, f"at most {BODY_BYTES_MAX} bytes"))
    else:
        response = await call_next(request)
    budget = getattr(request.state, "budget", None)
    if budget is not None:
        response.headers.update(budget_headers(budget))
    for name, text in _SECURITY.items():
        response.headers.setdefault(name, text)
    return response


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return refusal(error)


async def _wrong_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return refusal(Problem(Code.BAD_REQUEST, str(first["msg"]), field=field))


async def _no_such_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = Code.NOT_FOUND if error.status_code == 404 else Code.BAD_REQUEST
    found = refusal(Problem(code, str(error.detail)))
    found.status_code = error.status_code
    return found


async def _broken(request: Request, error: Exception) -> Response:
    """A mistake of ours costs one request, and is said."""
    _log.error("request_failed", path=request.url.path, exc_info=error)
    found = refusal(Problem(Code.AWAY, "the gateway could not do it: it has made a mistake"))
    found.status_code = 500
    return found
