"""What the admin socket answers: questions about the running venue, and commands of the operator.

Reads the engine between two batches and writes only through the sequencer's inbox. Wired by app.py.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import msgspec

from venue.admin import requests
from venue.admin.answers import (
    Answer,
    ConfigurationAnswer,
    DefaultsAnswer,
    Done,
    Incident,
    RecoveryFacts,
    Refusal,
    SessionAnswer,
    SessionResetAnswer,
    SessionRow,
    SessionsAnswer,
    SnapshotPlace,
    StatusAnswer,
)
from venue.admin.requests import AnyRequest
from venue.admin.typed import Reply
from venue.domain.by_name import made_of
from venue.domain.commands import (
    AddMember,
    AdminCommand,
    Deposit,
    DisableSession,
    EnableSession,
    LogOutSession,
    ResetSession,
    SetTimetable,
    Withdraw,
)
from venue.domain.configuration import Defined
from venue.domain.events import ActionApproved, AnyEvent, CommandRefused
from venue.domain.instrument_definition import InstrumentDefinition
from venue.domain.margin_rules import MarginRules
from venue.edge import FixEdge
from venue.engine.state.engine_state import EngineState
from venue.engine.views import overview
from venue.engine.views.configuration import differences, undefined
from venue.near_names import unknown
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer
from venue.sequencer.session_state import SessionBook
from venue.session_desk import SessionDesk
from venue.state_questions import StateQuestions
from venue.timetable import wrong_with


class Configured(NamedTuple):
    """What the configuration said at the start: what is defined, and what the new has of itself."""

    wanted: list[Defined]
    instrument: InstrumentDefinition
    member: AddMember
    margin: MarginRules | None = None


class Control:
    """Answers each kind of request by the function that its table has for it."""

    def __init__(
        self,
        state: EngineState,
        sequencer: Sequencer,
        edge: FixEdge,
        configured: Configured,
        durable: Callable[[], tuple[int, int]],
        recovery: dict[str, object],
        troubles: Callable[[], list[str]],
        last_snapshot: Callable[[], dict[str, int] | None],
        desk: SessionDesk,
        numbers: SessionBook,
    ) -> None:
        self._beside = desk.beside
        self._state = state
        self._sequencer = sequencer
        self._edge = edge
        self._sender = edge.sender
        self._configured = configured
        self._durable = durable
        self._recovery = msgspec.convert(recovery, RecoveryFacts)
        self._troubles = troubles
        self._last_snapshot = last_snapshot
        self._numbers = numbers
        self._started = time.monotonic()
        self._answers: dict[type[AnyRequest], Callable[[Any], Answer | Refusal]] = {
            **StateQuestions(state, durable).answers,
            requests.StatusQuery: self._status,
            requests.SessionsQuery: lambda query: SessionsAnswer(sessions=self._sessions()),
            requests.ConfigurationQuery: self._configuration,
            requests.DefaultsQuery: lambda query: DefaultsAnswer(
                instrument=configured.instrument,
                member=configured.member,
                margin=configured.margin,
            ),
        }
        self._effects: dict[type[AnyRequest], Callable[[Any, Reply], None]] = {
            requests.Submit: self._submit,
            requests.ResetNumbers: self._reset_numbers,
            requests.SessionQuery: self._session,
            requests.SetPassword: desk.secrets.answer,
            requests.SetKey: desk.secrets.answer,
            requests.ConfigureSessions: desk.live.configure,
        }

    def answer(self, request: AnyRequest, reply: Reply) -> None:
        """Reply at once to a query; to what has an effect when that is on disk."""
        query = self._answers.get(type(request))
        if query is not None:
            reply(query(request))
        else:
            self._effects[type(request)](request, reply)

    def _submit(self, request: requests.Submit, reply: Reply) -> None:
        command = request.command
        if isinstance(command, SetTimetable) and command.timetable is not None:
            wrong = wrong_with(command.timetable)
            if wrong is not None:
                reply(Refusal(error=wrong))
                return
        if isinstance(command, Deposit | Withdraw) and not command.reference:
            reply(Refusal(error="a deposit or withdrawal needs a reference that is used once"))
            return
        if isinstance(command, LogOutSession | DisableSession | EnableSession):
            owner = self._beside.owner_of(command.session)
            command = msgspec.structs.replace(command, owner=owner)
            if isinstance(command, LogOutSession) and owner:
                sequence = partial(self._sequence, command, reply)
                self._beside.if_on(command.session, sequence, reply)
                return
        self._sequence(command, reply)

    def _sequence(self, command: AdminCommand, reply: Reply) -> None:
        """Have a command executed; reply when what came of it is on disk, and done elsewhere."""

        def notify(events: list[AnyEvent]) -> None:
            refused = [event.detail for event in events if isinstance(event, CommandRefused)]
            if refused:
                approved = [each for each in events if isinstance(each, ActionApproved)]
                is_done = f"{approved[0].action_id} was approved, and refused: " if approved else ""
                reply(Refusal(error=is_done + self._with_names(command, "; ".join(refused))))
                return
            left = overview.still_open(self._state, events)
            done = Done(events=list(events), still_open=left)
            self._beside.applied(events, lambda: reply(done))

        self._sequencer.inbox.put(Input(None, 0, command=command, notify=notify))

    def _with_names(self, command: AdminCommand, refusal: str) -> str:
        """A refusal for an unknown session with the one that was probably meant."""
        if isinstance(command, LogOutSession | DisableSession | EnableSession):
            name = command.session
            if refusal == f"session {name} is unknown":
                return f"session {name} is {unknown(name, self._names())}"
        return refusal

    def _names(self) -> list[str]:
        return [*self._edge.names(), *self._beside.names()]

    def _reset_numbers(self, request: requests.ResetNumbers, reply: Reply) -> None:
        name = request.session
        if self._beside.owner_of(name):
            self._beside.reset(request, reply)
        elif name not in self._edge.names():
            reply(Refusal(error=f"session {name} is {unknown(name, self._names())}"))
        elif self._sender.is_logged_on(name):
            reply(Refusal(error=f"session {name} is logged on; log it out first"))
        else:
            self._sequencer.reset_session(ResetSession(name, request.operator, request.reason))
            reply(SessionResetAnswer(session=name, next_in=1, next_out=1))

    def _status(self, query: requests.StatusQuery) -> StatusAnswer:
        event_seq, seq = self._durable()
        state = self._state
        return StatusAnswer(
            phase=state.phase.value,
            trading_day=state.trading_day,
            seq=seq,
            event_seq=event_seq,
            open_orders=sum(member.open_orders for member in state.members.values()),
            blocks=overview.blocks(state),
            histories=state.histories,
            uptime_seconds=round(time.monotonic() - self._started, 1),
            recovery=self._recovery,
            troubles=self._troubles(),
            last_snapshot=msgspec.convert(self._last_snapshot(), SnapshotPlace | None),
            incidents=msgspec.convert(self._edge.incidents.told(), list[Incident]),
            sessions=self._sessions(),
            timetable=state.timetable,
        )

    def _sessions(self) -> list[SessionRow]:
        connections = self._edge.connections()
        return [
            made_of(
                SessionRow,
                session,
                session=name,
                member=session.member.name,
                logged_on=self._sender.is_logged_on(name),
                next_in=self._sender.next_in(name),
                next_out=self._sender.next_out(name),
                open_orders=len(session.open_orders),
                connection=connections.get(name),
            )
            for name, session in self._state.sessions.items()
            if name in self._edge.names()
        ]

    def _session(self, query: requests.SessionQuery, reply: Reply) -> None:
        name = query.session
        row = next((each for each in self._sessions() if each.session == name), None)
        if self._beside.owner_of(name):
            self._beside.show(name, reply)
        elif row is None:
            reply(Refusal(error=f"session {name} is {unknown(name, self._names())}"))
        else:
            unread = self._numbers[name].unread_of(
                self._sender.delivered(name), self._sender.next_out(name)
            )
            refused, ended = self._edge.refused_logons(name), self._edge.last_end(name)
            reply(SessionAnswer(session=row, unread=unread, refused_logons=refused, ended=ended))

    def _configuration(self, query: requests.ConfigurationQuery) -> ConfigurationAnswer:
        wanted = self._configured.wanted if query.wanted is None else query.wanted
        return ConfigurationAnswer(
            differences=differences(self._state, wanted), undefined=undefined(self._state, wanted)
        )
