"""Whether an instrument trades, as the public is told: halted, disabled, its hours over. Pure."""

from venue.domain.events import (
    InstrumentAdded,
    InstrumentClosed,
    InstrumentDisabled,
    InstrumentHalted,
    InstrumentOpened,
    InstrumentResumed,
)
from venue.domain.phases import phase_of_market
from venue.domain.types import Phase

TradingStateEvent = (
    InstrumentAdded
    | InstrumentClosed
    | InstrumentDisabled
    | InstrumentHalted
    | InstrumentOpened
    | InstrumentResumed
)


class TradingState:
    """What keeps one instrument from trading while the venue does."""

    def __init__(self, halted: bool = False, disabled: bool = False, closed: bool = False) -> None:
        self.halted = halted
        self.disabled = disabled
        self.closed = closed

    def apply(self, event: TradingStateEvent) -> None:
        """Take in one event."""
        match event:
            case InstrumentHalted() | InstrumentResumed():
                self.halted = isinstance(event, InstrumentHalted)
            case InstrumentClosed() | InstrumentOpened():
                self.closed = isinstance(event, InstrumentClosed)
            case _:
                self.disabled = isinstance(event, InstrumentDisabled)

    def phase(self, venue: Phase) -> Phase:
        """The phase in force for it while the venue is in this one."""
        return phase_of_market(venue, Phase.HALT if self.halted else None, self.closed)
