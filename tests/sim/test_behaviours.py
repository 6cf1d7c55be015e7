"""Behaviours: the same seed decides the same, prices and quantities always fit the instrument."""

from collections import Counter
from random import Random

import pytest

from tests.sim.markets import instruments
from venue.domain.instruments import Instrument
from venue.domain.types import Side, TimeInForce
from venue.sim.behaviours import Behaviour, MarketMaker, Noise, OwnOrder, Taker, View
from venue.sim.intents import Cancel, Enter, Intent, Replace

KINDS = (MarketMaker, Taker, Noise)


def run(behaviour: Behaviour, markets: list[Instrument], turns: int = 500) -> list[Intent]:
    """Decisions of many turns, in a world where every limit day order rests."""
    by_symbol = {market.symbol: market for market in markets}
    view, decided = View(), []
    for _ in range(turns):
        for intent in behaviour.decide(view):
            decided.append(intent)
            rest(view, by_symbol, intent, f"c{len(decided)}")
    return decided


def rest(view: View, markets: dict[str, Instrument], intent: Intent, cl_ord_id: str) -> None:
    if isinstance(intent, Enter):
        market = markets.get(intent.symbol)
        ticks = market.ticks(intent.price or "") if market else None
        lots = market.lots(intent.qty) if market else None
        if not ticks or not lots or intent.time_in_force is not TimeInForce.DAY:
            return
        view.orders[cl_ord_id] = OwnOrder(
            cl_ord_id, cl_ord_id, intent.symbol, intent.side, ticks, lots, 0
        )
    elif order := view.find(intent.orig_cl_ord_id):
        del view.orders[order.order_id]
        if isinstance(intent, Replace):
            enter = Enter(intent.symbol, intent.side, intent.qty, intent.price)
            rest(view, markets, enter, cl_ord_id)


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_decides_the_same(kind: type[MarketMaker | Taker | Noise]) -> None:
    first, again, other = (
        run(kind(Random(seed), instruments()), instruments()) for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("kind", [MarketMaker, Taker])
def test_what_is_asked_for_fits_the_instrument(kind: type[MarketMaker | Taker]) -> None:
    markets = instruments()
    by_symbol = {market.symbol: market for market in markets}
    decided = run(kind(Random(1), markets), markets)
    assert {intent.symbol for intent in decided} == set(by_symbol)
    for intent in decided:
        if isinstance(intent, Cancel):
            continue
        market = by_symbol[intent.symbol]
        lots = market.lots(intent.qty)
        assert lots is not None and 0 < lots <= market.max_order_lots
        if intent.price is not None:
            ticks = market.ticks(intent.price)
            assert ticks is not None
            assert market.collar_low_ticks <= ticks <= market.collar_high_ticks


def test_market_maker_quotes_both_sides_of_everything_and_never_crosses_itself() -> None:
    markets = instruments()
    maker = MarketMaker(Random(1), markets, levels=2)
    view = View()
    number = 0
    for _ in range(200):
        for intent in maker.decide(view):
            number += 1
            rest(view, {market.symbol: market for market in markets}, intent, f"c{number}")
        for market in markets[: number // 4]:
            bids, asks = view.of(market.symbol, Side.BUY), view.of(market.symbol, Side.SELL)
            assert (len(bids), len(asks)) == (2, 2)
            assert bids[0].price_ticks < asks[0].price_ticks


def test_taker_takes_back_what_rests_too_long() -> None:
    decided = run(Taker(Random(1), instruments()), instruments(), 2000)
    kinds = Counter(type(intent) for intent in decided)
    assert kinds[Cancel] > 20
    times = Counter(
        (intent.time_in_force, intent.price is None)
        for intent in decided
        if isinstance(intent, Enter)
    )
    assert times[TimeInForce.IMMEDIATE_OR_CANCEL, False] > times[TimeInForce.DAY, False] > 0
    assert times[TimeInForce.DAY, True] > 0


def test_noise_does_everything_and_some_of_it_wrong() -> None:
    decided = run(Noise(Random(1), instruments(), orders_max=10), instruments(), 3000)
    entered = [intent for intent in decided if isinstance(intent, Enter)]
    assert {type(intent) for intent in decided} == {Enter, Cancel, Replace}
    assert any(intent.symbol == "NOSUCH" for intent in entered)
    assert any(intent.qty == "0" for intent in entered)
    assert any(intent.price == "100.005" for intent in entered)
    assert any(intent.price == "200" for intent in entered)
    assert Cancel("ACME", Side.BUY, "never-sent") in decided


def test_orders_of_a_side_come_best_price_first() -> None:
    view = View()
    for order_id, side, ticks in (("a", Side.BUY, 1), ("b", Side.BUY, 3), ("c", Side.SELL, 2)):
        view.orders[order_id] = OwnOrder(order_id, order_id, "ACME", side, ticks, 1, 0)
    view.orders["d"] = OwnOrder("d", "d", "ACME", Side.SELL, 1, 1, 0)
    assert [order.order_id for order in view.of("ACME", Side.BUY)] == ["b", "a"]
    assert [order.order_id for order in view.of("ACME", Side.SELL)] == ["d", "c"]
    assert view.of("BTC-USD", Side.SELL) == []
