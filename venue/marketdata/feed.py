"""Turns events into market data: what the public may see of them, as soon as it has changed.

May know events and the published messages. Pure: it does no I/O and publishes no private data.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

import msgspec

from venue.domain.codec import encode
from venue.domain.events import (
    AnyEvent,
    DayEnded,
    DayStarted,
    Event,
    InstrumentAdded,
    InstrumentDisabled,
    InstrumentHalted,
    InstrumentResumed,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.phases import phase_of_market
from venue.domain.types import Phase, Side
from venue.marketdata import messages
from venue.marketdata.day_totals import AnyTradeEvent, DayTotals, decimal_text
from venue.marketdata.depth import Depth, Level, RestingOrder, orders_changed
from venue.marketdata.messages import KINDS, AnyMarketData, AnyTrade, MarketData, PriceLevel
from venue.marketdata.renewal import Renewal

LEVELS = 10
_POSITION_FIELDS = frozenset(MarketData.__struct_fields__)

_TradingState = InstrumentAdded | InstrumentHalted | InstrumentResumed | InstrumentDisabled


class Publication(NamedTuple):
    """One message for md.<symbol>.<kind>."""

    symbol: str
    kind: str
    payload: bytes


class SymbolImage(msgspec.Struct, frozen=True):
    """One symbol in a FeedImage."""

    event_seq: int
    timestamp_ns: int
    day: DayTotals
    resting: Mapping[str, RestingOrder]
    halted: bool = False
    disabled: bool = False


class FeedImage(msgspec.Struct, frozen=True):
    """Everything that a feed knows after event `event_seq`. last: its last messages."""

    event_seq: int
    phase: Phase
    trading_day: str
    symbols: Mapping[str, SymbolImage]
    last: tuple[AnyMarketData, ...]


class _Symbol:
    """One symbol: its book, its day, its own phase, and the last event of it in public."""

    def __init__(self, day: DayTotals) -> None:
        self.depth = Depth()
        self.day = day
        self.own_phase: Phase | None = None
        self.disabled = False
        self.event_seq = 0
        self.timestamp_ns = 0


class Feed:
    """Market data of all symbols. `apply` takes events in order, `take` gives what to publish.

    Depth and best bid/offer wait while a book is crossed: the trades of an accepted aggressor are
    then still to come, perhaps in the next batch.
    """

    def __init__(self, *, silent_through: int = 0, incomplete: bool = False) -> None:
        """silent_through: trades, busts and corrections up to this event_seq are not published.

        incomplete: the events of some orders are lost. Depth and best bid/offer then stand still
        until a new day has restated all orders; the rest goes on.
        """
        self._renewal = Renewal() if incomplete else None
        self._silent_through = silent_through
        self._symbols: dict[str, _Symbol] = {}
        self._changed: dict[str, None] = {}
        self._trades: list[AnyTradeEvent] = []
        self._last: dict[tuple[str, str], AnyMarketData] = {}
        self._phase = Phase.START_OF_DAY
        self._trading_day = ""

    @classmethod
    def of(cls, image: FeedImage, *, silent_through: int = 0) -> Self:
        """A feed with this image. Any of its symbols may differ from what was published last."""
        feed = cls(silent_through=silent_through)
        feed._phase, feed._trading_day = image.phase, image.trading_day
        for symbol, seen in image.symbols.items():
            state = feed._symbols[symbol] = _Symbol(seen.day)
            state.depth = Depth.of(seen.resting)
            state.event_seq, state.timestamp_ns = seen.event_seq, seen.timestamp_ns
            state.own_phase, state.disabled = _own_phase(seen.halted), seen.disabled
            feed._changed[symbol] = None
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
                state.own_phase is Phase.HALT,
                state.disabled,
            )
            for symbol, state in self._symbols.items()
        }
        last = tuple(self._last.values())
        return FeedImage(event_seq, self._phase, self._trading_day, symbols, last)

    @property
    def incomplete(self) -> bool:
        """Whether orders are still missing."""
        return self._renewal is not None

    def resume(self, published: Iterable[AnyMarketData]) -> None:
        """Go on from the last values of an earlier run: seq goes on, and repeats are left out.

        Where events are lost, the day's totals are those that were published.
        """
        for message in published:
            self._last[message.symbol, KINDS[type(message)]] = message
            if self._renewal is None:
                continue
            if isinstance(message, messages.Status):
                self._phase, self._trading_day = message.phase, message.trading_day
            elif isinstance(message, messages.Statistics):
                self._symbols[message.symbol] = _Symbol(DayTotals.said_by(message))

    def apply(self, event: AnyEvent) -> None:
        """Take in one event."""
        orders = orders_changed(event)
        if orders:
            state = self._touch(orders[0].terms.symbol, event)
            for order in orders:
                state.depth.apply(order)
            if isinstance(event, AnyTradeEvent):
                self._count_trade(state, event)
        elif isinstance(event, DayStarted | DayEnded):
            self._phase, self._trading_day = event.phase, event.trading_day
            for symbol, state in self._symbols.items():
                if state.day.trading_day != event.trading_day:
                    state.day = DayTotals(event.trading_day)
                self._touch(symbol, event)
        elif isinstance(event, _TradingState):
            state = self._touch(event.symbol, event)
            if isinstance(event, InstrumentHalted | InstrumentResumed):
                state.own_phase = _own_phase(isinstance(event, InstrumentHalted))
            else:
                state.disabled = isinstance(event, InstrumentDisabled)
        if self._renewal is not None and self._renewal.apply(event):
            self._renewal = None
            self._changed.update(dict.fromkeys(self._symbols))

    def _count_trade(self, state: _Symbol, event: AnyTradeEvent) -> None:
        if state.day.trading_day != event.trading_day:
            state.day = DayTotals(event.trading_day)
        if isinstance(event, TradeExecuted) or event.traded_on is None:
            state.day.apply(event)
        if event.event_seq > self._silent_through:
            self._trades.append(event)

    def _touch(self, symbol: str, event: Event) -> _Symbol:
        state = self._symbols.get(symbol)
        if state is None:
            state = self._symbols[symbol] = _Symbol(DayTotals(self._trading_day))
        state.event_seq, state.timestamp_ns = event.event_seq, event.timestamp_ns
        self._changed[symbol] = None
        return state

    def take(self) -> list[Publication]:
        """The messages since the last call: trades in order, then what else has changed."""
        publications = [self._trade(trade) for trade in self._trades]
        self._trades.clear()
        waiting: dict[str, None] = {}
        for symbol in self._changed:
            publications += self._changes(symbol)
            if self._symbols[symbol].depth.crossed:
                waiting[symbol] = None
        self._changed = waiting
        return publications

    def last_values(self) -> list[Publication]:
        """The last message of each symbol and kind, to fill an empty store of last values."""
        return [_publication(message) for message in self._last.values()]

    def _trade(self, event: AnyTradeEvent) -> Publication:
        kind, content = _trade_content(event)
        return self._publish(
            self._next(kind, event.symbol, event.event_seq, event.timestamp_ns, content)
        )

    def _changes(self, symbol: str) -> list[Publication]:
        state = self._symbols[symbol]
        contents: list[tuple[type[AnyMarketData], dict[str, Any]]] = [
            (messages.Status, self._status(state)),
            (messages.Statistics, state.day.content()),
        ]
        if not state.depth.crossed and self._renewal is None:
            bids = tuple(_wire_level(level) for level in state.depth.bids(LEVELS))
            asks = tuple(_wire_level(level) for level in state.depth.asks(LEVELS))
            best = {"bid": bids[0] if bids else None, "ask": asks[0] if asks else None}
            contents.append((messages.Depth, {"bids": bids, "asks": asks}))
            contents.append((messages.BestBidOffer, best))
        publications = []
        for kind, content in contents:
            message = self._next(kind, symbol, state.event_seq, state.timestamp_ns, content)
            last = self._last.get((symbol, KINDS[kind]))
            if last is None or _content(last) != _content(message):
                publications.append(self._publish(message))
        return publications

    def _status(self, state: _Symbol) -> dict[str, Any]:
        phase = phase_of_market(self._phase, state.own_phase)
        return {"trading_day": self._trading_day, "phase": phase, "disabled": state.disabled}

    def _next(
        self,
        kind: type[AnyMarketData],
        symbol: str,
        event_seq: int,
        timestamp_ns: int,
        content: dict[str, Any],
    ) -> AnyMarketData:
        last = self._last.get((symbol, KINDS[kind]))
        return kind(
            event_seq=event_seq,
            timestamp_ns=timestamp_ns,
            symbol=symbol,
            seq=last.seq + 1 if last is not None else 1,
            **content,
        )

    def _publish(self, message: AnyMarketData) -> Publication:
        self._last[message.symbol, KINDS[type(message)]] = message
        return _publication(message)


def _own_phase(halted: bool) -> Phase | None:
    return Phase.HALT if halted else None


def _trade_content(event: AnyTradeEvent) -> tuple[type[AnyTrade], dict[str, Any]]:
    content: dict[str, Any] = {
        "match_id": event.match_id,
        "price": event.last_px,
        "quantity": event.last_qty,
    }
    if isinstance(event, TradeBusted):
        return messages.TradeBusted, content
    if isinstance(event, TradeCorrected):
        content["previous_price"] = event.previous_px
        content["previous_quantity"] = event.previous_qty
        return messages.TradeCorrected, content
    # The public does not learn that an aggressor sold short: it sees a sale.
    aggressor = event.aggressor
    content["aggressor"] = Side.SELL if aggressor is Side.SELL_SHORT else aggressor
    return messages.Trade, content


def _wire_level(level: Level) -> PriceLevel:
    return PriceLevel(decimal_text(level.price), decimal_text(level.quantity), level.orders)


def _content(message: MarketData) -> tuple[Any, ...]:
    return tuple(
        getattr(message, field)
        for field in message.__struct_fields__
        if field not in _POSITION_FIELDS
    )


def _publication(message: MarketData) -> Publication:
    return Publication(message.symbol, KINDS[type(message)], encode(message))
