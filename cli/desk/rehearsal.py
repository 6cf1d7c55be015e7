"""Dry runs: what a command of the operator would do, tried on a copy of the venue's state.

The copy is made of the journal, in this process; a running venue is asked only who is asking.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import typer
from msgspec.structs import replace

from venue.accounts import account_name
from venue.admin import client
from venue.admin.answers import SessionAnswer, SessionRow
from venue.admin.operator_answers import OperatorsAnswer
from venue.admin.operator_requests import OperatorsQuery
from venue.admin.requests import SessionQuery
from venue.cli.json_output import print_json
from venue.cli.options import ANSWER_SECONDS, refuse, said_when_slow
from venue.cli.records.recorded import journal_directory, refusing, warn_on_stderr
from venue.cli.text.tail import describe
from venue.clock import Clock
from venue.domain.commands import (
    AdminCommand,
    Approve,
    Decline,
    DisableSession,
    EnableSession,
    LogOutSession,
    ResetSession,
)
from venue.domain.events import NO_SYMBOL, ActionHeld, AnyEvent, CommandRefused, symbol_of, type_of
from venue.domain.overview import InstrumentRow, MemberRow
from venue.domain.role import Role
from venue.domain.verbs.approvals import role_to_decide
from venue.engine.engine import Engine
from venue.engine.state.engine_state import EngineState
from venue.engine.views import overview
from venue.near_names import unknown
from venue.printable import shown
from venue.replay.replay import Replay
from venue.replay.rerun import rehearse, state_now

EVENTS_SHOWN = 20
EMPTY: Mapping[str, Any] = {}
_SOMEBODY_ELSE = "<another operator>"


def copy_of(data_dir: Path) -> Replay:
    """The venue's state as its journal has it now; ends with status 1 where that cannot be."""
    warn_on_stderr()
    with refusing(), said_when_slow("a copy of the state is being made from the journal"):
        return state_now(journal_directory(data_dir))


def members_then(data_dir: Path) -> Sequence[MemberRow]:
    """All members in the journal."""
    return overview.members(copy_of(data_dir).engine.state)


def instruments_then(data_dir: Path) -> Sequence[InstrumentRow]:
    """All instruments in the journal."""
    return overview.instruments(copy_of(data_dir).engine.state)


def print_rehearsal(
    data_dir: Path,
    commands: Sequence[AdminCommand | ResetSession],
    as_json: bool,
    more: Mapping[str, Any] = EMPTY,
) -> None:
    """Print what the commands would do one after the other; status 1 where one is refused.

    more: what else the JSON is to have.
    """
    copy = copy_of(data_dir)
    now_ns = Clock(copy.timestamp_ns).now_ns()
    events: list[AnyEvent] = []
    refused = ""
    asker = _asker(data_dir)
    commands = [
        _owned(_signed(command, asker), copy.engine.state, data_dir) for command in commands
    ]
    for command in commands:
        refused = _denial(copy.engine.state, command, asker)
        if refused:
            break
        came = _try(copy.engine, command, now_ns, data_dir)
        refused = "; ".join(each.detail for each in came if isinstance(each, CommandRefused))
        if refused:
            break
        events += came
    bodies = [body_of(command) for command in commands]
    told = {"ok": not refused, "dry_run": True, "commands": bodies, **more}
    print_events(copy, events, told, as_json)
    if refused:
        refuse(refused)


def body_of(command: AdminCommand | ResetSession) -> dict[str, Any]:
    """A command with all that it says, also what is as usual; what it does not say is left out."""
    fields = msgspec.structs.asdict(command)
    said = {name: value for name, value in fields.items() if value is not None}
    body: dict[str, Any] = msgspec.to_builtins({"type": type(command).__name__, **said})
    return body


