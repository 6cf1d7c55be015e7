"""Public feeds: books of any depth, tickers, trades, bars, and how all of it is.

Knows the followed books and the hub. A book of a depth, and a ticker, is rendered while somebody
hears it, and for a minute behind that, so that who comes back can go on.
"""

import itertools
from collections.abc import Callable

from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.markets import Markets
from venue.gateway.problems import Code, Problem
from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import Channel
from venue.gateway.streams.prices import BookSource, TickerSource
from venue.gateway.streams.status import StatusSource
from venue.gateway.streams.tape import BarsSource, TradesSource
from venue.marketdata.followed_book import Update
from venue.marketdata.messages import AnyTrade, Bar

DEPTH = 10
"""Levels of a book whose depth is not said."""
DEPTHS_MAX = 32
"""Depths of one symbol's book that are rendered at a time."""
IDLE_SECONDS = 60.0


class PublicFeeds:
    """epoch: of this run of the gateway; what begins later than it has its own."""

    def __init__(self, hub: Hub, markets: Markets, epoch: str, clock: Callable[[], float]) -> None:
        self._markets = markets
        self._epoch = epoch
        self._clock = clock
        self._counts = itertools.count(1)
        self._rendered: dict[str, dict[Key, BookSource | TickerSource]] = {}
        """Books and tickers, by symbol."""
        self._idle_since: dict[Key, float] = {}
        self._trades: dict[str, TradesSource] = {}
        self._bars: dict[str, BarsSource] = {}
        self.status = StatusSource(epoch)
        hub.listen(Topic.MARKET, EVERYBODY, self._take_update)
        hub.listen(Topic.TRADES, EVERYBODY, self._take_trade)
        hub.listen(Topic.BARS, EVERYBODY, self._take_bar)

    def feed(self, channel: Channel, symbol: str, depth: int) -> Feed:
        """A feed by what a client names. Raises Problem: NOT_FOUND, AWAY, BAD_REQUEST, TOO_MANY."""
        if depth and channel is not Channel.BOOK:
            raise Problem(Code.BAD_REQUEST, "only a book has a depth", field="depth")
        if channel is Channel.STATUS:
            if symbol:
                raise Problem(Code.BAD_REQUEST, "status is of all symbols", field="symbol")
            return self.status.feed
        self._markets.followed(symbol)
        if channel is Channel.TRADES:
            return self._trades_of(symbol).feed
        if channel is Channel.BARS:
            return self._bars_of(symbol).feed
        if channel is Channel.TICKER:
            return self._render(Key(channel, symbol)).feed
        return self._render(Key(channel, symbol, depth or DEPTH)).feed

    def _render(self, key: Key) -> BookSource | TickerSource:
        rendered = self._rendered.setdefault(key.of, {})
        found = rendered.get(key)
        if found is None:
            self._make_room(rendered)
            epoch, book = f"{self._epoch}-{next(self._counts)}", self._markets.followed(key.of)
            kind = BookSource if key.channel is Channel.BOOK else TickerSource
            found = rendered[key] = kind(key, epoch, book)
        return found

    def _make_room(self, rendered: dict[Key, BookSource | TickerSource]) -> None:
        if len(rendered) < DEPTHS_MAX:
            return
        idle = next((key for key, source in rendered.items() if not source.feed.is_heard), None)
        if idle is None:
            depths = ", ".join(str(key.depth) for key in sorted(rendered) if key.depth)
            text = f"the book is rendered in so many depths already: take one of {depths}"
            raise Problem(Code.TOO_MANY, text, field="depth", retry_after=int(IDLE_SECONDS))
        del rendered[idle]

    def forget_idle(self) -> None:
        """Render no more what nobody has heard for a minute. To be called now and then."""
        now = self._clock()
        for rendered in self._rendered.values():
            for key, source in [*rendered.items()]:
                if source.feed.is_heard:
                    self._idle_since.pop(key, None)
                elif now - self._idle_since.setdefault(key, now) > IDLE_SECONDS:
                    del rendered[key], self._idle_since[key]

    def _trades_of(self, symbol: str) -> TradesSource:
        found = self._trades.get(symbol)
        if found is None:
            found = self._trades[symbol] = TradesSource(symbol, self._epoch)
        return found

    def _bars_of(self, symbol: str) -> BarsSource:
        found = self._bars.get(symbol)
        if found is None:
            found = self._bars[symbol] = BarsSource(symbol, self._epoch)
        return found

    # News

    def _take_update(self, symbol: str, update: Update) -> None:
        book = self._markets.followed(symbol)
        for source in self._rendered.get(symbol, {}).values():
            source.take(book, update)
        if update.status is not None:
            self.status.take(update.status)

    def _take_trade(self, symbol: str, trade: AnyTrade) -> None:
        self._trades_of(symbol).take(trade)

    def _take_bar(self, symbol: str, bar: Bar) -> None:
        self._bars_of(symbol).take(bar)
