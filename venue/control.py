"""What the admin socket answers: questions about the running venue, and commands of the operator.

Reads the engine between two batches and writes only through the sequencer's inbox. Wired by app.py.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from venue.domain.by_name import rest_of
from venue.domain.commands import (
    AddSession,
    AdminCommand,
    ConfigurationCommand,
    ResetSession,
    configuration_key,
)
from venue.domain.events import ActionApproved, AnyEvent, CommandRefused
from venue.edge import FixEdge
from venue.engine.image.digest import state_digest
from venue.engine.state.engine_state import EngineState
from venue.engine.views import overview
from venue.engine.views.configuration import current_configuration
from venue.engine.views.ladder import levels
from venue.live_sessions import CONFIGURE_SESSIONS, LiveSessions
from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer
from venue.session_secrets import SET_KEY, SET_PASSWORD, SessionSecrets

Reply = Callable[[dict[str, Any]], None]
_COMMANDS = msgspec.json.Decoder(AdminCommand)
_CONFIGURATION = msgspec.json.Decoder(list[ConfigurationCommand])
_DEPTH = 10


class Control:
    """Answers {"query": NAME, ...}, {"command": {...}} and {"reset_session": NAME, ...}.

    secrets and live_sessions answer what there is beside these.
    """

    def __init__(
        self,
        state: EngineState,
        sequencer: Sequencer,
        edge: FixEdge,
        wanted: list[ConfigurationCommand],
        durable: Callable[[], tuple[int, int]],
        health: Callable[[], dict[str, Any]],
        secrets: SessionSecrets,
        live_sessions: LiveSessions,
    ) -> None:
        self._state = state
        self._sequencer = sequencer
        self._edge = edge
        self._sender = edge.sender
        self._wanted = wanted
        self._durable = durable
        self._health = health
        self._secrets = secrets
        self._live_sessions = live_sessions
        self._started = time.monotonic()
        self._queries: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "status": self._status,
            "book": self._book,
            "sessions": self._sessions,
            "configuration": self._configuration,
            "digest": self._digest,
            "members": lambda request: {"ok": True, "members": overview.members(state)},
            "instruments": lambda request: {"ok": True, "instruments": overview.instruments(state)},
            "risk": self._risk,
            "approvals": lambda request: {"ok": True, "approvals": overview.approvals(state)},
        }

    def answer(self, request: dict[str, Any], reply: Reply) -> None:
        """Reply at once to a query; to a command when its events are on disk.

        still_open: orders that a block has yet to cancel; its next slices come right behind.
        """
        if "query" in request:
            query = self._queries.get(str(request["query"]))
            if query is None:
                reply(_error(f"no such query: {request['query']}"))
                return
            reply(query(request))
        elif "command" in request:
            self._submit(request["command"], reply)
        elif "reset_session" in request:
            self._reset_session(request, reply)
        elif SET_PASSWORD in request or SET_KEY in request:
            self._secrets.answer(request, reply)
        elif CONFIGURE_SESSIONS in request:
            self._live_sessions.answer(request, reply)
        else:
            reply(_error("a request has a query or a command"))

    def _submit(self, body: object, reply: Reply) -> None:
        try:
            command = _COMMANDS.decode(msgspec.json.encode(body))
        except msgspec.ValidationError as error:
            reply(_error(f"not understood: {error}"))
            return

        def notify(events: list[AnyEvent]) -> None:
            refused = [event.detail for event in events if isinstance(event, CommandRefused)]
            if refused:
                approved = [each for each in events if isinstance(each, ActionApproved)]
                is_done = f"{approved[0].action_id} was approved, and refused: " if approved else ""
                reply(_error(is_done + "; ".join(refused)))
                return
            left = overview.still_open(self._state, events)
            told = [msgspec.to_builtins(event) for event in events]
            reply({"ok": True, "events": told, "still_open": left})

        self._sequencer.inbox.put(Input(None, 0, command=command, notify=notify))

    def _reset_session(self, request: dict[str, Any], reply: Reply) -> None:
        name = str(request["reset_session"])
        who, why = str(request.get("operator", "")), str(request.get("reason", ""))
        if name not in self._edge.names():
            reply(_error(f"session {name} is unknown; there are {_listed(self._edge.names())}"))
        elif self._sender.is_logged_on(name):
            reply(_error(f"session {name} is logged on; log it out first"))
        else:
            self._sequencer.reset_session(ResetSession(name, who, why))
            reply({"ok": True, "session": name, "next_in": 1, "next_out": 1})

    def _status(self, request: dict[str, Any]) -> dict[str, Any]:
        event_seq, seq = self._durable()
        state = self._state
        return {
            "ok": True,
            "phase": state.phase.value,
            "trading_day": state.trading_day,
            "seq": seq,
            "event_seq": event_seq,
            "open_orders": sum(member.open_orders for member in state.members.values()),
            "blocks": overview.blocks(state),
            "uptime_seconds": round(time.monotonic() - self._started, 1),
            **self._health(),
            "incidents": self._edge.incidents.told(),
            "sessions": self._sessions(request)["sessions"],
        }

    def _digest(self, request: dict[str, Any]) -> dict[str, Any]:
        """Of the state after record `seq`; what waits in the inbox has had no effect yet."""
        event_seq, seq = self._durable()
        digest = state_digest(self._state)
        return {"ok": True, "seq": seq, "event_seq": event_seq, "digest": digest}

    def _sessions(self, request: dict[str, Any]) -> dict[str, Any]:
        connections = self._edge.connections()
        rows = []
        for name, session in self._state.sessions.items():
            if name not in self._edge.names():
                continue
            row = {
                "session": name,
                "member": session.member.name,
                "logged_on": self._sender.is_logged_on(name),
                "next_in": self._sender.next_in(name),
                "next_out": self._sender.next_out(name),
                "open_orders": len(session.open_orders),
                "cancel_on_disconnect": session.cancel_on_disconnect,
                "enabled": session.enabled,
                "blocked": session.blocked,
                "messages_per_second": session.messages_per_second,
                "repeated_executions": session.repeated_executions,
                "connection": connections.get(name),
            }
            rows.append(row | rest_of(AddSession, session, row))
        return {"ok": True, "sessions": rows}

    def _risk(self, request: dict[str, Any]) -> dict[str, Any]:
        name, account = str(request.get("member", "")), str(request.get("account", ""))
        try:
            return {"ok": True, "risk": overview.risk(self._state, name, account)}
        except KeyError as error:
            return _error(str(error.args[0]))

    def _book(self, request: dict[str, Any]) -> dict[str, Any]:
        symbol = str(request.get("symbol"))
        market = self._state.markets.get(symbol)
        if market is None:
            known = _listed(self._state.markets)
            return _error(f"symbol {symbol} is not traded here; there are {known}")
        depth = request.get("depth", _DEPTH)
        if not isinstance(depth, int) or depth < 1:
            return _error("depth is a whole number of 1 or more")
        return {
            "ok": True,
            "symbol": symbol,
            "bids": levels(market.book.bids, market.instrument, depth),
            "asks": levels(market.book.asks, market.instrument, depth),
        }

    def _configuration(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = self._wanted
        if "wanted" in request:
            try:
                wanted = _CONFIGURATION.decode(msgspec.json.encode(request["wanted"]))
            except msgspec.ValidationError as error:
                return _error(f"not understood: {error}")
        differing = differences(self._state, wanted)
        return {"ok": True, "differences": [msgspec.to_builtins(command) for command in differing]}


def differences(
    state: EngineState, wanted: list[ConfigurationCommand]
) -> list[ConfigurationCommand]:
    """Configuration commands whose effect the engine does not have (yet, or any more)."""
    current = current_configuration(state)
    return [command for command in wanted if current.get(configuration_key(command)) != command]


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


def _error(text: str) -> dict[str, Any]:
    return {"ok": False, "error": text}
