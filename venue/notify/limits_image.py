"""What has been counted of limits, to be kept: orders, positions and marks. Pure."""

import msgspec

from venue.domain.instrument_definition import InstrumentDefinition
from venue.domain.types import Side
from venue.notify.last_prices import PricesImage


class Counted(msgspec.Struct, array_like=True):
    """What is counted for an open order: whole lots at a price in ticks."""

    member: str
    account: str
    symbol: str
    side: Side
    lots: int
    ticks: int


class UseImage(msgspec.Struct, array_like=True):
    """A scope in one instrument; amounts in text, for they may be large."""

    symbol: str
    position_lots: str
    day_lots: str
    day_cash: str


class ScopeImage(msgspec.Struct, array_like=True):
    """A scope without its open orders, which follow from the orders."""

    member: str
    account: str
    limits: dict[str, str]
    net_bought: str
    uses: list[UseImage]
    marks: dict[str, int]


class LimitsImage(msgspec.Struct):
    """All that has been counted."""

    instruments: list[InstrumentDefinition] = []
    scopes: list[ScopeImage] = []
    orders: dict[str, Counted] = {}
    prices: PricesImage = {}
