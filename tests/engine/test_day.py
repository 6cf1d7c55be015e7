"""Day end and start: what expires, what is restated, and that nothing trades in between."""

from tests.reference.build import SECOND_NS, START_NS, Venue
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.order_state import DayQuantities
from venue.engine.trading.slices import SLICE

OWN = {"self_match_id": "desk"}
END = c.EndDay()


def test_end_of_day_expires_all_but_good_till_orders() -> None:
    venue = Venue()
    venue.buy("day", "1", "95")
    venue.buy("gtc", "1", "95", time_in_force="1")
    venue.buy("today", "1", "95", time_in_force="6", expire_date="2026-01-05")
    venue.buy("later", "1", "95", time_in_force="6", expire_date="2026-01-06")
    venue.buy("open", "1", "95", time_in_force="2")
    venue.buy("close", "1", time_in_force="7")
    venue.buy("stop", "1", ord_type="3", stop_px="105")
    venue.buy("all", "9", "95", exec_inst="G")
    assert venue.do(END) == [
        "day 2026-01-05 ended",
        "expired 1 cum 0",
        "expired 3 cum 0",
        "expired 5 cum 0",
        "expired 6 cum 0",
        "expired 7 cum 0",
        "expired 8 cum 0",
    ]
    assert venue.do(c.StartDay("2026-01-06")) == [
        "day 2026-01-06 started",
        "restated 2 1/1@95 RESTATED",
        "restated 4 1/1@95 RESTATED",
    ]
    assert venue.do(END)[1:] == ["expired 4 cum 0"]


def test_a_date_that_passes_without_a_trading_day_expires_at_the_next_start() -> None:
    venue = Venue()
    venue.buy("weekend", "1", "95", time_in_force="6", expire_date="2026-01-10")
    assert venue.do(END) == ["day 2026-01-05 ended"]
    assert venue.do(c.StartDay("2026-01-12")) == ["day 2026-01-12 started", "expired 1 cum 0"]
    assert venue.exposure() == 0


def test_expire_time_ends_an_order_when_it_comes() -> None:
    venue = Venue()
    ends = START_NS + 60 * SECOND_NS
    venue.buy("gtd", "1", "95", time_in_force="6", expire_ns=ends)
    assert venue.engine.next_due_ns == ends
    venue.now_ns = ends - 1
    assert venue.do(c.AdvanceTime()) == []
    venue.now_ns = ends
    assert venue.do(c.AdvanceTime()) == ["expired 1 cum 0"]
    assert venue.engine.next_due_ns is None


def test_day_quantities_from_the_second_day_on() -> None:
    venue = Venue()
    venue.buy("gtc", "10", "100", time_in_force="1")
    venue.sell("s1", "4", "100")
    venue.do(END)
    venue.do(c.StartDay("2026-01-06"))
    venue.sell("s2", "1", "100")
    trade = venue.events[-1]
    assert isinstance(trade, e.TradeExecuted)
    assert (trade.buy.order.cum_qty, trade.buy.order.leaves_qty) == ("5", "5")
    assert trade.buy.order.day == DayQuantities("6", "1", "100")


def test_nothing_trades_while_the_day_is_closed() -> None:
    """The own day order that kept the all-or-none away expires at the close."""
    venue = Venue()
    venue.sell("own", "1", "100", session="ALPHA", **OWN)
    venue.sell("s1", "5", "100", time_in_force="1")
    venue.buy("b1", "5", "100", time_in_force="1", exec_inst="G", **OWN)
    assert venue.do(END) == ["day 2026-01-05 ended", "expired 1 cum 0"]
    assert venue.do(c.StartDay("2026-01-06")) == [
        "day 2026-01-06 started",
        "restated 2 5/5@100 RESTATED",
        "restated 3 5/5@100 waiting RESTATED",
        "trade 5@100 3:0 2:0",
    ]


