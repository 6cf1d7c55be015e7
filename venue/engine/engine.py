"""The state machine: `Engine.apply(command)` gives the events, and nothing else has an effect.

Knows domain, risk and book only. A refusal is an event; an AssertionError is a broken invariant,
on which the venue halts.
"""

from collections.abc import Callable
from typing import Any

from venue.domain import commands as c
from venue.domain.answers import Answer, OrderMassStatusQuery, OrderStatusQuery
from venue.domain.events import AnyEvent
from venue.engine.control import admin, approvals, blocks, day, funding, onboarding, session_life
from venue.engine.state.engine_state import EngineState
from venue.engine.trading import cancels, entry, replaces, trade_changes
from venue.engine.views import queries
from venue.engine.views.mass_status import MassStatus

ENGINE_VERSION = 4

_EFFECTS: dict[type[c.Command], Callable[[EngineState, Any], None]] = {
    c.CancelByOperator: cancels.cancel_by_operator,
    c.BustTrade: trade_changes.bust_trade,
    c.CorrectTrade: trade_changes.correct_trade,
    c.AddInstrument: admin.add_instrument,
    c.AddMember: admin.add_member,
    c.AddSession: admin.add_session,
    c.SetLimits: admin.set_limits,
    c.SetSanctions: onboarding.set_sanctions,
    c.SetKyc: onboarding.set_kyc,
    c.SetFourEyes: approvals.set_four_eyes,
    c.SuspendMember: blocks.suspend_member,
    c.ResumeMember: blocks.resume_member,
    c.Kill: blocks.kill,
    c.Revive: blocks.revive,
    c.HaltInstrument: blocks.halt_instrument,
    c.ResumeInstrument: blocks.resume_instrument,
    c.DisableInstrument: blocks.disable_instrument,
    c.LogOutSession: session_life.log_out_session,
    c.DisableSession: session_life.disable_session,
    c.EnableSession: session_life.enable_session,
    c.Deposit: funding.deposit,
    c.Withdraw: funding.withdraw,
    c.StartDay: day.start_day,
    c.EndDay: day.end_day,
}
"""Commands of the operator, which another operator may have to approve first."""


def _act(state: EngineState, command: c.ActionCommand) -> None:
    approvals.act(state, command, _EFFECTS)


def _approve(state: EngineState, command: c.Approve) -> None:
    approvals.approve(state, command, _EFFECTS)


_APPLY: dict[type[c.Command], Callable[[EngineState, Any], None]] = {
    c.EnterOrder: entry.enter_order,
    c.ReplaceOrder: replaces.replace_order,
    c.CancelOrder: cancels.cancel_order,
    c.CancelRemaining: cancels.cancel_remaining,
    c.CancelBlocked: blocks.cancel_blocked,
    c.MassCancel: cancels.mass_cancel,
    c.MassCancelRemaining: cancels.mass_cancel_remaining,
    c.LogOn: session_life.log_on,
    c.LogOut: session_life.log_out,
    c.ResetSession: session_life.reset_session,
    c.StartVenue: session_life.start_venue,
    c.StopEntry: session_life.stop_entry,
    c.AdvanceTime: session_life.advance_time,
    c.ExpireRemaining: day.expire_remaining,
    c.RestateRemaining: day.restate_remaining,
    c.Approve: _approve,
    c.Decline: approvals.decline,
    **dict.fromkeys(_EFFECTS, _act),
}


class Engine:
    """One venue's state and its only way to change."""

    def __init__(self, state: EngineState | None = None) -> None:
        """Begin with this state, or with none: nothing is configured then."""
        self.state = EngineState() if state is None else state

    def apply(self, command: c.AnyCommand, timestamp_ns: int) -> list[AnyEvent]:
        """Events of `command`, stamped with `timestamp_ns` (UTC nanoseconds, never going back)."""
        state = self.state
        state.begin(timestamp_ns)
        _APPLY[type(command)](state, command)
        return state.events

    def take_follow_ups(self) -> list[c.AnyCommand]:
        """Commands that the last ones left to do; they go first in the next batch."""
        follow_ups, self.state.follow_ups = self.state.follow_ups, []
        return follow_ups

    def answer(self, query: OrderStatusQuery) -> Answer:
        """Answer a question about one order; nothing changes."""
        return queries.order_status(self.state, query)

    def mass_status(self, query: OrderMassStatusQuery) -> MassStatus:
        """Answer a question about many, a slice at a time; nothing changes."""
        return MassStatus(self.state, query)

    def knows_cl_ord_id(self, session: str, cl_ord_id: str) -> bool:
        """Whether the session has used this ClOrdID on the trading day."""
        return queries.knows_cl_ord_id(self.state, session, cl_ord_id)

    @property
    def next_due_ns(self) -> int | None:
        """When the engine wants an AdvanceTime next, or None."""
        return self.state.next_due_ns
