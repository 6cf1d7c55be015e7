"""The engine against the reference venue, event by event, with the invariants in between."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.reference.play import Pair, play, random_drafts, shortest
from tests.reference.writer import Draft, draft
from venue.book.book_side import BookSide
from venue.book.order_book import OrderBook
from venue.book.price_level import RestingOrder
from venue.domain import events as e
from venue.engine.trading import placing

SEEDS = range(1, 21)
COMMANDS = 5_000
CHECKED_EVERY = 4


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_and_reference_agree_on_random_commands(seed: int) -> None:
    """20 x 5,000 commands; a difference is printed as the shortest script found that shows it."""
    drafts = random_drafts(seed, COMMANDS)
    if play(drafts, CHECKED_EVERY) is not None:
        pytest.fail(str(shortest(drafts)))


@st.composite
def some_draft(draw: DrawFn) -> Draft:
    """A draft chosen by hypothesis."""
    return draft(lambda options: draw(st.sampled_from(options)))


@settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(st.lists(some_draft(), min_size=1, max_size=25))
def test_engine_and_reference_agree_on_short_scripts(drafts: list[Draft]) -> None:
    """Hypothesis shrinks a difference and prints it as the commands that lead to it."""
    difference = play(drafts)
    assert difference is None, str(difference)


def test_random_commands_reach_every_kind_of_event() -> None:
    """What the random scripts do not reach, they do not compare."""
    reached: Counter[str] = Counter()
    pair = Pair()
    for chosen in random_drafts(1, COMMANDS):
        pair.play(chosen, check=False)
        reached.update(type(event).__name__ for event in pair.last_events)
    orders = (
        e.OrderAccepted,
        e.OrderRejected,
        e.OrderReplaced,
        e.OrderRestated,
        e.OrderCanceled,
        e.OrderExpired,
        e.TradeExecuted,
    )
    rest = (e.MassCancelReported, e.TradeBusted, e.TradeCorrected, e.DayStarted, e.DayEnded)
    assert min(reached[kind.__name__] for kind in orders) > 100
    assert min(reached[kind.__name__] for kind in rest) > 3


@pytest.mark.pure
@pytest.mark.parametrize(
    "fault", ["queue jumped", "all-or-none cut", "stops never through at once"]
)
def test_a_faulty_engine_is_found_and_told_in_a_short_script(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "queue jumped":
        rest = BookSide.rest

        def jump(side: BookSide, order: RestingOrder) -> None:
            rest(side, order)
            level = order.level
            assert level is not None
            if level.count == 2 and level.first is not None:
                ahead = level.first
                level.remove(ahead)
                level.append(ahead)

        monkeypatch.setattr(BookSide, "rest", jump)
    elif fault == "all-or-none cut":
        monkeypatch.setattr(OrderBook, "available", lambda self, order, skip: order.leaves_lots)
    else:
        monkeypatch.setattr(placing, "_is_reached", lambda order, ticks: False)
    found = shortest(random_drafts(1, 1000))
    assert found is not None
    assert 0 < len(found.commands) <= 10
    assert "EnterOrder(" in str(found)
