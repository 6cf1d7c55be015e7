"""Lists as the API answers them, and what is told of the gateway itself: the types of its schemas.

Data only.
"""

import msgspec

from venue.clearing.wallet.event import WalletEvent
from venue.gateway.guard import GuardTold
from venue.gateway.history import PublicBar, PublicTrade
from venue.gateway.logins import Login
from venue.gateway.markets import InstrumentTold, Ticker
from venue.gateway.order import Fill, Order
from venue.gateway.readings import BalanceTold, Movement, TradeTold
from venue.gateway.withdrawals import Withdrawal


class MemberOrders(msgspec.Struct, frozen=True):
    """A page of a member's orders. next: `behind` of the page after it; null: it was the last."""

    orders: list[Order]
    next: str | None


class FillList(msgspec.Struct, frozen=True):
    """Executions since the gateway was started, the newest first."""

    fills: list[Fill]


class BalanceList(msgspec.Struct, frozen=True):
    """Balances by account and asset, as booked."""

    balances: list[BalanceTold]


class MovementList(msgspec.Struct, frozen=True):
    """Changes of balances, the newest first."""

    movements: list[Movement]


class TradeList(msgspec.Struct, frozen=True):
    """Booked trades, the newest first."""

    trades: list[TradeTold]


class WalletPage(msgspec.Struct, frozen=True):
    """Wallet events. next: wallet_number to go on from, as `before` or `behind` was asked for;
    null: there are no more."""

    events: list[WalletEvent]
    next: int | None


class InstrumentList(msgspec.Struct, frozen=True):
    """What is traded."""

    instruments: list[InstrumentTold]


class TickerList(msgspec.Struct, frozen=True):
    """The ticker of each symbol."""

    tickers: list[Ticker]


class PublicTradeList(msgspec.Struct, frozen=True):
    """Public trades, the oldest first."""

    symbol: str
    trades: list[PublicTrade]


class BarList(msgspec.Struct, frozen=True):
    """Bars, the oldest first; intervals without a trade have none."""

    symbol: str
    interval: str
    bars: list[PublicBar]


class TimeTold(msgspec.Struct, frozen=True):
    """The gateway's clock, milliseconds since 1970."""

    time_ms: int


class Guards(msgspec.Struct, frozen=True):
    """What stands behind the gateway. venue: the FIX session of each member."""

    ledger: GuardTold
    nats: GuardTold
    trading: GuardTold
    venue: dict[str, GuardTold]


class StatusTold(msgspec.Struct, frozen=True):
    """How the gateway is. ok: all of it answers. market_data: current or stale. orders: `on`, or
    why a member's FIX session is not."""

    ok: bool
    market_data: str
    ledger: str
    orders: dict[str, str]
    guards: Guards


class SessionState(msgspec.Struct, frozen=True):
    """The member's FIX session here. trouble: why it is not on; empty: it is. orders_are_known:
    whether the venue has said which orders are open."""

    member: str
    is_on: bool
    trouble: str
    orders_are_known: bool


class Canceled(msgspec.Struct, frozen=True):
    """How many orders were cancelled."""

    canceled: int


class SwitchTold(msgspec.Struct, frozen=True):
    """Seconds until all orders are cancelled; 0: never."""

    seconds: int


class Me(msgspec.Struct, frozen=True):
    """Who calls."""

    user: str
    member: str
    scopes: list[str]


class KeyMade(msgspec.Struct, frozen=True):
    """A new API key. secret: shown now and never again."""

    key: str
    secret: str
    scopes: list[str]


class KeyTold(msgspec.Struct, frozen=True):
    """An API key that is good. created_ns: UTC nanoseconds."""

    key: str
    scopes: list[str]
    label: str
    created_ns: int


class KeyList(msgspec.Struct, frozen=True):
    """The good API keys of the calling user."""

    keys: list[KeyTold]


class LoginList(msgspec.Struct, frozen=True):
    """The calling user's logins, the newest first."""

    logins: list[Login]


class Ended(msgspec.Struct, frozen=True):
    """How many logins were ended."""

    ended: int


class WithdrawalList(msgspec.Struct, frozen=True):
    """The member's requests for withdrawals, the newest first."""

    withdrawals: list[Withdrawal]


class Applied(msgspec.Struct, frozen=True):
    """An application, and how it stands."""

    user: str
    member: str
    state: str


class TokenTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens (RFC 6749, 5.1). expires_in: seconds."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str = ""


class Nothing(msgspec.Struct, frozen=True):
    """It is done, and there is nothing more to say."""


class PublicKeys(msgspec.Struct, frozen=True):
    """The keys that check access tokens (JWKS, RFC 7517)."""

    keys: list[dict[str, str]]
