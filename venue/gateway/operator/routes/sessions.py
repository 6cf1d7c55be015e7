"""FIX sessions: who is on, from where, their numbers and messages; reset and password."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from venue.admin.answers import (
    SecretAnswer,
    SessionAnswer,
    SessionResetAnswer,
    SessionsAnswer,
)
from venue.admin.requests import ResetNumbers, SessionQuery, SessionsQuery, SetPassword
from venue.fix.names import Names
from venue.gateway.operator import answers
from venue.gateway.operator.access import Most, Name, note, operating_of, operator_of, told
from venue.gateway.operator.messages import MessagesWanted, latest_messages
from venue.gateway.problems import Code, Problem
from venue.gateway.strict_route import StrictRoute
from venue.journal.compressed import CompressionDamage
from venue.settings.settings import shipped

router = APIRouter(route_class=StrictRoute)


class Reset(BaseModel):
    """Why numbers are reset."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=1_000)


class SessionPassword(BaseModel):
    """A session's password. at_once: the old one ends now, else both are good for a time."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(min_length=1, max_length=256)
    must_change: bool = False
    at_once: bool = False
    reason: str = Field(default="", max_length=1_000)


@cache
def dictionary() -> Names:
    """The names of FIX 4.4, read once."""
    return Names.read(shipped("spec/FIX44.xml"))


@router.get("/sessions", summary="FIX sessions", responses=answers.read(SessionsAnswer))
async def sessions(request: Request) -> Response:
    """Sessions with state, address, next MsgSeqNum each way, open orders."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, SessionsQuery()))


@router.get("/sessions/{session}", summary="A FIX session", responses=answers.read(SessionAnswer))
async def session(request: Request, session: Name) -> Response:
    """One session: address, numbers, what is unread, refused logons, how it was ended."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, SessionQuery(session)))


@router.get(
    "/sessions/{session}/messages",
    summary="Messages of a session",
    responses=answers.read(answers.MessageList),
)
async def messages(
    request: Request,
    session: Name,
    most: Most = 50,
    msg_type: Annotated[str, Query(pattern=r"^[A-Za-z0-9]{0,3}$", description="35")] = "",
    way: Annotated[str, Query(pattern="^(in|out)?$", description="in: from the member")] = "",
    text: Annotated[str, Query(max_length=64, description="In a value, or TAG=VALUE.")] = "",
) -> Response:
    """The latest messages that are like this, decoded, the last one last. Secrets are masked.

    Of a session that has never spoken there are none; one that is unknown is not found.
    """
    caller = await operator_of(request)
    operating = operating_of(request)
    file = operating.place.session_log(session)
    wanted = MessagesWanted(most, msg_type, way, text)
    try:
        found = await operating.files.run(lambda: latest_messages(file, wanted, dictionary()))
    except FileNotFoundError:
        await operating.line.ask(caller.user.name, SessionQuery(session))
        found = []
    except (CompressionDamage, OSError) as error:
        raise Problem(Code.AWAY, f"the messages of {session} cannot be read") from error
    return told({"messages": found})


@router.post(
    "/sessions/{session}/reset",
    summary="Reset a session's numbers",
    responses=answers.done(SessionResetAnswer),
)
async def reset(request: Request, session: Name, wanted: Annotated[Reset, Body()]) -> Response:
    """Take a logged-off session's sequence numbers back to 1, both ways."""
    caller = await operator_of(request)
    note(request, caller, f"session reset {session}: {wanted.reason}")
    asked = ResetNumbers(session, reason=wanted.reason)
    return told(await operating_of(request).line.ask(caller.user.name, asked))


@router.post(
    "/sessions/{session}/password",
    summary="Set a session's password",
    responses=answers.done(SecretAnswer),
)
async def password(
    request: Request, session: Name, wanted: Annotated[SessionPassword, Body()]
) -> Response:
    """Set the password with which a session logs on; nobody is logged out. It is never noted."""
    caller = await operator_of(request)
    note(request, caller, f"session password {session}: {wanted.reason}")
    asked = SetPassword(
        session,
        wanted.password,
        must_change=wanted.must_change,
        reason=wanted.reason,
        at_once=wanted.at_once,
    )
    return told(await operating_of(request).line.ask(caller.user.name, asked))
