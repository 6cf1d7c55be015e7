"""Days and hours of groups by timetable, and a day that is reopened."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.timetable import GroupHours, Hours, Timetable
from venue.domain.types import Phase
from venue.engine.control.expiry import still_expires
from venue.engine.image.digest import state_digest
from venue.engine.trading.slices import SLICE

from .builders import Venue, buy, enter, sell
from .outcomes import code, refusal
from .test_image import through_bytes

BONDS = GroupHours("bonds", ("ACME",), Hours("09:00", "12:00"))
TIMETABLE = Timetable("UTC", Hours("08:00", "16:00"), groups=(BONDS,))


def follow(venue: Venue, day: str = "", *closed: str) -> list[e.AnyEvent]:
    """The timetable's time comes."""
    return venue.do(c.FollowTimetable(venue.now_ns, day, closed))


def names(events: list[e.AnyEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_timetable_is_set_from_its_next_time_on(venue: Venue) -> None:
    (told,) = venue.do(c.SetTimetable(TIMETABLE, "ann", "autumn"))
    assert told == e.TimetableSet(told.event_seq, venue.now_ns, TIMETABLE, "ann", "autumn")
    assert venue.engine.state.timetable == TIMETABLE
    assert venue.engine.state.timetable_ns == venue.now_ns
    assert venue.engine.state.phase is Phase.CONTINUOUS, "nothing else happens"
    venue.do(c.SetTimetable(None))
    assert venue.engine.state.timetable is None


def test_timetable_of_what_is_not_traded_is_refused(venue: Venue) -> None:
    group = GroupHours("x", ("NOPE",), Hours("09:00", "12:00"))
    detail = refusal(venue.do(c.SetTimetable(Timetable("UTC", BONDS.hours, groups=(group,)))))
    assert detail == "NOPE is not traded here"
    assert venue.engine.state.timetable is None


def test_days_end_and_start(venue: Venue) -> None:
    venue.do(buy("A1", "1", "99"))
    assert names(follow(venue)) == ["DayEnded", "OrderExpired"]
    assert names(follow(venue)) == [], "it has ended already"
    assert names(follow(venue, "2026-01-06")) == ["DayStarted"]
    assert names(follow(venue, "2026-01-06")) == []
    assert venue.engine.state.timetable_ns == venue.now_ns - 1


def test_an_operator_may_end_and_open_days_at_any_time(venue: Venue) -> None:
    day = venue.engine.state.trading_day
    venue.do(c.EndDay())
    assert names(follow(venue, day)) == [], "what he has ended stays so"
    venue.do(c.StartDay("2026-01-06"))
    assert names(follow(venue, "2026-01-06")) == []
    assert names(follow(venue)) == ["DayEnded"]
    venue.do(c.StartDay("2026-01-09"))
    venue.do(c.EndDay())
    (refused,) = follow(venue, "2026-01-07")
    assert isinstance(refused, e.CommandRefused)
    assert refused.detail == "2026-01-07 is not after 2026-01-09, which is over"


def test_group_trades_in_its_hours_only(venue: Venue) -> None:
    day = venue.engine.state.trading_day
    venue.do_all(buy("A1", "1", "99"), buy("A2", "1", "99", tif="1"))
    venue.do(enter("A3", "1", "10", "100", symbol="GLOBEX"))
    assert names(follow(venue, day, "ACME")) == ["InstrumentClosed", "OrderExpired"]
    assert code(venue.do(buy("A4", "1", "99"))) == "MARKET_CLOSED"
    assert (
        names(venue.do(enter("B1", "2", "10", "100", session="BRAVO", symbol="GLOBEX")))[-1]
        == "TradeExecuted"
    )
    assert names(follow(venue, day)) == ["InstrumentOpened"]
    assert names(venue.do(sell("B2", "1", "99")))[-1] == "TradeExecuted"


def test_group_may_begin_the_day_closed_and_who_opens_by_hand_opens_all(venue: Venue) -> None:
    follow(venue)
    assert names(follow(venue, "2026-01-06", "ACME")) == ["InstrumentClosed", "DayStarted"]
    assert code(venue.do(buy("A1", "1", "99"))) == "MARKET_CLOSED"
    venue.do(c.EndDay())
    assert names(venue.do(c.StartDay("2026-01-07"))) == ["InstrumentOpened", "DayStarted"]
    assert names(venue.do(buy("A2", "1", "99"))) == ["OrderAccepted"]


def test_halt_lasts_over_the_hours_of_a_group(venue: Venue) -> None:
    day = venue.engine.state.trading_day
    venue.do(c.HaltInstrument("ACME"))
    follow(venue, day, "ACME")
    assert code(venue.do(buy("A1", "1", "99"))) == "MARKET_CLOSED"
    follow(venue, day)
    assert code(venue.do(buy("A2", "1", "99"))) == "INSTRUMENT_HALTED"


def test_group_that_is_none_any_more_opens(venue: Venue) -> None:
    venue.do(c.SetTimetable(TIMETABLE))
    follow(venue, venue.engine.state.trading_day, "ACME")
    assert names(venue.do(c.SetTimetable(None))) == ["TimetableSet", "InstrumentOpened"]


def test_closed_groups_and_timetable_come_back_from_an_image(venue: Venue) -> None:
    venue.do(c.SetTimetable(TIMETABLE))
    follow(venue, venue.engine.state.trading_day, "ACME")
    again = through_bytes(venue.engine)
    assert state_digest(again.state) == state_digest(venue.engine.state)
    assert again.state.markets["ACME"].phase is Phase.CLOSED
    assert again.state.timetable == TIMETABLE
    assert again.state.timetable_ns == venue.engine.state.timetable_ns


def test_day_does_not_start_while_orders_of_the_last_expire(venue: Venue) -> None:
    venue.do_all(*(buy(f"A{number}", "1", "99") for number in range(SLICE + 1)))
    now = venue.now_ns
    venue.engine.apply(c.EndDay(), now)
    restored = through_bytes(venue.engine)
    for engine in (venue.engine, restored):
        assert still_expires(engine.state)
        (refused,) = engine.apply(c.StartDay("2026-01-06"), now)
        assert isinstance(refused, e.CommandRefused)
        assert refused.detail.endswith("are still expiring")
        for reopening in (c.ReopenDay(), c.ReopenDay("2026-01-06")):
            (refused,) = engine.apply(reopening, now)
            assert isinstance(refused, e.CommandRefused)
            assert refused.detail.endswith("are still expiring")


def test_day_that_was_ended_by_mistake_goes_on(venue: Venue) -> None:
    venue.do_all(buy("A1", "1", "99"), buy("A2", "2", "98", tif="1"))
    venue.do(sell("B1", "1", "99"))
    day, market = venue.engine.state.trading_day, venue.engine.state.markets["ACME"]
    venue.do(c.EndDay())
    (told,) = venue.do(c.ReopenDay(operator="ann", reason="too early"))
    assert isinstance(told, e.DayReopened)
    assert (told.trading_day, told.phase) == (day, Phase.CONTINUOUS)
    assert market.day_trades == 1, "it is the same day"
    assert names(venue.do(sell("B2", "2", "98")))[-1] == "TradeExecuted"
    assert refusal(venue.do(c.ReopenDay())) == f"the day {day} is open"


def test_date_of_a_day_is_corrected_while_nothing_has_traded(venue: Venue) -> None:
    first = venue.engine.state.trading_day
    assert refusal(venue.do(c.ReopenDay("2026-01-32"))) == "'2026-01-32' is no date YYYY-MM-DD"
    venue.do_all(c.EndDay(), c.StartDay("2062-01-01"))
    detail = refusal(venue.do(c.ReopenDay(first)))
    assert detail == f"{first} is not after {first}, the day before"
    (told,) = venue.do(c.ReopenDay("2026-01-06"))
    assert isinstance(told, e.DayReopened) and told.trading_day == "2026-01-06"
    venue.do_all(buy("A1", "1", "99"), sell("B1", "1", "99"))
    detail = refusal(venue.do(c.ReopenDay("2026-01-07")))
    assert detail == "ACME has traded on 2026-01-06: its date stays"
    venue.do_all(c.EndDay(), c.StartDay("2026-01-07"))
    assert venue.engine.state.trading_day == "2026-01-07"


def test_nothing_is_reopened_before_the_first_day() -> None:
    venue = Venue()
    assert refusal(venue.do(c.ReopenDay())) == "no trading day has been open yet"


def test_a_time_that_has_not_come_is_not_followed(venue: Venue) -> None:
    with pytest.raises(AssertionError, match="not come"):
        venue.engine.apply(c.FollowTimetable(venue.now_ns + 1), venue.now_ns)
