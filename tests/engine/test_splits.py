"""Splits: orders, holdings, obligations and instruments behind them, slice by slice."""

from fractions import Fraction

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.domain.decimal_text import format_money
from venue.domain.types import OrdStatus
from venue.engine.engine import Engine

from ..sequencer.builders import digest
from .builders import ACME, BTC, DAY, MEMBERS, Venue, buy, cancel, enter, sell, trading
from .invariants import check_state
from .outcomes import code, ended, kinds, refusal
from .random_flow import RandomFlow
from .test_image import through_bytes
from .test_random_flow import do_all_of

NEXT_DAY, LATER = "2026-01-06", "2026-01-07"
T2 = msgspec.structs.replace(ACME, settlement_days="2")


def split(new: int, old: int, asset: str = "ACME", action_id: str = "S1") -> c.SplitAsset:
    return c.SplitAsset(asset, new, old, action_id, "olga", "board")


def deposit(member: str, asset: str, amount: str, account: str = "") -> c.Deposit:
    return c.Deposit(member, asset, amount, account=account)


def balance(venue: Venue, member: str, asset: str, account: str = "") -> str:
    return format_money(venue.engine.state.members[member].purses.seen(account, asset).balance)


def restated(events: list[e.AnyEvent]) -> list[tuple[str, str, str, str | None]]:
    """OrderID, OrderQty, CumQty and price of each order that a corporate action restates."""
    return [
        (each.order.terms.order_id, each.order.order_qty, each.order.cum_qty, each.order.price)
        for each in events
        if isinstance(each, e.OrderRestated) and each.restatement_reason == "0"
    ]


def holdings(events: list[e.AnyEvent]) -> list[tuple[str, str, str, str]]:
    """Whose, what, how much and why, of each adjustment."""
    return [
        (f"{each.member}/{each.account}", each.asset, each.amount, each.why)
        for each in events
        if isinstance(each, e.HoldingAdjusted)
    ]


def levels(venue: Venue, symbol: str = "ACME") -> list[list[str]]:
    """OrderIDs at each price, bids and then asks, the first to trade first."""
    book = venue.engine.state.markets[symbol].book
    return [
        [getattr(order, "terms").order_id for order in level]  # noqa: B009
        for side in (book.bids, book.asks)
        for level in side.levels()
    ]


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


@pytest.mark.parametrize(
    ("ratio", "qty", "price"),
    [((2, 1), "10", "99.99"), ((1, 2), "7", "99.98"), ((3, 1), "10", "100"), ((1, 3), "4", "99")],
)
def test_order_that_is_not_whole_behind_a_split_is_canceled(
    venue: Venue, ratio: tuple[int, int], qty: str, price: str
) -> None:
    venue.do_all(buy("A1", qty, price, tif="1"), c.EndDay())
    events = venue.do(split(*ratio))
    text = f"SPLIT {ratio[0]}:{ratio[1]} of ACME, S1: it is not whole in ticks and lots any more"
    assert ended(events) == [("1", "0", text)]
    assert not restated(events) and not len(venue.engine.state.markets["ACME"].book.bids)
    check_state(venue.engine)


def test_filled_part_of_an_order_is_split_with_it(venue: Venue) -> None:
    venue.do_all(
        buy("A1", "10", "100", tif="1"), sell("B1", "4", "100"), c.EndDay(), c.StartDay(NEXT_DAY),
        sell("B2", "2", "100"), c.EndDay(),
    )  # fmt: skip
    assert restated(venue.do(split(5, 2))) == [("1", "25", "15", "40")]
    (order,) = venue.engine.state.open_orders()
    assert (order.state().avg_px, order.state().leaves_qty) == ("40", "10")
    events = venue.do(c.StartDay(LATER))
    (again,) = [each for each in events if isinstance(each, e.OrderRestated)]
    assert again.order.day is not None
    assert (again.order.day.order_qty, again.order.day.cum_qty) == ("10", "0")
    assert again.order.ord_status is OrdStatus.PARTIALLY_FILLED
    check_state(venue.engine)


def test_order_whose_fills_are_not_whole_is_canceled(venue: Venue) -> None:
    venue.do_all(buy("A1", "10", "100", tif="1"), sell("B1", "3", "100"), c.EndDay())
    assert [order_id for order_id, *_ in ended(venue.do(split(1, 2)))] == ["1"]


