"""Stop and stop limit orders: when they trigger, in which order, and what they become."""

from tests.reference.build import Venue
from venue.domain import commands as c
from venue.domain import events as e

TRIGGERED = "STOP_TRIGGERED"


def trade_at(venue: Venue, price: str, number: int = 0) -> list[str]:
    """Make CHARLIE trade one lot with itself at a price."""
    venue.sell(f"x{price}.{number}", "1", price, session="CHARLIE")
    return venue.buy(f"y{price}.{number}", "1", price, session="CHARLIE")


def stop(px: str) -> dict[str, str]:
    """Fields of a stop order."""
    return {"ord_type": "3", "stop_px": px}


def stop_limit(px: str) -> dict[str, str]:
    """Fields of a stop limit order; its price is the order's own."""
    return {"ord_type": "4", "stop_px": px}


def test_a_stop_waits_until_a_trade_reaches_its_price() -> None:
    venue = Venue()
    assert venue.buy("b1", "2", **stop("102")) == ["new 1 2/2 waiting"]
    venue.sell("s1", "5", "103")
    assert venue.buy("b2", "1", "102") == ["new 3 1/1@102"], "an order at the price is no trade"
    assert venue.sell("s2", "1", "102") == [
        "new 4 1/1@102",
        "trade 1@102 3:0 4:0",
        f"restated 1 2/2 {TRIGGERED}",
        "trade 2@103 1:0 2:3",
    ]


def test_a_triggered_stop_limit_rests_at_its_limit() -> None:
    venue = Venue()
    venue.buy("b1", "2", "104", **stop_limit("102"))
    assert trade_at(venue, "102")[2:] == [f"restated 1 2/2@104 {TRIGGERED}"]
    assert venue.book()[0] == ["1:2/2@104"]


def test_a_triggered_stop_that_finds_nothing_is_canceled() -> None:
    venue = Venue()
    venue.buy("b1", "2", **stop("102"))
    assert trade_at(venue, "102")[2:] == [f"restated 1 2/2 {TRIGGERED}", "canceled 1 cum 0"]


def test_triggers_go_from_the_market_outwards_then_by_time_buys_first() -> None:
    venue = Venue()
    venue.sell("s1", "1", "97", **stop_limit("104"))
    venue.buy("b1", "1", "95", **stop_limit("103"))
    venue.buy("b2", "1", "95", **stop_limit("102"))
    venue.buy("b3", "1", "95", **stop_limit("103"))
    venue.sell("s2", "1", "107", **stop_limit("105"))
    venue.sell("s3", "1", "107", **stop_limit("106"))
    assert trade_at(venue, "104")[2:] == [
        f"restated 3 1/1@95 {TRIGGERED}",
        f"restated 2 1/1@95 {TRIGGERED}",
        f"restated 4 1/1@95 {TRIGGERED}",
        f"restated 6 1/1@107 {TRIGGERED}",
        f"restated 5 1/1@107 {TRIGGERED}",
        f"restated 1 1/1@97 {TRIGGERED}",
    ]


def test_sell_stops_trigger_at_or_below_from_the_highest_down() -> None:
    venue = Venue()
    trade_at(venue, "100")
    venue.sell("s1", "1", "107", **stop_limit("96"))
    venue.sell("s2", "1", "107", **stop_limit("98"))
    venue.sell("s3", "1", "107", **stop_limit("95"))
    assert trade_at(venue, "96")[2:] == [
        f"restated 4 1/1@107 {TRIGGERED}",
        f"restated 3 1/1@107 {TRIGGERED}",
    ]


def test_each_triggered_stop_is_worked_to_its_end_before_the_next() -> None:
    venue = Venue()
    venue.sell("s1", "1", "103")
    venue.sell("s2", "1", "104")
    venue.sell("s3", "1", "105")
    venue.buy("b1", "1", **stop("102"))
    venue.buy("b2", "1", **stop("102"))
    venue.buy("b3", "1", **stop("104"))
    assert trade_at(venue, "102")[2:] == [
        f"restated 4 1/1 {TRIGGERED}",
        "trade 1@103 4:0 1:0",
        f"restated 5 1/1 {TRIGGERED}",
        "trade 1@104 5:0 2:0",
        f"restated 6 1/1 {TRIGGERED}",
        "trade 1@105 6:0 3:0",
    ]


