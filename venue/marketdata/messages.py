"""The messages of market data, as they stand on the wire: md.<symbol>.<kind>.

They have public facts only: no member, session, account or order id may ever get a field here.
Prices, quantities and amounts are exact decimal text.
"""

from enum import StrEnum

import msgspec

from venue.bus.subjects import symbol_token
from venue.domain.types import Phase, Side

MARKET_DATA_VERSION = 1
SUBJECT_PREFIX = "md"
ORDER_BY_ORDER = "l3"
BARS = "bars.1m"
MINUTE_NS = 60 * 10**9


class PriceLevel(msgspec.Struct, frozen=True, array_like=True):
    """One price level on the wire: [price, quantity, orders]."""

    price: str
    quantity: str
    orders: int


class MarketData(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Base: event_seq and timestamp_ns are those of the last event that the message includes.

    seq is gapless from 1 for each symbol and kind, so a reader notices a missing message. update is
    the number of the symbol's update that the message belongs to: gapless for each symbol, and the
    same on every face. 0: the message is from before there were such numbers.
    """

    event_seq: int
    timestamp_ns: int
    symbol: str
    seq: int
    v: int = MARKET_DATA_VERSION
    update: int = 0


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
    """The best levels of each side, best first; checksum as in OrderByOrder."""

    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    checksum: int | None = None


class BestBidOffer(MarketData, frozen=True, kw_only=True, tag=True):
    """The best level of each side, None where a side is empty; checksum as in OrderByOrder."""

    bid: PriceLevel | None
    ask: PriceLevel | None
    checksum: int | None = None


class Status(MarketData, frozen=True, kw_only=True, tag=True):
    """The symbol's phase of the trading day (ISO date): HALT while trading in it alone is halted.

    disabled: it is out of trading, whatever the phase. session_phase: the venue's own phase; None:
    the message is from before it was said.
    """

    trading_day: str
    phase: Phase
    disabled: bool = False
    session_phase: Phase | None = None


class Statistics(MarketData, frozen=True, kw_only=True, tag=True):
    """The trading day so far; prices are None before its first trade, value is in the currency.

    A bust or a correction changes volume, value, trades and vwap; the prices are those traded at.
    vwap is value through volume, rounded to 8 decimals; None where nothing has traded. close is the
    last price of the last day that has ended and in which anything had traded: of this day, once it
    has ended.
    """

    trading_day: str
    open: str | None
    high: str | None
    low: str | None
    last: str | None
    volume: str
    value: str
    trades: int
    vwap: str | None = None
    close: str | None = None


class Definition(MarketData, frozen=True, kw_only=True, tag=True):
    """The instrument's public terms. Numbers of decimals are those of tick and lot."""

    asset: str
    currency: str
    tick_size: str
    lot_size: str
    price_decimals: int
    quantity_decimals: int
    reference_price: str
    price_collar_percent: str
    max_order_qty: str


class Bar(MarketData, frozen=True, kw_only=True, tag=True):
    """The trades of one minute that stand, so far: those of start_ns up to a minute later.

    It is said again with each trade, bust and correction. revision: so many busts and corrections
    of its trades are counted in. Prices are None where none of its trades stands.
    """

    start_ns: int
    open: str | None
    high: str | None
    low: str | None
    close: str | None
    volume: str
    value: str
    trades: int
    revision: int = 0


AnyTrade = Trade | TradeBusted | TradeCorrected


class Action(StrEnum):
    """MDUpdateAction(279)."""

    NEW = "0"
    CHANGE = "1"
    DELETE = "2"


class PublicOrder(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One order in the book as the public sees it: [id, side, price, quantity].

    id is the order's for the trading day and says nothing else of it; side is Side(54), 1 or 2;
    quantity is what it shows.
    """

    id: str
    side: Side
    price: str
    quantity: str


class OrderChange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One step from a book to the next: [action, id, side, price, quantity], in this order.

    A new order is the last in the queue of its price level; a changed one keeps its place. Who
    loses his place is deleted and new. Of a deleted order quantity is what it last showed.
    """

    action: Action
    id: str
    side: Side
    price: str
    quantity: str


class OrderByOrder(MarketData, frozen=True, kw_only=True, tag=True):
    """One update of a symbol: all that has changed of it in public. seq and update are equal.

    checksum: CRC-32 of the ten best levels of each side behind the changes. trades, statistics,
    status and definition are the messages that the update has on their own subjects. Where epoch is
    another than before, the book does not follow from the one before: a reader takes a snapshot.
    """

    epoch: int
    changes: tuple[OrderChange, ...]
    checksum: int
    trades: tuple[AnyTrade, ...] = ()
    statistics: Statistics | None = None
    status: Status | None = None
    definition: Definition | None = None


AnyMarketData = (
    AnyTrade | Depth | BestBidOffer | Status | Statistics | Definition | Bar | OrderByOrder
)

KINDS: dict[type[MarketData], str] = {
    Trade: "trade",
    TradeBusted: "trade",
    TradeCorrected: "trade",
    Depth: "depth",
    BestBidOffer: "bbo",
    Status: "status",
    Statistics: "stats",
    Definition: "definition",
    Bar: BARS,
    OrderByOrder: ORDER_BY_ORDER,
}


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """One page of a symbol's book as it was with update `seq`; pages count from 1.

    orders are those of both sides in the order in which they have joined their queues. The first
    page has the other last values; None where nothing was said of it yet.
    """

    symbol: str
    epoch: int
    seq: int
    event_seq: int
    timestamp_ns: int
    page: int
    pages: int
    checksum: int
    orders: tuple[PublicOrder, ...]
    statistics: Statistics | None = None
    status: Status | None = None
    definition: Definition | None = None
    v: int = MARKET_DATA_VERSION


class SymbolList(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """The symbols that snapshots can be had of.

    event_seq: all that follows from events up to it was published before this answer.
    """

    symbols: tuple[str, ...]
    v: int = MARKET_DATA_VERSION
    event_seq: int = 0


class NoSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """There is no such symbol, or its book is not complete now; error says which."""

    error: str
    v: int = MARKET_DATA_VERSION


AnyAnswer = Snapshot | SymbolList | NoSnapshot
"""What answers a question on snapshot.<symbol>."""


def market_data_subject(symbol: str, kind: str) -> str:
    """NATS subject of one kind of market data of a symbol."""
    return f"{SUBJECT_PREFIX}.{symbol_token(symbol)}.{kind}"
