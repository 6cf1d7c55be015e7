"""A new order's terms as they are written on the command line, in words.

Knows typer for what is wrong use; pure otherwise.
"""

import re
from enum import StrEnum
from typing import Annotated

import typer

from venue.cli.options import wrong_use
from venue.domain.types import Side, TimeInForce
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

SymbolArgument = Annotated[str, typer.Argument(metavar="SYMBOL", help="Such as ACME.")]
SideArgument = Annotated[
    SideName, typer.Argument(metavar="SIDE", help="buy, sell or short (with --tag 114=N).")
]
QtyArgument = Annotated[str, typer.Argument(metavar="QTY", help="OrderQty(38).")]
PriceOption = Annotated[str | None, typer.Option("--price", metavar="P", help="Limit price.")]
TypeOption = Annotated[
    TypeName | None, typer.Option("--type", help="limit with a price, else market.")
]
TagOption = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG=VALUE", help="Any other field; may be repeated."),
]
TifOption = Annotated[TimeInForceName, typer.Option("--tif", help="Time in force.")]
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
