"""Holdings and obligations over a split: nothing is lost, not the smallest fraction."""

from fractions import Fraction

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.engine import Engine

from ..sequencer.builders import digest
from .builders import Venue, buy, sell, trading
from .corporate import (
    balance,
    deposit,
    holdings,
    restated,
    split,
    unsettled,
)
from .invariants import check_state
from .outcomes import refusal
from .random_flow import RandomFlow
from .test_image import through_bytes
from .test_random_flow import do_all_of


def test_fraction_of_a_lot_is_paid_in_money_at_the_last_price(venue: Venue) -> None:
    venue.do_all(
        deposit("ALPHA", "ACME", "7"), deposit("BRAVO", "ACME", "9", "B1"),
        buy("A1", "1", "99", session="CHARLIE"), sell("B9", "1", "99"), c.EndDay(),
    )  # fmt: skip
    events = venue.do(split(1, 3))
    assert holdings(events) == [
        ("ALPHA/", "ACME", "-4.66666667", "SPLIT"),
        ("ALPHA/", "ACME", "-0.33333333", "FRACTION"),
        ("ALPHA/", "USD", "99", "FRACTION"),
        ("BRAVO/B1", "ACME", "-6", "SPLIT"),
        ("BRAVO/", "ACME", "0.66666667", "SPLIT"),
        ("BRAVO/", "ACME", "0.33333333", "FRACTION"),
        ("BRAVO/", "USD", "-99", "FRACTION"),
        ("CHARLIE/", "ACME", "-0.66666667", "SPLIT"),
        ("CHARLIE/", "ACME", "-0.33333333", "FRACTION"),
        ("CHARLIE/", "USD", "99", "FRACTION"),
    ]
    assert [balance(venue, name, "ACME") for name in ("ALPHA", "BRAVO", "CHARLIE")] == [
        "2", "0", "0",
    ]  # fmt: skip
    assert balance(venue, "BRAVO", "ACME", "B1") == "3"


@pytest.mark.parametrize("ratio", [(2, 1), (1, 3), (7, 3), (1, 999_983)])
def test_obligations_are_split_and_still_sum_to_zero(ratio: tuple[int, int]) -> None:
    venue = unsettled()
    state = venue.engine.state
    before = {(o.member, o.due): (o.quantity, o.amount) for o in state.obligations}
    had = {
        (name, purse.account): purse.balance
        for name, member in state.members.items()
        for purse in member.purses.all()
        if purse.asset == "ACME"
    }
    events = do_all_of(venue, split(*ratio))
    after = {(o.member, o.due): (o.quantity, o.amount) for o in state.obligations}
    assert len(before) == len(after) == 5
    assert sum(quantity for quantity, _ in after.values()) == 0
    factor = Fraction(*ratio)
    for key, (quantity, amount) in before.items():
        assert abs(after[key][0] - quantity * factor) < 1
        assert after[key][1] == amount
    for (name, account), balance_before in had.items():
        purse = state.members[name].purses.of(account, "ACME")
        pending = sum(o.quantity for o in state.obligations.of(name))
        assert purse.pending == pending
        money = sum(
            Fraction(each.amount) * 10**8
            for each in events
            if isinstance(each, e.HoldingAdjusted) and each.why == "FRACTION"
            if (each.member, each.asset) == (name, "USD")
        )
        exact = balance_before * factor
        assert abs(money - (exact - purse.balance) * 100 / factor) <= Fraction(1, 2), "value stays"
    told = sum(
        (
            Fraction(each.change_quantity)
            for each in events
            if isinstance(each, e.ObligationAdjusted)
        ),
        Fraction(0),
    )
    assert told == 0
    assert digest(through_bytes(venue.engine)) == digest(venue.engine)


def test_fraction_that_is_not_settled_yet_stays_one() -> None:
    venue = unsettled()
    events = do_all_of(venue, split(1, 2))
    assert not [each for each in holdings(events) if each[0] == "CHARLIE/"]
    assert balance(venue, "CHARLIE", "ACME") == "0.5"


SPLITS = (("ACME", 2, 1), ("ACME", 1, 2), ("BTC", 1, 3), ("BTC", 3, 1), ("GLOBEX", 3, 2),
          ("GLOBEX", 2, 3), ("ACME", 10, 7), ("ACME", 7, 10))  # fmt: skip


def value_stays(engine: Engine, command: c.SplitAsset, had: dict[tuple[str, str], int],
                events: list[e.AnyEvent]) -> None:  # fmt: skip
    """What each account has behind a split, with the money for fractions, is what it had before."""
    factor = Fraction(command.numerator, command.denominator)
    for (member, account), before in had.items():
        after = engine.state.members[member].purses.seen(account, command.asset).balance
        told = sum(
            Fraction(each.amount) * 10**8
            for each in events
            if isinstance(each, e.HoldingAdjusted) and each.asset == command.asset
            if (each.member, each.account) == (member, account)
        )
        assert after - before == told
        paid = any(
            isinstance(each, e.HoldingAdjusted) and each.why == "FRACTION"
            and (each.member, each.account) == (member, account) for each in events
        )  # fmt: skip
        assert paid or after == before * factor or abs(after - before * factor) < 1
        lots = engine.state.markets
        unit = min(m.instrument.lot_units for m in lots.values()
                   if m.instrument.asset == command.asset)  # fmt: skip
        assert abs(after - before * factor) < unit


@pytest.mark.parametrize("seed", range(3))
def test_invariants_hold_over_random_days_with_splits_between(seed: int) -> None:
    venue, done, orders = trading(), 0, 0
    for number, command in enumerate(RandomFlow(seed, 2_500)):
        do_all_of(venue, command)
        state = venue.engine.state
        if isinstance(command, c.EndDay) and state.phase == "CLOSED":
            asset, new, old = SPLITS[done % len(SPLITS)]
            wanted = split(new, old, asset, f"S{number}")
            had = {
                (name, purse.account): purse.balance
                for name, member in state.members.items()
                for purse in member.purses.all()
                if purse.asset == asset
            }
            events = do_all_of(venue, wanted)
            assert refusal(events) is None
            orders += len(restated(events))
            value_stays(venue.engine, wanted, had, events)
            assert digest(through_bytes(venue.engine)) == digest(venue.engine)
            done += 1
        if isinstance(command, c.StartDay):
            check_state(venue.engine)
    check_state(venue.engine)
    assert done > 2 and orders > 0
