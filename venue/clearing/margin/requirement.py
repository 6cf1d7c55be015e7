"""Initial margin, equity at the last prices, and what an account lacks. Pure, exact.

Each account stands for itself: what one has too much covers no other one, for accounts may be those
of clients. Balances are those of the trade date, so that what is not settled counts already.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_UP, Context, Decimal
from typing import NamedTuple

from venue.domain.margin_rules import MarginRules

_EXACT = Context(prec=120)
_UNIT = Decimal("1E-8")
_HUNDRED = Decimal(100)


class Balance(NamedTuple):
    """What an account has of an asset; below zero: it is short of it, or owes it."""

    member: str
    account: str
    asset: str
    balance: Decimal


class Mark(NamedTuple):
    """The instrument by which an asset is valued: its symbol, and its price in the currency."""

    symbol: str
    price: Decimal


class AccountMargin(NamedTuple):
    """equity: cash, collateral less haircuts, and positions at their marks. required: initial
    margin of the positions. deficit: what is required more than there is, rounded up to 10^-8; 0
    where nothing is. unpriced: assets that nobody has a price of; they count nothing."""

    member: str
    account: str
    equity: Decimal
    required: Decimal
    deficit: Decimal
    unpriced: tuple[str, ...]


def margin_of(
    balances: Iterable[Balance], marks: Mapping[str, Mark], rules: MarginRules
) -> list[AccountMargin]:
    """Margin of each account, in the order in which they come. marks: by asset."""
    accounts: dict[tuple[str, str], list[Balance]] = {}
    for balance in balances:
        accounts.setdefault((balance.member, balance.account), []).append(balance)
    return [_account(*whose, found, marks, rules) for whose, found in accounts.items()]


def deficits(accounts: Iterable[AccountMargin]) -> dict[str, Decimal]:
    """What each member has to bring: the sum of what its accounts lack, 0 for who lacks nothing."""
    found: dict[str, Decimal] = {}
    for each in accounts:
        found[each.member] = _EXACT.add(found.get(each.member, Decimal(0)), each.deficit)
    return found


def _account(
    member: str,
    account: str,
    balances: list[Balance],
    marks: Mapping[str, Mark],
    rules: MarginRules,
) -> AccountMargin:
    equity = required = Decimal(0)
    unpriced = []
    for each in balances:
        if each.asset == rules.currency:
            equity = _EXACT.add(equity, each.balance)
            continue
        if not each.balance:
            continue
        mark = marks.get(each.asset)
        if mark is None:
            unpriced.append(each.asset)
            continue
        value = _EXACT.multiply(each.balance, mark.price)
        haircut = rules.haircuts.get(each.asset)
        if haircut is not None and value > 0:
            kept = _EXACT.subtract(_HUNDRED, Decimal(haircut))
            equity = _EXACT.add(equity, _percent(value, kept))
            continue
        equity = _EXACT.add(equity, value)
        initial = Decimal(rules.initial.get(mark.symbol, rules.initial_percent))
        required = _EXACT.add(required, _percent(value.copy_abs(), initial))
    lacking = max(_EXACT.subtract(required, equity), Decimal(0))
    deficit = lacking.quantize(_UNIT, ROUND_UP, _EXACT)
    return AccountMargin(member, account, equity, required, deficit, tuple(unpriced))


def _percent(value: Decimal, percent: Decimal) -> Decimal:
    return _EXACT.divide(_EXACT.multiply(value, percent), _HUNDRED)
