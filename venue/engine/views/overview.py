"""Answers for the operator: who may trade what, the limits, and how much of them is used.

Rows of domain.overview. Changes nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from venue.domain.by_name import made_of
from venue.domain.decimal_text import format_money
from venue.domain.events import (
    AnyEvent,
    DayEnded,
    EntryBlocked,
    InstrumentDisabled,
    InstrumentHalted,
    MassCancelOrdered,
)
from venue.domain.overview import (
    ApprovalRow,
    Blocks,
    FundsRow,
    InstrumentRow,
    LimitRow,
    MemberRow,
    PurseRow,
    ScopeRow,
)
from venue.domain.types import ExecInst, Phase
from venue.engine.control.admin import USED, largest_position
from venue.engine.control.expiry import ends_with_day
from venue.engine.control.payments import withdrawable
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import APPROVED, Member
from venue.risk.exposure import Scope
from venue.risk.funds import Purse
from venue.risk.limits import ACCOUNT_LIMIT_NAMES, COUNT, LIMIT_NAMES


def members(state: EngineState) -> list[MemberRow]:
    """Each member: KYC, blocks, funding, accounts, sessions, traders, open orders."""
    sessions: dict[str, list[str]] = {name: [] for name in state.members}
    for session in state.sessions.values():
        sessions[session.member.name].append(session.name)
    return [
        made_of(
            MemberRow,
            member,
            member=member.name,
            accounts=tuple(member.accounts),
            sessions=tuple(sessions[member.name]),
            traders=dict(member.traders),
            documents=tuple(member.documents),
        )
        for member in state.members.values()
    ]


def instruments(state: EngineState) -> list[InstrumentRow]:
    """Each instrument: its definition, whether it trades, last price, orders in its book."""
    return [_instrument(symbol, market) for symbol, market in state.markets.items()]


def _instrument(symbol: str, market: Market) -> InstrumentRow:
    sides = (market.book.bids, market.book.asks)
    return made_of(
        InstrumentRow,
        market.instrument.definition,
        currency=market.instrument.currency,
        asset=market.instrument.asset,
        state=_trading_state(market),
        last_px=_last_px(market),
        orders_in_book=sum(level.count for side in sides for level in side.levels()),
    )


def risk(state: EngineState, name: str = "", account: str = "") -> list[ScopeRow]:
    """Limits, how much of each is used, and funds: of one member or account, or of all.

    Raises KeyError, with words for the operator, where the member or account is unknown.
    """
    if name and name not in state.members:
        known = ", ".join(sorted(state.members))
        raise KeyError(f"member {name} is unknown; there are {known}")
    found = []
    for member in [state.members[name]] if name else state.members.values():
        if account:
            if member.accounts and account not in member.accounts:
                raise KeyError(f"account {account} is not of {name}")
            scope = member.by_account.get(account) or Scope()
            found.append(_scope(state, member, account, scope))
            continue
        found.append(_scope(state, member, "", member))
        found += [_scope(state, member, *each) for each in member.by_account.items()]
    return found


def funds(state: EngineState) -> list[FundsRow]:
    """All purses of all members."""
    return [
        FundsRow(member=member.name, **msgspec.structs.asdict(_purse(state, member, purse)))
        for member in state.members.values()
        for purse in member.purses.all()
    ]


def approvals(state: EngineState) -> list[ApprovalRow]:
    """Commands that wait for a second operator."""
    return [
        ApprovalRow(
            action_id=action_id,
            command=type(command).__name__,
            action=msgspec.to_builtins(command),
            operator=getattr(command, "operator", ""),
            reason=getattr(command, "reason", ""),
        )
        for action_id, command in state.pending.items()
    ]


def blocks(state: EngineState) -> Blocks:
    """What is stopped now: members, sessions and instruments; and how many commands are held."""
    every, sessions = list(state.members.values()), list(state.sessions.values())
    markets = list(state.markets.items())
    return Blocks(
        all_killed=state.killed,
        killed_members=tuple([each.name for each in every if each.killed]),
        suspended_members=tuple([each.name for each in every if each.suspended]),
        unapproved_members=tuple([each.name for each in every if each.kyc != APPROVED]),
        blocked_sessions={
            each.name: each.blocked.value for each in sessions if each.blocked is not None
        },
        disabled_sessions=(
            *[each.name for each in sessions if not each.enabled],
            *state.disabled_beside,
        ),
        halted_instruments=tuple([name for name, market in markets if _is_halted(market)]),
        disabled_instruments=tuple([name for name, market in markets if market.disabled]),
        held_commands=len(state.pending),
        sessions_closed=state.sessions_closed,
    )


def still_open(state: EngineState, events: Iterable[AnyEvent]) -> int | None:
    """How many orders are still to end because of a block or of the day's end in `events`.

    None where `events` has neither. The orders end in slices, right behind the command.
    """
    counts = [_LEFT[type(event)](state, event) for event in events if type(event) in _LEFT]
    return sum(counts) if counts else None


def _left_of_scope(state: EngineState, event: EntryBlocked | MassCancelOrdered) -> int:
    return _OPEN[event.scope](state, event.name)


def _left_of_disabled(state: EngineState, event: InstrumentDisabled) -> int:
    return _open_in(state, event.symbol)


def _open_in(state: EngineState, symbol: str) -> int:
    return sum(session.open_orders.count(symbol, None) for session in state.sessions.values())


def _left_of_halted(state: EngineState, event: InstrumentHalted) -> int:
    return sum(
        order.terms.symbol == event.symbol and ExecInst.CANCEL_ON_HALT in order.conditions.exec_inst
        for order in state.open_orders()
    )


def _left_of_day(state: EngineState, event: DayEnded) -> int:
    return sum(ends_with_day(state, order) for order in state.open_orders())


_LEFT: dict[type, Callable[[EngineState, Any], int]] = {
    EntryBlocked: _left_of_scope,
    MassCancelOrdered: _left_of_scope,
    InstrumentDisabled: _left_of_disabled,
    InstrumentHalted: _left_of_halted,
    DayEnded: _left_of_day,
}


_OPEN: dict[str, Callable[[EngineState, str], int]] = {
    "all": lambda state, name: sum(each.open_orders for each in state.members.values()),
    "member": lambda state, name: state.members[name].open_orders,
    "session": lambda state, name: len(state.sessions[name].open_orders),
    "instrument": _open_in,
}


def _trading_state(market: Market) -> str:
    if market.disabled:
        return "disabled"
    if _is_halted(market):
        return "halted"
    return "closed" if market.closed else "trading"


def _is_halted(market: Market) -> bool:
    """Whether it does not trade, or will not when the day starts."""
    return market.own_phase is Phase.HALT


def _last_px(market: Market) -> str | None:
    return None if market.last_ticks is None else market.instrument.price_text(market.last_ticks)


def _scope(state: EngineState, member: Member, account: str, scope: Scope) -> ScopeRow:
    names = ACCOUNT_LIMIT_NAMES if account else LIMIT_NAMES
    return ScopeRow(
        member=member.name,
        account=account,
        funding=member.funding,
        limits=tuple([_limit(state, scope, name) for name in names]),
        funds=tuple(
            [
                _purse(state, member, purse)
                for purse in member.purses.all()
                if account in ("", purse.account)
            ]
        ),
    )


def _purse(state: EngineState, member: Member, purse: Purse) -> PurseRow:
    return PurseRow(
        account=purse.account,
        asset=purse.asset,
        balance=format_money(purse.balance),
        reserved=format_money(purse.reserved),
        free=format_money(purse.free),
        pending=format_money(purse.pending),
        withdrawable=format_money(max(withdrawable(state, member.name, purse), 0)),
    )


def _limit(state: EngineState, scope: Scope, name: str) -> LimitRow:
    """One limit. `used` and `left` are None where the limit counts nothing."""
    text = str if name in COUNT else format_money
    value = getattr(scope.limits, name)
    used: str | None = None
    left: str | None = None
    if name in USED:
        count = max(USED[name](state, scope), 0)
        used, left = text(count), None if value is None else text(value - count)
    elif name == "order_to_trade_ratio" and isinstance(scope, Member):
        used = str(scope.day_messages // max(scope.day_trades, 1))
    of = largest_position(scope)[1] if name == "max_position" else ""
    return LimitRow(name, scope.limits.texts().get(name), used, left, of)
