"""Splits as a whole: what they tell, refuse and change of an instrument, slice by slice."""

import msgspec

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode

from ..sequencer.builders import digest
from .builders import ACME, BTC, DAY, Venue, buy, cancel, sell, trading
from .corporate import NEXT_DAY, balance, deposit, holdings, restated, split
from .invariants import check_state
from .outcomes import code, kinds, refusal
from .test_image import through_bytes
from .test_random_flow import do_all_of


def test_split_tells_all_that_it_changes_in_this_order(venue: Venue) -> None:
    venue.do_all(
        deposit("ALPHA", "ACME", "7.5"),
        buy("A1", "10", "99.98", tif="1"),
        sell("B1", "4", "101", tif="1"),
        c.EndDay(),
    )
    events = venue.do(split(2, 1))
    assert kinds(events) == [
        "StockSplit", "InstrumentAdded", "HoldingAdjusted", "OrderRestated", "OrderRestated",
        "CorporateActionEnded",
    ]  # fmt: skip
    stock, added, holding, bid, _, done = events
    assert [stock, holding, done] == [
        e.StockSplit(stock.event_seq, venue.now_ns, "S1", "ACME", 2, 1, ("ACME",), "olga", "board"),
        e.HoldingAdjusted(
            holding.event_seq, venue.now_ns, "S1", "ALPHA", "", "ACME", "7.5", "SPLIT"
        ),
        e.CorporateActionEnded(done.event_seq, venue.now_ns, "S1", "ACME", 1, 2, 0),
    ]
    assert isinstance(added, e.InstrumentAdded) and isinstance(bid, e.OrderRestated)
    changed = {"reference_price": "50", "max_order_qty": "2000000"}
    assert added.definition == msgspec.structs.replace(ACME, **changed)
    assert bid.text == "SPLIT 2:1 of ACME, S1"
    assert restated(events) == [("1", "20", "0", "49.99"), ("2", "8", "0", "50.5")]
    assert balance(venue, "ALPHA", "ACME") == "15"


def test_day_behind_a_split_trades_at_the_new_prices(venue: Venue) -> None:
    venue.do_all(buy("A1", "10", "99", tif="1"), c.EndDay(), split(2, 1), c.StartDay(NEXT_DAY))
    assert code(venue.do(sell("B1", "20", "99"))) == "PRICE_OUTSIDE_COLLAR"
    _, trade = venue.do(sell("B2", "20", "49.5"))
    assert isinstance(trade, e.TradeExecuted)
    assert (trade.last_px, trade.last_qty, trade.amount) == ("49.5", "20", "990")
    assert (balance(venue, "ALPHA", "ACME"), balance(venue, "ALPHA", "USD")) == ("20", "-990")
    check_state(venue.engine)


def test_positions_and_prices_that_risk_is_counted_with_follow(venue: Venue) -> None:
    venue.do_all(buy("A1", "10", "99"), sell("B1", "10", "99"), c.EndDay(), split(2, 1))
    state = venue.engine.state
    uses = [state.members[name].uses["ACME"] for name in ("ALPHA", "BRAVO")]
    assert [use.position_lots for use in uses] == [20, -20]
    market = state.markets["ACME"]
    assert (market.last_ticks, market.instrument.collar_high_ticks) == (4950, 5500)
    assert {use.instrument for use in uses} == {market.instrument}


def test_trades_of_before_stay_and_those_behind_can_be_busted(venue: Venue) -> None:
    venue.do_all(
        buy("A1", "1", "98"), sell("B1", "1", "98"), c.EndDay(), split(2, 1), c.StartDay(NEXT_DAY)
    )
    for change in (c.BustTrade("M1"), c.CorrectTrade("M1", "49")):
        assert refusal(venue.do(change)) == "trade M1 was done before a split: it stays"
    venue.do_all(buy("A2", "1", "50"), sell("B2", "1", "50"))
    for engine in (venue.engine, through_bytes(venue.engine)):
        (busted,) = engine.apply(c.BustTrade("M2"), venue.now_ns + 1)
        assert isinstance(busted, e.TradeBusted)
        assert engine.state.markets["ACME"].last_ticks == 4900, "98 behind the split"


