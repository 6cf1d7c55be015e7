"""The price of the last trade that stands, of each instrument, counted from events alone. Pure.

Some trades of each are kept, so that the price before is known when the last one is busted.
"""

from venue.domain import events as e
from venue.domain.instruments import Instrument

KEPT = 32
"""Trades of an instrument. Where as many of the last were busted, the price is that before them."""
PricesImage = dict[str, tuple[int | None, dict[str, int]]]
"""Of each instrument the price before those that are kept, and theirs by MatchID; in ticks."""


class _Prices:
    """The prices of one instrument, in ticks."""

    __slots__ = ("kept", "older")

    def __init__(self, older: int | None = None, kept: dict[str, int] | None = None) -> None:
        self.older = older
        self.kept = kept if kept is not None else {}


class LastPrices:
    """Takes trades, busts and corrections in order."""

    def __init__(self, image: PricesImage | None = None) -> None:
        self._of = {symbol: _Prices(*kept) for symbol, kept in (image or {}).items()}

    def image(self) -> PricesImage:
        """All that is needed to go on elsewhere."""
        return {symbol: (each.older, each.kept) for symbol, each in self._of.items()}

    def last_ticks(self, symbol: str) -> int | None:
        """The price of the last trade that stands; None: nothing has traded."""
        prices = self._of.get(symbol)
        if prices is None:
            return None
        return next(reversed(prices.kept.values()), prices.older)

    def apply(
        self, event: e.TradeExecuted | e.TradeBusted | e.TradeCorrected, instrument: Instrument
    ) -> bool:
        """Take an event of this instrument. Whether its last price is another one now."""
        prices = self._of.setdefault(event.symbol, _Prices())
        before = self.last_ticks(event.symbol)
        ticks = instrument.ticks(event.last_px)
        if isinstance(event, e.TradeBusted):
            prices.kept.pop(event.match_id, None)
        elif ticks is not None and (
            isinstance(event, e.TradeExecuted) or event.match_id in prices.kept
        ):
            prices.kept[event.match_id] = ticks
            if len(prices.kept) > KEPT:
                prices.older = prices.kept.pop(next(iter(prices.kept)))
        return self.last_ticks(event.symbol) != before
