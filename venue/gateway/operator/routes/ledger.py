"""What clearing has booked: trades, and cycles of settlement; what is to settle trading says."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Engine
from starlette.responses import Response

from venue.admin.settlement_requests import (
    FailsAnswer,
    FailsQuery,
    SettlementAnswer,
    SettlementQuery,
)
from venue.clearing.cycles import booked_cycle, booked_cycles, booked_fails, cycle_told, fail_told
from venue.gateway.context import gateway_of
from venue.gateway.operator import answers
from venue.gateway.operator.access import Most, Wanted, operating_of, operator_of, told
from venue.gateway.operator.trades import TradesWanted, booked_trades
from venue.gateway.problems import Code, Problem

router = APIRouter()
T = TypeVar("T")


@router.get(
    "/trades", summary="Trades of all members", responses=answers.read(answers.BookedTrades)
)
async def trades(
    request: Request,
    most: Most = 100,
    behind: Annotated[int, Query(ge=0, lt=1 << 63, description="event_seq of the last row.")] = 0,
    member: Wanted = "",
    symbol: Wanted = "",
    trading_day: Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    match_id: Wanted = "",
    order_id: Wanted = "",
) -> Response:
    """Booked trades as busts and corrections have left them, the newest first."""
    await operator_of(request)
    wanted = TradesWanted(most, behind, member, symbol, trading_day, match_id, order_id)
    return told({"trades": await _read(request, lambda engine: booked_trades(engine, wanted))})


@router.get("/settlement", summary="What is to settle", responses=answers.read(SettlementAnswer))
async def settlement(request: Request) -> Response:
    """Obligations by due date, the cycle that runs, and what came of the last one."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, SettlementQuery()))


@router.get("/settlement/fails", summary="What has failed", responses=answers.read(FailsAnswer))
async def fails(request: Request, member: Wanted = "") -> Response:
    """What a cycle should have settled and is still owed, the oldest first."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, FailsQuery(member)))


@router.get("/settlement/cycles", summary="Past cycles", responses=answers.read(answers.CycleList))
async def cycles(request: Request, most: Most = 20) -> Response:
    """The last cycles as they are booked, the last one first."""
    await operator_of(request)
    found = await _read(request, lambda engine: booked_cycles(engine, most))
    return told({"cycles": [cycle_told(each) for each in found]})


@router.get(
    "/settlement/cycles/{number}", summary="A past cycle", responses=answers.read(answers.CycleTold)
)
async def cycle(
    request: Request, number: Annotated[int, Path(ge=1, lt=1 << 63, description="Of the cycle.")]
) -> Response:
    """A cycle as it is booked, with its fails."""
    await operator_of(request)
    found, left = await _read(
        request, lambda engine: (booked_cycle(engine, number), booked_fails(engine, number))
    )
    if found is None:
        raise Problem(Code.NOT_FOUND, f"the ledger has no cycle {number}", field="number")
    return told({**cycle_told(found), "fails": [fail_told(each) for each in left]})


async def _read(request: Request, query: Callable[[Engine], T]) -> T:
    """What a query of the ledger finds. Raises Problem AWAY."""
    ledger = operating_of(request).ledger
    return await gateway_of(request).readings.ask(lambda: query(ledger))
