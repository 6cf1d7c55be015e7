"""A new day forgets the days before in slices: no command costs more because much has traded."""

import msgspec
import pytest

from tests.engine.builders import ACME, DAY, Venue, buy, cancel, sell, trading
from tests.engine.calls import count_calls
from tests.engine.invariants import check_state
from tests.engine.outcomes import kinds
from tests.engine.test_image import through_bytes
from tests.test_timetable import TIMETABLE, ns
from venue.domain import commands as c
from venue.domain import events as e
from venue.due_times import DueTimes
from venue.engine.control import forgetting
from venue.engine.control.day import left_of_day
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.engine.image.digest import state_digest
from venue.engine.trading.slices import LOOKS
from venue.journal.record import Record
from venue.replay.replay import Replay

TRADES = 20_000
NEXT, THIRD = "2026-01-06", "2026-01-07"
CALLS_A_LOOK = 25
"""More than any look at an order, a trade or a ClOrdID costs."""


def trade(venue: Venue, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        venue.do(sell(f"s{number}", "1", "100"))
        venue.do(buy(f"b{number}", "1", "100"))


def kept(venue: Venue) -> tuple[int, int, int]:
    """How many trades, orders, and ClOrdIDs of the day before are still there."""
    state = venue.engine.state
    before = sum(len(session.before) for session in state.sessions.values())
    return len(state.trades), len(state.orders), before


@pytest.fixture
def venue() -> Venue:
    """A trading day; no trade of ACME outlives its day."""
    venue = trading()
    venue.do(c.AddInstrument(msgspec.structs.replace(ACME, bust_days="0")))
    return venue


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four looks a slice."""
    monkeypatch.setattr(forgetting, "LOOKS", 4)


def next_day(venue: Venue, day: str = NEXT) -> list[c.AnyCommand]:
    """End the day and start another. Returns what is left to do."""
    venue.do(c.EndDay())
    while left := venue.engine.take_follow_ups():
        venue.do_all(*left)
    venue.do(c.StartDay(day))
    return venue.engine.take_follow_ups()


def finish(venue: Venue, left: list[c.AnyCommand]) -> int:
    """Do all that is left. Returns how many commands that were."""
    commands = 0
    while left:
        venue.do_all(*left)
        commands += len(left)
        left = venue.engine.take_follow_ups()
    return commands


@pytest.mark.pure
@pytest.mark.parametrize("bust_days", ["0", "2"])
def test_no_command_looks_at_more_than_a_slice_of_many_trades(bust_days: str) -> None:
    venue = trading()
    venue.do(c.AddInstrument(msgspec.structs.replace(ACME, bust_days=bust_days)))
    trade(venue, TRADES)
    assert kept(venue) == (TRADES, 2 * TRADES, 0)
    assert count_calls(venue, c.EndDay()) < CALLS_A_LOOK * LOOKS
    assert venue.engine.take_follow_ups() == []
    assert count_calls(venue, c.StartDay(NEXT)) < CALLS_A_LOOK * LOOKS
    slices = 1
    had = kept(venue)
    while left := venue.engine.take_follow_ups():
        assert [type(each) for each in left] == [c.ForgetRemaining]
        assert count_calls(venue, left[0]) < CALLS_A_LOOK * LOOKS
        has = kept(venue)
        assert sum(had) - sum(has) <= LOOKS
        had, slices = has, slices + 1
    assert kept(venue) == ((0, 0, 0) if bust_days == "0" else (TRADES, 2 * TRADES, 0))
    assert slices == -(-5 * TRADES // LOOKS), "each ClOrdID, trade and order is looked at once"
    check_state(venue.engine)


def test_next_days_look_at_kept_trades_in_slices_too() -> None:
    venue = trading()
    trade(venue, 2_000)
    finish(venue, next_day(venue))
    trade(venue, 2_000)
    left = next_day(venue, THIRD)
    assert finish(venue, left) > 10
    assert kept(venue) == (4_000, 8_000, 0)
    finish(venue, next_day(venue, "2026-01-08"))
    assert kept(venue) == (2_000, 4_000, 0)
    check_state(venue.engine)


@pytest.mark.pure
def test_end_of_a_day_and_a_new_definition_look_at_open_orders_only(venue: Venue) -> None:
    trade(venue, 2_000)
    assert count_calls(venue, c.AddInstrument(ACME)) < 400
    assert count_calls(venue, c.EndDay()) < 400


@pytest.mark.pure
def test_bust_of_the_only_trade_of_a_market_does_not_look_at_those_of_others(venue: Venue) -> None:
    globex = [msgspec.structs.replace(each, symbol="GLOBEX") for each in
              (sell("S", "10", "100"), buy("B", "10", "100"))]  # fmt: skip
    venue.do_all(*globex)
    trade(venue, 2_000)
    assert count_calls(venue, c.BustTrade("M1")) < 400
    assert venue.engine.state.markets["GLOBEX"].last_ticks is None


@pytest.mark.usefixtures("few")
def test_cl_ord_ids_are_free_at_once_but_those_of_open_orders(venue: Venue) -> None:
    venue.do_all(buy("gtc", "2", "90", tif="1"), buy("ended", "1", "91", tif="1"))
    trade(venue, 5)
    left = next_day(venue)
    restored = through_bytes(venue.engine)
    assert state_digest(restored.state) == state_digest(venue.engine.state)
    venue.do(cancel("x", "ended"))
    for used in ("gtc", "ended", "x"):
        (refused,) = venue.do(buy(used, "1", "90"))
        assert isinstance(refused, e.OrderRejected) and refused.reason == "DUPLICATE_CL_ORD_ID"
    assert kinds(venue.do(buy("b3", "1", "90"))) == ["OrderAccepted"]
    finish(venue, left)
    for used in ("gtc", "ended", "x", "b3"):
        (refused,) = venue.do(buy(used, "1", "90"))
        assert isinstance(refused, e.OrderRejected) and refused.reason == "DUPLICATE_CL_ORD_ID"
    assert kinds(venue.do(buy("b4", "1", "90"))) == ["OrderAccepted"]
    check_state(venue.engine)


@pytest.mark.usefixtures("few")
def test_reports_of_a_bust_are_the_same_before_and_after_the_slice_that_it_is_in() -> None:
    busts = []
    for is_first in (True, False):
        venue = trading()
        trade(venue, 5)
        left = next_day(venue)
        if not is_first:
            finish(venue, left)
        venue.now_ns = 1_800_000_000_000_000_000
        busts += venue.do(c.BustTrade("M5"))
        finish(venue, left if is_first else [])
        check_state(venue.engine)
    assert busts[0] == busts[1]
    assert isinstance(busts[0], e.TradeBusted) and busts[0].buy.order.day is not None


@pytest.mark.usefixtures("few")
def test_another_day_starts_once_all_is_forgotten(venue: Venue) -> None:
    trade(venue, 5)
    left = next_day(venue)
    venue.do(c.EndDay())
    (refused,) = venue.do(c.StartDay(THIRD))
    assert isinstance(refused, e.CommandRefused)
    assert refused.detail == f"what is older than {NEXT} is still being forgotten"
    finish(venue, left)
    assert kinds(venue.do(c.StartDay(THIRD))) == ["DayStarted"]


@pytest.mark.parametrize("what", ["orders expire", "trades are forgotten"])
@pytest.mark.usefixtures("few")
def test_timetable_waits_until_nothing_of_the_day_before_is_left(venue: Venue, what: str) -> None:

    if what == "orders expire":
        venue.do_all(*(buy(f"A{number}", "1", "90") for number in range(70)))
        left: list[c.AnyCommand] = []
    else:
        trade(venue, 5)
        left = next_day(venue)
    state = venue.engine.state
    venue.do(c.SetTimetable(TIMETABLE))
    venue.now_ns = ns("2026-01-08 10:00")
    due = DueTimes(state)
    asked = 0
    while (received := due(venue.now_ns)) is not None:
        assert received.command is not None
        venue.do(received.command)
        left += venue.engine.take_follow_ups()
        asked += 1
    assert asked == 1 and left_of_day(state) is not None, "the day has ended"
    followed_ns = state.timetable_ns
    (refused,) = venue.do(c.FollowTimetable(venue.now_ns, "2026-01-08"))
    assert isinstance(refused, e.CommandRefused) and refused.detail == left_of_day(state)
    assert state.timetable_ns == followed_ns, "it is asked for again"
    finish(venue, left)
    received = due(venue.now_ns)
    assert received is not None and isinstance(received.command, c.FollowTimetable)
    assert kinds(venue.do(received.command))[:1] == ["DayStarted"]


@pytest.mark.usefixtures("few")
def test_journal_of_an_engine_that_forgot_at_once_is_executed_so() -> None:
    """Its records have no slices: nothing is left of a day when the next one starts."""
    commands: list[c.AnyCommand] = [
        c.AddInstrument(msgspec.structs.replace(ACME, bust_days="0")),
        *(c.AddMember(name, (), "1000000", 1000) for name in ("ALPHA", "BRAVO")),
        *(c.AddSession(name, name) for name in ("ALPHA", "BRAVO")),
        c.StartDay(DAY),
    ]
    for day in (NEXT, THIRD):
        for number in range(5):
            commands += sell(f"s{number}", "1", "100"), buy(f"b{number}", "1", "100")
        commands += c.EndDay(), c.StartDay(day)
    replay, engine = Replay(None), Engine()
    for seq, command in enumerate(commands, 1):
        events = engine.apply(command, seq)
        while slices := engine.take_follow_ups():
            engine.apply(slices[0], seq)
        replay.take_record(Record(seq, seq, ENGINE_VERSION - 1, 1, command, events))
    assert replay.follow_ups == []
    assert state_digest(replay.engine.state) == state_digest(engine.state)
