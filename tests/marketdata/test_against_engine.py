"""Depth, best prices and statistics made of events alone equal the engine's own, at every step."""

import functools
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from venue.book.book_side import BookSide
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.instruments import Instrument
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.orders import Order
from venue.engine.state.trades import Trade
from venue.marketdata.day_totals import decimal_text
from venue.marketdata.depth import Depth, RestingOrder, orders_changed
from venue.marketdata.feed import Feed
from venue.marketdata.messages import PriceLevel
from venue.marketdata.public_ids import PublicIds

from .random_venue import RandomVenue, SplittingVenue

EVERYTHING = 10**9
COMMANDS = 1_500
SEEDS = range(6)


def levels_of(market: Market, side: BookSide) -> list[tuple[str, str, int]]:
    instrument = market.instrument
    return [
        (instrument.price_text(level.price_ticks), instrument.qty_text(level.lots), level.count)
        for level in side.levels()
    ]


def as_levels(rows: list[tuple[str, str, int]]) -> tuple[PriceLevel, ...]:
    return tuple(PriceLevel(price, quantity, count) for price, quantity, count in rows)


Queues = dict[str, list[tuple[str, str]]]
"""Price -> OrderID and shown quantity of its orders, the first to trade first."""


def queues_of(market: Market, side: BookSide) -> Queues:
    instrument, queues = market.instrument, Queues()
    for level in side.levels():
        queue = queues[instrument.price_text(level.price_ticks)] = []
        for resting in level:
            assert isinstance(resting, Order)
            queue.append((resting.terms.order_id, instrument.qty_text(resting.shown_lots)))
    return queues


def queued(resting: Mapping[str, RestingOrder], is_bid: bool) -> Queues:
    queues = Queues()
    for order_id, order in resting.items():
        if order.is_bid == is_bid:
            shown = (order_id, decimal_text(order.shown_qty))
            queues.setdefault(decimal_text(order.price), []).append(shown)
    return queues


def traits(event: e.AnyEvent) -> list[str]:
    """What of the event puts market data to the test."""
    found = [type(event).__name__]
    for order in orders_changed(event):
        found += ["waiting"] * order.waiting + [f"40={order.terms.ord_type}"]
        found += [f"59={order.terms.time_in_force}"]
        found += ["iceberg shows"] * (order.displayed_qty is not None)
        if isinstance(event, e.TradeBusted | e.TradeCorrected):
            found += [f"changed while {order.ord_status.name}"]
    if isinstance(event, e.OrderRestated):
        found += [event.text.partition(" ")[0]]
    return found


@functools.cache
def seen(seed: int) -> Counter[str]:
    """Traits of the run of `seed`, in which the depth was compared after every command."""
    return compared(RandomVenue(seed), seed)


def compared(venue: RandomVenue, seed: int) -> Counter[str]:
    """Traits of a venue's run, in which the depth was compared after every command."""
    depths: dict[str, Depth] = defaultdict(lambda: Depth(PublicIds()))
    found: Counter[str] = Counter()
    for number, events in enumerate(venue.run(COMMANDS)):
        for event in events:
            found.update(traits(event))
            for order in orders_changed(event):
                depths[order.terms.symbol].apply(order, event)
        for symbol, market in venue.engine.state.markets.items():
            depth, where = depths[symbol], f"seed {seed} command {number}: {events}"
            assert not depth.levels.crossed, where
            bids, asks = levels_of(market, market.book.bids), levels_of(market, market.book.asks)
            assert depth.levels.bids(EVERYTHING) == as_levels(bids), where
            assert depth.levels.asks(EVERYTHING) == as_levels(asks), where
            assert queued(depth.resting, True) == queues_of(market, market.book.bids), where
            assert queued(depth.resting, False) == queues_of(market, market.book.asks), where
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_depth_and_queues_equal_the_engines_book_after_every_command(seed: int) -> None:
    assert seen(seed)["TradeExecuted"] > 100


def test_the_random_runs_meet_all_that_is_special() -> None:
    found = sum((seen(seed) for seed in SEEDS), Counter[str]())
    expected = {
        "OrderExpired", "OrderReplaced", "OrderCanceled", "TradeBusted", "TradeCorrected",
        "MassCancelReported", "DayEnded", "waiting", "iceberg shows", "STOP_TRIGGERED",
        "PEG_REPRICED", "SELF_MATCH_PREVENTED", "RESTATED", "changed while NEW",
        "changed while PARTIALLY_FILLED", "changed while FILLED", "changed while CANCELED",
        *(f"40={ord_type}" for ord_type in "1234KP"), *(f"59={tif}" for tif in "0123467"),
    }  # fmt: skip
    assert {trait for trait in expected if found[trait] < 10} == set()


