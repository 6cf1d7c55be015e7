"""What the gateway says on /v1/stream: one JSON object a message, `type` names it.

Pure. Numbers of the trade are exact decimal text; times are UTC nanoseconds since 1970. Messages of
a channel are named CHANNEL.snapshot and CHANNEL.update. Optional fields are left out where empty.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from venue.bus.alerts import Alert
from venue.clearing.wallet.event import WalletEvent
from venue.gateway.order import Fill, Order
from venue.marketdata.messages import PriceLevel


class Channel(StrEnum):
    """What can be subscribed to. The last five are the member's, and need a token."""

    BOOK = "book"
    TRADES = "trades"
    TICKER = "ticker"
    BARS = "bars"
    STATUS = "status"
    ORDERS = "orders"
    FILLS = "fills"
    BALANCES = "balances"
    WALLET = "wallet"
    ALERTS = "alerts"


class Part(StrEnum):
    """What may be stale: market data; orders and fills; balances, wallet events and alerts."""

    MARKET_DATA = "market_data"
    ORDERS = "orders"
    ACCOUNT = "account"


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """number: grows by one with each message of a subscription; epoch: of which count it is."""

    epoch: str
    number: int


class _Levels(Numbered, frozen=True, kw_only=True):
    symbol: str
    depth: int
    sequence: int
    """Of the symbol's updates: the same on every face of the venue."""
    checksum: int
    """CRC-32 of the ten best levels of each side (docs/MARKET_DATA.md)."""
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    timestamp_ns: int


class BookSnapshot(_Levels, frozen=True, kw_only=True, tag_field="type", tag="book.snapshot"):
    """The best `depth` levels of each side as [price, quantity, orders], the best first.

    The checksum counts with the decimals given here; null: the instrument has not said them.
    """

    price_decimals: int | None
    quantity_decimals: int | None


class BookUpdate(_Levels, frozen=True, kw_only=True, tag_field="type", tag="book.update"):
    """Levels that are new or have changed; of one that is gone the quantity is 0."""


class PublicTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade as it stands. state: empty, `corrected` or `busted`. aggressor: who took; empty where
    nobody has, or it is not known any more."""

    match_id: str
    price: str
    quantity: str
    aggressor: Literal["buy", "sell", ""]
    state: Literal["", "corrected", "busted"]
    timestamp_ns: int
    """Of the trade; of one that was changed, of that."""


class TradesSnapshot(Numbered, frozen=True, kw_only=True, tag_field="type", tag="trades.snapshot"):
    """The last trades, the oldest first."""

    symbol: str
    trades: tuple[PublicTrade, ...]


class TradesUpdate(Numbered, frozen=True, kw_only=True, tag_field="type", tag="trades.update"):
    """A trade that is new, or the same again, corrected or busted: go by its match_id."""

    symbol: str
    trade: PublicTrade


class _Prices(Numbered, frozen=True, kw_only=True):
    symbol: str
    sequence: int
    bid: PriceLevel | None
    ask: PriceLevel | None
    trading_day: str
    open: str | None
    high: str | None
    low: str | None
    last: str | None
    close: str | None
    vwap: str | None
    volume: str
    value: str
    trades: int
    timestamp_ns: int


class TickerSnapshot(_Prices, frozen=True, kw_only=True, tag_field="type", tag="ticker.snapshot"):
    """The best levels, and the trading day so far."""


class TickerUpdate(_Prices, frozen=True, kw_only=True, tag_field="type", tag="ticker.update"):
    """The same again, whole: one of them has changed."""


class BarTold(msgspec.Struct, frozen=True, kw_only=True):
    """A minute of trades; the one with the highest revision counts (docs/MARKET_DATA.md)."""

    start_ns: int
    open: str | None
    high: str | None
    low: str | None
    close: str | None
    volume: str
    value: str
    trades: int
    revision: int


class BarsSnapshot(Numbered, frozen=True, kw_only=True, tag_field="type", tag="bars.snapshot"):
    """The last minutes that the gateway knows, the oldest first."""

    symbol: str
    bars: tuple[BarTold, ...]


class BarsUpdate(Numbered, frozen=True, kw_only=True, tag_field="type", tag="bars.update"):
    """A minute so far, or one that a bust or a correction has changed."""

    symbol: str
    bar: BarTold


class SymbolStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Phase of a symbol and of the venue; disabled: out of trading, whatever the phase."""

    symbol: str
    trading_day: str
    phase: str
    session_phase: str
    disabled: bool


class _Status(Numbered, frozen=True, kw_only=True):
    market_data: Literal["current", "stale"]
    trading: Literal["on", "away"]
    symbols: tuple[SymbolStatus, ...]


class StatusSnapshot(_Status, frozen=True, kw_only=True, tag_field="type", tag="status.snapshot"):
    """Whether market data follow and trading answers; all symbols."""


class StatusUpdate(_Status, frozen=True, kw_only=True, tag_field="type", tag="status.update"):
    """The same; the symbols that have changed."""


class OrdersSnapshot(Numbered, frozen=True, kw_only=True, tag_field="type", tag="orders.snapshot"):
    """Open orders, the oldest first. is_complete: the venue has said that these are all."""

    is_complete: bool
    orders: tuple[Order, ...]


class OrdersUpdate(Numbered, frozen=True, kw_only=True, tag_field="type", tag="orders.update"):
    """An order that is new or has changed; by its state it is open or has ended."""

    order: Order


class FillsSnapshot(Numbered, frozen=True, kw_only=True, tag_field="type", tag="fills.snapshot"):
    """The last executions since the gateway was started, the oldest first."""

    fills: tuple[Fill, ...]


class FillsUpdate(Numbered, frozen=True, kw_only=True, tag_field="type", tag="fills.update"):
    """An execution."""

    fill: Fill


class BalanceHeld(msgspec.Struct, frozen=True, kw_only=True):
    """What an account has of an asset (settled), or is owed of it, or owes (unsettled)."""

    account: str
    asset: str
    purpose: Literal["settled", "unsettled"]
    balance: str


class BalancesSnapshot(
    Numbered, frozen=True, kw_only=True, tag_field="type", tag="balances.snapshot"
):
    """All balances of the member, as the ledger has booked them; number: its wallet_number."""

    balances: tuple[BalanceHeld, ...]


class BalancesUpdate(Numbered, frozen=True, kw_only=True, tag_field="type", tag="balances.update"):
    """A balance behind a line of the ledger."""

    balance: BalanceHeld


class WalletSnapshot(Numbered, frozen=True, kw_only=True, tag_field="type", tag="wallet.snapshot"):
    """The last lines of the ledger, the oldest first; number: the last wallet_number."""

    events: tuple[WalletEvent, ...]


class WalletUpdate(Numbered, frozen=True, kw_only=True, tag_field="type", tag="wallet.update"):
    """A line of the ledger; number: its wallet_number."""

    event: WalletEvent


class AlertsSnapshot(Numbered, frozen=True, kw_only=True, tag_field="type", tag="alerts.snapshot"):
    """The last alerts, the oldest first."""

    alerts: tuple[Alert, ...]


class AlertsUpdate(Numbered, frozen=True, kw_only=True, tag_field="type", tag="alerts.update"):
    """An alert."""

    alert: Alert
