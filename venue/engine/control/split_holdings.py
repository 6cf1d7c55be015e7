"""A corporate action's effect on what an account holds: units of a split, money of a dividend.

Nothing is lost: what is less than a lot behind a split is paid in money, at the last price.
"""

from venue.domain.decimal_text import MONEY_SCALE, divide_half_away, format_money, parse_money
from venue.domain.events import HoldingAdjusted
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
    pending: tuple[int, int],
    unit: int,
) -> None:
    """HoldingAdjusted for the units of a split, then for a fraction: units out, money in.

    pending: what is not settled of the purse, before and behind the split, in 10^-8 units; the
    obligations have changed by that already. unit: 10^-8 units of the smallest lot. A fraction
    that is not settled yet stays one, for no unit of it is there to be taken.
    """
    before, behind = pending
    new, old = action.numerator, action.denominator
    had = purse.balance
    exact = towards_zero(had * new, old)
    settled = exact - behind
    whole = towards_zero(exact, unit) * unit
    fraction = exact - whole
    if not 0 <= fraction <= settled and not settled <= fraction <= 0:
        whole, fraction = exact, 0
    _adjust(state, action, member, purse, settled - (had - before), SPLIT)
    _adjust(state, action, member, purse, -fraction, FRACTION)
    purse.balance = whole
    price = parse_money(action.price)
    assert price is not None
    money = divide_half_away((had * new - whole * old) * price, new * MONEY_SCALE)
    _pay(state, action, member, purse.account, money, FRACTION)


def pay_dividend(state: EngineState, action: CorporateAction, member: str, purse: Purse) -> None:
    """HoldingAdjusted for the money; who owes units pays it."""
    amount = parse_money(action.amount)
    assert amount is not None
    money = divide_half_away(purse.balance * amount, MONEY_SCALE)
    _pay(state, action, member, purse.account, money, DIVIDEND)


def towards_zero(numerator: int, denominator: int) -> int:
    """Quotient without its fraction; denominator positive."""
    whole = abs(numerator) // denominator
    return whole if numerator >= 0 else -whole


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