def test_queues_keep_their_order_though_prices_pass_each_other(venue: Venue) -> None:
    prices = ("100", "98", "100", "96", "98", "92")
    venue.do_all(
        *(buy(f"A{place}", "2", price, tif="1") for place, price in enumerate(prices)),
        *(sell(f"B{place}", "2", price, tif="1") for place, price in enumerate(("102", "104"))),
    )
    before = levels(venue)
    venue.do(c.EndDay())
    for new, old in ((2, 1), (1, 2)):
        do_all_of(venue, split(new, old, action_id=f"{new}:{old}"))
        assert levels(venue) == before
    venue.do(c.StartDay(NEXT_DAY))
    check_state(venue.engine)
    assert levels(venue) == before


def test_stops_icebergs_pegs_and_waiting_orders_follow(venue: Venue) -> None:
    def special(order: c.EnterOrder, **others: str | None) -> c.EnterOrder:
        return msgspec.structs.replace(order, **others)

    venue.do_all(
        buy("A1", "4", "99", tif="1"),
        special(buy("A2", "100", "98", tif="1"), max_floor="10"),
        special(buy("A3", "6", "0", tif="1"), ord_type="P", price=None, exec_inst="R",
                peg_offset="-0.5"),
        special(buy("A4", "2", "106", tif="1"), ord_type="4", stop_px="104"),
        special(buy("A5", "2", "0", tif="1"), ord_type="3", price=None, stop_px="103"),
        special(buy("A6", "8", "100", tif="1"), exec_inst="G"),
        c.EndDay(),
    )  # fmt: skip
    venue.do(split(2, 1))
    orders = {order.cl_ord_id: order.state() for order in venue.engine.state.open_orders()}
    assert {name: (each.order_qty, each.price, each.stop_px) for name, each in orders.items()} == {
        "A1": ("8", "49.5", None), "A2": ("200", "49", None), "A3": ("12", "49.25", None),
        "A4": ("4", "53", "52"), "A5": ("4", None, "51.5"), "A6": ("16", "50", None),
    }  # fmt: skip
    assert (orders["A2"].max_floor, orders["A2"].displayed_qty) == ("20", "20")
    assert orders["A3"].terms.peg_offset == "-0.25"
    assert orders["A6"].waiting
    venue.do(c.StartDay(NEXT_DAY))
    check_state(venue.engine)
    venue.do_all(buy("A7", "1", "51.5"), sell("B1", "1", "51.5"))
    events = venue.do(buy("A8", "1", "51"))
    assert code(events) is None
    assert "A5" not in {each.cl_ord_id for each in venue.engine.state.open_orders()}, "triggered"


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


def unsettled() -> Venue:
    """ALPHA has bought 5 and 2 of T+2, CHARLIE 1; BRAVO owes them. The day has ended."""
    venue = Venue()
    venue.do_all(
        c.AddInstrument(T2),
        *(c.AddMember(name, (), "1000000000", 1000) for name in ("ALPHA", "BRAVO", "CHARLIE")),
        *(c.AddSession(session, member) for session, member in MEMBERS.items()),
        c.StartDay(DAY),
        deposit("BRAVO", "ACME", "20"),
        deposit("ALPHA", "ACME", "3"),
        sell("B1", "8", "100", tif="1"),
        buy("A1", "5", "100"),
        buy("C1", "1", "100", session="CHARLIE"),
        c.EndDay(),
        c.StartDay(NEXT_DAY),
        buy("A2", "2", "100"),
        c.EndDay(),
    )
    return venue


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


def test_prefunded_member_reserves_no_more_than_it_has(venue: Venue) -> None:
    venue.do_all(
        c.AddMember("PAUL", (), "1000000000", 1000, "prefunded"),
        c.AddSession("PAUL", "PAUL"),
        deposit("PAUL", "BTC", "1"),
        deposit("PAUL", "USD", "50012.5"),
        enter("P1", "2", "1", "52000", session="PAUL", symbol="BTC-USD", tif="1"),
        enter("P2", "1", "1", "50000", session="PAUL", symbol="BTC-USD", tif="1"),
        c.EndDay(),
    )
    for new, old in ((1, 1000), (1000, 1)):
        events = do_all_of(venue, split(new, old, "BTC", f"{new}:{old}"))
        for asset in ("USD", "BTC"):
            purse = venue.engine.state.members["PAUL"].purses.of("", asset)
            assert 0 <= purse.reserved <= purse.balance
        assert len(restated(events)) + len(ended(events)) in (1, 2)
    assert balance(venue, "PAUL", "BTC") == "1"
