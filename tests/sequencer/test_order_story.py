"""Stories of many orders of a random flow: complete, their own side's only, places as they are."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from venue.engine.state.orders import Order
from venue.journal.durable import forget_position
from venue.replay.order_search import find_orders
from venue.replay.order_story import QueuePlace, queue_places, story_of

from ..engine.random_flow import RandomFlow
from .builders import Trading


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trading]:
    directory = tmp_path_factory.mktemp("story") / "journal"
    directory.mkdir()
    trading = Trading(directory, max_batch=16)
    for session in ("ALPHA", "BRAVO"):
        trading.log_on(session, cancels=False)
    for command in RandomFlow(7, 500):
        if getattr(command, "session", "ALPHA") in ("ALPHA", "BRAVO"):
            trading.put(command)
    trading.sequencer.drain()
    yield trading
    trading.writer.close()
    forget_position(trading.directory)


def orders(trading: Trading) -> list[Order]:
    """The orders that the engine still knows."""
    return list(trading.engine.state.orders.values())


def test_story_ends_with_the_order_as_the_engine_has_it(trading: Trading) -> None:
    assert len(orders(trading)) > 20
    for order in orders(trading):
        (found,) = find_orders(trading.directory, order.terms.order_id, "37")
        steps = story_of(trading.directory, found)
        last = next(step.order for step in reversed(steps) if step.order is not None)
        assert last == order.state()
        numbers = [event["event_seq"] for step in steps for event in step.events]
        assert numbers == sorted(set(numbers))


def test_story_never_names_the_other_side(trading: Trading) -> None:
    others = {"ALPHA": b"BRAVO", "BRAVO": b"ALPHA"}
    for order in orders(trading):
        (found,) = find_orders(trading.directory, order.terms.order_id, "37")
        told = msgspec.json.encode(story_of(trading.directory, found))
        assert others[order.terms.session] not in told
        other_ids = {each.terms.order_id for each in orders(trading)} - {order.terms.order_id}
        assert not any(b'"order_id":"%s"' % each.encode() in told for each in other_ids)


def test_last_place_in_the_queue_is_where_the_order_is(trading: Trading) -> None:
    resting = [order for order in orders(trading) if order.level is not None]
    assert resting
    for order in resting:
        (found,) = find_orders(trading.directory, order.terms.order_id, "37")
        *_, last = queue_places(
            trading.directory, order.terms.order_id, story_of(trading.directory, found)
        )
        assert isinstance(last, QueuePlace) and order.level is not None
        queue = list(order.level)
        ahead = queue[: queue.index(order)]
        lots = sum(each.shown_lots for each in ahead)
        price, quantity = order.instrument.price_text, order.instrument.qty_text
        assert (last.price, last.orders_ahead, last.quantity_ahead) == (
            price(order.price_ticks),
            len(ahead),
            quantity(lots),
        )


def test_text_that_is_nobodys_finds_nothing(trading: Trading, tmp_path: Path) -> None:
    for text in ("", "NONE", "ACME", "ALPHA", "999999", 'with"quote'):
        assert find_orders(trading.directory, text) == []
