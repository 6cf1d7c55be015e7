"""Whether an instrument trades, as the public is told."""

import pytest

from venue.domain.events import InstrumentClosed, InstrumentOpened
from venue.domain.types import Phase
from venue.marketdata.feed import Feed
from venue.marketdata.trading_state import TradingState

from .events import NANOSECONDS, day_ended, day_started, disabled, halted, instrument_added, resumed
from .test_feed import statuses


def closed(seq: int) -> InstrumentClosed:
    return InstrumentClosed(seq, NANOSECONDS + seq, "ACME")


def opened(seq: int) -> InstrumentOpened:
    return InstrumentOpened(seq, NANOSECONDS + seq, "ACME")


def test_hours_of_a_group_are_told() -> None:
    feed = Feed()
    feed.apply(instrument_added(1))
    feed.apply(day_started(2))
    feed.take()
    assert statuses(feed, closed(3)) == [("ACME", "CLOSED", False)]
    again = Feed.of(feed.image(3))
    for each in (feed, again):
        assert statuses(each, opened(4)) == [("ACME", "CONTINUOUS", False)]
        assert statuses(each, day_ended(5)) == [("ACME", "CLOSED", False)]


def test_each_reason_not_to_trade_has_its_own_end() -> None:
    state = TradingState()
    for event in (halted(1), closed(2), disabled(3)):
        state.apply(event)
    assert (state.halted, state.closed, state.disabled) == (True, True, True)
    assert state.phase(Phase.CONTINUOUS) is Phase.CLOSED
    state.apply(opened(4))
    assert state.phase(Phase.CONTINUOUS) is Phase.HALT
    state.apply(resumed(5))
    state.apply(instrument_added(6))
    assert (state.halted, state.closed, state.disabled) == (False, False, False)


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.START_OF_DAY])
def test_nothing_trades_between_days(phase: Phase) -> None:
    assert TradingState().phase(phase) is phase
