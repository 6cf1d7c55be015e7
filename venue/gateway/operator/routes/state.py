"""How the venue is: processes with lag, alerts, breaks, who operates it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from venue.admin.operator_answers import OperatorsAnswer
from venue.admin.operator_requests import OperatorsQuery
from venue.clock import Clock
from venue.domain.role import Role
from venue.gateway.operator import answers
from venue.gateway.operator.access import Name, note, operating_of, operator_of, told
from venue.gateway.problems import Code, Problem
from venue.gateway.strict_route import StrictRoute
from venue.health import health
from venue.health_told import health_told
from venue.reconcile.break_rows import break_row
from venue.reconcile.breaks import Break, BreakBook, BreaksUnreadable, NoSuchBreak, State
from venue.servers import ServerError
from venue.servers.runtime import find_running

router = APIRouter(route_class=StrictRoute)


class Assignment(BaseModel):
    """Whose a break is from now on."""

    model_config = ConfigDict(extra="forbid")

    owner: str = Field(min_length=1, max_length=64, examples=["dana"])


class Closing(BaseModel):
    """Why a break is closed."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(pattern=r"\S", max_length=1_000, examples=["restored from the backup"])


@router.get("/me", summary="Who operates", responses=answers.read(answers.OperatorTold))
async def me(request: Request) -> Response:
    """The operator who calls, and his role at the venue."""
    caller = await operator_of(request)
    role = operating_of(request).role_of(caller.user.name)
    return told({"operator": caller.user.name, "role": role})


@router.get("/status", summary="How the venue is", responses=answers.read(answers.VenueHealth))
async def status(request: Request) -> Response:
    """Processes with position and lag, servers, disk, sessions, what is blocked; and the guards
    of the gateway. As `venue status --json`."""
    name = (await operator_of(request)).user.name
    operating = operating_of(request)
    data_dir = operating.place.path
    try:
        running = find_running(data_dir)
    except ServerError as error:
        raise Problem(Code.AWAY, str(error)) from error
    if running is None:
        raise Problem(Code.AWAY, "no venue is running here", retry_after=5)
    found = await operating.files.run(lambda: health(data_dir, running, name))
    return told({**health_told(found, running), "guards": operating.guards()})


@router.get(
    "/alerts", summary="What somebody has to look at", responses=answers.read(answers.Printed)
)
async def alerts(request: Request) -> Response:
    """What stands now, and what alerted last. As `venue alerts --json`."""
    await operator_of(request)
    return told(await operating_of(request).command_line.told("alerts", "--json"))


@router.get("/operators", summary="Who may operate", responses=answers.read(OperatorsAnswer))
async def operators(request: Request) -> Response:
    """The operators of the venue, and who asks."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, OperatorsQuery()))


@router.get(
    "/breaks", summary="What reconciliation has found", responses=answers.read(answers.BreakList)
)
async def breaks(
    request: Request,
    every: Annotated[bool, Query(alias="all", description="Also those that are gone.")] = False,
) -> Response:
    """Breaks with owner and history, the oldest first."""
    await operator_of(request)
    operating = operating_of(request)
    book = BreakBook(operating.place.breaks)
    try:
        found = await operating.files.run(book.breaks)
    except BreaksUnreadable as error:
        raise Problem(Code.AWAY, str(error)) from error
    rows = [break_row(each) for each in found if every or each.state is State.OPEN]
    return told({"breaks": rows})


@router.post(
    "/breaks/{break_id}/assign",
    summary="Give a break to somebody",
    responses=answers.done(answers.BreakTold),
)
async def assign(
    request: Request, break_id: Name, wanted: Annotated[Assignment, Body()]
) -> Response:
    """The break, with whose it is now."""
    caller = await operator_of(request, Role.OPERATOR)
    note(request, caller, f"breaks assign {break_id} to {wanted.owner}")
    book = BreakBook(operating_of(request).place.breaks)
    by, now_ns = caller.user.name, Clock().now_ns()
    return await _changed(request, lambda: book.assign(break_id, wanted.owner, by, now_ns))


@router.post(
    "/breaks/{break_id}/close", summary="Close a break", responses=answers.done(answers.BreakTold)
)
async def close(request: Request, break_id: Name, wanted: Annotated[Closing, Body()]) -> Response:
    """The break, closed with the reason; found again, it is open again."""
    caller = await operator_of(request, Role.OPERATOR)
    note(request, caller, f"breaks close {break_id}: {wanted.reason}")
    book = BreakBook(operating_of(request).place.breaks)
    by, now_ns = caller.user.name, Clock().now_ns()
    return await _changed(request, lambda: book.close(break_id, wanted.reason, by, now_ns))


async def _changed(request: Request, change: Callable[[], Break]) -> Response:
    try:
        found = await operating_of(request).files.run(change)
    except NoSuchBreak as error:
        raise Problem(Code.NOT_FOUND, str(error), field="break_id") from error
    except (BreaksUnreadable, OSError) as error:
        raise Problem(Code.AWAY, str(error)) from error
    return told(break_row(found))