def test_price_of_before_does_not_come_back_when_its_trade_is_forgotten(venue: Venue) -> None:
    venue.do_all(buy("A1", "1", "98"), sell("B1", "1", "98"), c.EndDay(), split(2, 1))
    for day in range(6, 12):
        do_all_of(venue, c.StartDay(f"2026-01-{day:02}"))
        do_all_of(venue, c.EndDay())
    market = venue.engine.state.markets["ACME"]
    assert not len(venue.engine.state.trades)
    assert venue.engine.state.last_live_ticks(market) == market.last_ticks == 4900


def test_split_is_refused_in_words(venue: Venue) -> None:
    while_open = f"the day {DAY} is open: a corporate action comes between two days"
    assert refusal(venue.do(split(2, 1))) == while_open
    venue.do(c.EndDay())
    assert refusal(venue.do(split(2, 2))) == (
        "2:2 is no split of two different numbers up to 1000000"
    )
    assert refusal(venue.do(split(2, 1, "NOPE"))) == "no instrument delivers NOPE"
    assert refusal(venue.do(split(2, 1, action_id=" S"))) == (
        "an id has 1 to 64 characters, and no blank at either end"
    )
    event_seq = venue.engine.state.next_event_seq
    venue.do(split(2, 1))
    again = f"S1 was done by event {event_seq}: split of ACME 2:1"
    assert refusal(venue.do(split(3, 1))) == again
    venue.do(c.AddInstrument(msgspec.structs.replace(BTC, symbol="X-ACME", currency="ACME")))
    assert refusal(venue.do(split(3, 1, action_id="S2"))) == (
        "ACME is what X-ACME is paid in: it cannot be split"
    )


def test_day_that_has_ended_is_not_reopened_behind_a_split(venue: Venue) -> None:
    venue.do_all(c.EndDay(), split(2, 1))
    assert refusal(venue.do(c.ReopenDay())) == f"a split has changed prices since {DAY} has ended"


def test_disabled_instrument_stays_out_of_trading(venue: Venue) -> None:
    venue.do_all(c.DisableInstrument("ACME"), c.EndDay())
    assert kinds(venue.do(split(2, 1)))[:3] == [
        "StockSplit", "InstrumentAdded", "InstrumentDisabled",
    ]  # fmt: skip
    assert venue.engine.state.markets["ACME"].disabled


def many() -> Venue:
    """150 accounts with shares, and 150 orders; the day has ended."""
    venue = trading()
    for number in range(150):
        venue.do(deposit("BRAVO", "ACME", f"{number + 1}", f"B{number}"))
        price = f"9{number % 7}.{number % 10}{number % 3}"
        venue.do(buy(f"A{number}", f"{number + 1}", price, tif="1"))
    venue.do(c.EndDay())
    return venue


def test_many_accounts_and_orders_are_adjusted_in_slices() -> None:
    venue = many()
    first = venue.do(split(1, 2))
    assert len(holdings(first)) <= 3 * 64 and not restated(first)
    follow_ups = venue.engine.take_follow_ups()
    assert follow_ups == [c.AdjustRemaining()]
    under_way = "corporate action S1 is under way"
    assert refusal(venue.do(c.StartDay(NEXT_DAY))) == under_way
    assert refusal(venue.do(deposit("BRAVO", "ACME", "1"))) == f"{under_way}; funds move behind it"
    assert refusal(venue.do(split(2, 1, action_id="S2"))) == under_way
    assert refusal(venue.do(c.ReopenDay())) == under_way
    canceled = venue.do(cancel("X", "A1"))
    assert kinds(canceled) == ["OrderCanceled"], "a member may always cancel"
    rest = [event for command in follow_ups for event in do_all_of(venue, command)]
    done = rest[-1]
    assert isinstance(done, e.CorporateActionEnded)
    assert (done.holders, done.restated + done.canceled) == (150, 149)
    assert venue.engine.state.under_way is None
    venue.do(c.StartDay(NEXT_DAY))
    check_state(venue.engine)


def test_snapshot_between_any_two_slices_goes_on_alike() -> None:
    first, second = many(), many()
    waiting: list[c.AnyCommand] = [split(3, 2)]
    slices = 0
    while waiting:
        events = [list(map(encode, each.do(waiting[0]))) for each in (first, second)]
        assert events[0] == events[1]
        waiting = first.engine.take_follow_ups()
        assert second.engine.take_follow_ups() == waiting
        second.engine = through_bytes(second.engine)
        assert digest(second.engine) == digest(first.engine)
        slices += 1
    assert slices > 3
