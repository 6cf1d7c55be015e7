"""Finished orders and trades are packed: they answer as before, and they cost little."""

import tracemalloc
from collections.abc import Callable, Iterator
from itertools import product
from random import Random

import msgspec
import pytest

from tests.engine.builders import Venue, buy, cancel, sell, trading
from tests.engine.control_flow import ControlFlow, play
from tests.engine.funded import enough, funded
from tests.engine.random_flow import RandomFlow
from tests.engine.test_image import through_bytes
from tests.engine.test_random_flow import do_all_of
from tests.sequencer.builders import digest
from venue.domain import commands as c
from venue.domain.answers import OrderStatusQuery
from venue.domain.codec import encode
from venue.engine.image.digest import state_digest
from venue.engine.state.cl_ord_ids import NO_ORDER, ClOrdIDs
from venue.engine.state.day_orders import DayOrders
from venue.engine.state.trades import Trade, Trades

NEVER = 10**9
MOST_BYTES = 180
"""Of a finished order with its ClOrdIDs and trades; as an object it took some 700."""


def pack_at_once(venue: Venue) -> None:
    """Have each order packed once the command that ends it is done."""
    venue.engine.state.orders.recent, venue.engine.state.orders.page = 0, 1


class Twins:
    """Two engines that do the same. Only the first one packs orders, each as soon as it ends."""

    def __init__(self, packs: Venue, keeps: Venue) -> None:
        self.packs, self.keeps = packs, keeps
        pack_at_once(packs)
        keeps.engine.state.orders.page = NEVER

    def do(self, command: c.AnyCommand) -> None:
        """The same events, byte for byte."""
        told = [list(map(encode, do_all_of(each, command))) for each in (self.packs, self.keeps)]
        assert told[0] == told[1], command

    def ask(self) -> None:
        """The same answers about each order, by its OrderID and by each of its ClOrdIDs."""
        state = self.keeps.engine.state
        for session in state.sessions.values():
            known = [(cl_ord_id, None) for cl_ord_id, _ in session.cl_ord_ids.items()]
            for cl_ord_id, order_id in (*known, *product(("unknown",), state.orders)):
                query = OrderStatusQuery(session.name, cl_ord_id, "ACME", "1", order_id=order_id)
                answers = [each.engine.answer(query) for each in (self.packs, self.keeps)]
                assert answers[0] == answers[1]

    def change_all(self) -> None:
        """Busts, corrections, cancels, replaces and repeats of all there is; most are refused."""
        state = self.keeps.engine.state
        for number, (match_id, trade) in enumerate(list(state.trades.items())):
            if number % 3 == 0:
                self.do(c.BustTrade(match_id, "olga", "error"))
            price = state.orders[trade.buy].instrument.price_text(trade.price_ticks + number % 7)
            self.do(c.CorrectTrade(match_id, price, "1" if number % 2 else None, "olga", "error"))
        known = [
            (name, cl_ord_id, order_id)
            for name, session in state.sessions.items()
            for cl_ord_id, order_id in sorted(session.cl_ord_ids.items())
        ]
        for number, (name, cl_ord_id, order_id) in enumerate(known):
            order = state.orders.numbered(order_id)
            symbol, side = (order.terms.symbol, order.terms.side) if order else ("ACME", "1")
            by_id = str(order_id) if number % 2 else None
            self.do(c.CancelOrder(name, f"f{number}", cl_ord_id, symbol, side, order_id=by_id))
            self.do(c.ReplaceOrder(name, f"g{number}", cl_ord_id, symbol, side, "2", "5", "100"))
            self.do(buy(cl_ord_id, "1", "90", session=name))

    def check(self) -> None:
        """The same state."""
        first, second = self.packs.engine, self.keeps.engine
        assert digest(first) == digest(second)
        assert state_digest(first.state) == state_digest(second.state)


def random_flow(seed: int) -> Iterator[Twins]:
    twins = Twins(trading(), trading())
    for command in RandomFlow(seed, 1_500):
        twins.do(command)
        yield twins


def control_flow(seed: int) -> Iterator[Twins]:
    twins = Twins(funded(*enough()), funded(*enough()))
    flow = ControlFlow(seed, 1_500)
    for command, events in play(twins.packs, flow):
        expected = list(map(encode, do_all_of(twins.keeps, command)))
        assert list(map(encode, events)) == expected, command
        yield twins


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("flow", [random_flow, control_flow])
def test_packed_order_answers_as_the_order_itself(
    flow: Callable[[int], Iterator[Twins]], seed: int
) -> None:
    for number, twins in enumerate(flow(seed)):
        if number % 300 == 299:
            twins.ask()
            twins.check()
    twins.change_all()
    twins.ask()
    twins.check()
    twins.packs.engine = through_bytes(twins.packs.engine)
    pack_at_once(twins.packs)
    twins.check()
    twins.do(c.EndDay())
    twins.do(c.StartDay("2027-01-04"))
    twins.ask()
    twins.change_all()
    twins.check()


@pytest.mark.parametrize("field", ["account", "self_match_id", "route", "expire_ns", "parties"])
def test_terms_of_its_own_come_back(field: str) -> None:
    value = {"expire_ns": 1 << 62, "parties": (c.Party("T1", "D", "11"),)}.get(field, "\x7f€")
    twins = Twins(trading(), trading())
    tif = "6" if field == "expire_ns" else "0"
    order = msgspec.structs.replace(buy("A1", "5", "100"), time_in_force=tif, **{field: value})
    for command in (order, sell("B1", "5", "100"), cancel("A2", "A1"), c.BustTrade("M1", "olga")):
        twins.do(command)
    twins.ask()
    twins.check()


