"""The messages of market data, as they stand on the wire: md.<symbol>.<kind>.

They have public facts only: no member, session, account or order id may ever get a field here.
Prices, quantities and amounts are exact decimal text.
"""

import msgspec

from venue.bus.subjects import symbol_token
from venue.domain.types import Phase, Side

MARKET_DATA_VERSION = 1
SUBJECT_PREFIX = "md"


class PriceLevel(msgspec.Struct, frozen=True, array_like=True):
    """One price level on the wire: [price, quantity, orders]."""

    price: str
    quantity: str
    orders: int


class MarketData(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Base: event_seq and timestamp_ns are those of the last event that the message includes.

    seq is gapless from 1 for each symbol and kind, so a reader notices a missing message.
    """

    event_seq: int
    timestamp_ns: int
    symbol: str
    seq: int
    v: int = MARKET_DATA_VERSION


class Trade(MarketData, frozen=True, kw_only=True, tag=True):
    """One match; aggressor is Side(54), None in an auction."""

    match_id: str
    price: str
    quantity: str
    aggressor: Side | None


class TradeBusted(MarketData, frozen=True, kw_only=True, tag=True):
    """A match of the trading day is undone; price and quantity are those published last."""

    match_id: str
    price: str
    quantity: str


class TradeCorrected(MarketData, frozen=True, kw_only=True, tag=True):
    """A match has another price or quantity. The previous_ fields have what was published last."""

    match_id: str
    price: str
    quantity: str
    previous_price: str
    previous_quantity: str


class Depth(MarketData, frozen=True, kw_only=True, tag=True):
    """The best levels of each side, best first."""

    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]


class BestBidOffer(MarketData, frozen=True, kw_only=True, tag=True):
    """The best level of each side, None where a side is empty."""

    bid: PriceLevel | None
    ask: PriceLevel | None


class Status(MarketData, frozen=True, kw_only=True, tag=True):
    """The symbol's phase of the trading day (ISO date): HALT while trading in it alone is halted.

    disabled: it is out of trading, whatever the phase.
    """

    trading_day: str
    phase: Phase
    disabled: bool = False


class Statistics(MarketData, frozen=True, kw_only=True, tag=True):
    """The trading day so far; prices are None before its first trade, value is in the currency.

    A bust or a correction changes volume, value and trades; the prices are those traded at.
    """

    trading_day: str
    open: str | None
    high: str | None
    low: str | None
    last: str | None
    volume: str
    value: str
    trades: int


AnyTrade = Trade | TradeBusted | TradeCorrected
AnyMarketData = AnyTrade | Depth | BestBidOffer | Status | Statistics

KINDS: dict[type[MarketData], str] = {
    Trade: "trade",
    TradeBusted: "trade",
    TradeCorrected: "trade",
    Depth: "depth",
    BestBidOffer: "bbo",
    Status: "status",
    Statistics: "stats",
}


def market_data_subject(symbol: str, kind: str) -> str:
    """NATS subject of one kind of market data of a symbol."""
    return f"{SUBJECT_PREFIX}.{symbol_token(symbol)}.{kind}"
