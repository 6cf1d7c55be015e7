"""Turns events into market data: what the public may see of them, as soon as it has changed.

May know events and the published messages. Pure: it does no I/O and publishes no private data.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

from venue.domain.events import (
    AnyEvent,
    DayEnded,
    DayReopened,
    DayStarted,
    Event,
    InstrumentAdded,
)
from venue.domain.types import Phase
from venue.marketdata.bars import Minute
from venue.marketdata.day_totals import AnyTradeEvent, DayTotals
from venue.marketdata.depth import orders_changed
from venue.marketdata.feed_image import FeedImage, SymbolImage
from venue.marketdata.last_values import Publication, publication
from venue.marketdata.messages import (
    AnyMarketData,
    AnyTrade,
    Definition,
    Snapshot,
    Statistics,
    Status,
)
from venue.marketdata.public_ids import PublicIds
from venue.marketdata.renewal import Renewal
from venue.marketdata.symbol_feed import SymbolFeed, public_terms
from venue.marketdata.trading_state import TradingState, TradingStateEvent
from venue.marketdata.updates import Updates


class ChangedTrade(NamedTuple):
    """A trade with the event_seq of a change of it, and its minute's bar behind that.

    bar: see bar_content; None: it cannot be known.
    """

    symbol: str
    match_id: str
    change: int
    bar: dict[str, Any] | None


class Feed:
    """Market data of all symbols. `apply` takes events in order, `take` gives what to publish.

    All of the book waits while it is crossed: the trades of an accepted aggressor are then still to
    come, perhaps in the next batch.
    """

    def __init__(
        self,
        *,
        silent_through: int = 0,
        incomplete: bool = False,
        epoch: int = 0,
        key: bytes = b"",
        bbo_per_second: int = 0,
    ) -> None:
        """silent_through: what follows from events up to this event_seq is public already.

        incomplete: the events of some orders are lost. The book then stands still until a new day
        has restated all orders; the rest goes on. epoch: greater than that of any earlier run. key:
        of the orders' public ids. bbo_per_second: so many best bids and offers of a symbol are
        published at most; 0: each one.
        """
        self._renewal = Renewal() if incomplete else None
        self._silent_through = silent_through
        self._applied = 0
        self._updates = Updates(epoch, bbo_per_second)
        self._ids = PublicIds(key)
        self._symbols: dict[str, SymbolFeed] = {}
        self._changed: dict[str, None] = {}
        self._trades: list[AnyTradeEvent] = []
        self.to_revise: dict[tuple[str, str], int] = {}
        """Trades that were changed after their minute, by symbol and MatchID: event_seq of the last
        change. See `revise`."""
        self._revised: list[ChangedTrade] = []
        self._phase = Phase.START_OF_DAY
        self._trading_day = ""

    @classmethod
    def of(cls, image: FeedImage, **options: Any) -> Self:
        """A feed with this image. Any of its symbols may differ from what was published last."""
        feed = cls(**options)
        feed._applied = image.event_seq
        feed._begin_day(image.phase, image.trading_day)
        for symbol, seen in image.symbols.items():
            state = feed._symbols[symbol] = SymbolFeed(seen.day, feed._ids)
            state.depth.begin_with(seen.resting)
            state.event_seq, state.timestamp_ns = seen.event_seq, seen.timestamp_ns
            state.trading = TradingState(seen.halted, seen.disabled, seen.closed)
            state.minute = seen.minute or (Minute.of(seen.bar) if seen.bar else None)
            feed._changed[symbol] = None
        feed.to_revise = dict(image.to_revise)
        feed.resume(image.last)
        return feed

    def image(self, event_seq: int) -> FeedImage:
        """Everything that the feed knows. It has to be written before the next event is applied."""
        symbols = {
            symbol: SymbolImage(
                state.event_seq,
                state.timestamp_ns,
                state.day,
                state.depth.resting,
                state.trading.halted,
                state.trading.disabled,
                state.trading.closed,
                minute=state.minute,
            )
            for symbol, state in self._symbols.items()
        }
        return FeedImage(
            event_seq,
            self._phase,
            self._trading_day,
            symbols,
            self._updates.last.all(),
            tuple(self.to_revise.items()),
        )

    @property
    def incomplete(self) -> bool:
        """Whether orders are still missing."""
        return self._renewal is not None

    def resume(self, published: Iterable[AnyMarketData]) -> None:
        """Go on from the last values of an earlier run: seq goes on, and repeats are left out.

        Where events are lost, the day's totals are those that were published.
        """
        updates = self._updates
        for message in published:
            updates.last.take_up(message)
            if self._renewal is None:
                continue
            if isinstance(message, Status):
                self._begin_day(message.session_phase or message.phase, message.trading_day)
            elif isinstance(message, Statistics):
                day = DayTotals.said_by(message)
                self._symbols[message.symbol] = SymbolFeed(day, self._ids)
        for symbol, state in self._symbols.items():
            definition = updates.last.of(symbol, Definition)
            if definition is not None:
                state.define(updates.last.content(definition))
        updates.epoch = max(updates.epoch, updates.last.epoch() + 1)

    def apply(self, event: AnyEvent) -> None:
        """Take in one event."""
        self._applied = event.event_seq
        orders = orders_changed(event)
        if orders:
            state = self._touch(orders[0].terms.symbol, event)
            for order in orders:
                state.depth.apply(order, event)
            if isinstance(event, AnyTradeEvent):
                self._count_trade(state, event)
            if event.event_seq <= self._silent_through:
                state.depth.forget_changes()
                state.finished.clear()
        elif isinstance(event, DayStarted | DayEnded | DayReopened):
            self._apply_day(event)
        elif isinstance(event, TradingStateEvent):
            state = self._touch(event.symbol, event)
            state.trading.apply(event)
            state.rest_changed = True
            if isinstance(event, InstrumentAdded):
                state.define(public_terms(event.definition))
        if self._renewal is not None and self._renewal.apply(event):
            self._renewal = None
            self._renew_books()

    def _apply_day(self, event: DayStarted | DayEnded | DayReopened) -> None:
        new = event.trading_day != self._trading_day
        self._begin_day(event.phase, event.trading_day)
        for symbol, state in self._symbols.items():
            state.begin_day(event.trading_day)
            state.set_ended(isinstance(event, DayEnded))
            self._touch(symbol, event).rest_changed = True
        if new:
            self._renew_books()

    def _begin_day(self, phase: Phase, trading_day: str) -> None:
        self._phase, self._trading_day = phase, trading_day
        self._ids.trading_day = trading_day

    def _renew_books(self) -> None:
        """The books go on under an epoch of their own: readers take snapshots."""
        self._updates.epoch += 1
        for symbol, state in self._symbols.items():
            state.renew_book()
            self._changed[symbol] = None

    def _count_trade(self, state: SymbolFeed, event: AnyTradeEvent) -> None:
        if not state.count(event):
            self.to_revise[event.symbol, event.match_id] = event.event_seq
        published = max(self._silent_through, self._updates.last.last_trade(event.symbol))
        if event.event_seq > published:
            self._trades.append(event)

    def _touch(self, symbol: str, event: Event) -> SymbolFeed:
        state = self._symbols.get(symbol)
        if state is None:
            state = self._symbols[symbol] = SymbolFeed(DayTotals(self._trading_day), self._ids)
        state.event_seq, state.timestamp_ns = event.event_seq, event.timestamp_ns
        self._changed[symbol] = None
        return state

    def revise(self, changed: ChangedTrade) -> None:
        """Say the bar of a trade of `to_revise` again, as it stands after that change."""
        self._revised.append(changed)

    def take(self, now: float = 0.0) -> list[Publication]:
        """The messages since the last call: trades in order, then what else has changed.

        now: seconds of a clock that never goes back, for the best bids and offers.
        """
        publications = []
        trades: dict[str, list[AnyTrade]] = {}
        for event in self._trades:
            trade = self._updates.trade(event)
            trades.setdefault(event.symbol, []).append(trade)
            publications.append(self._updates.last.keep(trade))
        self._trades.clear()
        for symbol in self._changed:
            publications += self._updates.finished(self._symbols[symbol], symbol)
        publications += self._take_revised()
        waiting: dict[str, None] = {}
        for symbol in self._changed:
            state = self._symbols[symbol]
            is_shown = self._renewal is None and not state.depth.levels.crossed
            publications += self._updates.said(
                state,
                symbol,
                self._status(state),
                trades.get(symbol, ()),
                is_shown=is_shown,
                now=now,
            )
            if not is_shown or symbol in self._updates.bbo_waits:
                waiting[symbol] = None
        self._changed = waiting
        return publications

    def _take_revised(self) -> Iterator[Publication]:
        for symbol, match_id, change, bar in self._revised:
            if self.to_revise.get((symbol, match_id)) == change:
                del self.to_revise[symbol, match_id]
            if bar is not None:
                self._changed[symbol] = None
                yield self._updates.revised(self._symbols[symbol], symbol, bar)
        self._revised.clear()

    @property
    def bbo_due(self) -> float | None:
        """When the next best bid and offer that waits may be published; None: none waits."""
        return min(self._updates.bbo_waits.values(), default=None)

    def _status(self, state: SymbolFeed) -> dict[str, Any]:
        return {
            "trading_day": self._trading_day,
            "phase": state.trading.phase(self._phase),
            "disabled": state.trading.disabled,
            "session_phase": self._phase,
        }

    def last_values(self) -> list[Publication]:
        """The last message of each symbol and kind, to fill an empty store of last values."""
        return [publication(message) for message in self._updates.last.all()]

    def symbols(self) -> tuple[str, ...]:
        """The symbols that something is known of."""
        return tuple(self._symbols)

    def published(self, symbol: str) -> tuple[int, int] | None:
        """Epoch and number of the update that the book is at; None: it is not published yet."""
        if self._renewal is not None or self._applied < self._silent_through:
            return None
        return self._updates.published(self._symbols[symbol], symbol)

    def snapshot(self, symbol: str, page_orders: int) -> list[Snapshot]:
        """A published book, in pages of so many orders."""
        assert self.published(symbol) is not None
        return self._updates.snapshot(self._symbols[symbol], symbol, page_orders)