def trade_much(venue: Venue, count: int, first: int) -> None:
    """So many finished orders: of three, two trade with each other and one is canceled."""
    for number in range(first, first + count, 3):
        venue.do(sell(f"session-000-{number:012}", "1", "100"))
        venue.do(buy(f"session-000-{number + 1:012}", "1", "100"))
        venue.do(buy(f"session-000-{number + 2:012}", "1", "99"))
        venue.do(cancel(f"session-001-{number + 2:012}", f"session-000-{number + 2:012}"))


def test_finished_order_costs_few_bytes() -> None:
    venue = trading()
    venue.engine.state.orders.recent = 0
    trade_much(venue, 600, 0)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        trade_much(venue, 6_000, 600)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(venue.engine.state.orders) == 6_600
    assert (after - before) / 6_000 < MOST_BYTES


def test_days_that_are_forgotten_leave_nothing() -> None:
    """Trades are remembered two days; from then on each day takes the place of an older one."""
    venue = trading()
    venue.engine.state.orders.recent = 0
    sizes = []
    tracemalloc.start()
    try:
        for day in range(6, 13):
            trade_much(venue, 3_000, 0)
            do_all_of(venue, c.EndDay())
            do_all_of(venue, c.StartDay(f"2026-01-{day:02}"))
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert len(venue.engine.state.orders) == 2 * 2_000
    assert sizes[-1] - sizes[3] < (sizes[1] - sizes[0]) / 2, sizes


def test_order_that_is_changed_is_kept_as_it_was_put_back() -> None:
    venue = trading()
    pack_at_once(venue)
    venue.do_all(sell("S1", "1", "100"), buy("B1", "1", "100"), buy("B2", "1", "90"))
    orders: DayOrders = venue.engine.state.orders
    first = orders["1"]
    assert first is not orders["1"], "it is packed"
    first.cum_value = 7
    assert orders["1"].cum_value == 10_000
    orders.put_back(first)
    assert orders["1"].cum_value == 7 and orders["1"] is first
    orders.pack_finished()
    assert orders["1"].cum_value == 7 and orders["1"] is not first


@pytest.mark.parametrize("seed", range(5))
def test_cl_ord_ids_are_found_as_in_a_dictionary(seed: int) -> None:
    random = Random(seed)
    packed, expected = ClOrdIDs(), dict[str, int]()
    marks = ("", "\x01", "\\x01", "\\", "\n", "é", "\ud800", "1\x012", "\x01a\x01")
    for _ in range(3_000):
        text = random.choice(marks) + str(random.randrange(10_000)) + random.choice(marks)
        assert packed.get(text) == expected.get(text)
        assert (text in packed) == (text in expected)
        number = str(random.randrange(10_000))  # as OrderIDs are written
        assert packed.get(number) == expected.get(number)
        if text not in expected:
            # OrderIDs that look like the ClOrdIDs beside them, too
            ids = (NO_ORDER, random.randrange(10_000), random.randrange(1, 1 << 40))
            expected[text] = random.choice(ids)
            packed.add(text, expected[text])
    for mark in marks:
        assert packed.get(mark) == expected.get(mark)
    assert dict(packed.items()) == expected and len(packed) == len(expected)
    while expected:
        most = random.randint(1, 400)
        taken = packed.take(most)
        assert len(taken) == min(most, len(expected))
        for text, order_id in taken:
            assert expected.pop(text) == order_id and text not in packed
        assert len(packed) == len(expected)
        assert all(packed.get(text) == order_id for text, order_id in expected.items())
    assert packed.take(1) == []


@pytest.mark.parametrize("seed", range(5))
def test_trades_are_found_and_listed_as_in_a_dictionary(seed: int) -> None:
    random = Random(seed)
    trades, expected = Trades(), dict[int, list[object]]()
    number = 0
    for _ in range(2_000):
        number += random.choice((1, 1, 1, 1, 1, 40))
        trade = Trade("ACME", "1", "2", number, 1, 10**30 + number, 0, number, "2026-01-05", 0)
        trades.put(f"M{number}", trade)
        expected[number] = [number, 10**30 + number, False]
        changed = random.choice(list(expected))
        if random.random() < 0.1:
            found = trades.get(f"M{changed}")
            assert found is not None
            found.busted, found.amount = True, -changed
            trades.put(f"M{changed}", found)
            expected[changed][1:] = [-changed, True]
        elif random.random() < 0.1:
            trades.forget(changed)
            del expected[changed]
    listed = [(key, [t.price_ticks, t.amount, t.busted]) for key, t in trades.items()]
    assert listed == [(f"M{key}", values) for key, values in expected.items()]
    assert [key for key, _ in trades.latest()] == [key for key, _ in reversed(listed)]
    assert list(trades) == [key for key, _ in listed] and len(trades) == len(listed)
    assert trades.first_number == min(expected)
    for asked in ("", "M", "M0", "M-1", "m1", f"M0{max(expected)}", "M" + "1" * 5000, "M\u0661"):
        assert asked not in trades and trades.get(asked) is None
    assert f"M{max(expected)}" in trades
