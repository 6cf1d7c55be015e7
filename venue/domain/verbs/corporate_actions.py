"""Verbs of corporate actions: a split of an asset, a cash dividend on it.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.corporate_actions.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Argument, Option, Verb
from venue.domain.words import Payload, by_whom, whose


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
    """Pay an amount of a currency for each unit of an asset that is held or still to come in.

    action_id: as in SplitAsset.
    """

    least_role = Role.OPERATOR
    asset: str
    amount: str
    currency: str
    action_id: str
    operator: str = ""
    reason: str = ""


class StockSplit(ControlEvent, frozen=True, tag=True):
    """An asset was split: `numerator` new for `denominator` old. Each holding follows by itself."""

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


class CorporateActionEnded(ControlEvent, frozen=True, tag=True):
    """All of a corporate action is done.

    holders: accounts that were looked at. restated and canceled: open orders that go on with other
    numbers, and those that could not be told in whole ticks and lots.
    """

    action_id: str
    asset: str
    holders: int
    restated: int
    canceled: int


def _split(payload: Payload) -> str:
    ratio = f"{payload['numerator']}:{payload['denominator']}"
    return f"{payload['action_id']}: split of {payload['asset']} {ratio}{by_whom(payload)}"


def _dividend(payload: Payload) -> str:
    paid = f"{payload['amount']} {payload['currency']} for each {payload['asset']}"
    return f"{payload['action_id']}: dividend of {paid}{by_whom(payload)}"


def _holding(payload: Payload) -> str:
    what = f"{payload['amount']} {payload['asset']}"
    return f"{whose(payload)} {what}  {payload['why']} of {payload['action_id']}"


def _obligation(payload: Payload) -> str:
    what = f"{payload['quantity']} {payload['asset']} for {payload['amount']} {payload['currency']}"
    return f"{whose(payload)} {what} on {payload['due']}  {payload['action_id']}"


def _ended(payload: Payload) -> str:
    orders = f"{payload['restated']} orders restated, {payload['canceled']} canceled"
    return f"{payload['action_id']} is done: {payload['holders']} accounts, {orders}"


WORDS = {
    SplitAsset: _split,
    PayDividend: _dividend,
    StockSplit: _split,
    DividendDeclared: _dividend,
    HoldingAdjusted: _holding,
    ObligationAdjusted: _obligation,
    CorporateActionEnded: _ended,
}

GROUPS = {"corporate": "Corporate actions, between two trading days: split an asset, pay on it."}

_ASSET = Argument("asset", "ASSET", "What is held, such as ACME.")
_ID = Option("action_id", "--id", "TEXT", "Name of the action outside, used once for ever.")

VERBS = (
    Verb(
        SplitAsset,
        "corporate split",
        "Split an asset: holdings, obligations, open orders and the instrument follow.",
        "venue corporate split ACME 2:1 --id ACME-2026-1",
        (
            _ASSET,
            Argument(
                "numerator",
                "NEW:OLD",
                "So many new units of so many old ones.",
                (),
                "",
                "denominator",
            ),
            _ID,
        ),
        done=lambda command: (
            f"split of {command.asset} {command.numerator}:{command.denominator} is ordered"
        ),
        asks=lambda command: f"split {command.asset} {command.numerator}:{command.denominator}",
    ),
    Verb(
        PayDividend,
        "corporate dividend",
        "Pay an amount of a currency for each unit of an asset that is held.",
        "venue corporate dividend ACME 0.25 USD --id ACME-2026-Q1",
        (
            _ASSET,
            Argument("amount", "AMOUNT", "For each unit, at most 8 decimals."),
            Argument("currency", "CURRENCY", "Such as USD."),
            _ID,
        ),
        done=lambda command: (
            f"dividend of {command.amount} {command.currency} on {command.asset} is ordered"
        ),
        asks=lambda command: f"pay {command.amount} {command.currency} for each {command.asset}",
    ),
)
