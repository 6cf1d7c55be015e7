"""Verbs of corporate actions: a split of an asset, a cash dividend on it.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.corporate_actions.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role


class SplitAsset(ActionCommand, frozen=True, tag=True):
    """Make `numerator` new units of an asset of each `denominator` old ones.

    action_id names the action outside; it is used once for ever.
    """

    least_role = Role.OPERATOR
    asset: str
    numerator: int
    denominator: int
    action_id: str
    operator: str = ""
    reason: str = ""


class PayDividend(ActionCommand, frozen=True, tag=True):
    """Pay an amount of a currency for each unit of an asset that is held or still to come in."""

    least_role = Role.OPERATOR
    asset: str
    amount: str
    currency: str
    action_id: str
    operator: str = ""
    reason: str = ""


class StockSplit(ControlEvent, frozen=True, tag=True):
    """An asset was split: `numerator` new for `denominator` old. Holdings follow, one by one."""

    action_id: str
    asset: str
    numerator: int
    denominator: int
    symbols: tuple[str, ...]
    operator: str
    reason: str


class DividendDeclared(ControlEvent, frozen=True, tag=True):
    """A dividend is paid: `amount` of the currency a unit. Payments follow, each by itself."""

    action_id: str
    asset: str
    amount: str
    currency: str
    operator: str
    reason: str


class HoldingAdjusted(ControlEvent, frozen=True, tag=True):
    """What a corporate action brings to an account of a member, from the issuer; below zero: takes.

    amount of `asset`: units of a split, money of a dividend or instead of a fraction of a unit.
    why: SPLIT, DIVIDEND or FRACTION.
    """

    action_id: str
    member: str
    account: str
    asset: str
    amount: str
    why: str


class ObligationAdjusted(ControlEvent, frozen=True, tag=True):
    """A split has changed what is owed: quantity and amount are what they are now, signed.

    change_quantity and change_amount: now less before.
    """

    action_id: str
    member: str
    account: str
    symbol: str
    due: str
    quantity: str
    asset: str
    amount: str
    currency: str
    change_quantity: str
    change_amount: str = "0"