def test_a_stop_that_is_through_on_entry_triggers_at_once() -> None:
    venue = Venue()
    trade_at(venue, "102")
    assert venue.buy("b1", "1", "101", **stop_limit("102")) == [
        "new 3 1/1@101",
        f"restated 3 1/1@101 {TRIGGERED}",
    ]
    assert venue.sell("s1", "1", "107", **stop_limit("103")) == [
        "new 4 1/1@107",
        f"restated 4 1/1@107 {TRIGGERED}",
    ]


def test_the_aggressor_is_worked_to_its_end_before_the_stops_it_triggers() -> None:
    venue = Venue()
    venue.buy("b1", "2", "105", **stop_limit("101"))
    venue.sell("s1", "1", "101")
    venue.sell("s2", "1", "102")
    assert venue.buy("b2", "3", "102") == [
        "new 4 3/3@102",
        "trade 1@101 4:2 2:0",
        "trade 1@102 4:1 3:0",
        f"restated 1 2/2@105 {TRIGGERED}",
    ]


def test_replace_moves_the_stop_price_and_may_trigger() -> None:
    venue = Venue()
    trade_at(venue, "102")
    venue.buy("b1", "1", "101", **stop_limit("105"))
    assert venue.replace("b2", "b1", "1", "101", **stop_limit("104")) == [
        "replaced 3 1/1@101 waiting"
    ]
    assert venue.replace("b3", "b2", "1", "101", **stop_limit("102")) == [
        "replaced 3 1/1@101",
        f"restated 3 1/1@101 {TRIGGERED}",
    ]


def test_a_lower_quantity_keeps_the_place_of_a_waiting_stop() -> None:
    venue = Venue()
    venue.buy("b1", "5", "95", **stop_limit("102"))
    venue.buy("b2", "5", "95", **stop_limit("102"))
    venue.buy("b3", "5", "95", **stop_limit("102"))
    venue.replace("b1.1", "b1", "4", "95", **stop_limit("102"))
    venue.replace("b2.1", "b2", "6", "95", **stop_limit("102"))
    assert trade_at(venue, "102")[2:] == [
        f"restated 1 4/4@95 {TRIGGERED}",
        f"restated 3 5/5@95 {TRIGGERED}",
        f"restated 2 6/6@95 {TRIGGERED}",
    ]


def test_a_triggered_stop_limit_is_replaced_like_a_limit_order() -> None:
    venue = Venue()
    venue.buy("b1", "2", "101", **stop_limit("102"))
    trade_at(venue, "102")
    changed = venue.replace("x", "b1", "2", "100", **stop_limit("109"))
    assert changed == ["CancelRejected x ORDER_TERMS_CHANGED"]
    assert venue.replace("b2", "b1", "2", "100", **stop_limit("102")) == ["replaced 1 2/2@100"]
    replaced = venue.events[-1]
    assert isinstance(replaced, e.OrderReplaced)
    assert replaced.order.stop_px == "102", "what triggered it does not change any more"


def test_trigger_tells_that_the_order_works_now() -> None:
    venue = Venue()
    venue.buy("b1", "2", "101", **stop_limit("102"))
    trade_at(venue, "102")
    restated = venue.events[-1]
    assert isinstance(restated, e.OrderRestated)
    assert (restated.restatement_reason, restated.triggered) == ("99", True)
    assert not restated.order.waiting


def test_a_good_till_cancel_stop_waits_over_the_night() -> None:
    venue = Venue()
    venue.buy("b1", "2", "101", **stop_limit("102"), time_in_force="1")
    venue.do(c.EndDay())
    assert venue.do(c.StartDay("2026-01-06"))[1:] == ["restated 1 2/2@101 waiting RESTATED"]
    assert trade_at(venue, "102")[2:] == [f"restated 1 2/2@101 {TRIGGERED}"]
