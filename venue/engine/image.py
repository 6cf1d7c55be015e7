"""The engine's whole state as one plain value: what a snapshot holds and a digest covers.

Nothing that later events can depend on may be left out, and equal states have equal images. New
fields need defaults: older snapshots lack them. Numbers that may pass 64 bits are text.
"""

import msgspec

from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import OrderTerms
from venue.domain.types import OrdStatus, Phase


class OrderImage(msgspec.Struct, omit_defaults=True, gc=False):
    """engine.orders.Order without its place in a queue. shown_lots: None if it shows a full slice.

    definition: the instrument's, where that was another one when the order was entered.
    """

    terms: OrderTerms
    cl_ord_id: str
    status: OrdStatus
    price_ticks: int
    order_lots: int
    leaves_lots: int
    limited: bool
    cum_lots: int = 0
    cum_value: str = "0"
    exposure: str = "0"
    modified_ns: int = 0
    exec_inst: tuple[str, ...] = ()
    min_lots: int = 0
    floor_lots: int = 0
    shown_lots: int | None = None
    self_match_key: str | None = None
    stop_ticks: int | None = None
    stop_px: str | None = None
    peg_offset_ticks: int = 0
    waiting: bool = False
    restated: bool = False
    prior_lots: int = 0
    prior_value: str = "0"
    definition: InstrumentDefinition | None = None


class MarketImage(msgspec.Struct, omit_defaults=True, gc=False):
    """engine.market.Market; orders by OrderID, bids and asks by price, then time."""

    definition: InstrumentDefinition
    bids: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    all_or_none: tuple[str, ...] = ()
    auction: tuple[str, ...] = ()
    pegs: tuple[str, ...] = ()
    last_ticks: int | None = None
    low_ticks: int | None = None
    high_ticks: int | None = None
    day_first_ticks: int = 0
    day_high_ticks: int = 0
    day_low_ticks: int = 0
    day_trades: int = 0
    day_lots: str = "0"
    day_value: str = "0"


class MemberImage(msgspec.Struct, omit_defaults=True, gc=False):
    """engine.members.Member."""

    name: str
    accounts: tuple[str, ...]
    credit_limit: str
    max_open_orders: int
    exposure: str = "0"
    net_bought: str = "0"
    open_orders: int = 0
    suspended: bool = False
    deposited: dict[str, str] = {}


class SessionImage(msgspec.Struct, omit_defaults=True, gc=False):
    """engine.members.Session; orders by OrderID."""

    name: str
    member: str
    cancel_by_default: bool
    cancel_on_disconnect: bool
    cl_ord_ids: dict[str, str | None] = {}
    open_orders: tuple[str, ...] = ()
    logged_on: bool = False
    grace_ends_ns: int | None = None


class TradeImage(msgspec.Struct, omit_defaults=True, gc=False):
    """engine.trades.Trade; buy and sell by OrderID."""

    match_id: str
    buy: str
    sell: str
    price_ticks: int
    lots: int
    amount: str
    fee: str
    exec_ref_seq: int
    busted: bool = False


class EngineImage(msgspec.Struct, omit_defaults=True):
    """engine.state.EngineState between two commands."""

    phase: Phase
    trading_day: str
    next_event_seq: int
    next_order_id: int
    next_match_id: int
    timestamp_ns: int
    next_due_ns: int | None
    markets: list[MarketImage]
    members: list[MemberImage]
    sessions: list[SessionImage]
    orders: list[OrderImage]
    trades: list[TradeImage]
    expiring: tuple[str, ...] = ()
    entry_stopped: str | None = None
