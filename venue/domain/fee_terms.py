"""What the fills of one order cost by a fee schedule: rates, a minimum, exact arithmetic. Pure.

Rates are counted in 10^-8 basis points of a fill's value, money in 10^-8 of the currency. Where the
rates come from: venue.domain.fee_versions.
"""

from typing import NamedTuple

from venue.domain.decimal_text import divide_half_away

FEE_DENOMINATOR = 10_000 * 10**8
"""A rate of so much is all of a fill's value."""


class FeeTerms(NamedTuple):
    """Terms of one order, fixed when it is accepted. A rate below zero is a rebate.

    maker: rate of fills in which the order rested. taker: of those in which it was the aggressor.
    minimum: the least that its first fill costs, in 10^-8 of the currency.
    """

    maker: int
    taker: int
    minimum: int = 0


def highest_rate(terms: FeeTerms) -> int:
    """The rate that a fill pays at worst; 0 where it only gets rebates."""
    return max(terms.maker, terms.taker, 0)


def scheduled_fee(terms: FeeTerms, amount: int, is_taker: bool, is_first: bool) -> int:
    """Fee of a fill of `amount`, rounded once, half away from zero; below zero: a rebate.

    The first fill of an order that pays at all costs the minimum at least. No fill costs more than
    its amount.
    """
    assert amount >= 0
    rate = terms.taker if is_taker else terms.maker
    fee = divide_half_away(amount * rate, FEE_DENOMINATOR)
    if rate > 0 and is_first:
        fee = max(fee, terms.minimum)
    return min(fee, amount)
