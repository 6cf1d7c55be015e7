"""Mass status in slices: every order once, as it is then; one answer says that it is the last."""

from random import Random

import pytest

from tests.reference.build import Venue, instrument
from venue.domain import commands as c
from venue.domain.answers import OrderMassStatusQuery, OrderStatus, OrderUnknown
from venue.domain.types import OrdStatus
from venue.engine.trading.slices import LOOKS, SLICE
from venue.engine.views.mass_status import MassStatus


def with_orders(count: int, symbols: tuple[str, ...] = ("ACME",)) -> Venue:
    venue = Venue(*map(instrument, symbols))
    venue.apply(c.AddMember("ALPHA", (), "1000000000", 100_000))
    for number in range(count):
        venue.buy(f"b{number + 1}", "1", "95", symbol=symbols[number % len(symbols)])
    return venue


def ask(venue: Venue, request_type: str = "7", symbol: str | None = None) -> MassStatus:
    query = OrderMassStatusQuery("ALPHA", "af1", request_type, symbol)
    return venue.engine.mass_status(query)


def told(status: MassStatus) -> list[OrderStatus]:
    answers = status.answers()
    found = [answer for answer in answers if isinstance(answer, OrderStatus)]
    assert len(found) == len(answers) <= SLICE + 1
    return found


def ids(statuses: list[OrderStatus]) -> list[int]:
    return [int(status.order.terms.order_id) for status in statuses]


@pytest.mark.parametrize(
    "count", [1, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE, 2 * SLICE + 1, 5 * SLICE + 7]
)
def test_every_order_is_told_of_once_and_the_last_says_so(count: int) -> None:
    status = ask(with_orders(count))
    statuses = []
    while not status.done:
        statuses += told(status)
    assert ids(statuses) == list(range(1, count + 1))
    assert [each.last for each in statuses] == [False] * (count - 1) + [True]
    assert {each.of for each in statuses} == {count}
    assert {each.mass_status_req_id for each in statuses} == {"af1"}


def test_what_ended_or_came_meanwhile_is_not_there_and_what_changed_is_as_it_is_now() -> None:
    venue = with_orders(SLICE + 10)
    status = ask(venue)
    first = told(status)
    venue.cancel("x1", "b2")  # told of already
    venue.cancel("x2", f"b{SLICE + 3}")
    venue.replace("r1", f"b{SLICE + 4}", "7", "96")
    venue.sell("s1", "1", "96")
    venue.buy("new", "1", "95")
    second = told(status)
    assert status.done
    left = [*range(1, SLICE + 3), *range(SLICE + 4, SLICE + 11)]
    assert ids([*first, *second]) == left
    (changed,) = (each.order for each in second if each.order.terms.order_id == str(SLICE + 4))
    assert (changed.cl_ord_id, changed.order_qty, changed.cum_qty) == ("r1", "7", "1")
    assert [each.last for each in second][-1] and {each.of for each in second} == {SLICE + 10}


def test_when_all_that_is_left_has_ended_the_last_answer_is_about_one_of_them_as_it_is() -> None:
    venue = with_orders(2 * SLICE)
    status = ask(venue)
    first = told(status)
    for number in range(len(first), 2 * SLICE):
        venue.cancel(f"x{number}", f"b{number + 1}")
    (last,) = told(status)
    assert last.last and status.done
    assert (last.order.ord_status, last.order.leaves_qty) == (OrdStatus.CANCELED, "0")
    assert ids([*first, last]) == list(range(1, len(first) + 2))


def test_when_all_that_is_left_are_told_of_the_one_held_back_is_the_last() -> None:
    venue = with_orders(SLICE + 5)
    status = ask(venue)
    first = told(status)
    for number in range(SLICE + 1, SLICE + 6):
        venue.cancel(f"x{number}", f"b{number}")
    (last,) = told(status)
    assert last.last and last.order.ord_status is OrdStatus.NEW
    assert ids([*first, last]) == list(range(1, SLICE + 1))


def test_few_of_many_are_found_a_few_looks_at_a_time() -> None:
    venue = with_orders(3 * LOOKS, ("ACME",))
    venue.apply(instrument("GLOBEX"))
    venue.buy("g1", "1", "95", symbol="GLOBEX")
    status = ask(venue, "1", "GLOBEX")
    slices = []
    while not status.done:
        slices.append(told(status))
    assert [len(each) for each in slices] == [0, 0, 0, 1]
    assert (slices[-1][0].of, slices[-1][0].last) == (1, True)


def test_all_gone_before_any_was_found_is_one_answer_that_says_so() -> None:
    venue = with_orders(2 * LOOKS, ("ACME",))
    venue.apply(instrument("GLOBEX"))
    venue.buy("g1", "1", "95", symbol="GLOBEX")
    status = ask(venue, "1", "GLOBEX")
    assert told(status) == []
    venue.cancel("x1", "g1", symbol="GLOBEX")
    answers = []
    while not status.done:
        answers += status.answers()
    (answer,) = answers
    assert isinstance(answer, OrderUnknown)
    assert (answer.symbol, answer.text) == ("GLOBEX", "UNKNOWN_ORDER no open order")


@pytest.mark.parametrize("seed", range(10))
def test_whatever_happens_between_slices_one_answer_is_the_last(seed: int) -> None:
    random = Random(seed)
    venue = with_orders(800, ("ACME", "GLOBEX"))
    status = ask(venue, *random.choice((("7", None), ("1", "GLOBEX"))))
    statuses: list[OrderStatus] = []
    while not status.done:
        statuses += told(status)
        orders = [each for each in venue.engine.state.orders.values() if each.is_open]
        for order in random.sample(orders, min(len(orders), random.choice((0, 20, 300)))):
            venue.apply(c.CancelByOperator(order.terms.order_id))
        for number in range(random.choice((0, 30))):
            venue.buy(f"n{len(statuses)}-{number}", "1", "95")
    assert ids(statuses) == sorted(set(ids(statuses)))
    assert max(ids(statuses)) <= 800 and len(statuses) <= statuses[0].of
    assert [each.last for each in statuses] == [False] * (len(statuses) - 1) + [True]
    assert {each.order.ord_status for each in statuses[:-1]} <= {OrdStatus.NEW}


def test_what_is_asked_for_too_often_is_refused_with_its_code() -> None:
    status = ask(with_orders(2))
    (answer,) = status.refuse("8 are enough")
    assert status.done and isinstance(answer, OrderUnknown)
    assert (answer.text, answer.ord_rej_reason) == ("THROTTLED 8 are enough", "99")
