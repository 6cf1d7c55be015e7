"""The corporate action under way: what it does, and how far it has come.

A plain, frozen value: images have it as it is. venue.engine.control.corporate_actions goes on
with it, a slice at a time.
"""

import msgspec


class CorporateAction(msgspec.Struct, frozen=True, omit_defaults=True):
    """A split, or with `amount` a dividend, of which holders or orders are left.

    price: of an old unit, in `currency`, for fractions of a split; amount: of a dividend, for each
    unit. Both are decimal text. holders: member and account, orders: OrderIDs, each in the order
    in which they are taken; next_holder and next_order: their places. carry: what rounding has left
    of the obligations so far, in parts of 10^-8 units, `denominator` of them each.
    """

    action_id: str
    asset: str
    currency: str
    numerator: int = 1
    denominator: int = 1
    price: str = "0"
    amount: str = ""
    holders: tuple[tuple[str, str], ...] = ()
    orders: tuple[int, ...] = ()
    next_holder: int = 0
    next_order: int = 0
    restated: int = 0
    canceled: int = 0
    carry: int = 0
