"""From events to market data: what of each event the public may see, and when it has changed.

May know events and the published messages. Pure: it does no I/O and publishes no private data.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from venue.domain.codec import encode
from venue.domain.events import (
    AnyEvent,
    DayEnded,
    DayStarted,
    Event,
    InstrumentAdded,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.types import Phase, Side
from venue.marketdata import messages
from venue.marketdata.depth import EXACT, Depth, Level, orders_changed
from venue.marketdata.messages import KINDS, AnyMarketData, AnyTrade, MarketData, PriceLevel

LEVELS = 10
_POSITION_FIELDS = frozenset(MarketData.__struct_fields__)

AnyTradeEvent = TradeExecuted | TradeBusted | TradeCorrected


class Publication(NamedTuple):
    """One message for md.<symbol>.<kind>."""

    symbol: str
    kind: str
    payload: bytes


def decimal_text(number: Decimal) -> str:
    """Shortest decimal text of an exact number, without exponent."""
    return format(number.normalize(EXACT), "f")


class _Day:
    """Statistics of one symbol's trading day."""

    def __init__(self, trading_day: str) -> None:
        self.trading_day = trading_day
        self.open: Decimal | None = None
        self.high = self.low = self.last = Decimal(0)
        self.volume = self.value = Decimal(0)
        self.trades = 0

    def apply(self, event: AnyTradeEvent) -> None:
        """Count a trade, count it no more, or at what it is now.

        A bust or a correction leaves the prices, for they were traded at.
        """
        if isinstance(event, TradeExecuted):
            self._count_price(Decimal(event.last_px))
            self._count(event.last_qty, event.amount, 1)
        elif isinstance(event, TradeBusted):
            self._count(f"-{event.last_qty}", f"-{event.amount}", -1)
        else:
            self._count(f"-{event.previous_qty}", f"-{event.previous_amount}", -1)
            self._count(event.last_qty, event.amount, 1)

    def _count_price(self, price: Decimal) -> None:
        if self.open is None:
            self.open = self.high = self.low = price
        self.high, self.low, self.last = max(self.high, price), min(self.low, price), price

    def _count(self, quantity: str, amount: str, trades: int) -> None:
        self.volume = EXACT.add(self.volume, Decimal(quantity))
        self.value = EXACT.add(self.value, Decimal(amount))
        self.trades += trades

    def content(self) -> dict[str, Any]:
        def price_text(price: Decimal) -> str | None:
            return None if self.open is None else decimal_text(price)

        return {
            "trading_day": self.trading_day,
            "open": price_text(self.open or Decimal(0)),
            "high": price_text(self.high),
            "low": price_text(self.low),
            "last": price_text(self.last),
            "volume": decimal_text(self.volume),
            "value": decimal_text(self.value),
            "trades": self.trades,
        }


class _Symbol:
    """One symbol: its book, its day, and the last event of it that the public may notice."""

    def __init__(self, trading_day: str) -> None:
        self.depth = Depth()
        self.day = _Day(trading_day)
        self.event_seq = 0
        self.timestamp_ns = 0


class Feed:
    """Market data of all symbols. Feed it events in order; take what there is to publish.

    Depth and best bid/offer wait while a book is crossed: then the trades of an aggressor that is
    accepted already are still to come (they may be in the next batch).
    """

    def __init__(self, *, silent_through: int = 0) -> None:
        """Trades, busts and corrections up to event_seq `silent_through` count in silence."""
        self._silent_through = silent_through
        self._symbols: dict[str, _Symbol] = {}
        self._changed: dict[str, None] = {}
        self._trades: list[AnyTradeEvent] = []
        self._last: dict[tuple[str, str], AnyMarketData] = {}
        self._phase = Phase.START_OF_DAY
        self._trading_day = ""

    def resume(self, published: Iterable[AnyMarketData]) -> None:
        """Take up the last values of an earlier run: seq goes on, repeats are left out."""
        for message in published:
            self._last[message.symbol, KINDS[type(message)]] = message

    def apply(self, event: AnyEvent) -> None:
        """Count one event in."""
        if isinstance(event, DayStarted | DayEnded):
            self._phase, self._trading_day = event.phase, event.trading_day
            for symbol, state in self._symbols.items():
                if state.day.trading_day != event.trading_day:
                    state.day = _Day(event.trading_day)
                self._touch(symbol, event)
        elif isinstance(event, InstrumentAdded):
            self._touch(event.symbol, event)
        orders = orders_changed(event)
        if orders:
            state = self._touch(orders[0].terms.symbol, event)
            for order in orders:
                state.depth.apply(order)
        if isinstance(event, AnyTradeEvent):
            state = self._touch(event.symbol, event)
            if state.day.trading_day != event.trading_day:
                state.day = _Day(event.trading_day)
            state.day.apply(event)
            if event.event_seq > self._silent_through:
                self._trades.append(event)

    def _touch(self, symbol: str, event: Event) -> _Symbol:
        state = self._symbols.get(symbol)
        if state is None:
            state = self._symbols[symbol] = _Symbol(self._trading_day)
        state.event_seq, state.timestamp_ns = event.event_seq, event.timestamp_ns
        self._changed[symbol] = None
        return state

    def take(self) -> list[Publication]:
        """What has become public since the last call: trades in order, then what has changed."""
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
            (messages.Status, {"trading_day": self._trading_day, "phase": self._phase}),
            (messages.Statistics, state.day.content()),
        ]
        if not state.depth.crossed:
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
    # That an aggressor sold short is the member's affair: the public sees a sale.
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
