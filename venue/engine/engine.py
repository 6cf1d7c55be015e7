"""The state machine: `Engine.apply(command)` changes the state and returns the events.

Nothing else changes the state. Knows domain, risk and book only. A refusal is an event. An
AssertionError is a broken invariant, and stops the venue.
"""

from venue.domain import commands as c
from venue.domain.answers import Answer, OrderMassStatusQuery, OrderStatusQuery
from venue.domain.command import ActionCommand, Command
from venue.domain.events import AnyEvent
from venue.engine.control import (
    approvals,
    blocks,
    corporate_actions,
    day,
    defaults,
    expiry,
    forgetting,
    histories,
    session_life,
    settlement,
    timetable,
)
from venue.engine.control.effects import Effect, all_effects
from venue.engine.state.engine_state import EngineState
from venue.engine.trading import cancels, entry, replaces
from venue.engine.views import queries
from venue.engine.views.mass_status import MassStatus

ENGINE_VERSION = 9

_EXPIRING = (c.AdvanceTime, c.ExpireRemaining)
_APPLY: dict[type[Command], Effect] = {
    c.EnterOrder: entry.enter_order,
    c.ReplaceOrder: replaces.replace_order,
    c.CancelOrder: cancels.cancel_order,
    c.CancelRemaining: cancels.cancel_remaining,
    c.CancelBlocked: blocks.cancel_blocked,
    c.MassCancel: cancels.mass_cancel,
    c.MassCancelRemaining: cancels.mass_cancel_remaining,
    c.LogOn: session_life.log_on,
    c.LogOut: session_life.log_out,
    c.StartVenue: session_life.start_venue,
    c.StopEntry: session_life.stop_entry,
    c.ResumeEntry: session_life.resume_entry,
    c.BeginHistory: histories.begin_history,
    c.AdvanceTime: session_life.advance_time,
    c.FollowTimetable: timetable.follow_timetable,
    c.ExpireRemaining: expiry.expire_remaining,
    c.RestateRemaining: day.restate_remaining,
    c.ForgetRemaining: forgetting.forget_remaining,
    c.SettleRemaining: settlement.settle_remaining,
    c.AdjustRemaining: corporate_actions.adjust_remaining,
    c.MoveRemaining: defaults.move_remaining,
    **{
        kind: approvals.act if issubclass(kind, ActionCommand) else effect
        for kind, effect in all_effects().items()
    },
}


class Engine:
    """One venue's state, and the only way to change it."""

    def __init__(self, state: EngineState | None = None) -> None:
        """Begin with this state; without one nothing is configured yet."""
        self.state = EngineState() if state is None else state

    def apply(self, command: c.AnyCommand, timestamp_ns: int) -> list[AnyEvent]:
        """Apply a command and return its events, in the order in which things happened.

        timestamp_ns: UTC nanoseconds, never less than before. Raises AssertionError where an
        invariant is broken; the state must not be used afterwards.
        """
        state = self.state
        state.begin(timestamp_ns)
        first_event_seq = state.next_event_seq
        due_ns = state.next_due_ns
        is_due = due_ns is not None and due_ns <= timestamp_ns
        if is_due and expiry.withdraw_due(state) and type(command) not in _EXPIRING:
            expiry.expire_due(state)
        _APPLY[type(command)](state, command)
        events = state.events
        assert state.next_event_seq == first_event_seq + len(events), "a number without an event"
        return events

    def take_follow_ups(self) -> list[c.AnyCommand]:
        """Remove and return the commands that the last ones left to do.

        They go first in the next batch.
        """
        follow_ups, self.state.follow_ups = self.state.follow_ups, []
        return follow_ups

    def answer(self, query: OrderStatusQuery) -> Answer:
        """Answer a question about one order; nothing changes."""
        return queries.order_status(self.state, query)

    def mass_status(self, query: OrderMassStatusQuery) -> MassStatus:
        """Answer a question about many orders, a slice at a time; nothing changes."""
        return MassStatus(self.state, query)

    def knows_cl_ord_id(self, session: str, cl_ord_id: str) -> bool:
        """Whether the session has used this ClOrdID on the trading day."""
        return queries.knows_cl_ord_id(self.state, session, cl_ord_id)

    @property
    def next_due_ns(self) -> int | None:
        """When the engine needs the next AdvanceTime (UTC nanoseconds); None: nothing is due."""
        return self.state.next_due_ns
