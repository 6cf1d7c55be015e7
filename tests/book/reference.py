"""A naive book to compare with: one list per side, sorted anew for every question."""

from dataclasses import dataclass, field

from venue.domain.types import Side


@dataclass
class NaiveOrder:
    """An order with the number of its arrival, which is its place in time."""

    name: int
    side: Side
    price: int
    lots: int
    arrival: int


@dataclass(frozen=True)
class NaiveMatch:
    """One trade: the resting order's name, its price, the quantity."""

    resting: int
    price: int
    lots: int


@dataclass
class NaiveBook:
    """Price, then arrival; entering matches first and rests the remainder when told to."""

    orders: list[NaiveOrder] = field(default_factory=list)
    arrivals: int = 0

    def queue(self, side: Side) -> list[NaiveOrder]:
        """Orders of a side, the one that trades first in front."""
        sign = -1 if side is Side.BUY else 1
        mine = [order for order in self.orders if order.side is side]
        return sorted(mine, key=lambda order: (sign * order.price, order.arrival))

    def find(self, name: int) -> NaiveOrder:
        """The open order of this name."""
        return next(order for order in self.orders if order.name == name)

    def enter(
        self, name: int, side: Side, limit: int | None, lots: int, rests: bool
    ) -> list[NaiveMatch]:
        """Matches of a new order; limit None: at any price."""
        matches = []
        for resting in self.queue(Side.SELL if side is Side.BUY else Side.BUY):
            if lots == 0 or not _would_trade(side, limit, resting.price):
                break
            traded = min(lots, resting.lots)
            lots -= traded
            resting.lots -= traded
            matches.append(NaiveMatch(resting.name, resting.price, traded))
        self.orders = [order for order in self.orders if order.lots > 0]
        if lots > 0 and rests and limit is not None:
            self.arrivals += 1
            self.orders.append(NaiveOrder(name, side, limit, lots, self.arrivals))
        return matches

    def cancel(self, name: int) -> None:
        """Take an order out."""
        self.orders.remove(self.find(name))

    def reduce(self, name: int, lots: int) -> None:
        """Lower an order's open quantity; its arrival stays."""
        self.find(name).lots -= lots

    def levels(self, side: Side) -> list[tuple[int, int, int]]:
        """(price, total quantity, number of orders) from the best outwards."""
        prices = sorted({order.price for order in self.orders if order.side is side})
        if side is Side.BUY:
            prices.reverse()
        at = {p: [o.lots for o in self.orders if o.side is side and o.price == p] for p in prices}
        return [(price, sum(at[price]), len(at[price])) for price in prices]


def _would_trade(side: Side, limit: int | None, price: int) -> bool:
    if limit is None:
        return True
    return price <= limit if side is Side.BUY else price >= limit
