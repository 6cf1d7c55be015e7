"""Cycles: fails, their cost, buy-ins, refusals, slices, and engines that are restored in one."""

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.engine import Engine
from venue.engine.image.capture import image_of
from venue.engine.image.digest import state_digest

from .builders import Venue, buy, enter, sell
from .outcomes import refusal
from .settling import (
    DUE,
    SHARES,
    THURSDAY,
    USD,
    figures,
    next_day,
    settle,
    settling,
    told,
    traded,
)
from .test_image import through_bytes
from .test_random_flow import do_all_of


def test_fail_costs_who_is_short_and_pays_who_waits() -> None:
    venue = settling(USD)
    venue.do(c.SetSettlementRules(penalty_bps="50"))
    traded(venue)
    next_day(venue, DUE)
    failed = [event for event in settle(venue) if isinstance(event, e.ObligationFailed)]
    assert {event.member: event.penalty for event in failed} == {"ALPHA": "5", "BRAVO": "-5"}
    assert figures(venue, "ALPHA", "USD")[0] == "9004"


def test_fail_ends_in_money_after_so_many_cycles() -> None:
    venue = settling(USD)
    venue.do(c.SetSettlementRules(buy_in_cycles=2))
    traded(venue)
    next_day(venue, DUE)
    assert [line[0] for line in told([*settle(venue), *settle(venue)])] == [
        "COUNTERPARTY", "SHORT",
    ] * 2  # fmt: skip
    venue.do_all(sell("S9", "1", "105"), buy("B9", "1", "105"))
    *_, ended = events = settle(venue)
    assert told(events) == [
        ("bought in", "ALPHA", "50", "105"),
        ("bought in", "BRAVO", "-50", "105"),
    ]
    assert isinstance(ended, e.SettlementEnded) and ended.settled == ended.failed == 0
    assert figures(venue, "ALPHA", "ACME") == ("1", "0", "0")
    assert figures(venue, "ALPHA", "USD")[1] == "10048.895"
    position = venue.engine.state.members["ALPHA"].uses["ACME"].position_lots
    assert position == 1


def test_buy_in_waits_while_a_prefunded_member_has_use_for_what_it_takes() -> None:
    venue = settling(c.Deposit("CHARLIE", "USD", "2000"))
    venue.do(c.SetSettlementRules(buy_in_cycles=1))
    venue.do_all(sell("S1", "10", "100"), buy("B1", "10", "100", session="CHARLIE"))
    venue.do(sell("S2", "10", "109", session="CHARLIE"))  # reserves all that is to come in
    next_day(venue, DUE)
    settle(venue)
    venue.do(sell("S3", "10", "109", session="CHARLIE"))
    assert [line[0] for line in told(settle(venue))] == ["SHORT", "COUNTERPARTY"]
    do_all_of(venue, c.EndDay())  # its order is gone
    assert [line[0] for line in told(settle(venue))] == ["bought in", "bought in"]


