"""Verbs of settlement: the rules of the calendar and of fails, and the run of a cycle.

Commands and events of each, their words, and how they are said. Effects:
venue.engine.control.settlement.
"""

from venue.domain.command import ActionCommand, ConfigurationCommand
from venue.domain.event import ControlEvent
from venue.domain.role import Role
from venue.domain.verb import Option, Verb


class SetSettlementRules(ConfigurationCommand, frozen=True, tag=True):
    """Set which days settle, and what becomes of what is not delivered or paid.

    weekdays: "mon" ... on which is settled. holidays: ISO dates on which is not. partial: whether a
    part is delivered where not all is there. penalty_bps: of the value of a fail for each cycle.
    buy_in_cycles: cycles after which a fail ends in money; 0: never. at_day_end: whether the end of
    a trading day orders the cycle of its date.
    """

    least_role = Role.ADMIN
    weekdays: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
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


GROUPS = {"settle": "Settlement: run a cycle, see what is due, what failed, and the calendar."}

VERBS = (
    Verb(
        SettleObligations,
        "settle run",
        "Settle what is due: deliver against payment, net for each member.",
        "venue settle run --date 2026-12-02",
        (Option("settlement_date", "--date", "D", "What is due by then; else by today."),),
        done=lambda command: f"settlement of {command.settlement_date or 'today'} is ordered",
        asks=lambda command: f"settle what is due by {command.settlement_date or 'today'}",
    ),
)
