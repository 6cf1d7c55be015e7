"""The trading day, the timetable in force, and the days that settle."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from venue.admin.requests import StatusQuery
from venue.admin.settlement_requests import SettlementQuery
from venue.clock import Clock, trading_day
from venue.gateway.operator import answers
from venue.gateway.operator.access import operating_of, operator_of, told
from venue.gateway.problems import Code, Problem
from venue.settlement_days import settlement_days
from venue.timetable import change_told, changes, effective_changes

router = APIRouter()


@router.get(
    "/calendar",
    summary="Trading days and settlement days",
    responses=answers.read(answers.CalendarTold),
)
async def calendar(
    request: Request,
    count: Annotated[int, Query(ge=1, le=100, description="Changes of the timetable.")] = 10,
    days: Annotated[int, Query(ge=1, le=366, description="Days of settlement.")] = 14,
) -> Response:
    """Day and phase, what the timetable does next, its coming changes, and which days settle."""
    caller = await operator_of(request)
    line = operating_of(request).line
    now = await line.ask(caller.user.name, StatusQuery())
    settling = await line.ask(caller.user.name, SettlementQuery())
    now_ns, table = Clock().now_ns(), now.timetable
    coming = [] if table is None else list(islice(changes(table, now_ns), count))
    effective = () if table is None else effective_changes(
        table, now_ns, now.phase, now.trading_day
    )  # fmt: skip
    following = next(iter(effective), None)
    first = settling.trading_day or trading_day(now_ns)
    try:
        settles = settlement_days(settling.rules, first, days)
    except (ValueError, OverflowError) as error:
        raise Problem(
            Code.AWAY, f"the trading day {first} is none that the calendar has"
        ) from error
    return told(
        {
            "trading_day": now.trading_day,
            "phase": now.phase,
            "timetable": table,
            "next": None if following is None else change_told(following),
            "changes": [change_told(each) for each in coming],
            "settlement_days": settles,
        }
    )
