"""Random trading, busts, funds, cycles and buy-ins against a naive ledger made of events alone."""

import random

import pytest

from venue.domain import commands as c
from venue.domain import events as e

from .builders import Venue, enter
from .invariants import check_state
from .settling import FRIDAY, THURSDAY, NaiveLedger, next_day, settling
from .test_image import through_bytes

DAYS = ["2026-01-06", "2026-01-07", THURSDAY, FRIDAY, "2026-01-12", "2026-01-13", "2026-01-14"]
SESSIONS = ("ALPHA", "BRAVO", "CHARLIE")
SYMBOLS = ("ACME", "GLOBEX", "NOW")
COMMANDS = 700


class Flow:
    """One venue with its naive ledger; what it is told comes from a seed."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.ledger = NaiveLedger()
        self.venue = settling()
        self.matches: list[str] = []
        self.kinds: set[str] = set()
        self.left: list[c.AnyCommand] = []
        for member in SESSIONS:
            for asset, amount in (("USD", "3000"), ("ACME", "8"), ("GLOBEX", "8"), ("NOW", "20")):
                self.do(c.Deposit(member, asset, amount))

    def do(self, command: c.AnyCommand) -> None:
        """Apply it, book it, compare; what it leaves to do comes some time later."""
        events = self.venue.do(command)
        self.left += self.venue.engine.take_follow_ups()
        self.ledger.take(events)
        self.matches += [each.match_id for each in events if isinstance(each, e.TradeExecuted)]
        self.kinds |= {type(each).__name__ for each in events}
        self.ledger.check(self.venue.engine.state)
        self._check_withdrawals()

    def _check_withdrawals(self) -> None:
        """A prefunded member that trades on a date only has settled what it may withdraw."""
        state = self.venue.engine.state
        for name, member in state.members.items():
            for purse in member.purses.all():
                may = purse.free - state.obligations.incoming(name, purse.account, purse.asset)
                assert may <= purse.settled - purse.reserved

    def command(self, number: int) -> c.AnyCommand:
        source = self.source
        kind = source.random()
        if kind < 0.68:
            side, lots = source.choice("12"), source.randint(1, 12)
            price = f"{source.randint(9_700, 10_300) / 100:.2f}"
            session, symbol = source.choice(SESSIONS), source.choice(SYMBOLS)
            return enter(f"O{number}", side, str(lots), price, session=session, symbol=symbol)
        if kind < 0.76 and self.matches:
            match_id = source.choice(self.matches[-40:])
            if source.random() < 0.5:
                return c.BustTrade(match_id)
            return c.CorrectTrade(match_id, "99.5", source.choice((None, "1")))
        if kind < 0.86:
            member, asset = source.choice(SESSIONS), source.choice(("USD", *SYMBOLS))
            amount = str(source.randint(1, 400 if asset == "USD" else 6))
            if source.random() < 0.7:
                return c.Withdraw(member, asset, amount)
            return c.Deposit(member, asset, amount)
        if kind < 0.9:
            return c.SetSettlementRules(
                partial=source.random() < 0.8,
                penalty_bps=source.choice(("0", "0.00000001", "33.3")),
                buy_in_cycles=source.choice((0, 1, 2)),
            )
        return c.SettleObligations(source.choice(("", "", DAYS[-1])))

    def go_on(self) -> None:
        """What was left to do, all of it."""
        while self.left:
            self.do(self.left.pop(0))


@pytest.mark.parametrize("seed", range(4))
def test_naive_ledger_agrees_after_every_command(seed: int) -> None:
    flow = Flow(seed)
    days = iter(DAYS)
    for number in range(COMMANDS):
        flow.do(flow.command(number))
        if flow.source.random() < 0.5:
            flow.go_on()
        if number % 100 == 99:
            flow.go_on()
            events_of_day(flow, next(days))
            flow.venue.engine = through_bytes(flow.venue.engine)
            flow.ledger.check(flow.venue.engine.state)
            check_state(flow.venue.engine)
    assert {"ObligationSettled", "ObligationFailed", "TradeBusted", "FundsWithdrawn"} <= flow.kinds
    assert prefunded_is_never_negative(flow.venue)


def events_of_day(flow: Flow, day: str) -> None:
    next_day(flow.venue, day)
    assert flow.venue.engine.state.trading_day == day


def prefunded_is_never_negative(venue: Venue) -> bool:
    return all(purse.free >= 0 for purse in venue.engine.state.members["CHARLIE"].purses.all())
