"""What fails cost: a penalty for each cycle, and the money that a fail ends in. Whole numbers.

Both sum to zero over the members of one symbol and due date. Pure.
"""

from collections.abc import Callable, Sequence

from venue.domain.decimal_text import divide_half_away
from venue.risk.claims import Claim, Planned, Price
from venue.risk.settlement_plan import COUNTERPARTY, SHORT

BPS_DENOMINATOR = 10_000 * 10**8
"""penalty_bps is counted in 10^-8."""


def penalties(
    group: Sequence[Planned], price: Price, bps: int, is_prefunded: Callable[[str], bool]
) -> list[int]:
    """Penalty of each claim of a group, in 10^-8 of the currency; below zero it is taken.

    Who is short pays for the value of what is left, rounded once. Those on the other side who have
    not got theirs share it by what they lack. A prefunded member pays nothing: it is short only
    because others have not delivered to it.
    """
    found = [0] * len(group)
    if not bps:
        return found
    for sign in (1, -1):
        left = [(each.claim.quantity - each.quantity) * sign for each in group]
        waiting = [
            place for place, each in enumerate(group)
            if left[place] < 0 and each.cause == COUNTERPARTY
        ]  # fmt: skip
        if not waiting:
            continue
        total = 0
        for place, each in enumerate(group):
            if left[place] > 0 and each.cause == SHORT and not is_prefunded(each.claim.member):
                penalty = divide_half_away(price.value(left[place]) * bps, BPS_DENOMINATOR)
                found[place] -= penalty
                total += penalty
        weights, given, so_far = -sum(left[place] for place in waiting), 0, 0
        for place in waiting:
            so_far -= left[place]
            share = total * so_far // weights - given
            found[place] += share
            given += share
    assert sum(found) == 0, "penalties that nobody gets"
    return found


def compensations(group: Sequence[Claim], price: Price) -> list[int]:
    """What each claim of a group is worth at a price, less its amount: what ends it in money.

    In 10^-8 of the currency; above zero the member gets it.
    """
    found = [price.value(claim.quantity) + claim.amount for claim in group]
    found[-1] -= sum(found)
    return found
