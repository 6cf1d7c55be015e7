"""Everything that a feed knows, as it is kept over a restart. Knows its parts only."""

from collections.abc import Mapping

import msgspec

from venue.domain.types import Phase
from venue.marketdata.bars import BarTotals, Minute
from venue.marketdata.day_totals import DayTotals
from venue.marketdata.depth import RestingOrder
from venue.marketdata.messages import AnyMarketData


class SymbolImage(msgspec.Struct, frozen=True):
    """One symbol in a FeedImage. bar: of the last minute, from before its trades were kept."""

    event_seq: int
    timestamp_ns: int
    day: DayTotals
    resting: Mapping[str, RestingOrder]
    halted: bool = False
    disabled: bool = False
    closed: bool = False
    bar: BarTotals | None = None
    minute: Minute | None = None


class FeedImage(msgspec.Struct, frozen=True):
    """Everything that a feed knows after event `event_seq`. last: its last messages.

    to_revise: trades that were changed and whose bars were not said again; see Feed.
    """

    event_seq: int
    phase: Phase
    trading_day: str
    symbols: Mapping[str, SymbolImage]
    last: tuple[AnyMarketData, ...]
    to_revise: tuple[tuple[tuple[str, str], int], ...] = ()
