"""Who may trade what, how fast and how much: the checks of members, sessions and accounts.

Changes nothing but the meters of message rates. control/blocks.py sets the blocks checked here.
"""

from venue.domain.commands import Party
from venue.domain.events import RiskAlerted, SessionEnded
from venue.domain.instruments import Instrument
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import Side
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import APPROVED, Member, Session
from venue.risk.checks import check_restricted
from venue.risk.exposure import Scope
from venue.risk.pre_trade import Added, check_scope

TRADER_ROLES = ("11", "12")
"""PartyRole(452): order origination trader, executing trader."""
REMOVALS_TO_ENTRIES = 2
FIRST_ALERT = 100
"""The order-to-trade ratio is checked from this many messages of the day on."""


def check_entry(
    state: EngineState, session: Session, account: str | None, parties: tuple[Party, ...]
) -> Refusal | None:
    """Check blocks and entitlement of session, member, trader and account, in this order."""
    member = session.member
    if not session.enabled:
        return Refusal(RejectReason.SESSION_NOT_ENTITLED, f"session {session.name} is disabled")
    if state.killed:
        return Refusal(RejectReason.KILL_SWITCH, "entry is stopped for all")
    if member.killed:
        return Refusal(RejectReason.KILL_SWITCH, f"entry is stopped for member {member.name}")
    if session.blocked is not None:
        return Refusal(session.blocked, f"entry is stopped for session {session.name}")
    if member.suspended:
        return Refusal(RejectReason.MEMBER_SUSPENDED, f"{member.name} is suspended")
    if member.margin_due_ns and member.margin_due_ns <= state.timestamp_ns:
        detail = f"{member.name} has not brought {member.margin_call} of margin"
        return Refusal(RejectReason.MARGIN_CALL_OVERDUE, detail)
    if member.kyc != APPROVED:
        return Refusal(RejectReason.KYC_NOT_APPROVED, f"KYC of {member.name} is {member.kyc}")
    if member.traders:
        refusal = _check_traders(member, parties)
        if refusal is not None:
            return refusal
    if account is not None and member.accounts and account not in member.accounts:
        return Refusal(RejectReason.ACCOUNT_NOT_ENTITLED, f"1={account} is not of {member.name}")
    return None


def check_instrument(
    market: Market, member: Member, account: str | None, side: str
) -> Refusal | None:
    """Check that the instrument is traded, and not restricted for the member or the account."""
    symbol = market.instrument.symbol
    if market.disabled:
        return Refusal(RejectReason.INSTRUMENT_DISABLED, f"55={symbol} is out of trading")
    refusal = check_restricted(member.limits.restricted, symbol, side)
    if refusal is None and account is not None and account in member.by_account:
        refusal = check_restricted(member.by_account[account].limits.restricted, symbol, side)
    return refusal


def check_use(
    state: EngineState,
    member: Member,
    account: str | None,
    instrument: Instrument,
    side: Side,
    added: Added,
) -> Refusal | None:
    """Check the limits of the account, then those of the member.

    An account has no scope before its first order or limit, and a refused order makes none.
    """
    scope = member.by_account.get(account) if account is not None else None
    if scope is not None:
        refusal = _check_limits(state, f"{member.name}/{account}", scope, instrument, side, added)
        if refusal is not None:
            return refusal
    return _check_limits(state, member.name, member, instrument, side, added)


def _check_limits(
    state: EngineState, whose: str, scope: Scope, instrument: Instrument, side: Side, added: Added
) -> Refusal | None:
    loss = daily_loss(state, scope) if scope.limits.max_daily_loss is not None else None
    return check_scope(whose, scope.use_of(instrument), side, added, loss)


def daily_loss(state: EngineState, scope: Scope) -> int:
    """Loss of today's trades at last prices, without fees, in 10^-8 of the currency.

    Negative: a gain.
    """
    gain = 0
    for symbol, use in scope.uses.items():
        last_ticks = state.markets[symbol].last_ticks
        if last_ticks is not None:
            gain += use.day_cash + use.instrument.amount(last_ticks * use.day_lots)
    return -gain


def count_message(state: EngineState, session: Session) -> Refusal | None:
    """Count a new order or a replacement. Returns THROTTLED when it is over the session's rate.

    Events: SessionEnded where a session stays far over its rate, RiskAlerted where a member sends
    more messages for each trade than its order_to_trade_ratio.
    """
    rate, now_ns, member = session.messages_per_second, state.timestamp_ns, session.member
    member.day_messages += 1
    if member.limits.order_to_trade_ratio is not None:
        _look_at_ratio(state, member, member.limits.order_to_trade_ratio)
    if session.excess.count_message(rate, now_ns):
        _end_session(state, session, rate)
    if session.entries.take(rate, now_ns):
        return None
    return Refusal(RejectReason.THROTTLED, f"more than {rate} orders and replaces a second")


def count_removal(state: EngineState, session: Session) -> Refusal | None:
    """Count a cancel or mass cancel. Returns THROTTLED when it is over their own, doubled rate.

    Events: RiskAlerted as in count_message.
    """
    rate, member = REMOVALS_TO_ENTRIES * session.messages_per_second, session.member
    member.day_messages += 1
    if member.limits.order_to_trade_ratio is not None:
        _look_at_ratio(state, member, member.limits.order_to_trade_ratio)
    if session.removals.take(rate, state.timestamp_ns):
        return None
    return Refusal(RejectReason.THROTTLED, f"more than {rate} cancels a second")


def _end_session(state: EngineState, session: Session, rate: int) -> None:
    text = f"{RejectReason.THROTTLED} far over {rate} messages a second for seconds"
    state.events.append(
        SessionEnded(*state.stamp(), session.name, session.member.name, text, False, "", "")
    )


def _look_at_ratio(state: EngineState, member: Member, ratio: int) -> None:
    if member.day_messages < max(member.next_alert, FIRST_ALERT):
        return
    if member.day_messages <= ratio * max(member.day_trades, 1):
        return
    member.next_alert = 2 * member.day_messages
    detail = f"{member.day_messages} messages, {member.day_trades} trades, {ratio} is the ratio"
    state.events.append(RiskAlerted(*state.stamp(), member.name, "ORDER_TO_TRADE_RATIO", detail))


def _check_traders(member: Member, parties: tuple[Party, ...]) -> Refusal | None:
    named = [party.party_id for party in parties if party.party_role in TRADER_ROLES]
    if not named:
        return Refusal(
            RejectReason.TRADER_NOT_APPROVED,
            f"an order of {member.name} names its trader (448 with 452=11 or 12)",
        )
    for trader in named:
        state = member.traders.get(trader, "unknown")
        if state != APPROVED:
            return Refusal(RejectReason.TRADER_NOT_APPROVED, f"448={trader} is {state}")
    return None
