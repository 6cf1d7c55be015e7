"""Days of a venue at random, as clearing gets them: trades that settle at once or later, all else.

Every event is one that could follow those before it; what is owed is asked of the naive ledger.
"""

from decimal import Decimal
from fractions import Fraction
from random import Random

from venue.domain.decimal_text import format_money
from venue.domain.events import AnyEvent, TradeBusted, TradeCorrected, TradeExecuted

from . import settlements, trades
from .naive_ledger import NaiveLedger, Owed

MEMBERS = ("ALPHA", "BRAVO", "CHARLIE")
ACCOUNTS = ("", "A1")
DUES = ("2023-11-15", "2023-11-16", "2023-11-17")
SCALE = 10**8
Trade = TradeExecuted | TradeCorrected
WEIGHTS = {
    "trade": 40, "bust": 6, "correct": 8, "deposit": 10, "withdraw": 4, "transfer": 6,
    "reverse": 5, "cycle": 6, "move": 4, "split": 2, "nothing": 3,
}  # fmt: skip


class RandomDays:
    """events, and the naive ledger that they leave."""

    def __init__(self, seed: int, steps: int) -> None:
        self._source = Random(seed)
        self._live: list[Trade] = []
        self.events: list[AnyEvent] = []
        self.naive = NaiveLedger()
        for _ in range(steps):
            (kind,) = self._source.choices([*WEIGHTS], [*WEIGHTS.values()])
            getattr(self, f"_{kind}")()

    @property
    def _seq(self) -> int:
        return len(self.events) + 1

    def _happens(self, event: AnyEvent) -> None:
        assert event.event_seq == self._seq
        self.events.append(event)
        self.naive.take(event)

    def _number(self, whole: int) -> str:
        """Up to so much, with eight decimals, three in five times less fine."""
        scale = self._source.choice((1, 100, SCALE, SCALE, SCALE))
        return format_money(self._source.randint(1, whole * scale) * (SCALE // scale))

    def _signed(self, whole: int) -> str:
        return self._source.choice(("", "-")) + self._number(whole)

    def _who(self) -> tuple[str, str]:
        return self._source.choice(MEMBERS), self._source.choice(ACCOUNTS)

    def _trade(self) -> None:
        buyer, seller = self._who(), self._who()
        fees = (self._signed(1), self._source.choice(("0", self._signed(1))))
        trade = trades.traded(
            self._seq,
            buyer=buyer[0],
            buyer_account=buyer[1] or None,
            seller=seller[0],
            seller_account=seller[1] or None,
            quantity=self._number(50),
            amount=self._source.choice(("0", *(self._number(900) for _ in range(9)))),
            buyer_fee=fees[0],
            seller_fee=fees[1],
            settlement_date=self._source.choice((None, *DUES)),
        )
        self._live.append(trade)
        self._happens(trade)

    def _bust(self) -> None:
        if self._live:
            trade = self._live.pop(self._source.randrange(len(self._live)))
            self._happens(trades.busted(self._seq, trade))
            assert isinstance(self.events[-1], TradeBusted)

    def _correct(self) -> None:
        alike = [each for each in self._live if each.buy.fee == each.sell.fee]
        if not alike:
            return
        trade = self._source.choice(alike)
        change = trades.corrected(
            self._seq, trade, price="3", quantity=self._number(50), amount=self._number(900),
            fee=self._signed(1),
        )  # fmt: skip
        self._live[self._live.index(trade)] = change
        self._happens(change)

    def _deposit(self) -> None:
        member, account = self._who()
        asset = self._source.choice(("USD", "ACME"))
        self._happens(
            trades.deposited(self._seq, member, asset, self._number(5000), account=account)
        )

    def _withdraw(self) -> None:
        member, account = self._who()
        self._happens(trades.withdrawn(self._seq, member, "USD", self._number(10), account=account))

    def _transfer(self) -> None:
        (member, account), (to_member, to_account) = self._who(), self._who()
        if (member, account) != (to_member, to_account):
            self._happens(
                settlements.transferred(
                    self._seq, member, to_member, "USD", self._number(50),
                    account=account, to_account=to_account,
                )
            )  # fmt: skip

    def _reverse(self) -> None:
        (member, account), (to_member, to_account) = self._who(), self._who()
        if (member, account) == (to_member, to_account):
            to_member = to_account = ""
        self._happens(
            settlements.reversed_funds(
                self._seq, member, self._signed(50), account=account, to_member=to_member,
                to_account=to_account,
            )
        )  # fmt: skip

    def _cycle(self) -> None:
        """Settle what is due: all of it, or each in one of the ways that there are."""
        on = self._source.choice(DUES)
        cycle = len(self.naive.cycles) + 1
        open_ones = self._open(on)
        self._happens(settlements.begun(self._seq, cycle, len(open_ones), on))
        settles_all = self._source.random() < 0.4
        counted = {"settled": 0, "partly": 0, "failed": 0}
        for owed in open_ones:
            ways = ["settled"] if settles_all else [*counted, "bought_in"]
            way = self._source.choice(ways)
            if way in counted:
                counted[way] += 1
            getattr(self, f"_{way}")(owed, cycle)
        self._happens(settlements.ended(self._seq, cycle, on=on, **counted))

    def _open(self, on: str) -> list[Owed]:
        return [owed for owed, net in sorted(self.naive.owed.items()) if owed[3] <= on and any(net)]

    def _settled(self, owed: Owed, cycle: int) -> None:
        member, account, _, due = owed
        quantity, amount = map(text_of, self.naive.owed[owed])
        self._happens(
            settlements.settled(
                self._seq, member, quantity, amount, account=said(account), cycle=cycle, due=due
            )
        )

    def _partly(self, owed: Owed, cycle: int) -> None:
        member, account, _, due = owed
        net = self.naive.owed[owed]
        moved = [Fraction(int(each * SCALE / 3), SCALE) for each in net]
        if any(moved):
            left = [text_of(each - gone) for each, gone in zip(net, moved, strict=True)]
            self._happens(
                settlements.settled(
                    self._seq, member, *map(text_of, moved), *left, account=said(account),
                    cycle=cycle, due=due,
                )
            )  # fmt: skip
        self._failed(owed, cycle)

    def _failed(self, owed: Owed, cycle: int) -> None:
        member, account, _, due = owed
        quantity, amount = map(text_of, self.naive.owed[owed])
        self._happens(
            settlements.failed(
                self._seq, member, quantity, amount, account=said(account), cycle=cycle, due=due,
                cycles=self.naive.failed.get(owed, 0) + 1,
                penalty=self._source.choice(("0", self._signed(2))), short_of="ACME",
            )
        )  # fmt: skip

    def _bought_in(self, owed: Owed, cycle: int) -> None:
        member, account, _, due = owed
        quantity, amount = map(text_of, self.naive.owed[owed])
        self._happens(
            settlements.bought_in(
                self._seq, member, quantity, amount, self._signed(20), account=said(account),
                cycle=cycle, due=due,
            )
        )  # fmt: skip

    def _move(self) -> None:
        found = self._open(DUES[-1])
        if not found:
            return
        owed = self._source.choice(found)
        member, account, _, due = owed
        to_member = next(each for each in MEMBERS if each != member)
        quantity, amount = map(text_of, self.naive.owed[owed])
        self._happens(
            settlements.passed_on(
                self._seq, member, to_member, quantity, amount, account=said(account), due=due
            )
        )

    def _split(self) -> None:
        """Two for one: what is held and what is owed of the asset doubles."""
        self._happens(settlements.split(self._seq))
        held = [
            (account, amount)
            for account, amount in sorted(self.naive.balances.items())
            if account[0] == "member" and account[3] == "ACME" and amount
        ]
        for (_, member, account, _), amount in held:
            self._happens(
                settlements.holding_adjusted(
                    self._seq, member, text_of(amount), account=said(account)
                )
            )
        for owed in self._open(DUES[-1]):
            member, account, _, due = owed
            quantity, amount = self.naive.owed[owed]
            self._happens(
                settlements.obligation_adjusted(
                    self._seq, member, text_of(2 * quantity), text_of(amount), text_of(quantity),
                    account=said(account), due=due,
                )
            )  # fmt: skip

    def _nothing(self) -> None:
        """An event of which clearing knows nothing to book."""
        self._happens(settlements.split(self._seq))


def said(account: str) -> str:
    """As events name it."""
    return "" if account == "default" else account


def text_of(number: Fraction) -> str:
    """Exact decimal text of a multiple of 10^-8."""
    scaled = number * SCALE
    assert scaled.denominator == 1
    return format_money(scaled.numerator)


def decimal_of(number: Fraction) -> Decimal:
    return Decimal(text_of(number))
