"""One order costs about the same however many others wait: nobody stops a market by waiting in it.

Cost is counted in calls of functions, which is the same on every machine.
"""

import msgspec
import pytest

from tests.engine.builders import Venue, enter, trading
from tests.engine.calls import count_calls
from venue.domain import commands as c

MANY = 400
pytestmark = pytest.mark.pure


def calls_for(venue: Venue, command: c.AnyCommand) -> int:
    """Functions of Python called, and generators gone on with."""
    return count_calls(venue, command, ["call"])


def order(name: str, side: str, qty: str, price: str | None, **fields: str) -> c.EnterOrder:
    """A new order of ALPHA with what `enter` does not know."""
    plain = {key: fields.pop(key) for key in ("ord_type", "tif") if key in fields}
    return msgspec.structs.replace(enter(name, side, qty, price, **plain), **fields)


@pytest.fixture
def venue() -> Venue:
    """A trading day on which ALPHA may have many orders open."""
    venue = trading()
    venue.limit("1000000000000", 100_000)
    return venue


@pytest.mark.parametrize("self_match", [{}, {"self_match_id": "own"}])
def test_all_or_none_orders_that_wait(venue: Venue, self_match: dict[str, str]) -> None:
    """They look at the book once together, not each for itself."""
    for number in range(MANY):
        venue.do(order(f"a{number}", "2", "1", f"{101 + number % 7}", **self_match))
    for number in range(MANY):
        venue.do(order(f"w{number}", "1", "900", "109", exec_inst="G", **self_match))
    assert calls_for(venue, order("one", "2", "1", "109")) < 12 * MANY


def test_pegged_orders_in_front_of_the_one_that_they_follow(venue: Venue) -> None:
    venue.do(order("bid", "1", "1", "95"))
    for number in range(MANY):
        venue.do(order(f"p{number}", "1", "1", None, ord_type="P", exec_inst="R", peg_offset="1"))
    assert calls_for(venue, order("elsewhere", "2", "1", "109")) < 12 * MANY, "each once"
    assert calls_for(venue, order("again", "2", "1", "109")) < 300, "nothing has moved: none"


def test_fill_or_kill_against_a_long_queue(venue: Venue) -> None:
    for number in range(MANY):
        venue.do(order(f"a{number}", "2", "1", "101"))
    assert calls_for(venue, order("fok", "1", "900", "109", tif="4")) < 300
