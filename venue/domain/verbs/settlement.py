"""Verbs of settlement: the rules of the calendar and of fails, and the run of a cycle.

Commands and events of each, and their words; `venue settle run` is cli.desk.settle's. Effects:
venue.engine.control.settlement.
"""

from venue.domain.command import ActionCommand, ConfigurationCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.timetable import WEEKDAYS
from venue.domain.words import Payload, by_whom, whose


class SetSettlementRules(ConfigurationCommand, frozen=True, tag=True):
    """Set which days settle, and what becomes of what is not delivered or paid.

    weekdays: "mon" ... on which is settled. holidays: ISO dates on which is not. partial: whether a
    part is delivered where not all is there. penalty_bps: of the value of a fail for each cycle.
    buy_in_cycles: cycles after which a fail ends in money; 0: never. at_day_end: whether the end of
    a trading day orders the cycle of its date.
    """

    least_role = Role.ADMIN
    weekdays: tuple[str, ...] = WEEKDAYS[:5]
    holidays: tuple[str, ...] = ()
    partial: bool = True
    penalty_bps: str = "0"
    buy_in_cycles: int = 0
    operator: str = ""
    reason: str = ""
    at_day_end: bool = False

    def key(self) -> tuple[str, str]:
        """There is one set of rules."""
        return ("settlement", "")


class SettleObligations(ActionCommand, frozen=True, tag=True):
    """Settle all obligations due on `settlement_date` (ISO date) or before; empty: due today."""

    least_role = Role.OPERATOR
    settlement_date: str = ""
    operator: str = ""
    reason: str = ""


class SettlementRulesSet(ControlEvent, frozen=True, tag=True):
    """The rules of settlement are these now."""

    weekdays: tuple[str, ...]
    holidays: tuple[str, ...]
    partial: bool
    penalty_bps: str
    buy_in_cycles: int
    operator: str
    reason: str
    at_day_end: bool = False


class SettlementBegun(ControlEvent, frozen=True, tag=True):
    """A cycle settles what is due. cycle: counted from 1. obligations: how many are looked at."""

    cycle: int
    settlement_date: str
    obligations: int
    operator: str
    reason: str


class ObligationSettled(ControlEvent, frozen=True, tag=True):
    """A member's net obligation of one symbol and due date was settled: asset against money, both.

    quantity (of the asset) and amount (of the currency) have moved now; above zero they came to
    the member. left_quantity and left_amount are still owed; both "0": it is done.
    """

    cycle: int
    member: str
    account: str
    symbol: str
    due: str
    quantity: str
    asset: str
    amount: str
    currency: str
    left_quantity: str = "0"
    left_amount: str = "0"


class ObligationFailed(ControlEvent, frozen=True, tag=True):
    """What is left of an obligation behind a cycle that should have settled it.

    quantity and amount: what is left, signed as in ObligationSettled. cycles: in how many it has
    failed. cause: SHORT (the member lacks `short_of`), or COUNTERPARTY (others have not delivered
    or paid it). penalty: in the currency; below zero it is taken from the member, above zero given.
    """

    cycle: int
    member: str
    account: str
    symbol: str
    due: str
    quantity: str
    asset: str
    amount: str
    currency: str
    cycles: int
    cause: str
    short_of: str = ""
    penalty: str = "0"


class ObligationBoughtIn(ControlEvent, frozen=True, tag=True):
    """A fail has ended in money: quantity and amount are not owed any more.

    compensation: in the currency, what the price has moved since the trade: at `price`, less
    amount. Above zero it was given to the member, below zero taken.
    """

    cycle: int
    member: str
    account: str
    symbol: str
    due: str
    quantity: str
    asset: str
    amount: str
    currency: str
    price: str
    compensation: str


class ObligationMoved(ControlEvent, frozen=True, tag=True):
    """An obligation passes to another member: of a default, by an operator's act."""

    member: str
    account: str
    to_member: str
    to_account: str
    symbol: str
    due: str
    quantity: str
    asset: str
    amount: str
    currency: str
    operator: str
    reason: str


class SettlementEnded(ControlEvent, frozen=True, tag=True):
    """A cycle is done. Of its obligations: settled in full, in part, and not at all."""

    cycle: int
    settlement_date: str
    settled: int
    partly: int
    failed: int


def _rules(payload: Payload) -> str:
    """Of the command, which leaves out what has its default, and of the event."""
    days = ", ".join(payload.get("weekdays", WEEKDAYS[:5]))
    holidays = len(payload.get("holidays", ()))
    without = f" but for {holidays} holidays" if holidays else ""
    parts = "in parts too" if payload.get("partial", True) else "whole obligations only"
    penalty = f", penalty {payload.get('penalty_bps', '0')} bps a cycle"
    cycles = payload.get("buy_in_cycles", 0)
    bought = f", in money after {cycles} cycles" if cycles else ""
    ends = ", at the end of the day" if payload.get("at_day_end") else ""
    return f"settles on {days}{without}, {parts}{penalty}{bought}{ends}{by_whom(payload)}"


def _begun(payload: Payload) -> str:
    count = payload["obligations"]
    return f"cycle {payload['cycle']} settles {count} due by {_date(payload)}{by_whom(payload)}"


def _date(payload: Payload) -> str:
    return payload.get("settlement_date") or "today"


def _owed(payload: Payload) -> str:
    """Whose obligation, due when; its quantity and amount as the event has them."""
    due = f"{whose(payload)} {payload['symbol']} due {payload['due']}"
    quantity = f"{payload['quantity']} {payload['asset']}"
    return f"{due}: {quantity} against {payload['amount']} {payload['currency']}"


def _settled(payload: Payload) -> str:
    left = payload.get("left_quantity", "0"), payload.get("left_amount", "0")
    rest = "" if left == ("0", "0") else f", left {left[0]} against {left[1]}"
    return f"cycle {payload['cycle']} {_owed(payload)}{rest}"


def _failed(payload: Payload) -> str:
    short_of = payload.get("short_of")
    why = f"short of {short_of}" if short_of else "not got from others"
    penalty = payload.get("penalty", "0")
    cost = "" if penalty == "0" else f", penalty {penalty} {payload['currency']}"
    return f"cycle {payload['cycle']} {_owed(payload)}: {why}, {payload['cycles']} times{cost}"


def _bought_in(payload: Payload) -> str:
    money = f"{payload['compensation']} {payload['currency']} at {payload['price']}"
    return f"cycle {payload['cycle']} {_owed(payload)}: ended in money, {money}"


def _moved(payload: Payload) -> str:
    account = payload.get("to_account")
    to = f"{payload['to_member']}/{account}" if account else payload["to_member"]
    return f"{_owed(payload)} passes to {to}{by_whom(payload)}"


WORDS = {
    SetSettlementRules: _rules,
    SettlementRulesSet: _rules,
    SettleObligations: lambda payload: f"settle what is due by {_date(payload)}{by_whom(payload)}",
    SettlementBegun: _begun,
    ObligationSettled: _settled,
    ObligationFailed: _failed,
    ObligationBoughtIn: _bought_in,
    ObligationMoved: _moved,
    SettlementEnded: lambda payload: (
        f"cycle {payload['cycle']} of {payload['settlement_date']} is done: {payload['settled']} "
        f"settled, {payload['partly']} in part, {payload['failed']} failed"
    ),
}
