"""Margin calls: what a member has to bring, until when, and the block of who does not.

Knows nothing of how much is right: that is said by who calls. Off where nobody calls.
"""

from venue.domain.commands import CallMargin, ReleaseMargin
from venue.domain.decimal_text import format_money
from venue.domain.events import MarginCalled, MarginReleased, RiskAlerted
from venue.engine.control.effects import effect_of, refuse
from venue.engine.control.payments import amount_error, amount_of, assets
from venue.engine.state.engine_state import EngineState

MARGIN_CALL = "MARGIN_CALL"
"""Code of the alert; of refusals it is MARGIN_CALL_OVERDUE."""


@effect_of(CallMargin)
def call_margin(state: EngineState, command: CallMargin) -> None:
    """MarginCalled and RiskAlerted; from its due time on the member enters nothing.

    A call that stands gets another amount, and keeps its time. Refused for an unknown member or
    currency, no amount, and a time that is over.
    """
    wrong = _why_not(state, command)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    amount = amount_of(command.amount)
    assert amount is not None
    member = state.members[command.member]
    text = format_money(amount)
    member.margin_call = f"{text} {command.currency}"
    if not member.margin_due_ns:
        member.margin_due_ns = command.due_ns
    state.events.append(
        MarginCalled(
            *state.stamp(),
            member.name,
            text,
            command.currency,
            member.margin_due_ns,
            command.operator,
            command.reason,
        )
    )
    detail = f"{member.margin_call} of margin are called for {command.reason}".rstrip()
    state.events.append(RiskAlerted(*state.stamp(), member.name, MARGIN_CALL, detail))


@effect_of(ReleaseMargin)
def release_margin(state: EngineState, command: ReleaseMargin) -> None:
    """MarginReleased: the member may enter orders again. Refused where nothing is called for."""
    member = state.members.get(command.member)
    if member is None or not member.margin_due_ns:
        what = "is unknown" if member is None else "has no margin call"
        refuse(state, command, f"member {command.member} {what}")
        return
    member.margin_call, member.margin_due_ns = "", 0
    state.events.append(
        MarginReleased(*state.stamp(), member.name, command.operator, command.reason)
    )


def _why_not(state: EngineState, command: CallMargin) -> str | None:
    if command.member not in state.members:
        return f"member {command.member} is unknown"
    if command.currency not in assets(state):
        return f"currency {command.currency} is unknown"
    if command.due_ns <= state.timestamp_ns:
        return "a margin call is due later than now"
    return amount_error(command.amount)
