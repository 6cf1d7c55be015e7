"""A user's own: his password, his logins, his keys; and how somebody applies to become a user."""

import time
from typing import Annotated

from fastapi import APIRouter, Body, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from venue.gateway.answers import Applied, Ended, KeyList, KeyTold, LoginList, Nothing
from venue.gateway.callers import OF_REGISTRATIONS, Caller
from venue.gateway.context import address_of, answer, caller_of, gateway_of, limit
from venue.gateway.described import OF_CALLERS, PUBLIC, told
from venue.gateway.problems import Code, Problem
from venue.gateway.strict_route import StrictRoute
from venue.gateway.users import APPLICANTS, NAME, VENUE, State, UserRefused

router = APIRouter(prefix="/v1", tags=["users"], route_class=StrictRoute)
Secret = Annotated[str, Field(min_length=1, max_length=256)]


class NewPassword(BaseModel):
    """The password that is, and the one that is to be."""

    model_config = ConfigDict(extra="forbid")

    current: Secret
    new: Secret


class Application(BaseModel):
    """An application to become a user: of a member that there is, or of a new one."""

    model_config = ConfigDict(extra="forbid")

    user: str = Field(pattern=f"^{NAME.pattern}$", examples=["dana"])
    member: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$", examples=["ALPHA"])
    password: Secret
    legal_name: str = Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$", examples=["Dana Example"])


@router.post("/me/password", summary="Change the password", responses=told(Ended, OF_CALLERS))
async def change_password(request: Request, wanted: Annotated[NewPassword, Body()]) -> Response:
    """Change the calling user's password, and end all his other logins. How many those were."""
    caller = await _himself(request)
    gateway, address, name = gateway_of(request), address_of(request), caller.user.name
    await gateway.callers.prove(name, wanted.current, address)
    if wanted.new == wanted.current:
        raise Problem(Code.BAD_REQUEST, "it is the one that he has", field="new")
    try:
        await gateway.callers.hashing(gateway.users.set_password, name, wanted.new)
    except UserRefused as error:
        raise Problem(Code.BAD_REQUEST, str(error), field="new") from error
    now_ns = time.time_ns()
    ended = gateway.tokens.end_all_of(name, now_ns, but=caller.family)
    gateway.store.note("password_set", name, address, f"{len(ended)} logins ended", now_ns)
    return answer(Ended(len(ended)))


@router.get("/me/logins", summary="Own logins", responses=told(LoginList, OF_CALLERS))
async def logins(request: Request) -> Response:
    """The calling user's logins that have not ended."""
    caller = await _himself(request)
    found = gateway_of(request).logins.of(caller.user.name, caller.family, time.time_ns())
    return answer(LoginList(found))


@router.delete(
    "/me/logins/{login}",
    summary="End a login",
    responses=told(Nothing, (*OF_CALLERS, Code.NOT_FOUND)),
)
async def end_login(
    request: Request, login: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
) -> Response:
    """End one of the calling user's logins, with all its tokens."""
    caller = await _himself(request)
    gateway, now_ns = gateway_of(request), time.time_ns()
    if not gateway.logins.end(caller.user.name, login, now_ns):
        raise Problem(Code.NOT_FOUND, "no such login")
    gateway.store.note("login_ended", caller.user.name, address_of(request), login, now_ns)
    return answer(Nothing())


@router.delete("/me/logins", summary="End all other logins", responses=told(Ended, OF_CALLERS))
async def end_others(request: Request) -> Response:
    """End all logins of the calling user but this one."""
    caller = await _himself(request)
    gateway, now_ns = gateway_of(request), time.time_ns()
    ended = gateway.tokens.end_all_of(caller.user.name, now_ns, but=caller.family)
    detail = f"{len(ended)} of them"
    gateway.store.note("logins_ended", caller.user.name, address_of(request), detail, now_ns)
    return answer(Ended(len(ended)))


@router.get("/keys", summary="Own API keys", responses=told(KeyList, OF_CALLERS))
async def keys(request: Request) -> Response:
    """The calling user's good keys, without their secrets."""
    caller = await _himself(request)
    rows = gateway_of(request).users.keys_of(caller.user)
    return answer(
        KeyList(
            [
                KeyTold(row["key"], row["scopes"].split(), row["label"], row["created_ns"])
                for row in rows
            ]
        )
    )


@router.post(
    "/registrations",
    status_code=202,
    summary="Apply to become a user",
    responses=told(Applied, (*PUBLIC, Code.FORBIDDEN, Code.CONFLICT), status=202),
)
async def register(request: Request, wanted: Annotated[Application, Body()]) -> Response:
    """Apply; who it is has to be shown to the venue, whose operator then lets him in or not. Where
    [gateway] registration is off, nobody applies here."""
    gateway, address, now_ns = gateway_of(request), address_of(request), time.time_ns()
    limit(request, OF_REGISTRATIONS, "registrations", address)
    if not gateway.takes_registrations or wanted.member == VENUE:
        raise Problem(Code.FORBIDDEN, "nobody can apply here: ask the venue")

    def add() -> None:
        gateway.users.add(
            wanted.user,
            wanted.member,
            APPLICANTS,
            wanted.password,
            now_ns,
            state=State.APPLIED,
            legal_name=wanted.legal_name,
        )

    try:
        await gateway.callers.hashing(add)
    except UserRefused as error:
        is_taken = gateway.users.get(wanted.user) is not None
        code, field = (Code.CONFLICT, "user") if is_taken else (Code.BAD_REQUEST, "password")
        raise Problem(code, str(error), field=field) from error
    gateway.store.note("applied", wanted.user, address, wanted.member, now_ns)
    return answer(Applied(wanted.user, wanted.member, State.APPLIED), 202)


async def _himself(request: Request) -> Caller:
    """Who has logged in; a key, which may lie on a robot's disk, does not do."""
    caller = await caller_of(request)
    if caller.key or not caller.family:
        raise Problem(Code.FORBIDDEN, "it takes a login, not a key")
    return caller
