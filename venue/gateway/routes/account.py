"""What is the member's: fills, balances, movements, trades; and keys of its users."""

import itertools
import time
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from venue.gateway.answers import (
    BalanceList,
    FillList,
    KeyMade,
    MovementList,
    Nothing,
    TradeList,
)
from venue.gateway.callers import Caller
from venue.gateway.context import address_of, answer, caller_of, gateway_of
from venue.gateway.described import OF_CALLERS, OF_LEDGER, told
from venue.gateway.kraken.signatures import new_secret
from venue.gateway.order import Fill
from venue.gateway.problems import Code, Problem
from venue.gateway.readings import MOST_ROWS
from venue.gateway.scopes import Scope
from venue.gateway.strict_route import StrictRoute
from venue.gateway.users import UserRefused

router = APIRouter(prefix="/v1", tags=["account"], route_class=StrictRoute)
Most = Annotated[int, Query(ge=1, le=MOST_ROWS, alias="limit", description="Rows of a page.")]
Cursor = Annotated[
    str, Query(pattern=r"^\d{0,18}$", description="Cursor of the last row of the page before.")
]

LineCursor = Annotated[
    str,
    Query(
        pattern=r"^(\d{1,18}\.\d{1,5})?$", description="Cursor of the last row of the page before."
    ),
]


class NewKey(BaseModel):
    """An API key to be made."""

    model_config = ConfigDict(extra="forbid")

    scopes: list[Scope] = Field(min_length=1)
    label: str = Field(default="", max_length=64)
    profile: Literal["venue", "kraken"] = Field(
        default="venue", description="who it is for: clients of this API, or of Kraken's"
    )


@router.get(
    "/fills",
    summary="Executions since the gateway was started",
    responses=told(FillList, OF_CALLERS),
)
async def fills(
    request: Request,
    behind: Annotated[
        str,
        Query(pattern=r"^[!-~]{0,64}$", description="exec_id of the last row of the page before."),
    ] = "",
    most: Most = 100,
) -> Response:
    """The member's executions over this gateway, the newest first; booked ones: /v1/trades."""
    caller = await _reader(request)
    found: Iterator[Fill] = reversed(gateway_of(request).sessions.of(caller.member).fills)
    if behind:
        found = itertools.dropwhile(lambda fill: fill.exec_id != behind, found)
        next(found, None)
    return answer(FillList(list(itertools.islice(found, most))))


@router.get("/balances", summary="What the member holds", responses=told(BalanceList, OF_LEDGER))
async def balances(request: Request) -> Response:
    """By account and asset, as the ledger has booked it."""
    caller = await _reader(request)
    return answer({"balances": await gateway_of(request).readings.balances(caller.member)})


@router.get("/movements", summary="Changes of balances", responses=told(MovementList, OF_LEDGER))
async def movements(request: Request, behind: LineCursor = "", most: Most = 100) -> Response:
    """What has changed the member's balances, the newest first."""
    caller = await _reader(request)
    readings = gateway_of(request).readings
    rows = await readings.movements(caller.member, behind, most)
    return answer({"movements": rows})


@router.get("/trades", summary="Booked trades", responses=told(TradeList, OF_LEDGER))
async def trades(request: Request, behind: Cursor = "", most: Most = 100) -> Response:
    """The member's trades as busts and corrections have left them, the newest first."""
    caller = await _reader(request)
    rows = await gateway_of(request).readings.trades(caller.member, int(behind or 0), most)
    return answer({"trades": rows})


@router.post(
    "/keys",
    status_code=201,
    summary="Make an API key",
    responses=told(KeyMade, OF_CALLERS, status=201),
)
async def make_key(request: Request, wanted: Annotated[NewKey, Body()]) -> Response:
    """A key for a robot of the calling user. Its secret is shown now and never again."""
    caller = await _himself(request)
    gateway, now_ns = gateway_of(request), time.time_ns()
    secret = new_secret() if wanted.profile == "kraken" else ""
    try:
        made = gateway.users.add_key(
            caller.user, frozenset(wanted.scopes), wanted.label, now_ns, secret
        )
    except UserRefused as error:
        raise Problem(Code.BAD_REQUEST, str(error), field="scopes") from error
    gateway.store.note("key_made", caller.user.name, address_of(request), made.key, now_ns)
    return answer(KeyMade(made.key, made.secret, sorted(made.scopes)), 201)


@router.delete(
    "/keys/{key}",
    summary="End an API key",
    responses=told(Nothing, (*OF_CALLERS, Code.NOT_FOUND)),
)
async def end_key(request: Request, key: str) -> Response:
    """End a key of the calling user, at once."""
    caller = await _himself(request)
    gateway, now_ns = gateway_of(request), time.time_ns()
    if not gateway.users.revoke_key(caller.user, key, now_ns):
        raise Problem(Code.NOT_FOUND, "no such key")
    gateway.tokens.end_all_by(key, now_ns)
    gateway.store.note("key_ended", caller.user.name, address_of(request), key, now_ns)
    return answer(Nothing())


async def _reader(request: Request) -> Caller:
    caller = await caller_of(request)
    caller.need(Scope.READ)
    return caller


async def _himself(request: Request) -> Caller:
    """Who may change keys: by a login, for a key must not make others that outlive it."""
    caller = await caller_of(request)
    caller.need(Scope.OPERATE)
    if caller.key:
        raise Problem(Code.FORBIDDEN, "keys are made and ended by who logs in, not by a key")
    return caller