def test_pegs_move_when_trading_starts_again() -> None:
    venue = Venue()
    venue.buy("gtc", "1", "95", time_in_force="1")
    venue.buy("day", "1", "99")
    venue.buy("peg", "1", ord_type="P", exec_inst="R", time_in_force="1")
    assert venue.do(END) == ["day 2026-01-05 ended", "expired 2 cum 0"]
    assert venue.do(c.StartDay("2026-01-06"))[1:] == [
        "restated 1 1/1@95 RESTATED",
        "restated 3 1/1@99 RESTATED",
        "restated 3 1/1@95 PEG_REPRICED",
    ]


def test_a_closed_day_takes_cancels_but_no_orders_or_replaces() -> None:
    venue = Venue()
    venue.buy("b1", "1", "95", time_in_force="1")
    venue.do(END)
    assert venue.buy("b2", "1", "95") == ["OrderRejected b2 MARKET_CLOSED"]
    assert venue.replace("b3", "b1", "2", "95") == ["CancelRejected b3 MARKET_CLOSED"]
    assert venue.cancel("b4", "b1") == ["canceled 1 cum 0"]


def test_day_statistics() -> None:
    venue = Venue()
    for number, (qty, price) in enumerate((("2", "100"), ("1", "103"), ("3", "99"))):
        venue.sell(f"s{number}", qty, price)
        venue.buy(f"b{number}", qty, price)
    venue.do(END)
    ended = venue.events[-1]
    assert isinstance(ended, e.DayEnded)
    assert ended.statistics == (e.DayStatistics("ACME", "100", "103", "99", "99", "6", "600", 3),)


def test_cl_ord_ids_of_the_day_before_may_be_used_again_but_not_those_of_open_orders() -> None:
    venue = Venue()
    venue.buy("gtc", "1", "95", time_in_force="1")
    venue.replace("gtc2", "gtc", "2", "95")
    venue.buy("day", "1", "95")
    venue.do(END)
    venue.do(c.StartDay("2026-01-06"))
    assert venue.buy("day", "1", "95") == ["new 3 1/1@95"]
    assert venue.buy("gtc", "1", "95") == ["OrderRejected gtc DUPLICATE_CL_ORD_ID"]
    assert venue.cancel("x", "gtc2") == ["canceled 1 cum 0"]


def test_days_are_refused_out_of_order() -> None:
    venue = Venue()
    assert venue.do(c.StartDay("2026-01-06")) == ["refused StartDay"]
    venue.do(END)
    assert venue.do(END) == ["refused EndDay"]
    assert venue.do(c.StartDay("2026-01-05")) == ["refused StartDay"]


def test_a_long_restatement_passes_over_orders_that_ended_or_came_meanwhile() -> None:
    """Commands of one batch may come between the slices of a restatement."""
    venue = Venue()
    for number in range(SLICE + 50):
        venue.buy(f"b{number}", "1", "95", time_in_force="1")
    venue.do(END)
    engine = venue.engine
    assert len(engine.apply(c.StartDay("2026-01-06"), venue.now_ns)) == 1 + SLICE
    (follow_up,) = engine.take_follow_ups()
    engine.apply(c.CancelOrder("ALPHA", "x", f"b{SLICE + 40}", "ACME", "1"), venue.now_ns)
    engine.apply(c.EnterOrder("ALPHA", "new", "ACME", "1", "2", "0", "1", "95"), venue.now_ns)
    restated = engine.apply(follow_up, venue.now_ns)
    assert {type(event) for event in restated} == {e.OrderRestated}
    assert [event.order.terms.order_id for event in restated if isinstance(event, e.OrderRestated)]
    assert len(restated) == 50 - 1
    (new,) = (order for order in engine.state.orders.values() if order.cl_ord_id == "new")
    assert new.state().day is None


def test_a_long_end_of_day_expires_all_in_slices() -> None:
    venue = Venue()
    for number in range(300):
        venue.buy(f"b{number}", "1", "95")
    assert venue.do(END) == ["day 2026-01-05 ended", *(f"expired {n} cum 0" for n in range(1, 301))]
    assert venue.exposure() == 0