def test_end_of_a_day_orders_its_cycle_where_the_rules_say_so() -> None:
    venue = settling(USD, SHARES)
    venue.do(c.SetSettlementRules(at_day_end=True))
    traded(venue)
    assert told(do_all_of(venue, c.EndDay())) == []
    do_all_of(venue, c.StartDay(DUE))
    events = do_all_of(venue, c.EndDay())
    (begun,) = [event for event in events if isinstance(event, e.SettlementBegun)]
    assert (begun.settlement_date, begun.operator, begun.reason) == (
        DUE, "", "end of the trading day",
    )  # fmt: skip
    assert len(told(events)) == 2


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (c.SettleObligations("soon"), "'soon' is no date YYYY-MM-DD"),
        (c.SettleObligations("2026-01-10"), "2026-01-10 is no settlement day"),
        (c.SetSettlementRules(weekdays=()),
         "weekdays are some of mon, tue, wed, thu, fri, sat, sun"),
        (c.SetSettlementRules(weekdays=("mo",)),
         "weekdays are some of mon, tue, wed, thu, fri, sat, sun"),
        (c.SetSettlementRules(holidays=("2026-02-30",)), "'2026-02-30' is no date YYYY-MM-DD"),
        (c.SetSettlementRules(holidays=(DUE,) * 2001), "2001 holidays are more than 2000"),
        (c.SetSettlementRules(penalty_bps="-1"), "penalty_bps -1 is not between 0 and 10000"),
        (c.SetSettlementRules(penalty_bps="10000.1"),
         "penalty_bps 10000.1 is not between 0 and 10000"),
        (c.SetSettlementRules(buy_in_cycles=-1), "buy_in_cycles -1 is not between 0 and 1000"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(command: c.AnyCommand, why: str) -> None:
    assert refusal(settling().do(command)) == why


def test_before_the_first_day_nothing_settles() -> None:
    assert refusal(Venue().do(c.SettleObligations())) == "no trading day has been open yet"


ACCOUNTS = 100
SLICES, OBLIGATIONS_A_SLICE = 50, 64


def many(accounts: int = ACCOUNTS) -> Venue:
    """ALPHA has bought in so many accounts, of BRAVO, who has half of it."""
    venue = settling(c.Deposit("BRAVO", "ACME", str(accounts // 2)))
    venue.do(sell("S", str(accounts), "100"))
    for number in range(accounts):
        venue.do(enter(f"B{number}", "1", "1", "100", account=f"A{number:03}"))
    next_day(venue, DUE)
    return venue


def test_cycle_of_many_goes_on_in_slices_and_nothing_between_changes_its_plan() -> None:
    alone, disturbed = many(), many()
    expected = settle(alone)
    events = disturbed.do(c.SettleObligations())
    assert len(told(events)) == 64 and not any(
        isinstance(each, e.SettlementEnded) for each in events
    )
    assert disturbed.engine.take_follow_ups() == [c.SettleRemaining(1)]
    assert refusal(disturbed.do(c.SettleObligations())) == "cycle 1 is still settling"
    disturbed.do(c.Deposit("BRAVO", "ACME", "1000"))
    disturbed.do(c.SetSettlementRules(partial=False, penalty_bps="100"))
    disturbed.do_all(sell("S9", "1", "101"), buy("B9", "1", "101"))
    while (left := disturbed.engine.state.obligations.cycle) is not None:
        events += disturbed.do(c.SettleRemaining(left.number))
    assert told(events) == told(expected)
    assert [type(event) for event in events] == [type(event) for event in expected]
    assert disturbed.do(c.SettleRemaining(1)) == []


def test_while_a_cycle_runs_nothing_that_is_to_come_counts_against_what_goes_out() -> None:
    """It may settle the one and not the other."""
    venue = many()
    venue.do(c.Deposit("ALPHA", "USD", "100", account="A099"))
    assert figures(venue, "ALPHA", "USD", "A099")[2] == "-0.1"
    venue.do(enter("X1", "2", "1", "100", account="A099", symbol="GLOBEX"))
    venue.do(enter("X2", "1", "1", "100", session="BRAVO", symbol="GLOBEX"))
    assert {o.due for o in venue.engine.state.obligations.of("ALPHA")} == {DUE, THURSDAY}
    venue.do(c.SettleObligations(THURSDAY))
    assert figures(venue, "ALPHA", "USD", "A099")[2] == "-0.1"
    venue.do(c.SettleRemaining(1))


@pytest.mark.parametrize("at", range(5))
def test_engine_that_is_restored_within_a_cycle_goes_on_as_if_it_had_not_stopped(at: int) -> None:
    first, second = many(160), many(160)
    commands: list[c.AnyCommand] = [c.SettleObligations(), *[c.SettleRemaining(1)] * 2]
    commands += [c.Deposit("BRAVO", "ACME", "500"), c.SettleObligations()]
    for number, command in enumerate(commands):
        if number == at:
            second.engine = through_bytes(second.engine)
        assert second.do(command) == first.do(command)
    assert through_bytes(second.engine).state.obligations.last_cycle == 2


def test_cycle_killed_after_each_of_fifty_slices_ends_as_if_it_had_not_been() -> None:
    """Each kill leaves what a snapshot has; the engine that is made of it goes on to the end."""
    undisturbed = many(SLICES * OBLIGATIONS_A_SLICE)
    events = undisturbed.do(c.SettleObligations())
    snapshots: list[tuple[int, int, Engine]] = []
    while undisturbed.engine.state.obligations.cycle is not None:
        restored = through_bytes(undisturbed.engine)
        snapshots.append((len(events), undisturbed.now_ns, restored))
        events += undisturbed.do(c.SettleRemaining(1))
    assert len(snapshots) >= SLICES
    expected = state_digest(undisturbed.engine.state)
    for done, now_ns, restored in snapshots:
        disturbed = Venue()
        disturbed.engine, disturbed.now_ns = restored, now_ns
        gone_on: list[e.AnyEvent] = []
        while restored.state.obligations.cycle is not None:
            gone_on += disturbed.do(c.SettleRemaining(1))
        assert told(gone_on) == told(events[done:])
        assert state_digest(restored.state) == expected


def test_state_of_a_venue_that_never_settles_has_nothing_of_it() -> None:
    venue = settling()
    assert Engine().state.obligations.rules_set() is None
    assert b"obligations" not in _image(venue)
    venue.do(c.SetSettlementRules())
    assert b"obligations" in _image(venue)


def _image(venue: Venue) -> bytes:
    return msgspec.json.encode(image_of(venue.engine.state))
