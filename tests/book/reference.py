"""A naive book to compare with: one list per side, sorted anew for every question."""

from dataclasses import dataclass, field, replace

from venue.domain.types import Side


@dataclass
class NaiveOrder:
    """An order with the number of its arrival, which is its place in time.

    floor: the most it shows, 0 for all. shown: what it shows now. owner: the same one's orders do
    not trade with each other, 0 for nobody's.
    """

    name: int
    side: Side
    price: int
    lots: int
    floor: int = 0
    owner: int = 0
    arrival: int = 0
    shown: int = 0


@dataclass(frozen=True)
class NaiveMatch:
    """One trade: the resting order's name, its price, the quantity (0: of the same owner)."""

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

    def match(self, new: NaiveOrder, at_any_price: bool, cancels_resting: bool) -> list[NaiveMatch]:
        """Matches of a new order, and what is left of it in its `lots`.

        Where it meets an order of its owner, that one or itself is taken away.
        """
        matches = []
        while new.lots > 0:
            others = self.queue(Side.SELL if new.side is Side.BUY else Side.BUY)
            if not others or not (at_any_price or _would_trade(new, others[0].price)):
                break
            resting = others[0]
            if new.owner and new.owner == resting.owner:
                matches.append(NaiveMatch(resting.name, resting.price, 0))
                if cancels_resting:
                    self.orders.remove(resting)
                else:
                    new.lots = 0
                continue
            traded = min(new.lots, resting.shown)
            new.lots -= traded
            resting.lots -= traded
            resting.shown -= traded
            matches.append(NaiveMatch(resting.name, resting.price, traded))
            if resting.shown == 0:
                self.orders.remove(resting)
                if resting.lots:
                    self.rest(resting)
        return matches

    def would_match(self, new: NaiveOrder, at_any_price: bool, cancels_resting: bool) -> int:
        """Quantity that `match` would trade; nothing changes."""
        copy = NaiveBook([replace(order) for order in self.orders], self.arrivals)
        return sum(m.lots for m in copy.match(replace(new), at_any_price, cancels_resting))

    def rest(self, order: NaiveOrder) -> None:
        """Put an order behind all others."""
        self.arrivals += 1
        order.arrival = self.arrivals
        order.shown = order.lots if order.floor == 0 else min(order.floor, order.lots)
        self.orders.append(order)

    def cancel(self, name: int) -> None:
        """Take an order out."""
        self.orders.remove(self.find(name))

    def resize(self, name: int, lots: int) -> None:
        """Give an order another open quantity; its arrival stays.

        An iceberg shows less only when it has less, and a whole slice again when it gets more.
        """
        order = self.find(name)
        if order.floor == 0:
            order.shown = lots
        elif lots > order.lots:
            order.shown = min(order.floor, lots)
        else:
            order.shown = min(order.shown, lots)
        order.lots = lots

    def levels(self, side: Side) -> list[tuple[int, int, int]]:
        """(price, shown quantity, number of orders) from the best outwards."""
        prices = sorted({order.price for order in self.orders if order.side is side})
        if side is Side.BUY:
            prices.reverse()
        at = {p: [o.shown for o in self.orders if o.side is side and o.price == p] for p in prices}
        return [(price, sum(at[price]), len(at[price])) for price in prices]


def _would_trade(new: NaiveOrder, price: int) -> bool:
    return price <= new.price if new.side is Side.BUY else price >= new.price
