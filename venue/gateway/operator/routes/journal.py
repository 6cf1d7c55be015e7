"""The record: a book as it was at a sequence or time, and records in words.

The journal is read, and executed again, by the command line: in a process beside this one.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from venue.gateway.operator import answers
from venue.gateway.operator.access import Name, Wanted, operating_of, operator_of, told
from venue.gateway.problems import Code, Problem

router = APIRouter()
Sequence = Annotated[int, Query(ge=1, lt=1 << 63)]
Moment = Annotated[
    str,
    Query(
        pattern=r"^[0-9TtZz:.,+ -]{0,40}$",
        description="ISO 8601, or HH:MM[:SS[.ffffff]] of the trading day, UTC.",
        examples=["2026-01-31T09:30:00.25Z"],
    ),
]


@router.get("/book/{symbol}", summary="A book as it was", responses=answers.read(answers.Printed))
async def book(
    request: Request,
    symbol: Name,
    at: Moment = "",
    to: Annotated[int, Query(ge=0, lt=1 << 63, description="After this record; 0: now.")] = 0,
    depth: Annotated[int, Query(ge=1, le=1_000)] = 10,
) -> Response:
    """The book at a moment or after a record; of neither: as trading has it now."""
    await operator_of(request)
    if at and to:
        raise Problem(Code.BAD_REQUEST, "give a moment or a record", field="at")
    when = [f"--at={at}"] if at else [f"--to={to}"] if to else []
    arguments = ("book", symbol, *when, f"--depth={depth}", "--json")
    return told(await operating_of(request).command_line.told(*arguments))


@router.get("/journal", summary="Records of the journal", responses=answers.read(answers.Printed))
async def journal(
    request: Request,
    first: Annotated[Sequence, Query(alias="from", description="First record.")] = 1,
    most: Annotated[int, Query(ge=1, le=500, alias="limit", description="Records.")] = 50,
    symbol: Wanted = "",
) -> Response:
    """Records with their commands, who asked for them, and their events."""
    await operator_of(request)
    of = [f"--symbol={symbol}"] if symbol else []
    arguments = ("journal", "show", f"--from={first}", f"--limit={most}", *of, "--json")
    return told(await operating_of(request).command_line.told(*arguments))
