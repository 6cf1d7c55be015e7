"""Lists of orders against plain dictionaries, over gaps, days and many ended orders."""

from random import Random

import pytest

from tests.engine.builders import ACME
from venue.domain.instruments import Instrument
from venue.domain.order_state import OrderTerms
from venue.domain.types import OrdStatus, Side
from venue.engine.state.day import OVER, Day
from venue.engine.state.order_lists import DayOrders, OpenOrders
from venue.engine.state.orders import Order
from venue.engine.state.standings import Standing
from venue.risk.funds import Purse

STANDING = Standing(Instrument(ACME), (), Purse("", "USD"), Purse("", "ACME"))
SEEDS = range(20)


def order(number: int) -> Order:
    terms = OrderTerms(str(number), "ALPHA", "ALPHA", "ACME", Side.BUY, "2", "0")
    return Order(terms, STANDING, f"C{number}", 1, 1)


def forget(orders: DayOrders, before: int, most: int) -> None:
    """All orders below `before` but those that are open; so many at a time."""
    for each in orders.values():
        each.day = Day() if each.is_open else OVER
    after: int | None = 0
    slices = 0
    while after is not None:
        after = orders.forget(after, before, most)
        slices += 1
    assert slices >= len(orders) // most


@pytest.mark.parametrize("seed", SEEDS)
def test_orders_of_the_day_are_found_and_listed_as_in_a_dictionary(seed: int) -> None:
    random = Random(seed)
    orders, expected = DayOrders(), {}
    number, used = 0, set[int]()
    for _ in range(500):
        number += random.choice((1, 1, 1, 1, 2, 3, 1000, 1001, 1002, 5000))
        number -= 7 * (random.random() < 0.05 and number > 7)
        while number in used:
            number += 1
        used.add(number)
        each = order(number)
        assert orders.add(each) == (number == max(used))
        expected[str(number)] = each
        if random.random() < 0.5:
            ended = random.choice(list(expected.values()))
            ended.status, ended.trades = OrdStatus.CANCELED, random.randrange(2)
        if random.random() < 0.02:
            forget(orders, max(used) + 1, random.randint(1, 40))
            expected = {key: kept for key, kept in expected.items() if kept.is_open or kept.trades}
        assert len(orders) == len(expected)
        assert orders.get(str(number)) is expected.get(str(number))
    in_order = dict(sorted(expected.items(), key=lambda item: int(item[0])))
    assert list(orders) == list(in_order)
    assert list(orders.values()) == list(in_order.values())
    assert orders == expected
    for asked in range(max(used) + 2):
        assert orders.get(str(asked)) is expected.get(str(asked))


@pytest.mark.parametrize(
    "asked", ["", "0", "01", "+1", " 1", "1.0", "-1", "x", "\u0661", "1" * 5000]
)
def test_only_the_order_id_itself_names_an_order(asked: str) -> None:
    orders = DayOrders()
    orders.add(order(1))
    assert orders.get("1") is not None
    assert orders.get(asked) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_open_orders_stay_in_order_of_entry(seed: int) -> None:
    random = Random(seed)
    orders = OpenOrders()
    expected: dict[str, Order] = {}
    for number in range(1, 2000):
        each = expected[str(number)] = order(number)
        orders.add(each, is_highest=True)
        while expected and random.random() < 0.49 + 0.1 * (number // 500 % 2):
            ended = expected.pop(random.choice(list(expected)))
            ended.status = OrdStatus.CANCELED
            orders.count_ended(ended)
        assert len(orders) == len(expected)
    assert list(orders) == list(expected)
    assert list(orders.values()) == list(expected.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_open_orders_are_found_between_two_ids_also_where_ids_do_not_only_count_up(
    seed: int,
) -> None:
    random = Random(seed)
    day, orders = DayOrders(), OpenOrders()
    numbers = random.sample(range(1, 10_000), 400)
    expected: dict[int, Order] = {}
    for number in numbers if seed % 2 else sorted(numbers):
        each = expected[number] = order(number)
        orders.add(each, day.add(each))
        if random.random() < 0.4:
            ended = expected.pop(random.choice(list(expected)))
            ended.status = OrdStatus.CANCELED
            orders.count_ended(ended)
        after, before = random.randrange(10_000), random.randrange(10_000)
        found = [int(each.terms.order_id) for each in orders.between(after, before)]
        assert found == [n for n in sorted(expected) if after < n < before]
        assert orders.last == max(expected, default=0)


def test_open_orders_are_counted_by_symbol_and_side() -> None:
    orders = OpenOrders()
    made = []
    for number, (symbol, side) in enumerate(
        [("ACME", Side.BUY), ("ACME", Side.SELL), ("GLOBEX", Side.BUY), ("ACME", Side.BUY)], 1
    ):
        terms = OrderTerms(str(number), "ALPHA", "ALPHA", symbol, side, "2", "0")
        made.append(Order(terms, STANDING, f"C{number}", 1, 1))
        orders.add(made[-1], is_highest=True)
    counts = [orders.count(s, d) for s in (None, "ACME", "NONE") for d in (None, "1", "2", "5")]
    assert counts == [4, 3, 1, 0, 3, 2, 1, 0, 0, 0, 0, 0]
    made[0].status = OrdStatus.FILLED
    orders.count_ended(made[0])
    counts = [orders.count(s, d) for s in (None, "ACME", "NONE") for d in (None, "1", "2", "5")]
    assert counts == [3, 2, 1, 0, 2, 1, 1, 0, 0, 0, 0, 0]
