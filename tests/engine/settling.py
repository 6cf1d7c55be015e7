"""A venue whose ACME settles on T+2, and a naive ledger that books what its events say.

ALPHA and BRAVO have credit, CHARLIE is prefunded. The first trading day is Monday, 2026-01-05.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.decimal_text import format_money
from venue.domain.order_state import Fill
from venue.engine.state.engine_state import EngineState

from .builders import ACME, DAY, GLOBEX, MEMBERS, Venue, buy, sell
from .test_random_flow import do_all_of

T2 = msgspec.structs.replace(ACME, settlement_days="2", fee_bps="10")
T1 = msgspec.structs.replace(GLOBEX, settlement_days="1", lot_size="1", tick_size="0.01")
AT_ONCE = msgspec.structs.replace(ACME, symbol="NOW")
TUESDAY, DUE, THURSDAY, FRIDAY = "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"
USD, SHARES = c.Deposit("ALPHA", "USD", "10000"), c.Deposit("BRAVO", "ACME", "10")
Line = tuple[str, str, str]


def settling(*deposits: c.Deposit) -> Venue:
    """Its first day is open."""
    venue = Venue()
    venue.do_all(
        *map(c.AddInstrument, (T2, T1, AT_ONCE)),
        c.AddMember("ALPHA", (), "1000000000", 10_000),
        c.AddMember("BRAVO", (), "1000000000", 10_000),
        c.AddMember("CHARLIE", (), "1000000000", 10_000, "prefunded"),
        *(c.AddSession(session, member) for session, member in MEMBERS.items()),
        c.StartDay(DAY),
        *deposits,
    )
    return venue


def next_day(venue: Venue, day: str) -> None:
    """End the day and start another."""
    do_all_of(venue, c.EndDay())
    (first, *_) = do_all_of(venue, c.StartDay(day))
    assert isinstance(first, e.DayStarted), first


def settle(venue: Venue, date: str = "") -> list[e.AnyEvent]:
    """Events of a whole cycle."""
    return do_all_of(venue, c.SettleObligations(date))


def figures(venue: Venue, member: str, asset: str, account: str = "") -> tuple[str, str, str]:
    """Balance, what of it is settled, and what may be withdrawn."""
    purse = venue.engine.state.members[member].purses.seen(account, asset)
    coming = venue.engine.state.obligations.incoming(member, account, asset)
    numbers = purse.balance, purse.settled, purse.free - coming
    return (format_money(numbers[0]), format_money(numbers[1]), format_money(numbers[2]))


def traded(venue: Venue, number: int = 1, qty: str = "10", price: str = "100") -> e.TradeExecuted:
    """ALPHA buys ACME of BRAVO."""
    venue.do(sell(f"S{number}", qty, price))
    *_, trade = venue.do(buy(f"B{number}", qty, price))
    assert isinstance(trade, e.TradeExecuted)
    return trade


def told(events: list[e.AnyEvent]) -> list[tuple[str, ...]]:
    """What became of each obligation: member, what has moved or is left, and why."""
    lines: list[tuple[str, ...]] = []
    for event in events:
        match event:
            case e.ObligationSettled():
                lines.append(("settled", event.member, event.quantity, event.amount))
            case e.ObligationFailed():
                lines.append((event.cause, event.member, event.quantity, event.amount))
            case e.ObligationBoughtIn():
                lines.append(("bought in", event.member, event.compensation, event.price))
            case _:
                pass
    return lines


class NaiveLedger:
    """Settled and unsettled balances by member, account and asset, from events alone."""

    def __init__(self) -> None:
        self.settled: dict[Line, Decimal] = defaultdict(Decimal)
        self.owed: dict[tuple[str, str, str, str, str], Decimal] = defaultdict(Decimal)
        self.outside: dict[str, Decimal] = defaultdict(Decimal)
        self.clearing: dict[str, Decimal] = defaultdict(Decimal)
        self.fees: Decimal = Decimal(0)
        self._trades: dict[str, tuple[Decimal, Decimal, Decimal]] = {}

    def take(self, events: Iterable[e.AnyEvent]) -> None:
        """Book the next events, in order."""
        for event in events:
            match event:
                case e.FundsDeposited() | e.FundsWithdrawn():
                    sign = 1 if isinstance(event, e.FundsDeposited) else -1
                    amount = sign * Decimal(event.amount)
                    self.settled[event.member, event.account, event.asset] += amount
                    self.outside[event.asset] += amount
                case e.TradeExecuted() | e.TradeBusted() | e.TradeCorrected():
                    self._trade(event)
                case e.ObligationSettled():
                    self._pass(event, Decimal(event.quantity), Decimal(event.amount))
                    self._check_left(event, event.left_quantity, event.left_amount)
                case e.ObligationBoughtIn():
                    whose = event.member, event.account
                    for asset, text in (
                        (event.asset, event.quantity), (event.currency, event.amount)
                    ):  # fmt: skip
                        self.owed[*whose, asset, event.symbol, event.due] -= Decimal(text)
                    self._give(event, event.compensation)
                case e.ObligationFailed():
                    self._check_left(event, event.quantity, event.amount)
                    self._give(event, event.penalty)
                case _:
                    pass

    def _trade(self, event: e.TradeExecuted | e.TradeBusted | e.TradeCorrected) -> None:
        was = self._trades.get(event.match_id, (Decimal(0), Decimal(0), Decimal(0)))
        is_busted = isinstance(event, e.TradeBusted)
        fills: tuple[tuple[Fill, int], ...] = ((event.buy, 1), (event.sell, -1))
        now = (Decimal(event.last_qty), Decimal(event.amount), Decimal(event.buy.fee))
        now = (Decimal(0), Decimal(0), Decimal(0)) if is_busted else now
        self._trades[event.match_id] = now
        quantity, amount, fee = (new - old for new, old in zip(now, was, strict=True))
        for fill, sign in fills:
            terms = fill.order.terms
            whose = terms.member, terms.account or ""
            for asset, change in ((event.asset, quantity), (event.currency, -amount)):
                if event.settlement_date is None:
                    self.settled[*whose, asset] += sign * change
                else:
                    key = (*whose, asset, event.symbol, event.settlement_date)
                    self.owed[key] += sign * change
            self.settled[*whose, event.currency] -= fee
            self.fees += fee

    def _pass(self, event: e.ObligationSettled, quantity: Decimal, amount: Decimal) -> None:
        whose = event.member, event.account
        for asset, change in ((event.asset, quantity), (event.currency, amount)):
            self.owed[*whose, asset, event.symbol, event.due] -= change
            self.settled[*whose, asset] += change
            self.clearing[asset] -= change

    def _check_left(
        self, event: e.ObligationSettled | e.ObligationFailed, quantity: str, amount: str
    ) -> None:
        whose = event.member, event.account
        for asset, left in ((event.asset, quantity), (event.currency, amount)):
            assert self.owed[*whose, asset, event.symbol, event.due] == Decimal(left), event

    def _give(self, event: e.ObligationFailed | e.ObligationBoughtIn, text: str) -> None:
        self.settled[event.member, event.account, event.currency] += Decimal(text)
        self.clearing[event.currency] -= Decimal(text)

    def check(self, state: EngineState) -> None:
        """The engine's purses and obligations are these; nothing came from nowhere."""
        found = {
            (name, purse.account, purse.asset): Decimal(purse.settled).scaleb(-8)
            for name, member in state.members.items()
            for purse in member.purses.all()
            if purse.settled
        }
        assert found == {key: amount for key, amount in self.settled.items() if amount}
        owed: dict[tuple[str, str, str, str, str], Decimal] = defaultdict(Decimal)
        for each in state.obligations:
            for asset, units in ((each.asset, each.quantity), (each.currency, each.amount)):
                owed[each.member, each.account, asset, each.symbol, each.due] += Decimal(
                    units
                ).scaleb(-8)
        assert {k: v for k, v in owed.items() if v} == {k: v for k, v in self.owed.items() if v}
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for (*_, asset), amount in self.settled.items():
            totals[asset] += amount
        totals["USD"] += self.fees
        if state.obligations.cycle is None:
            assert not any(self.clearing.values()), "a cycle has left something with the house"
        for asset in {*totals, *self.outside}:
            assert totals[asset] + self.clearing[asset] == self.outside[asset], asset
