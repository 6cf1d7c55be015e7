"""What members owe and are owed until it settles: net, by member, account, symbol and due date.

Above zero it comes to the member. Over all members each symbol and due date sums to zero, in the
asset and in the currency: the clearing house stands between both sides of every trade.
"""

from collections.abc import Iterator

from venue.domain.settlement_rules import DEFAULT_RULES, SettlementRules, settlement_date
from venue.engine.state.cycle import Cycle, EndedCycle

Key = tuple[str, str, str]


class Obligation:
    """Net of a member's trades of one symbol, due on one date, in one account.

    quantity: in 10^-8 of the asset; amount: in 10^-8 of the currency. cycles: in how many cycles it
    has failed so far. due: ISO date.
    """

    __slots__ = (
        "account",
        "amount",
        "asset",
        "currency",
        "cycles",
        "due",
        "member",
        "quantity",
        "symbol",
    )

    def __init__(
        self, member: str, account: str, symbol: str, due: str, asset: str, currency: str
    ) -> None:
        self.member = member
        self.account = account
        self.symbol = symbol
        self.due = due
        self.asset = asset
        self.currency = currency
        self.quantity = 0
        self.amount = 0
        self.cycles = 0


class Obligations:
    """All that is not settled, the rules of settlement, and the cycle that runs.

    settled_to: the latest date that a cycle has settled. last_cycle: number of the last cycle.
    ended: what came of the last one that is done.
    """

    __slots__ = ("_by_member", "_dates", "_rules", "cycle", "ended", "last_cycle", "settled_to")

    def __init__(self) -> None:
        self._by_member: dict[str, dict[Key, Obligation]] = {}
        self._rules: SettlementRules | None = None
        self.cycle: Cycle | None = None
        self.ended: EndedCycle | None = None
        self.last_cycle = 0
        self.settled_to = ""
        self._dates: dict[tuple[str, int], str] = {}
        """Dates that were reckoned with these rules, of a few days."""

    @property
    def rules(self) -> SettlementRules:
        """Those in force."""
        return DEFAULT_RULES if self._rules is None else self._rules

    def set_rules(self, rules: SettlementRules | None) -> None:
        """Have dates of later trades follow these rules; None: as before any were set."""
        self._rules = rules
        self._dates = {}

    def rules_set(self) -> SettlementRules | None:
        """The rules that were set; None: none were."""
        return self._rules

    def date_after(self, day: str, days: int) -> str:
        """The settlement day that is `days` (1 or more) settlement days after a day."""
        key = (day, days)
        found = self._dates.get(key)
        if found is None:
            if len(self._dates) > 8:
                self._dates = {}
            found = self._dates[key] = settlement_date(self.rules, day, days)
        return found

    def date_of_change(self, due: str, trading_day: str) -> str:
        """When what a bust or correction changes settles: with the trade, or on the next day.

        due: the trade's own date. It is late where a cycle of that date has been.
        """
        if due > self.settled_to:
            return due
        return self.date_after(max(trading_day, self.settled_to), 1)

    def add(
        self,
        member: str,
        account: str,
        symbol: str,
        due: str,
        asset: str,
        currency: str,
        quantity: int,
        amount: int,
    ) -> Obligation:
        """Change a member's obligation by a quantity and an amount, and return it as it is now.

        One that comes to nothing is forgotten. The purses' pending is changed by who calls.
        """
        mine = self._by_member.get(member)
        if mine is None:
            mine = self._by_member[member] = {}
        key = (account, symbol, due)
        obligation = mine.get(key)
        if obligation is None:
            obligation = Obligation(member, account, symbol, due, asset, currency)
            mine[key] = obligation
        assert obligation.asset == asset and obligation.currency == currency
        obligation.quantity += quantity
        obligation.amount += amount
        if not obligation.quantity and not obligation.amount:
            del mine[key]
            if not mine:
                del self._by_member[member]
        return obligation

    def get(self, member: str, account: str, symbol: str, due: str) -> Obligation | None:
        """An obligation; None: nothing is owed."""
        return self._by_member.get(member, {}).get((account, symbol, due))

    def of(self, member: str) -> list[Obligation]:
        """All of a member's, by account, symbol and due date."""
        mine = self._by_member.get(member)
        return [] if mine is None else [mine[key] for key in sorted(mine)]

    def __iter__(self) -> Iterator[Obligation]:
        """All, by member, account, symbol and due date; none may be added meanwhile."""
        for member in sorted(self._by_member):
            yield from self.of(member)

    def __len__(self) -> int:
        return sum(map(len, self._by_member.values()))

    def owes_anything(self, member: str) -> bool:
        """Whether a member has any obligation."""
        return member in self._by_member

    def incoming(self, member: str, account: str, asset: str) -> int:
        """How much of an asset is still to come to an account, in 10^-8: what nobody may withdraw.

        Nets what is due on the same date. While a cycle runs nothing is netted, for it may settle
        what goes out and not what comes in.
        """
        mine = self._by_member.get(member)
        if mine is None:
            return 0
        gross = 0
        net: dict[str, int] = {}
        for (of_account, _, due), obligation in mine.items():
            if of_account != account:
                continue
            for of_asset, units in (
                (obligation.asset, obligation.quantity),
                (obligation.currency, obligation.amount),
            ):
                if of_asset == asset:
                    net[due] = net.get(due, 0) + units
                    gross += max(units, 0)
        if self.cycle is not None:
            return gross
        return sum(max(units, 0) for units in net.values())