def print_events(copy: Replay, events: list[AnyEvent], told: dict[str, Any], as_json: bool) -> None:
    """Events that would come, in words and counted; as JSON together with `told`."""
    counts = Counter(map(type_of, events))
    if as_json:
        place = {"seq": copy.seq, "events": [msgspec.to_builtins(each) for each in events]}
        print_json({**told, **place, "counts": dict(counts)})
        return
    if not events:  # it was refused: the caller says so
        return
    for event in events[:EVENTS_SHOWN]:
        symbol = "" if symbol_of(event) == NO_SYMBOL else f"  {symbol_of(event)}"
        text = describe(msgspec.to_builtins(event))
        typer.echo(shown(f"would be: {type_of(event)}{symbol}  {text}".rstrip()))
    if len(events) > EVENTS_SHOWN:
        kinds = ", ".join(f"{name} {number:,}" for name, number in counts.items())
        typer.echo(f"and so on, in all: {kinds}")
    typer.echo(f"nothing was changed; tried on the state after record {copy.seq:,}")


class _Asker(NamedTuple):
    """Who asks. role: None where no venue says."""

    name: str
    role: Role | None


def _asker(data_dir: Path) -> _Asker:
    """As the running venue knows him; where none runs, by his Unix account."""
    try:
        answer = client.ask(data_dir, OperatorsQuery(), ANSWER_SECONDS)
    except client.VenueUnreachable:
        return _Asker(account_name(os.geteuid()), None)
    if not isinstance(answer, OperatorsAnswer):
        refuse(answer.error)
    return _Asker(answer.you, answer.role)


def _signed(command: AdminCommand | ResetSession, asker: _Asker) -> AdminCommand | ResetSession:
    if isinstance(command, ResetSession):
        return replace(command, operator=asker.name)
    return replace(command, operator=asker.name, uid=os.geteuid())


def _owned(
    command: AdminCommand | ResetSession, state: EngineState, data_dir: Path
) -> AdminCommand | ResetSession:
    """With the member of a session beside trading, as the venue writes it."""
    if not isinstance(command, LogOutSession | DisableSession | EnableSession):
        return command
    beside = _session_beside(command.session, data_dir)
    if beside is None:
        return command
    if isinstance(command, LogOutSession) and not beside.logged_on:
        refuse(f"session {command.session} is not logged on")
    return replace(command, owner=beside.member)


def _session_beside(name: str, data_dir: Path) -> SessionRow | None:
    """A session of market data or drop copies, as the running venue has it; None: it trades.

    Ends with status 1 where the venue says that there is none, or that its process is away.
    """
    try:
        answer = client.ask(data_dir, SessionQuery(name), ANSWER_SECONDS)
    except client.VenueUnreachable:
        return None
    if not isinstance(answer, SessionAnswer):
        refuse(answer.error)
    return None if answer.session.kind == "trading" else answer.session


def _denial(state: EngineState, command: AdminCommand | ResetSession, asker: _Asker) -> str:
    """Why the asker's role does not let him; empty where it does, or is not known."""
    needed = command.least_role
    if isinstance(command, Approve | Decline):
        needed = role_to_decide(command, state.pending.get(command.action_id))
    if asker.role is None or asker.role.covers(needed):
        return ""
    name = type(command).__name__
    return f"{name} is denied: it needs the role {needed}, {asker.name} is {asker.role}"


def _try(
    engine: Engine, command: AdminCommand | ResetSession, now_ns: int, data_dir: Path
) -> list[AnyEvent]:
    if isinstance(command, ResetSession):
        refusal = _check_reset(engine.state, command.session, data_dir)
        if refusal is not None:
            return [CommandRefused(*engine.state.stamp(), "ResetSession", refusal)]
    events = rehearse(engine, command, now_ns)
    held = next((each for each in events if isinstance(each, ActionHeld)), None)
    if held is not None:
        events += rehearse(engine, Approve(held.action_id, _SOMEBODY_ELSE), now_ns)
    return events


def _check_reset(state: EngineState, session: str, data_dir: Path) -> str | None:
    """The same as the venue itself would say."""
    known = _session_beside(session, data_dir) or state.sessions.get(session)
    if known is None:
        return f"session {session} is {unknown(session, state.sessions)}"
    return f"session {session} is logged on; log it out first" if known.logged_on else None
