"""A ladder: a row for each price around a centre, with what stands there and what is one's own.

Pure. Prices and quantities come as exact text, and leave as exact text with the instrument's
decimals; between they are Decimal.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from venue.gateway.order import OPEN
from venue.marketdata.day_totals import decimal_text
from venue.marketdata.messages import PriceLevel

ROWS = 41
_EDGE = 3
"""Rows from an end at which the best price brings the ladder's centre to itself."""
_BUYS = ("buy",)
Order = Mapping[str, Any]
"""An order as the API tells it."""


class Side(NamedTuple):
    """Levels of one side by their price, and the best first."""

    levels: Sequence[PriceLevel]

    @property
    def best(self) -> Decimal | None:
        """The best price."""
        return Decimal(self.levels[0].price) if self.levels else None

    def by_price(self) -> dict[Decimal, PriceLevel]:
        """The levels by price."""
        return {Decimal(level.price): level for level in self.levels}


class Grid:
    """The prices that a ladder shows: multiples of the tick, ROWS of them around a centre."""

    def __init__(self, tick_size: str, reference_price: str) -> None:
        """reference_price: is in the middle while there is no other price."""
        self.tick = Decimal(tick_size)
        self._reference = Decimal(reference_price)
        self.centre: Decimal | None = None

    def text(self, price: Decimal) -> str:
        """A price with the tick's decimals."""
        return format(price.quantize(self.tick), "f") if self.tick < 1 else format(price, "f")

    def recentre(self, bids: Side, asks: Side, last: Decimal | None) -> None:
        """Put the middle of the best prices in the middle; where none are, the last price."""
        best = [price for price in (bids.best, asks.best) if price is not None]
        middle = sum(best, Decimal(0)) / len(best) if best else last or self._reference
        self.centre = (middle / self.tick).to_integral_value() * self.tick

    def follow(self, bids: Side, asks: Side, last: Decimal | None) -> None:
        """Recentre if there is no centre yet, or a best price has come to an end of the ladder."""
        reach = (ROWS // 2 - _EDGE) * self.tick
        best = [price for price in (bids.best, asks.best) if price is not None]
        if self.centre is None or (
            best and all(abs(price - self.centre) > reach for price in best)
        ):
            self.recentre(bids, asks, last)

    def prices(self) -> list[Decimal]:
        """The prices, the highest first; none where there is no centre."""
        if self.centre is None:
            return []
        top = self.centre + (ROWS // 2) * self.tick
        found = [top - number * self.tick for number in range(ROWS)]
        return [price for price in found if price > 0]


def rows(
    grid: Grid, bids: Side, asks: Side, orders: Iterable[Order], last: Decimal | None
) -> list[dict[str, Any]]:
    """The ladder's rows: price, quantities, cumulative depth, own orders, marks.

    bid, ask: what is shown there. bid_depth, ask_depth: from the best price up to this one. buys,
    sells: own orders as [order_id, remaining].
    """
    of_bids, of_asks = bids.by_price(), asks.by_price()
    own = _own(orders)
    depth_of_bids = _cumulative(bids)
    depth_of_asks = _cumulative(asks)
    found = []
    for price in grid.prices():
        bid, ask = of_bids.get(price), of_asks.get(price)
        found.append(
            {
                "price": grid.text(price),
                "bid": bid.quantity if bid else "",
                "ask": ask.quantity if ask else "",
                "bid_orders": bid.orders if bid else 0,
                "ask_orders": ask.orders if ask else 0,
                "bid_depth": depth_of_bids.get(price, ""),
                "ask_depth": depth_of_asks.get(price, ""),
                "buys": own.get((True, price), []),
                "sells": own.get((False, price), []),
                "is_last": price == last,
                "is_best": price in (bids.best, asks.best),
            }
        )
    return found


def _cumulative(side: Side) -> dict[Decimal, str]:
    """What stands from the best price up to each."""
    total, found = Decimal(0), {}
    for level in side.levels:
        total += Decimal(level.quantity)
        found[Decimal(level.price)] = decimal_text(total)
    return found


def _own(orders: Iterable[Order]) -> dict[tuple[bool, Decimal], list[list[str]]]:
    """Own open orders by side and price."""
    found: dict[tuple[bool, Decimal], list[list[str]]] = {}
    for order in orders:
        if order["state"] in OPEN and order.get("price"):
            key = (order["side"] in _BUYS, Decimal(order["price"]))
            found.setdefault(key, []).append([order["order_id"], order["remaining"]])
    return found


def moved(price: str, ticks: int, tick_size: str) -> str:
    """A price so many ticks higher."""
    grid = Grid(tick_size, price)
    return grid.text(Decimal(price) + ticks * grid.tick)


def change_of(statistics: Any) -> str:
    """How far the last price is from the close of the day before, in percent; empty: unknown."""
    if statistics is None or not statistics.last or not statistics.close:
        return ""
    close = Decimal(statistics.close)
    if not close:
        return ""
    percent = (Decimal(statistics.last) - close) / close * 100
    return f"{percent:+.2f}%"
