"""Positions of one member, folded from changes in the order of their events.

Pure. A trade that was busted counts as if it had never been, one that was corrected as it stands;
so does a deposit or transfer that was reversed. What comes in without money comes at cost 0.
"""

from collections.abc import Iterable, Sequence
from heapq import merge
from typing import NamedTuple

from venue.clearing.portfolio.changes import RESTATING, Change, ChangeKind
from venue.clearing.portfolio.lots import Lot, Lots, Method
from venue.domain.decimal_text import MONEY_SCALE, divide_half_away


class Position:
    """What an account holds of an asset, with its cost in one currency; all in 10^-8.

    symbol: the instrument that it was last traded in; it and currency are empty before a trade.
    fees: paid to the venue, beside cost and P&L. unpriced: some of it came in without money, at
    cost 0, and is or was counted in cost and P&L so.
    """

    __slots__ = (
        "_split", "_split_cost", "account", "asset", "currency", "fees", "lots", "realised",
        "symbol", "unpriced",
    )  # fmt: skip

    def __init__(self, account: str, asset: str, currency: str, method: Method) -> None:
        self.account = account
        self.asset = asset
        self.currency = currency
        self.symbol = ""
        self.lots = Lots(method)
        self.realised = 0
        self.fees = 0
        self.unpriced = False
        self._split = self._split_cost = 0

    @property
    def quantity(self) -> int:
        """Settled and unsettled together."""
        return self.lots.quantity + self._split

    @property
    def cost(self) -> int:
        """Of what is open; below zero: money got for what is short."""
        return self.lots.cost + self._split_cost

    def average_cost(self) -> int | None:
        """Cost of one unit, to the nearest 10^-8; None where nothing is open."""
        quantity = self.quantity
        if not quantity:
            return None
        sign = 1 if quantity > 0 else -1
        return divide_half_away(sign * self.cost * MONEY_SCALE, abs(quantity))

    def value_at(self, price: int) -> int:
        """Money that all of it is worth at a price, to the nearest 10^-8."""
        return divide_half_away(self.quantity * price, MONEY_SCALE)

    def trade(self, quantity: int, amount: int) -> None:
        """Asset against money."""
        self.finish_split()
        self.realised += self.lots.trade(quantity, amount)

    def come(self, quantity: int) -> None:
        """Asset without money, at cost 0."""
        self.finish_split()
        self.unpriced = True
        self.realised += self.lots.trade(quantity, 0)

    def go(self, quantity: int) -> list[Lot]:
        """Asset without money, the oldest first. Returns the lots that went, at their cost."""
        self.finish_split()
        self.unpriced |= quantity > self.lots.quantity
        return self.lots.remove(quantity)

    def receive(self, lots: Iterable[Lot], *, unpriced: bool) -> None:
        """Lots of another account of the member, at their cost."""
        self.finish_split()
        self.unpriced |= unpriced
        self.realised += self.lots.receive(lots)

    def split(self, quantity: int, amount: int) -> None:
        """A part of a split: what it does to what is settled, or to one obligation.

        The parts of a split come one by one; together they scale the lots.
        """
        self._split += quantity
        self._split_cost -= amount

    def finish_split(self) -> None:
        """Scale the lots by all that a split has brought."""
        if self._split or self._split_cost:
            self.lots.split(self._split, self._split_cost)
            self._split = self._split_cost = 0


class _Gone(NamedTuple):
    """What a change of an event has taken out of an account, for the account that gets it."""

    event_seq: int
    lots: list[Lot]
    unpriced: bool


_NOTHING_GONE = _Gone(0, [], unpriced=False)


class Portfolio:
    """Positions of one member by account, asset and currency; and income by account and currency.

    Moves and splits go to the position that an account had first of the asset.
    """

    def __init__(self, method: Method) -> None:
        self._method = method
        self._positions: dict[tuple[str, str, str], Position] = {}
        self._first: dict[tuple[str, str], Position] = {}
        self._gone = _NOTHING_GONE
        self.income: dict[tuple[str, str], int] = {}

    def positions(self) -> list[Position]:
        """All there ever were, by account, asset and currency."""
        for position in self._positions.values():
            position.finish_split()
        return [self._positions[key] for key in sorted(self._positions)]

    def take(self, change: Change) -> None:
        """Follow a change that restates nothing, and is of this member."""
        kind = change.kind
        assert kind not in RESTATING
        if kind is ChangeKind.TRADE or kind is ChangeKind.DEAL:
            position = self._traded(change)
            position.trade(change.quantity, change.amount)
            position.fees += change.fee
        elif kind is ChangeKind.INCOME:
            key = (change.account, change.currency)
            self.income[key] = self.income.get(key, 0) + change.amount
        elif kind is ChangeKind.SPLIT:
            self._of_asset(change).split(change.quantity, change.amount)
        else:
            self._move(change)

    def _move(self, change: Change) -> None:
        position = self._of_asset(change)
        if change.quantity < 0:
            lots = position.go(-change.quantity)
            self._gone = _Gone(change.event_seq, lots, position.unpriced)
        elif self._gone.event_seq == change.event_seq:
            position.receive(self._gone.lots, unpriced=self._gone.unpriced)
        else:
            position.come(change.quantity)

    def _traded(self, change: Change) -> Position:
        key = (change.account, change.asset, change.currency)
        position = self._positions.get(key)
        if position is None:
            first = self._first.get(key[:2])
            if first is not None and not first.currency:  # it was never traded: now it is
                del self._positions[change.account, change.asset, ""]
                first.currency = change.currency
                position = first
            else:
                position = Position(*key, self._method)
                self._first.setdefault(key[:2], position)
            self._positions[key] = position
        position.symbol = change.symbol
        return position

    def _of_asset(self, change: Change) -> Position:
        key = (change.account, change.asset)
        position = self._first.get(key)
        if position is None:
            position = Position(*key, "", self._method)
            self._first[key] = self._positions[*key, ""] = position
        return position


def folded(trades: Iterable[Change], others: Sequence[Change], method: Method) -> Portfolio:
    """The portfolio of one member: trades as executed, and all other changes, each in order.

    Busts, corrections and reversals among the others restate what they are about.
    """
    portfolio = Portfolio(method)
    latest = {
        (change.of, change.quantity > 0): change
        for change in others
        if change.kind in (ChangeKind.BUST, ChangeKind.CORRECTION)
    }
    reversed_seqs = {change.of for change in others if change.kind is ChangeKind.REVERSAL}
    moving = [
        change
        for change in others
        if change.kind not in RESTATING
        and not (change.kind is ChangeKind.MOVE and str(change.event_seq) in reversed_seqs)
    ]
    for change in merge(trades, moving, key=_event_seq):
        now = latest.get((change.of, change.quantity > 0)) if latest and change.of else None
        if now is None:
            portfolio.take(change)
        elif now.kind is ChangeKind.CORRECTION:
            portfolio.take(change._replace(quantity=now.quantity, amount=now.amount, fee=now.fee))
    return portfolio


def _event_seq(change: Change) -> int:
    return change.event_seq


__all__ = ["Portfolio", "Position", "folded"]
