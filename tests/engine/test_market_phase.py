"""The phase of a market: the venue's by default, its own while the venue trades."""

import pytest

from venue.domain import commands as c
from venue.domain.phases import phase_of_market
from venue.domain.types import Phase
from venue.engine.image.capture import image_of
from venue.engine.image.digest import state_digest
from venue.engine.image.restore import state_from

from .builders import Venue, buy
from .outcomes import code


def phases(venue: Venue) -> dict[str, Phase]:
    return {symbol: market.phase for symbol, market in venue.engine.state.markets.items()}


def test_markets_have_the_phase_of_the_venue(venue: Venue) -> None:
    assert set(phases(venue).values()) == {Phase.CONTINUOUS}
    venue.do(c.EndDay())
    assert set(phases(venue).values()) == {Phase.CLOSED}


def test_halt_is_the_phase_of_one_market(venue: Venue) -> None:
    venue.do(c.HaltInstrument("ACME"))
    others = {symbol: phase for symbol, phase in phases(venue).items() if symbol != "ACME"}
    assert phases(venue)["ACME"] is Phase.HALT and set(others.values()) == {Phase.CONTINUOUS}
    assert venue.engine.state.phase is Phase.CONTINUOUS
    venue.do(c.ResumeInstrument("ACME"))
    assert phases(venue)["ACME"] is Phase.CONTINUOUS


def test_halted_market_is_closed_between_two_days(venue: Venue) -> None:
    venue.do_all(c.HaltInstrument("ACME"), c.EndDay())
    assert phases(venue)["ACME"] is Phase.CLOSED
    assert code(venue.do(buy("A1", "1", "99"))) == "MARKET_CLOSED"
    venue.do(c.StartDay("2026-01-06"))
    assert phases(venue)["ACME"] is Phase.HALT


def test_market_halted_between_two_days_starts_halted(venue: Venue) -> None:
    venue.do_all(c.EndDay(), c.HaltInstrument("ACME"))
    assert phases(venue)["ACME"] is Phase.CLOSED
    venue.do(c.StartDay("2026-01-06"))
    assert code(venue.do(buy("A1", "1", "99"))) == "INSTRUMENT_HALTED"


@pytest.mark.parametrize("own", [Phase.HALT, Phase.VOLATILITY_AUCTION])
def test_phases_come_back_from_an_image(venue: Venue, own: Phase) -> None:
    before = state_digest(venue.engine.state)
    venue.engine.state.set_own_phase(venue.engine.state.markets["ACME"], own)
    assert state_digest(venue.engine.state) != before
    state = state_from(image_of(venue.engine.state))
    assert {symbol: market.phase for symbol, market in state.markets.items()} == phases(venue)
    assert state.markets["ACME"].own_phase is own


def test_venue_is_never_halted_as_a_whole(venue: Venue) -> None:
    with pytest.raises(AssertionError, match="never the venue"):
        venue.engine.state.phase = Phase.HALT


@pytest.mark.parametrize("own", [None, Phase.HALT, Phase.VOLATILITY_AUCTION])
@pytest.mark.parametrize("of_venue", [phase for phase in Phase if phase is not Phase.HALT])
def test_own_phase_counts_while_the_venue_trades(of_venue: Phase, own: Phase | None) -> None:
    expected = own if own and of_venue is Phase.CONTINUOUS else of_venue
    assert phase_of_market(of_venue, own) is expected
