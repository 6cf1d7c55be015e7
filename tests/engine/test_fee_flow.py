"""Random flow in which schedules come and change: fees are a second reckoning's, nobody overdraws.

Prefunded members reserve enough, the ledger's postings are the engine's purses, a bust gives back
what was paid, and a restored engine goes on alike.
"""

import random
from collections.abc import Iterator

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.domain.fee_versions import FeeTier
from venue.engine.image.digest import state_digest

from .builders import MEMBERS, Venue
from .control_flow import ControlFlow
from .event_check import EventCheck
from .funded import DEFINITIONS, enough, funded_commands
from .invariants import check_state
from .naive_fees import NaiveFees
from .risk_invariants import Books, check_risk
from .test_image import through_bytes
from .test_random_flow import do_all_of

COMMANDS = 2_500
_NAMES = ("gold", "silver", "steel")
_RATES = ("-2", "-0.3", "0", "0.00000001", "1.5", "7", "33.3333")
_SYMBOLS = tuple(each.symbol for each in DEFINITIONS)


class FeeFlow(ControlFlow):
    """A flow with changes of fees in between; versions are of days to come as far as it knows."""

    def __init__(self, seed: int, count: int) -> None:
        super().__init__(seed, count)
        self._fees = random.Random(-seed - 77)

    def __iter__(self) -> Iterator[c.AnyCommand]:
        for name in _NAMES:
            yield self._version(name, "")
        for command in super().__iter__():
            if self._fees.random() < 0.03:
                yield self._change_of_fees()
            if self._fees.random() < 0.01:
                self._day_ended = True
                yield c.EndDay()
            yield command

    def _change_of_fees(self) -> c.AnyCommand:
        source = self._fees
        if source.random() < 0.4:
            day = source.randint(1, 28)
            return self._version(source.choice(_NAMES), f"2026-01-{day:02}")
        schedule = source.choice((*_NAMES, *_NAMES, "none"))
        member = source.choice(("ALPHA", "BRAVO", "CHARLIE"))
        return c.AssignFees(member, schedule, source.choice(("", *_SYMBOLS)))

    def _version(self, name: str, day: str) -> c.SetFeeSchedule:
        source = self._fees
        volumes = sorted(source.sample((1_000, 20_000, 60_000, 200_000, 900_000), 2))
        tiers = tuple(FeeTier(str(each), *source.choices(_RATES, k=2)) for each in volumes)
        minimum = source.choice(("0", "0.5", "3", "20", "0.00000001"))
        maker, taker = source.choices(_RATES, k=2)
        return c.SetFeeSchedule(name, maker, taker, day, tiers, minimum)


class Watched:
    """A venue, and what must hold of it."""

    def __init__(self) -> None:
        self.venue = Venue()
        self.books, self.fees, self.check = Books(), NaiveFees(), EventCheck(1)
        for command in funded_commands(*enough()):
            self.take(do_all_of(self.venue, command))

    def take(self, events: list[e.AnyEvent]) -> None:
        self.check.take(events)
        self.books.take(events)
        self.fees.take(events)

    def look(self) -> None:
        check_state(self.venue.engine)
        check_risk(self.venue.engine.state)
        self.books.check(self.venue.engine.state)


@pytest.mark.parametrize("seed", range(3))
def test_fees_are_those_of_a_second_reckoning_and_all_is_covered(seed: int) -> None:
    watched = Watched()
    flow = FeeFlow(seed, COMMANDS)
    for number, command in enumerate(flow):
        events = do_all_of(watched.venue, command)
        flow.hear(events)
        watched.take(events)
        if number % 10 == 0:
            watched.look()
    watched.look()
    least = {"rebate": 20, "maker": 20, "taker": 20, "minimum": 5, "by fee_bps": 5, "of a tier": 20}
    seen = watched.fees.seen
    assert {kind: seen[kind] >= count for kind, count in least.items()} == dict.fromkeys(
        least, True
    ), dict(seen)
    assert watched.check.seen["TradeBusted"] >= 2 <= watched.check.seen["TradeCorrected"]


def test_nothing_is_reserved_once_all_orders_have_ended() -> None:
    watched = Watched()
    flow = FeeFlow(5, 800)
    for command in flow:
        events = do_all_of(watched.venue, command)
        flow.hear(events)
        watched.take(events)
    for session in MEMBERS:
        watched.take(do_all_of(watched.venue, c.Kill("session", session)))
    watched.look()
    members = watched.venue.engine.state.members.values()
    assert all(purse.reserved == 0 for member in members for purse in member.purses.all())


def test_restored_engine_charges_the_same() -> None:
    first, second = Venue(), Venue()
    for command in funded_commands(*enough()):
        first.do(command), second.do(command)
    flow = FeeFlow(9, 1_500)
    for number, command in enumerate(flow):
        events = do_all_of(first, command)
        flow.hear(events)
        assert list(map(encode, do_all_of(second, command))) == list(map(encode, events)), number
        if number % 60 == 0:
            second.engine = through_bytes(second.engine)
            assert state_digest(second.engine.state) == state_digest(first.engine.state)
    assert state_digest(second.engine.state) == state_digest(first.engine.state)
