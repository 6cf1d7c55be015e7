"""Who may come in as an operator: a user of the venue with the scope operate, known to trading.

Knows requests of HTTP. What an act needs is trading's to say; what is only read needs a viewer.
"""

import time
from typing import Annotated, Any

import msgspec
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from venue.domain.role import Role
from venue.gateway.callers import Caller
from venue.gateway.context import address_of, answer, caller_of, gateway_of
from venue.gateway.operating.ways import Operating
from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope
from venue.gateway.users import VENUE
from venue.named_codes import named

NAME = r"^[A-Za-z0-9][!-.0-~]{0,63}$"
"""A name of the venue's: printable, without a slash, and no option of a command line."""
Name = Annotated[str, Path(pattern=NAME)]
Wanted = Annotated[str, Query(pattern=rf"{NAME}|^$")]
Most = Annotated[int, Query(ge=1, le=500, alias="limit", description="Rows of a page.")]


def operating_of(request: Request) -> Operating:
    """The operators' ways of the gateway that has taken a request."""
    found = gateway_of(request).operating
    assert found is not None, "these paths are there where operators are"
    return found


async def operator_of(request: Request, least: Role = Role.VIEWER) -> Caller:
    """Who operates. Raises Problem: UNAUTHENTICATED, FORBIDDEN, TOO_MANY, AWAY."""
    caller = await caller_of(request)
    caller.need(Scope.OPERATE)
    if caller.member != VENUE:
        raise Problem(Code.FORBIDDEN, f"{caller.user.name} is a member's user, not the venue's")
    name = caller.user.name
    role = operating_of(request).role_of(name)
    if role is None:
        raise Problem(Code.FORBIDDEN, f"{name} is no operator of this venue: venue operator add")
    if not role.covers(least):
        raise Problem(Code.FORBIDDEN, f"it needs the role {least}, {name} is {role}")
    return caller


def note(request: Request, caller: Caller, what: str) -> None:
    """Keep among the security events what an operator asks to be done, and from where."""
    gateway_of(request).store.note(
        "operator_act", caller.user.name, address_of(request), what, time.time_ns()
    )


def told(found: Any, status: int = 200) -> Response:
    """What was found, as the command line prints it with --json: FIX codes have their names."""
    whole: dict[str, Any] = msgspec.to_builtins(found, str_keys=True)
    return answer({"ok": True, **named(whole)}, status)
