"""What the admin socket answers: questions about the running venue, and commands of the operator.

Reads the engine between two batches and writes only through the sequencer's inbox. Wired by app.py.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import msgspec

from venue.admin import requests
from venue.admin.answers import (
    Answer,
    ApprovalsAnswer,
    BookAnswer,
    ConfigurationAnswer,
    DefaultsAnswer,
    DigestAnswer,
    Done,
    Incident,
    InstrumentsAnswer,
    LatestTradesAnswer,
    MembersAnswer,
    OrderAnswer,
    OrdersAnswer,
    RecoveryFacts,
    Refusal,
    RiskAnswer,
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
from venue.edge import FixEdge
from venue.engine.image.digest import state_digest
from venue.engine.state.engine_state import EngineState
from venue.engine.views import overview
from venue.engine.views.configuration import differences, undefined
from venue.engine.views.ladder import levels
from venue.engine.views.orders import latest_trades, order_detail, orders_page
from venue.near_names import unknown
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer
from venue.sequencer.session_state import SessionBook
from venue.session_desk import SessionDesk
from venue.timetable import wrong_with


class Configured(NamedTuple):
    """What the configuration said at the start: what is defined, and what the new has of itself."""

    wanted: list[Defined]
    instrument: InstrumentDefinition
    member: AddMember


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
            requests.StatusQuery: self._status,
            requests.BookQuery: self._book,
            requests.SessionsQuery: lambda query: SessionsAnswer(sessions=self._sessions()),
            requests.ConfigurationQuery: self._configuration,
            requests.DefaultsQuery: lambda query: DefaultsAnswer(
                instrument=configured.instrument, member=configured.member
            ),
            requests.DigestQuery: self._digest,
            requests.MembersQuery: lambda query: MembersAnswer(members=overview.members(state)),
            requests.InstrumentsQuery: lambda query: InstrumentsAnswer(
                instruments=overview.instruments(state)
            ),
            requests.OrdersQuery: self._orders,
            requests.OrderQuery: self._order,
            requests.LatestTradesQuery: self._latest_trades,
            requests.RiskQuery: self._risk,
            requests.ApprovalsQuery: lambda query: ApprovalsAnswer(
                approvals=overview.approvals(state)
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

    def _digest(self, query: requests.DigestQuery) -> DigestAnswer:
        event_seq, seq = self._durable()
        return DigestAnswer(seq=seq, event_seq=event_seq, digest=state_digest(self._state))

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

    def _orders(self, query: requests.OrdersQuery) -> OrdersAnswer:
        rows, last = orders_page(self._state, query.wanted, query.after)
        return OrdersAnswer(orders=rows, next=last)

    def _order(self, query: requests.OrderQuery) -> OrderAnswer | Refusal:
        found = order_detail(self._state, query.order_id)
        if found is None:
            return Refusal(error=f"order {query.order_id} is unknown on this trading day")
        return OrderAnswer(order=found)

    def _latest_trades(self, query: requests.LatestTradesQuery) -> LatestTradesAnswer | Refusal:
        if not 0 < query.most <= requests.MOST_TRADES:
            return Refusal(error=f"most is a whole number from 1 to {requests.MOST_TRADES}")
        return LatestTradesAnswer(trades=latest_trades(self._state, query.most))

    def _risk(self, query: requests.RiskQuery) -> RiskAnswer | Refusal:
        try:
            return RiskAnswer(risk=overview.risk(self._state, query.member, query.account))
        except KeyError as error:
            return Refusal(error=str(error.args[0]))

    def _book(self, query: requests.BookQuery) -> BookAnswer | Refusal:
        market = self._state.markets.get(query.symbol)
        if market is None:
            known = _listed(self._state.markets)
            return Refusal(error=f"symbol {query.symbol} is not traded here; there are {known}")
        if query.depth < 1:
            return Refusal(error="depth is a whole number of 1 or more")
        return BookAnswer(
            symbol=query.symbol,
            bids=levels(market.book.bids, market.instrument, query.depth),
            asks=levels(market.book.asks, market.instrument, query.depth),
        )

    def _configuration(self, query: requests.ConfigurationQuery) -> ConfigurationAnswer:
        wanted = self._configured.wanted if query.wanted is None else query.wanted
        return ConfigurationAnswer(
            differences=differences(self._state, wanted), undefined=undefined(self._state, wanted)
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
