"""Everything that a feed knows, as it is kept over a restart. Knows its parts only."""

from collections.abc import Mapping

import msgspec

from venue.domain.types import Phase
from venue.marketdata.bars import BarTotals
from venue.marketdata.day_totals import DayTotals
from venue.marketdata.depth import RestingOrder
from venue.marketdata.messages import AnyMarketData


class SymbolImage(msgspec.Struct, frozen=True):
    """One symbol in a FeedImage."""

    event_seq: int
    timestamp_ns: int
    day: DayTotals
    resting: Mapping[str, RestingOrder]
    halted: bool = False
    disabled: bool = False
    closed: bool = False
    bar: BarTotals | None = None


class FeedImage(msgspec.Struct, frozen=True):
    """Everything that a feed knows after event `event_seq`. last: its last messages."""

    event_seq: int
    phase: Phase
    trading_day: str
    symbols: Mapping[str, SymbolImage]
    last: tuple[AnyMarketData, ...]
