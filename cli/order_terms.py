"""A new order's terms as they are written on the command line, in words.

Knows typer for what is wrong use; pure otherwise.
"""

import re
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from venue.cli.options import choice_of, wrong_use
from venue.domain.decimal_text import MAX_DIGITS, is_decimal, parse_scaled
from venue.domain.types import Side, TimeInForce
from venue.fix.groups import DecodeError
from venue.fix.tags import SessionRejectReason
from venue.sim.intents import Enter


class SideName(StrEnum):
    """Side(54) in words."""

    BUY = "buy"
    SELL = "sell"
    SHORT = "short"


class TypeName(StrEnum):
    """OrdType(40) in words."""

    LIMIT = "limit"
    MARKET = "market"


class TimeInForceName(StrEnum):
    """TimeInForce(59) in words."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


SIDES = {SideName.BUY: Side.BUY, SideName.SELL: Side.SELL, SideName.SHORT: Side.SELL_SHORT}
TIMES = {
    TimeInForceName.DAY: TimeInForce.DAY,
    TimeInForceName.GTC: TimeInForce.GOOD_TILL_CANCEL,
    TimeInForceName.IOC: TimeInForce.IMMEDIATE_OR_CANCEL,
    TimeInForceName.FOK: TimeInForce.FILL_OR_KILL,
}

SIDE_CHOICES, TYPE_CHOICES, TIME_CHOICES = (
    f"[{'|'.join(kind)}]" for kind in (SideName, TypeName, TimeInForceName)
)

SymbolArgument = Annotated[str, typer.Argument(metavar="SYMBOL", help="Such as ACME.")]
SideArgument = Annotated[
    SideName,
    typer.Argument(
        parser=choice_of(SideName), metavar="SIDE", help="buy, sell or short (with --tag 114=N)."
    ),
]
QtyArgument = Annotated[str, typer.Argument(metavar="QTY", help="OrderQty(38).")]
PriceOption = Annotated[str | None, typer.Option("--price", metavar="P", help="Limit price.")]
TypeOption = Annotated[
    TypeName | None,
    typer.Option(
        "--type",
        parser=choice_of(TypeName),
        metavar=TYPE_CHOICES,
        help="limit with a price, else market.",
    ),
]
TagOption = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG=VALUE", help="Any other field; may be repeated."),
]
TifOption = Annotated[
    TimeInForceName,
    typer.Option(
        "--tif", parser=choice_of(TimeInForceName), metavar=TIME_CHOICES, help="Time in force."
    ),
]
AccountOption = Annotated[str, typer.Option("--account", metavar="A", help="Account(1).")]


def new_order(
    symbol: str,
    side: SideName,
    qty: str,
    price: str | None,
    type_: TypeName | None,
    tif: TimeInForceName,
    tags: list[str] | None,
) -> Enter:
    """The order; ends with status 2 for what contradicts itself."""
    for tag in tags or ():
        if not re.fullmatch(r"\d+=[^\x01]+", tag):
            wrong_use(f"--tag {tag}: not TAG=VALUE with a number as TAG")
    if type_ is TypeName.LIMIT and price is None:
        wrong_use("a limit order needs --price")
    if type_ is TypeName.MARKET and price is not None:
        wrong_use("a market order has no --price")
    return Enter(symbol, SIDES[side], qty, price, TIMES[tif], tuple(tags or ()))


class TakesNumbers(TyperCommand):
    """A command where a number with a minus is a value, and no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; other words that begin with a minus have to be options."""
        ctx.ignore_unknown_options = any(is_decimal(each) for each in args if each.startswith("-"))
        return super().parse_args(ctx, args)


def check_amounts(qty: str | None, price: str | None) -> None:
    """End with status 2 for a quantity or a price that is no number above zero; None: not given."""
    for name, amount, example in (("quantity", qty, "100"), ("price", price, "99.50")):
        if amount is None or (is_decimal(amount) and (parse_scaled(amount, MAX_DIGITS) or 0) > 0):
            continue
        wrong_use(f"{amount!r} is no {name}: it is a number above zero, such as {example}")


def rejected_at(error: DecodeError) -> str:
    """What a session would be told of such a message, in words."""
    why = next(name for name, code in vars(SessionRejectReason).items() if code == error.reason)
    words = why.replace("_", " ").lower()
    return f"the session would reject it: {words}, tag {error.tag}"
