"""Groups of a settlement plan: claims of one symbol and due date, and the purses they move.

A group delivers as much as it receives, and pays as much as it gets. Changes nothing but its own
lines. Whole numbers; pure.
"""

from venue.domain.decimal_text import divide_half_away
from venue.risk.claims import Claim, Price

PurseKey = tuple[str, str, str]
"""Member, account, asset."""
GroupKey = tuple[str, str]
"""Due date, symbol."""


class Purse:
    """An account's asset. flow: what the cycle brings, less what it takes, as planned so far."""

    __slots__ = ("base", "delivers", "flow", "is_prefunded", "key", "pays")

    def __init__(self, key: PurseKey, settled: int, is_prefunded: bool) -> None:
        self.key = key
        self.base = max(settled, 0)
        self.is_prefunded = is_prefunded
        self.flow = 0
        self.delivers: list[Line] = []
        self.pays: list[Line] = []

    @property
    def asset(self) -> str:
        """What it has."""
        return self.key[2]

    @property
    def lacks(self) -> int:
        """How much more goes out than there is; 0: nothing, or nothing that matters."""
        short = -(self.base + self.flow)
        if short <= 0:
            return 0
        if self.is_prefunded or any(line.moved for line in self.delivers):
            return short
        return 0


class Line:
    """One claim. moved: how much of its quantity settles, without sign; money: what is paid.

    keeps_price: what is left of it is not marked to the last price.
    """

    __slots__ = ("cash", "claim", "group", "holding", "keeps_price", "money", "moved", "short_of")

    def __init__(self, claim: Claim, group: "Group", holding: Purse, cash: Purse) -> None:
        self.claim = claim
        self.group = group
        self.holding = holding
        self.cash = cash
        self.moved = abs(claim.quantity)
        self.money = claim.amount
        self.short_of = ""
        self.keeps_price = False

    @property
    def signed(self) -> int:
        """What settles, as the claim is signed."""
        return self.moved if self.claim.quantity > 0 else -self.moved

    @property
    def left(self) -> int:
        """What of the quantity does not settle, signed."""
        return self.claim.quantity - self.signed


class Group:
    """All claims of one symbol and due date, who has waited longest first."""

    __slots__ = ("key", "lines", "price", "waits")

    def __init__(self, key: GroupKey, price: Price) -> None:
        self.key = key
        self.price = price
        self.lines: list[Line] = []
        self.waits = False


def even_out(group: Group, partial: bool) -> None:
    """Take off the larger side what the other does not give or take, from who waits shortest."""
    givers = [line for line in group.lines if line.moved and line.claim.quantity < 0]
    takers = [line for line in group.lines if line.moved and line.claim.quantity > 0]
    given = sum(line.moved for line in givers)
    taken = sum(line.moved for line in takers)
    while given != taken:
        if given > taken:
            given -= _take_off_last(givers, given - taken, partial)
        else:
            taken -= _take_off_last(takers, taken - given, partial)


def _take_off_last(side: list[Line], units: int, partial: bool) -> int:
    """Have a line of a side move less, and take it out of the list; how much less.

    The last one; of whole obligations the largest that is no more than `units`, if there is one.
    """
    place = len(side) - 1
    if not partial:
        fitting = [at for at, line in enumerate(side) if line.moved <= units]
        place = max(fitting, key=lambda at: (side[at].moved, at), default=place)
    line = side.pop(place)
    cut = min(line.moved, units) if partial else line.moved
    line.moved -= cut
    return cut


def pay(group: Group) -> bool:
    """Money of each line, which sums to zero. False: it cannot, and the group has to wait.

    What settles in full: its amount. Of others what is left stays owed at the price; of who cannot
    pay the difference, at his own. What is then lacking is shared by the other lines of which
    something is left, by how much: those of members with credit, if there are any.
    """
    shared: list[Line] = []
    lacking = 0
    for line in group.lines:
        claim = line.claim
        line.money = claim.amount
        if line.keeps_price:
            whole = abs(claim.quantity)
            line.money = divide_half_away(claim.amount * line.moved, whole) if whole else 0
        elif line.left:
            line.money += group.price.value(line.left)
            shared.append(line)
        lacking -= line.money
    if lacking and not shared:
        return False
    with_credit = [line for line in shared if not line.cash.is_prefunded]
    shared = with_credit or shared
    total = sum(abs(line.left) for line in shared)
    given = so_far = 0
    for line in shared:
        so_far += abs(line.left)
        share = lacking * so_far // total - given
        line.money += share
        given += share
    return True
