"""A corporate action's effect on an account: units of a split, obligations, money of a dividend.

Nothing is lost: what is less than a lot behind a split is paid in money, at the last price.
"""

from venue.domain.decimal_text import (
    MONEY_SCALE,
    divide_half_away,
    divide_towards_zero,
    format_money,
    parse_money,
)
from venue.domain.events import HoldingAdjusted, ObligationAdjusted
from venue.engine.state.corporate_action import CorporateAction
from venue.engine.state.engine_state import EngineState
from venue.risk.funds import Purse

SPLIT, DIVIDEND, FRACTION = "SPLIT", "DIVIDEND", "FRACTION"
"""Why a holding was adjusted."""


def split_purse(
    state: EngineState,
    action: CorporateAction,
    member: str,
    purse: Purse,
    pending: int,
    unit: int,
) -> None:
    """HoldingAdjusted for the units of a split, then for a fraction: units out, money in.

    pending: what was not settled of the purse before the split, in 10^-8 units; the obligations,
    and with them the purse's pending, are those behind it. unit: 10^-8 units of which all lots are
    multiples. A fraction that is not settled yet stays one: no unit of it is there to be taken.
    """
    new, old = action.numerator, action.denominator
    had = purse.balance
    exact = divide_towards_zero(had * new, old)
    settled = exact - purse.pending
    whole = divide_towards_zero(exact, unit) * unit
    fraction = exact - whole
    if not 0 <= fraction <= settled and not settled <= fraction <= 0:
        whole, fraction = exact, 0
    _adjust(state, action, member, purse, settled - (had - pending), SPLIT)
    _adjust(state, action, member, purse, -fraction, FRACTION)
    purse.balance = whole
    price = parse_money(action.price)
    assert price is not None
    money = divide_half_away((had * new - whole * old) * price, new * MONEY_SCALE)
    _pay(state, action, member, purse.account, money, FRACTION)


def split_obligations(
    state: EngineState, action: CorporateAction, member: str, purse: Purse, carry: int
) -> int:
    """ObligationAdjusted for what an account owes and is owed of the asset; amounts stay.

    Quantities sum to zero over all accounts, and do so behind it: what rounding to 10^-8 leaves of
    one is carried to the next. Returns that. The purse's balance is for `split_purse` to change.
    """
    for each in state.obligations.of(member):
        if (each.account, each.asset) != (purse.account, purse.asset):
            continue
        exact = each.quantity * action.numerator + carry
        quantity, carry = divmod(exact, action.denominator)
        change = quantity - each.quantity
        if not change:
            continue
        symbol, due, currency = each.symbol, each.due, each.currency
        now = state.obligations.add(
            member, purse.account, symbol, due, purse.asset, currency, change, 0
        )
        purse.pending += change
        state.events.append(
            ObligationAdjusted(
                *state.stamp(),
                action.action_id,
                member,
                purse.account,
                symbol,
                due,
                format_money(now.quantity),
                purse.asset,
                format_money(now.amount),
                currency,
                format_money(change),
            )
        )
    return carry


def pay_dividend(state: EngineState, action: CorporateAction, member: str, purse: Purse) -> None:
    """HoldingAdjusted for the money; who owes units pays it."""
    amount = parse_money(action.amount)
    assert amount is not None
    money = divide_half_away(purse.balance * amount, MONEY_SCALE)
    _pay(state, action, member, purse.account, money, DIVIDEND)


def _pay(
    state: EngineState, action: CorporateAction, member: str, account: str, money: int, why: str
) -> None:
    if money:
        purse = state.members[member].purses.of(account, action.currency)
        purse.balance += money
        _adjust(state, action, member, purse, money, why)


def _adjust(
    state: EngineState, action: CorporateAction, member: str, purse: Purse, amount: int, why: str
) -> None:
    """HoldingAdjusted, unless nothing changes. The purse is the caller's to change."""
    if amount:
        state.events.append(
            HoldingAdjusted(
                *state.stamp(),
                action.action_id,
                member,
                purse.account,
                purse.asset,
                format_money(amount),
                why,
            )
        )
