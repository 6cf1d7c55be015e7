"""What a position has cost: lots of one sign, closed first in first out, or as one average.

Pure integers of 10^-8. The only rounding of the portfolio is `share`: what is split off is rounded,
the rest keeps what is left. So nothing is lost: realised P&L less open cost is the money that came.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from venue.domain.decimal_text import divide_half_away


class Method(StrEnum):
    """Which cost a sale takes: of the oldest lot, or the average of all."""

    FIFO = "fifo"
    AVERAGE = "average"


class Lot(NamedTuple):
    """quantity: above zero bought, below sold short. cost: money paid for it; below zero: got."""

    quantity: int
    cost: int


def share(total: int, part: int, whole: int) -> int:
    """part/whole of the total, to the nearest 10^-8, halves away from zero. part, whole above 0."""
    return divide_half_away(total * part, whole)


class Lots:
    """The open lots of one position; their quantities have one sign. quantity, cost: their sums."""

    __slots__ = ("_is_average", "_lots", "cost", "quantity")

    def __init__(self, method: Method) -> None:
        self._is_average = method is Method.AVERAGE
        self._lots: deque[Lot] = deque()
        self.quantity = 0
        self.cost = 0

    def trade(self, quantity: int, amount: int) -> int:
        """Buy or sell for money that comes in (amount). Returns the P&L that this has realised."""
        if quantity * self.quantity >= 0:
            self.add(Lot(quantity, -amount))
            return 0
        size, closing = abs(quantity), min(abs(quantity), abs(self.quantity))
        money = amount if closing == size else share(amount, closing, size)
        realised = money - sum(lot.cost for lot in self._take(closing))
        if closing < size:
            left = size - closing if quantity > 0 else closing - size
            self.add(Lot(left, money - amount))
        return realised

    def remove(self, quantity: int) -> list[Lot]:
        """Take away so much (above 0), the oldest first. Returns the lots that went, at their cost.

        What goes beyond all that is there is sold short at cost 0.
        """
        gone = self._take(min(quantity, max(self.quantity, 0)))
        beyond = quantity - sum(lot.quantity for lot in gone)
        if beyond:
            self.add(Lot(-beyond, 0))
            gone.append(Lot(beyond, 0))
        return gone

    def receive(self, lots: Iterable[Lot]) -> int:
        """Take over lots at their cost. Returns the P&L of those that close what is short."""
        return sum(self.trade(lot.quantity, -lot.cost) for lot in lots)

    def split(self, quantity: int, cost: int) -> None:
        """Have the quantity change by so much, in proportion over all lots, and their cost by so
        much; where nothing is left of it, or was there, as it comes."""
        after = self.quantity + quantity
        if not self.quantity or after * self.quantity <= 0:
            total = self.cost + cost
            self._lots.clear()
            self.quantity = self.cost = 0
            if after or total:
                self.add(Lot(after, total))
            return
        before, old_cost = self.quantity, self.cost
        lots, self._lots = self._lots, deque()
        self.quantity = self.cost = 0
        seen = seen_cost = 0
        for lot in lots:  # by running totals, so that the last one brings it to the exact sum
            seen += lot.quantity
            seen_cost += lot.cost
            to = divide_half_away(after * seen * (1 if before > 0 else -1), abs(before))
            added = divide_half_away(cost * seen * (1 if before > 0 else -1), abs(before))
            self._append(Lot(to - self.quantity, seen_cost + added - self.cost))
        assert (self.quantity, self.cost) == (after, old_cost + cost)

    def add(self, lot: Lot) -> None:
        """Open a lot; with the average there is only one."""
        if not lot.quantity and not lot.cost:
            return
        if self._is_average and self._lots:
            last = self._lots.pop()
            self._lots.append(Lot(last.quantity + lot.quantity, last.cost + lot.cost))
            self.quantity += lot.quantity
            self.cost += lot.cost
        else:
            self._append(lot)

    def open(self) -> list[Lot]:
        """The lots, the oldest first."""
        return list(self._lots)

    def _append(self, lot: Lot) -> None:
        self._lots.append(lot)
        self.quantity += lot.quantity
        self.cost += lot.cost

    def _take(self, size: int) -> list[Lot]:
        """Take so much from the oldest lots."""
        taken = []
        while size:
            lot = self._lots[0]
            held = abs(lot.quantity)
            if held <= size:
                self._lots.popleft()
                part = lot
            else:
                quantity = size if lot.quantity > 0 else -size
                part = Lot(quantity, share(lot.cost, size, held))
                self._lots[0] = Lot(lot.quantity - part.quantity, lot.cost - part.cost)
            size -= abs(part.quantity)
            self.quantity -= part.quantity
            self.cost -= part.cost
            taken.append(part)
        return taken


__all__ = ["Lot", "Lots", "Method", "share"]
