"""What one order can set off is bounded: nobody waits until a book of a million is taken."""

import msgspec
import pytest

from tests.engine.builders import Venue, buy, enter, sell, trading
from tests.engine.outcomes import kinds
from venue.domain import events as e
from venue.domain.commands import EnterOrder, ExpireRemaining

MOST = 4
TOO_MANY = "TOO_MANY_TRADES an order trades at most 4 times at once"


@pytest.fixture
def venue() -> Venue:
    """Seven asks at three prices, and an order trades four times."""
    venue = trading()
    venue.engine.state.most_matches = MOST
    for number in range(7):
        venue.do(sell(f"S{number}", "1", f"{100 + number // 3}", session="BRAVO"))
    return venue


def cancellations(events: list[e.AnyEvent]) -> list[tuple[str, str | None]]:
    return [(one.order.leaves_qty, one.text) for one in events if isinstance(one, e.OrderCanceled)]


def test_order_that_trades_very_often_at_once_ends_with_what_it_has(venue: Venue) -> None:
    events = venue.do(buy("B1", "6", "105"))
    assert kinds(events) == ["OrderAccepted", *["TradeExecuted"] * MOST, "OrderCanceled"]
    assert cancellations(events) == [("0", TOO_MANY)]
    events = venue.do(buy("B2", "3", "105"))
    assert kinds(events) == ["OrderAccepted", *["TradeExecuted"] * 3], "the book is whole"


def test_order_that_is_filled_by_the_last_match_or_may_rest_behind_it_is_left_alone(
    venue: Venue,
) -> None:
    assert kinds(venue.do(buy("B1", "4", "105")))[-1] == "TradeExecuted"
    assert cancellations(venue.do(buy("B2", "9", "102"))) == []


@pytest.mark.parametrize("fields", [{"time_in_force": "4"}, {"exec_inst": "G"}])
def test_order_that_trades_whole_or_not_at_all_does_not_trade(
    venue: Venue, fields: dict[str, str]
) -> None:
    events = venue.do(msgspec.structs.replace(buy("B1", "6", "105"), **fields))
    assert kinds(events) == ["OrderAccepted", "OrderCanceled"]
    assert cancellations(events) == [("0", TOO_MANY)]
    whole = msgspec.structs.replace(buy("B2", "4", "105"), **fields)
    assert kinds(venue.do(whole)) == ["OrderAccepted", *["TradeExecuted"] * 4]


def test_all_or_none_order_that_waited_ends_when_it_would_take_too_many(venue: Venue) -> None:
    venue.do(msgspec.structs.replace(buy("B1", "8", "105"), exec_inst="G"))
    events = venue.do(sell("S9", "1", "104", session="BRAVO"))
    assert cancellations(events) == [("0", TOO_MANY)]
    assert "TradeExecuted" not in kinds(events)


def test_slices_of_an_iceberg_count_each(venue: Venue) -> None:
    venue.do(msgspec.structs.replace(sell("I", "9", "99", session="BRAVO"), max_floor="1"))
    events = venue.do(buy("B1", "9", "99"))
    assert kinds(events).count("TradeExecuted") == MOST
    whole = msgspec.structs.replace(buy("B2", "5", "99"), time_in_force="4")
    assert "TradeExecuted" not in kinds(venue.do(whole))


def stop(name: str, stop_px: str) -> EnterOrder:
    order = enter(name, "1", "1", "109", ord_type="4")
    return msgspec.structs.replace(order, stop_px=stop_px)


def test_what_a_trade_sets_off_goes_on_in_the_next_command() -> None:
    venue = trading()
    venue.engine.state.most_events = 4
    for number in range(6):
        venue.do(stop(f"T{number}", "101"))
    venue.do(sell("S1", "1", "101", session="BRAVO"))
    events = venue.do(buy("B1", "1", "101", session="CHARLIE"))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "OrderRestated", "OrderRestated"]
    assert kinds(venue.do(sell("S2", "1", "110", session="BRAVO")))[1:] == ["OrderRestated"] * 3
    commands = venue.engine.take_follow_ups()
    assert commands == [ExpireRemaining()], "once, however often it was left"
    assert kinds(venue.do(commands[0])) == ["OrderRestated"]
    assert venue.engine.take_follow_ups() == []


def test_pegs_follow_a_few_at_a_time() -> None:
    venue = trading()
    venue.engine.state.most_events = 4
    venue.do(buy("bid", "1", "95"))
    for number in range(6):
        peg = enter(f"P{number}", "1", "1", None, ord_type="P")
        venue.do(msgspec.structs.replace(peg, exec_inst="R"))
    assert kinds(venue.do(buy("better", "1", "96")))[1:] == ["OrderRestated"] * 3
    moved = 3
    while commands := venue.engine.take_follow_ups():
        moved += kinds(venue.do(commands[0])).count("OrderRestated")
    assert moved == 6
