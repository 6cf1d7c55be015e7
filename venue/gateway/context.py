"""What the paths need, put together once; and how they come to it and to who calls.

Knows starlette's request.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from limits import RateLimitItem
from starlette.requests import Request
from starlette.responses import Response

from venue.gateway.callers import OF_A_CALLER, OF_AN_ADDRESS, Budget, Caller, Callers
from venue.gateway.history import History
from venue.gateway.holdings import HoldingsOfMembers
from venue.gateway.hub import Hub
from venue.gateway.idempotency import Answered, Idempotency
from venue.gateway.logins import Logins
from venue.gateway.markets import Markets
from venue.gateway.operating.ways import Operating
from venue.gateway.problems import Code, Problem
from venue.gateway.readings import Readings
from venue.gateway.sessions import Sessions
from venue.gateway.signatures import KEY, SIGNATURE, TIMESTAMP
from venue.gateway.store import Store
from venue.gateway.switches import Switches
from venue.gateway.tokens import Tokens
from venue.gateway.trading_facts import TradingFacts
from venue.gateway.users import Users
from venue.gateway.withdrawals import Withdrawals

JSON = "application/json"
IDEMPOTENCY = "idempotency-key"
BODY_BYTES_MAX = 64 * 1024
_encoder = msgspec.json.Encoder(decimal_format="string")
T = TypeVar("T")


@dataclass
class Gateway:
    """The parts of a running gateway."""

    store: Store
    users: Users
    tokens: Tokens
    callers: Callers
    sessions: Sessions
    switches: Switches
    markets: Markets
    readings: Readings
    idempotency: Idempotency
    hub: Hub
    logins: Logins
    history: History
    facts: TradingFacts
    holdings: HoldingsOfMembers
    withdrawals: Withdrawals
    takes_registrations: bool = False
    operating: Operating | None = None
    """None: nobody operates over HTTP."""


def gateway_of(request: Request) -> Gateway:
    """The gateway that has taken a request."""
    found: Gateway = request.app.state.gateway
    return found


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client is not None else ""


async def caller_of(request: Request) -> Caller:
    """Who calls. Raises Problem: UNAUTHENTICATED, TOO_MANY."""
    gateway, address = gateway_of(request), address_of(request)
    gateway.callers.count(OF_AN_ADDRESS, "address", address)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        caller = gateway.callers.bearer(token.strip(), address)
    elif KEY in request.headers:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        caller = gateway.callers.signed(
            request.headers[KEY],
            request.headers.get(TIMESTAMP, ""),
            request.headers.get(SIGNATURE, ""),
            request.method,
            target,
            await request.body(),
            address,
        )
    else:
        raise Problem(Code.UNAUTHENTICATED, "it needs an access token or a signed request")
    request.state.budget = gateway.callers.count(OF_A_CALLER, "user", caller.user.name)
    return caller


def limit(request: Request, item: RateLimitItem, *who: str) -> None:
    """Count a call against a further limit. Raises Problem TOO_MANY."""
    request.state.budget = gateway_of(request).callers.count(item, *who)


async def json_body(request: Request) -> bytes:
    """The body of a request that says it is JSON. Raises Problem BAD_REQUEST."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise Problem(Code.BAD_REQUEST, f"it is no JSON: Content-Type has to be {JSON}")
    return await request.body()


def number_asked(request: Request, name: str, default: int, most: int) -> int:
    """A whole number from 1 on that the query names. Raises Problem BAD_REQUEST."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        raise Problem(Code.BAD_REQUEST, f"it takes 1 to {most}", field=name)
    return int(text)


def answer(found: Any, status: int = 200) -> Response:
    """What was found, as JSON."""
    return Response(_encoder.encode(found), status, media_type=JSON)


def refusal(problem: Problem) -> Response:
    """A problem as an answer."""
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.code is Code.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(_encoder.encode(problem.told()), problem.status, headers, JSON)


def budget_headers(budget: Budget) -> list[tuple[bytes, bytes]]:
    """What is left of the caller's limit (draft-ietf-httpapi-ratelimit-headers), as ASGI has it."""
    return [
        (b"ratelimit-limit", b"%d" % budget.limit),
        (b"ratelimit-remaining", b"%d" % budget.left),
        (b"ratelimit-reset", b"%d" % budget.seconds),
    ]


async def once(request: Request, caller: Caller, do: Callable[[], Awaitable[Response]]) -> Response:
    """Do what is asked, once for each Idempotency-Key: again, it is the first answer, to the byte.

    A problem is an answer too, but for one by which nothing was tried.
    """
    key = request.headers.get(IDEMPOTENCY, "")
    if not key:
        return await do()
    gateway, user = gateway_of(request), caller.user.name
    said = f"{request.method} {request.url.path}\n".encode() + await request.body()
    before = gateway.idempotency.begin(user, key, said, time.time_ns())
    if before is not None:
        return Response(before.body, before.status, {"Idempotent-Replay": "true"}, JSON)
    try:
        response = await do()
    except Problem as problem:
        if problem.code in (Code.AWAY, Code.TOO_MANY, Code.BAD_REQUEST):
            gateway.idempotency.give_up(user, key)
        elif problem.code is not Code.FATE_UNKNOWN:
            response = refusal(problem)
            answered = Answered(response.status_code, bytes(response.body))
            gateway.idempotency.keep(user, key, answered)
        raise
    gateway.idempotency.keep(user, key, Answered(response.status_code, bytes(response.body)))
    return response
