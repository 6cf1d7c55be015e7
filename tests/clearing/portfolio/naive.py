"""A second portfolio, as plain as can be: every unit of 10^-8 in fractions, the whole history at
once. It knows no lots of the venue's, only lists."""

from collections.abc import Sequence
from fractions import Fraction

from venue.clearing.portfolio.changes import Change, ChangeKind


class NaivePosition:
    """Signed lots [quantity, cost] in order; P&L in exact fractions, nothing rounded."""

    def __init__(self) -> None:
        self.lots: list[list[Fraction]] = []
        self.realised = Fraction(0)
        self.fees = 0

    @property
    def quantity(self) -> Fraction:
        return sum((lot[0] for lot in self.lots), Fraction(0))

    @property
    def cost(self) -> Fraction:
        return sum((lot[1] for lot in self.lots), Fraction(0))

    def trade(self, quantity: Fraction, paid: Fraction) -> None:
        """Buy for `paid`, or, with both below zero, sell."""
        price = paid / quantity
        while quantity and self.lots and self.lots[0][0] * quantity < 0:
            held, cost = self.lots[0]
            part = min(abs(held), abs(quantity))
            closed = part if held > 0 else -part
            its_cost = cost * closed / held
            self.realised += closed * price - its_cost
            self.lots[0] = [held - closed, cost - its_cost]
            quantity += closed
            if not self.lots[0][0]:
                self.lots.pop(0)
        if quantity:
            self.lots.append([quantity, quantity * price])

    def pool(self) -> None:
        """Make one lot of all: the average."""
        if self.lots:
            self.lots = [[self.quantity, self.cost]]

    def remove(self, quantity: Fraction) -> list[list[Fraction]]:
        """Take the oldest out; what is not there goes short at no cost."""
        gone = []
        while quantity and self.lots and self.lots[0][0] > 0:
            held, cost = self.lots[0]
            part = min(held, quantity)
            gone.append([part, cost * part / held])
            self.lots[0] = [held - part, cost - cost * part / held]
            quantity -= part
            if not self.lots[0][0]:
                self.lots.pop(0)
        if quantity:
            self.lots.append([-quantity, Fraction(0)])
            gone.append([quantity, Fraction(0)])
        return gone


def naive(history: Sequence[Change], *, average: bool) -> dict[tuple[str, str], NaivePosition]:
    """Positions by account and asset of a history in which each asset has one currency."""
    busted = {(each.of, each.quantity > 0) for each in history if each.kind is ChangeKind.BUST}
    undone = {int(each.of) for each in history if each.kind is ChangeKind.REVERSAL}
    corrected: dict[tuple[str, bool], Change] = {}
    for each in history:
        if each.kind is ChangeKind.CORRECTION:
            corrected[each.of, each.quantity > 0] = each
    found: dict[tuple[str, str], NaivePosition] = {}
    carried: tuple[int, list[list[Fraction]]] = (0, [])
    for change in history:
        side = (change.of, change.quantity > 0)
        if change.kind not in (ChangeKind.TRADE, ChangeKind.DEAL, ChangeKind.MOVE):
            continue
        if change.kind is ChangeKind.TRADE:
            if side in busted:
                continue
            change = corrected.get(side, change)
        position = found.setdefault((change.account, change.asset), NaivePosition())
        quantity = Fraction(change.quantity)
        if change.kind is ChangeKind.MOVE:
            if change.event_seq in undone:
                continue
            if quantity < 0:
                carried = (change.event_seq, position.remove(-quantity))
            elif carried[0] == change.event_seq:
                for its_quantity, its_cost in carried[1]:
                    position.trade(its_quantity, its_cost)
                    if average:
                        position.pool()
            else:
                position.trade(quantity, Fraction(0))
        else:
            position.trade(quantity, Fraction(-change.amount))
            position.fees += change.fee
        if average:
            position.pool()
    return found
