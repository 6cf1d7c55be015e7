"""Verbs on what was traded: bust, correct.

How they are said. Their events are in venue.domain.events. Effects:
venue.engine.control.trade_changes.
"""

from venue.domain.command import ActionCommand
from venue.domain.role import Role
from venue.domain.verb import Argument, Option, Verb

BUSTED_CODE, CORRECTED_CODE = "TRADE_BUSTED", "TRADE_CORRECTED"
"""Heads of the text by which members are told, in FIX and in drop copies."""


class BustTrade(ActionCommand, frozen=True, tag=True):
    """Undo a trade. match_id is SecondaryExecID(527)."""

    least_role = Role.OPERATOR
    match_id: str
    operator: str = ""
    reason: str = ""


class CorrectTrade(ActionCommand, frozen=True, tag=True):
    """Change a trade's price, and lower its quantity where one is given."""

    least_role = Role.OPERATOR
    match_id: str
    price: str
    quantity: str | None = None
    operator: str = ""
    reason: str = ""


GROUPS = {"trade": "Bust and correct trades, as long as the venue keeps them (bust_days)."}

_MATCH = Argument("match_id", "MATCHID", "SecondaryExecID(527) of its fills, such as M17.")

VERBS = (
    Verb(
        BustTrade,
        "trade bust",
        "Undo a trade: both sides are told, the ledger is reversed.",
        'venue trade bust M17 --reason "erroneous price"',
        (_MATCH,),
        done=lambda command: f"trade {command.match_id} is busted",
        asks=lambda command: f"bust trade {command.match_id}",
    ),
    Verb(
        CorrectTrade,
        "trade correct",
        "Give a trade another price, or a lower quantity: both sides are told, the ledger follows.",
        "venue trade correct M17 --price 99.98 --quantity 5",
        (
            _MATCH,
            Option("price", "--price", "P", "What it should be."),
            Option("quantity", "--quantity", "Q", "Lower than it was."),
        ),
        done=lambda command: f"trade {command.match_id} is at {command.price}",
        asks=lambda command: f"correct trade {command.match_id} to {command.price}",
    ),
)
