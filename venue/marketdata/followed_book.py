"""One symbol's book as a reader keeps it: from a snapshot, then update by update.

Pure. It never guesses: whatever does not follow breaks it, and a new snapshot is needed.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from venue.domain.types import Side
from venue.marketdata.day_totals import EXACT, decimal_text
from venue.marketdata.levels import Levels
from venue.marketdata.messages import (
    Action,
    AnyTrade,
    Definition,
    OrderByOrder,
    OrderChange,
    PriceLevel,
    PublicOrder,
    Snapshot,
    Statistics,
    Status,
)


class BookBroken(Exception):
    """The book cannot be gone on with; text says why."""


class Update(NamedTuple):
    """What one update, or a snapshot, has changed.

    fresh: the book is a new one, from a snapshot: changes and trades do not say how it came to be,
    and statistics, status and definition are all that is known. Else these are None where they have
    not changed.
    """

    seq: int
    event_seq: int
    timestamp_ns: int
    changes: tuple[OrderChange, ...] = ()
    trades: tuple[AnyTrade, ...] = ()
    statistics: Statistics | None = None
    status: Status | None = None
    definition: Definition | None = None
    fresh: bool = False


class FollowedBook:
    """A book after update `seq` of its symbol. current: whether it is being followed now."""

    def __init__(self, pages: Sequence[Snapshot]) -> None:
        """From all pages of one snapshot, in order. Raises BookBroken."""
        first = pages[0]
        if [page.page for page in pages] != list(range(1, first.pages + 1)):
            raise BookBroken("its pages are not those of one snapshot")
        self.symbol = first.symbol
        self.epoch = first.epoch
        self.seq = first.seq
        self.event_seq = first.event_seq
        self.timestamp_ns = first.timestamp_ns
        self.statistics = first.statistics
        self.status = first.status
        self.definition = first.definition
        self.current = True
        self._levels = Levels()
        self._orders: dict[str, PublicOrder] = {}
        self._count_as_defined()
        for page in pages:
            for order in page.orders:
                self._add(order)
        self.checksum = self._checked(first.checksum)

    def bids(self, limit: int) -> tuple[PriceLevel, ...]:
        """At most `limit` bid levels as price, quantity, number of orders; the highest first."""
        return self._levels.bids(limit)

    def asks(self, limit: int) -> tuple[PriceLevel, ...]:
        """As `bids`, of the asks, the lowest first."""
        return self._levels.asks(limit)

    def level(self, side: Side, price: str) -> tuple[str, PriceLevel | None]:
        """The level of one price, if there is one, behind the price as levels write it."""
        exact = Decimal(price)
        return decimal_text(exact), self._levels.at(side is Side.BUY, exact)

    def orders(self, side: Side) -> list[PublicOrder]:
        """Orders of one side, the best price first; those of one price as they queue."""
        found = [order for order in self._orders.values() if order.side is side]
        # sorted() keeps the order of equals: that in which they have joined
        return sorted(found, key=lambda o: Decimal(o.price), reverse=side is Side.BUY)

    def everything(self) -> Update:
        """The book as it stands, as an update that makes it anew."""
        return Update(
            self.seq,
            self.event_seq,
            self.timestamp_ns,
            statistics=self.statistics,
            status=self.status,
            definition=self.definition,
            fresh=True,
        )

    def apply(self, message: OrderByOrder) -> Update | None:
        """Take in the next update; None: the book includes it already. Raises BookBroken."""
        if message.epoch != self.epoch:
            raise BookBroken(f"epoch {message.epoch} has begun behind {self.epoch}")
        if message.seq <= self.seq:
            return None
        if message.seq != self.seq + 1:
            raise BookBroken(f"updates {self.seq + 1} to {message.seq - 1} are missing")
        if message.definition is not None:
            self.definition = message.definition
            self._count_as_defined()
        for change in message.changes:
            self._apply(change)
        self.seq = message.seq
        self.event_seq, self.timestamp_ns = message.event_seq, message.timestamp_ns
        self.statistics = message.statistics or self.statistics
        self.status = message.status or self.status
        self.checksum = self._checked(message.checksum)
        return Update(
            message.seq,
            message.event_seq,
            message.timestamp_ns,
            message.changes,
            message.trades,
            message.statistics,
            message.status,
            message.definition,
        )

    def _apply(self, change: OrderChange) -> None:
        order = PublicOrder(change.id, change.side, change.price, change.quantity)
        held = self._orders.get(change.id)
        if change.action is Action.NEW:
            if held is not None:
                raise BookBroken(f"order {change.id} is in the book, and comes as a new one")
            self._add(order)
            return
        if held is None:
            raise BookBroken(f"order {change.id} is not in the book, and changes")
        if change.action is Action.DELETE:
            del self._orders[change.id]
            self._count(held, -1)
            return
        if (held.side, held.price) != (change.side, change.price):
            raise BookBroken(f"order {change.id} moves and keeps its place")
        self._orders[change.id] = order
        self._levels.add(
            change.side is Side.BUY,
            Decimal(change.price),
            EXACT.subtract(Decimal(change.quantity), Decimal(held.quantity)),
            0,
        )

    def _add(self, order: PublicOrder) -> None:
        self._orders[order.id] = order
        self._count(order, 1)

    def _count(self, order: PublicOrder, sign: int) -> None:
        quantity = Decimal(order.quantity)
        if sign < 0:
            quantity = quantity.copy_negate()
        self._levels.add(order.side is Side.BUY, Decimal(order.price), quantity, sign)

    def _count_as_defined(self) -> None:
        defined = self.definition
        if defined is not None:
            self._levels.set_decimals(defined.price_decimals, defined.quantity_decimals)

    def _checked(self, checksum: int) -> int:
        found = self._levels.checksum()
        if found != checksum:
            raise BookBroken(f"checksum {found} with update {self.seq}, and {checksum} is said")
        return found
