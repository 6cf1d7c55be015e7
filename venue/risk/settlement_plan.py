"""What a settlement cycle settles, of all that is due: decided in whole numbers, before it begins.

Obligations of one symbol and due date are a group; its quantities and its amounts sum to zero. All
of a group settles unless somebody lacks what he has to deliver or pay. Then

 - who delivers gives what he has settled, and what the same cycle brings him; nobody goes short;
 - who has waited longest gets first: the oldest date, most cycles, larger quantity, then names;
 - what settles in full moves its own quantity and amount. What is left is owed at the last price
   from now on: its amount is the value of what is left, and the difference moves now. So money sums
   to zero too, though each obligation has a price of its own (as continuous net settlement marks
   its fails);
 - money is lacked by prefunded members alone: their receipts are cut. Who cannot pay the difference
   either keeps his own price, and the others of his group of whom something is left share that.

Quantities only ever get less on the way, so that it ends. Pure: no clock, no state.
"""

from collections.abc import Callable, Iterable

from venue.risk.claims import Claim, Planned, Price
from venue.risk.settlement_groups import Group, GroupKey, Line, Purse, PurseKey, even_out, pay

COUNTERPARTY, SHORT = "COUNTERPARTY", "SHORT"
FINE_ROUNDS = 100
"""After so many rounds what cannot be delivered is cut by whole obligations, for it has to end."""


class _Plan:
    """Lines, groups and purses of a cycle."""

    def __init__(
        self,
        claims: Iterable[Claim],
        settled: Callable[[str, str, str], int],
        is_prefunded: Callable[[str], bool],
        price_of: Callable[[str], Price],
        partial: bool,
    ) -> None:
        self.partial = partial
        self.groups: dict[GroupKey, Group] = {}
        self.purses: dict[PurseKey, Purse] = {}

        def purse(member: str, account: str, asset: str) -> Purse:
            key = (member, account, asset)
            found = self.purses.get(key)
            if found is None:
                balance = settled(member, account, asset)
                found = self.purses[key] = Purse(key, balance, is_prefunded(member))
            return found

        for claim in sorted(claims, key=_waited_longest):
            of_group = (claim.due, claim.symbol)
            group = self.groups.get(of_group)
            if group is None:
                group = self.groups[of_group] = Group(of_group, price_of(claim.symbol))
            holding = purse(claim.member, claim.account, claim.asset)
            cash = purse(claim.member, claim.account, claim.currency)
            line = Line(claim, group, holding, cash)
            group.lines.append(line)
            holding.flow += line.signed
            cash.flow += line.money
            cash.pays.append(line)
            if claim.quantity < 0:
                holding.delivers.append(line)

    def reduce(self) -> None:
        """Take off what cannot be delivered or paid, until all that is left can be."""
        looked_at = list(self.purses.values())
        rounds = 0
        while looked_at:
            rounds += 1
            whole = not self.partial or rounds > FINE_ROUNDS
            changed: dict[GroupKey, Group] = {}
            for purse in looked_at:
                lacks = purse.lacks
                if lacks:
                    for group in _cut(purse, lacks, whole):
                        changed[group.key] = group
            touched: dict[PurseKey, Purse] = {}
            for group in changed.values():
                for line in group.lines:
                    touched[line.holding.key] = line.holding
                    touched[line.cash.key] = line.cash
                self.balance(group)
            looked_at = list(touched.values())

    def balance(self, group: Group) -> None:
        """Have as much received as is delivered, and as much paid as is got."""
        for line in group.lines:
            line.holding.flow -= line.signed
            line.cash.flow -= line.money
        even_out(group, self.partial)
        if group.waits or not pay(group):
            group.waits = True
            for line in group.lines:
                line.moved = line.money = 0
        for line in group.lines:
            line.holding.flow += line.signed
            line.cash.flow += line.money


def plan_cycle(
    claims: Iterable[Claim],
    settled: Callable[[str, str, str], int],
    is_prefunded: Callable[[str], bool],
    price_of: Callable[[str], Price],
    *,
    partial: bool,
) -> list[Planned]:
    """What becomes of each claim, by due date, symbol, member and account.

    settled: settled balance of member, account and asset, 10^-8. price_of: of a symbol, now.
    partial: whether less than a whole quantity may settle. The order of the claims does not count.
    """
    plan = _Plan(claims, settled, is_prefunded, price_of, partial)
    plan.reduce()
    planned = []
    for key in sorted(plan.groups):
        lines = plan.groups[key].lines
        assert sum(line.signed for line in lines) == 0, "a delivery that nobody receives"
        assert sum(line.money for line in lines) == 0, "a payment that nobody gets"
        planned += sorted(map(_planned, lines), key=_names)
    return planned


def _waited_longest(claim: Claim) -> tuple[str, int, int, str, str, str]:
    return (
        claim.due, -claim.cycles, -abs(claim.quantity), claim.member, claim.account, claim.symbol
    )  # fmt: skip


def _names(planned: Planned) -> tuple[str, str]:
    return planned.claim.member, planned.claim.account


def _planned(line: Line) -> Planned:
    claim = line.claim
    is_whole = line.signed == claim.quantity and line.money == claim.amount
    cause = "" if is_whole else (SHORT if line.short_of else COUNTERPARTY)
    return Planned(claim, line.signed, line.money, cause, line.short_of if cause else "")


def _cut(purse: Purse, lacks: int, whole: bool) -> list[Group]:
    """Have less go out of a purse, from who waits shortest; the groups that this changes."""
    changed = []
    for line in reversed(purse.delivers):
        if lacks > 0 and line.moved:
            lacks -= _take_off(line, lacks, line.group.price.lot_units, whole)
            line.short_of = purse.asset
            changed.append(line.group)
    if lacks <= 0 or not purse.is_prefunded:
        return changed
    for line in reversed(purse.pays):
        if lacks > 0 and line.moved and line.claim.quantity > 0:
            price = line.group.price
            lot_value = price.value(price.lot_units)
            lots = -(-lacks // lot_value) if lot_value else line.moved
            lacks -= price.value(_take_off(line, lots * price.lot_units, price.lot_units, whole))
            line.short_of = purse.asset
            changed.append(line.group)
    if changed:
        return changed
    for line in reversed(purse.pays):
        if line.money < 0 and not line.group.waits:
            line.group.waits = line.keeps_price
            line.keeps_price = True
            line.short_of = purse.asset
            return [line.group]
    waiting = any(line.money and line.group.waits for line in purse.pays)
    assert waiting, "more goes out of a purse than anybody takes"
    return []  # its group has begun to wait in this round


def _take_off(line: Line, units: int, lot_units: int, whole: bool) -> int:
    """Have a line move less, by whole lots; how much less."""
    cut = line.moved if whole else min(line.moved, -(-units // lot_units) * lot_units)
    _move(line, line.moved - cut)
    return cut


def _move(line: Line, moved: int) -> None:
    """Have a line move so much; its purse follows."""
    line.holding.flow -= line.signed
    line.moved = moved
    line.holding.flow += line.signed
