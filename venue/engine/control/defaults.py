"""A member's default: no entry, its orders end, and all it has and owes passes to the house.

In slices of SLICE. A default is for ever; said again, it passes on what has come to the member
since, from a bust or a dividend.
"""

import msgspec

from venue.domain.commands import DeclareDefault, MoveRemaining
from venue.domain.decimal_text import format_money
from venue.domain.events import (
    EntryBlocked,
    FundsTransferred,
    MemberDefaulted,
    ObligationMoved,
    PositionsTransferred,
)
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import ExecRestatementReason
from venue.engine.control.blocks import MEMBER
from venue.engine.control.effects import effect_of, refuse
from venue.engine.state.engine_state import EngineState
from venue.engine.state.members import Member, scopes_of
from venue.engine.state.obligations import Obligation
from venue.engine.trading.cancels import cancel_all
from venue.engine.trading.slices import SLICE, next_slice, open_orders_of
from venue.risk.funds import Purse

_TEXT = f"{RejectReason.MEMBER_SUSPENDED} the member is in default"


@effect_of(DeclareDefault)
def declare_default(state: EngineState, command: DeclareDefault) -> None:
    """MemberDefaulted, EntryBlocked, OrderCanceled for its open orders; then all it has passes.

    FundsTransferred and ObligationMoved, at last PositionsTransferred. Refused where the member
    or who takes over is unknown, where that one is in default, suspended or prefunded, and while
    other work moves holdings.
    """
    wrong = _why_not(state, command)
    if wrong is not None:
        refuse(state, command, wrong)
        return
    member = state.members[command.member]
    was_suspended, member.suspended = member.suspended, True
    member.in_default = member.is_moving = True
    who = (command.operator, command.reason)
    state.events.append(MemberDefaulted(*state.stamp(), command.member, command.to_member, *who))
    if not was_suspended:
        code = RejectReason.MEMBER_SUSPENDED
        state.events.append(EntryBlocked(*state.stamp(), MEMBER, command.member, code, "", *who))
    move_remaining(state, MoveRemaining(command.member, command.to_member, *who))


def move_remaining(state: EngineState, command: MoveRemaining) -> None:
    """Next slice of what passes: orders end first, then obligations pass, then balances."""
    member, house = state.members[command.member], state.members[command.to_member]
    if not member.is_moving:  # a what-if has not declared it
        return
    sessions = [each for each in state.sessions.values() if each.member is member]
    before = state.next_order_id
    doomed = next_slice(open_orders_of(sessions, "", 0, before), lambda order: True)
    cancel_all(state, doomed.orders, ExecRestatementReason.CANCELED_BY_VENUE, _TEXT)
    if member.open_orders:
        state.follow_ups.append(command)
        return
    room = SLICE - len(doomed.orders)
    obligations = state.obligations.of(member.name)[:room]
    for obligation in obligations:
        _move_obligation(state, command, obligation)
    room -= len(obligations)
    purses = [each for each in member.purses.all() if each.balance or each.pending]
    for purse in purses[:room]:
        _move_funds(state, command, house, purse)
    moved = min(len(purses), room)
    command = msgspec.structs.replace(
        command,
        funds=command.funds + moved,
        obligations=command.obligations + len(obligations),
    )
    if moved < len(purses) or state.obligations.owes_anything(member.name):
        state.follow_ups.append(command)
        return
    _move_positions(member, house)
    member.is_moving = False
    state.events.append(
        PositionsTransferred(
            *state.stamp(), member.name, house.name, command.funds, command.obligations
        )
    )


def _why_not(state: EngineState, command: DeclareDefault) -> str | None:
    house = state.members.get(command.to_member)
    if command.member not in state.members:
        return f"member {command.member} is unknown"
    if house is None:
        return f"member {command.to_member} is unknown: the house has to be a member"
    if command.to_member == command.member:
        return f"{command.member} cannot take over from itself"
    if house.in_default or house.suspended:
        return f"{house.name} is {'in default' if house.in_default else 'suspended'}"
    if house.prefunded:
        return f"{house.name} is prefunded: who takes over debts trades on credit"
    cycle = state.obligations.cycle
    if cycle is not None:
        return f"settlement cycle {cycle.number} is under way"
    return state.under_way


def _move_obligation(state: EngineState, command: MoveRemaining, obligation: Obligation) -> None:
    """ObligationMoved: the house owes and is owed it from now on; both purses follow."""
    each = obligation
    quantity, amount = each.quantity, each.amount
    for name, account, sign in ((command.member, each.account, -1), (command.to_member, "", 1)):
        purses = state.members[name].purses
        for asset, units in ((each.asset, quantity), (each.currency, amount)):
            purse = purses.of(account, asset)
            purse.pending += sign * units
            purse.balance += sign * units
        state.obligations.add(
            name, account, each.symbol, each.due, each.asset, each.currency,
            sign * quantity, sign * amount,
        )  # fmt: skip
    state.events.append(
        ObligationMoved(
            *state.stamp(),
            command.member,
            each.account,
            command.to_member,
            "",
            each.symbol,
            each.due,
            format_money(quantity),
            each.asset,
            format_money(amount),
            each.currency,
            command.operator,
            command.reason,
        )
    )


def _move_funds(state: EngineState, command: MoveRemaining, house: Member, purse: Purse) -> None:
    """FundsTransferred of a whole balance; of a debt, from the house to the member."""
    assert not purse.reserved and not purse.pending, "an order or obligation is left"
    amount = purse.balance
    purse.balance = 0
    house.purses.of("", purse.asset).balance += amount
    sides = ((command.member, purse.account), (command.to_member, ""))
    (giver, account), (taker, to_account) = sides if amount > 0 else sides[::-1]
    state.events.append(
        FundsTransferred(
            *state.stamp(),
            giver,
            taker,
            purse.asset,
            format_money(abs(amount)),
            command.operator,
            command.reason,
            account,
            to_account,
        )
    )


def _move_positions(member: Member, house: Member) -> None:
    """Have the house's counters of risk have the member's positions, and the member's none."""
    for use in member.uses.values():
        house.use_of(use.instrument).position_lots += use.position_lots
    for scope in scopes_of(member):
        for use in scope.uses.values():
            use.position_lots = 0