@pytest.mark.parametrize("seed", range(2))
def test_queues_equal_the_engines_over_splits_too(seed: int) -> None:
    found = compared(SplittingVenue(seed), seed)
    assert found["StockSplit"] > 5 and found["SPLIT"] > 5


def statistics_of(state: EngineState, trades: list[Trade]) -> tuple[Decimal, Decimal, int]:
    """Volume, value and number of the trades that stand."""
    live = [trade for trade in trades if not trade.busted]
    volume = sum((Decimal(_of(state, trade).qty_text(trade.lots)) for trade in live), Decimal(0))
    return volume, sum((Decimal(t.amount).scaleb(-8) for t in live), Decimal(0)), len(live)


def _of(state: EngineState, trade: Trade) -> Instrument:
    return state.orders[trade.buy].instrument


def day_of(stats: dict[str, Any]) -> e.DayStatistics:
    names = ("symbol", "open", "high", "low", "last", "volume", "value", "trades")
    return e.DayStatistics(*(stats[name] for name in names))


def test_what_is_published_equals_the_engine_after_every_command() -> None:
    venue = RandomVenue(99)
    feed = Feed()
    last: dict[tuple[str, str], dict[str, Any]] = {}
    trades: dict[str, dict[str, Any]] = {}
    days = 0
    for events in venue.run(COMMANDS):
        for event in events:
            if isinstance(event, e.DayEnded):
                days += 1
                for each in event.statistics:
                    assert day_of(last[each.symbol, "stats"]) == each
            feed.apply(event)
        for symbol, kind, payload, _ in feed.take():
            message = last[symbol, kind] = msgspec.json.decode(payload)
            if kind == "trade":
                trades[message["match_id"]] = message
        state = venue.engine.state
        for symbol, market in state.markets.items():
            bids, asks = levels_of(market, market.book.bids), levels_of(market, market.book.asks)
            depth, best = last[symbol, "depth"], last[symbol, "bbo"]
            assert [tuple(level) for level in depth["bids"]] == bids[:10]
            assert [tuple(level) for level in depth["asks"]] == asks[:10]
            assert best["bid"] == (list(bids[0]) if bids else None)
            assert best["ask"] == (list(asks[0]) if asks else None)
            stats = last[symbol, "stats"]
            of_day = [
                trade
                for trade in state.trades.values()
                if (trade.symbol, trade.trading_day) == (symbol, state.trading_day)
            ]
            said = (Decimal(stats["volume"]), Decimal(stats["value"]), stats["trades"])
            assert said == statistics_of(state, of_day)
            status = last[symbol, "status"]
            assert (status["phase"], status["trading_day"]) == (state.phase, state.trading_day)
        for match_id, trade in state.trades.items():
            assert (trades[match_id]["type"] == "TradeBusted") == trade.busted
            instrument = _of(state, trade)
            assert trades[match_id]["price"] == instrument.price_text(trade.price_ticks)
            assert trades[match_id]["quantity"] == instrument.qty_text(trade.lots)
    assert days > 3


def test_book_and_terms_that_are_published_follow_a_split() -> None:
    venue, feed = SplittingVenue(3), Feed()
    last: dict[tuple[str, str], dict[str, Any]] = {}
    prices = set()
    for events in venue.run(500):
        for event in events:
            feed.apply(event)
        for symbol, kind, payload, _ in feed.take():
            last[symbol, kind] = msgspec.json.decode(payload)
        for symbol, market in venue.engine.state.markets.items():
            depth = last[symbol, "depth"]
            sides = ((depth["bids"], market.book.bids), (depth["asks"], market.book.asks))
            for told, side in sides:
                assert [tuple(level) for level in told] == levels_of(market, side)[:10]
            reference = last[symbol, "definition"]["reference_price"]
            assert reference == market.instrument.definition.reference_price
            prices.add((symbol, reference))
    assert {("ACME", "100"), ("ACME", "50")} <= prices


def test_market_to_limit_that_finds_only_its_own_order_rests_nowhere() -> None:
    """It would have rested at a price that no event has told."""
    venue = RandomVenue(0)
    for _ in venue.run(0):
        pass

    def enter(cl_ord_id: str, side: str, ord_type: str, price: str | None) -> list[e.AnyEvent]:
        order = c.EnterOrder(
            "A1", cl_ord_id, "ACME", side, ord_type, "0", "5", price,
            self_match_id="X", self_match_mode="O",
        )  # fmt: skip
        return venue.apply(order)

    enter("c1", "1", "2", "100")
    _, oldest, newest = enter("c2", "2", "K", None)
    assert isinstance(oldest, e.OrderCanceled) and isinstance(newest, e.OrderCanceled)
    assert (oldest.order.cl_ord_id, newest.order.cl_ord_id) == ("c1", "c2")
    assert not len(venue.engine.state.markets["ACME"].book.asks)
