"""The engine's whole state as one plain value: what a snapshot holds and a digest covers.

An image has everything that later events can depend on, and equal states have equal images. A new
field needs a default, because older snapshots lack it. Numbers that may pass 64 bits are text.
"""

import msgspec

from venue.domain.commands import ActionCommand
from venue.domain.fee_versions import FeeVersion
from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import OrderTerms
from venue.domain.reject_reasons import RejectReason
from venue.domain.settlement_rules import SettlementRules
from venue.domain.timetable import Timetable
from venue.domain.types import OrdStatus, Phase
from venue.engine.state.corporate_action import CorporateAction


class OrderImage(msgspec.Struct, omit_defaults=True, gc=False):
    """state.orders.Order without its place in a queue. shown_lots: None if it shows a full slice.

    definition: that of the instrument when the order was entered, if it has changed since.
    fees: its terms of a schedule (maker, taker, minimum). What the order reserves, and what
    counters have of it, follows from the rest. past: it ended before the
    current trading day.
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
    reserves: bool = False
    definition: InstrumentDefinition | None = None
    past: bool = False
    fees: tuple[int, int, int] | None = None


class MarketImage(msgspec.Struct, omit_defaults=True, gc=False):
    """state.market.Market; orders by OrderID, bids and asks by price, then time.

    halted: its own phase is HALT. own_phase: any other of its own. What is in force follows from
    these and the venue's phase.
    """

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
    halted: bool = False
    own_phase: Phase | None = None
    disabled: bool = False
    closed: bool = False
    older_ticks: int | None = None
    day_last_ticks: int = 0
    split_seq: int = 0


class UseImage(msgspec.Struct, omit_defaults=True, array_like=True, gc=False):
    """risk.exposure.Use without its open quantities, which follow from the orders."""

    symbol: str
    position_lots: str
    day_lots: str
    day_cash: str


class ScopeImage(msgspec.Struct, omit_defaults=True, gc=False):
    """risk.exposure.Scope without its open orders and their value, which follow from the orders."""

    limits: dict[str, str] = {}
    net_bought: str = "0"
    uses: list[UseImage] = []


class PurseImage(msgspec.Struct, omit_defaults=True, array_like=True, gc=False):
    """risk.funds.Purse without its reservations, which follow from the orders."""

    account: str
    asset: str
    balance: str


class MemberImage(msgspec.Struct, omit_defaults=True, gc=False):
    """state.members.Member."""

    name: str
    scope: ScopeImage
    accounts: tuple[str, ...] = ()
    by_account: dict[str, ScopeImage] = {}
    funding: str = "credit"
    purses: list[PurseImage] = []
    legal_name: str = ""
    kyc: str = ""
    documents: tuple[str, ...] = ()
    traders: dict[str, str] = {}
    suspended: bool = False
    killed: bool = False
    day_messages: int = 0
    day_trades: int = 0
    next_alert: int = 0
    fee_schedules: dict[str, str] = {}
    volumes: dict[str, tuple[str, ...]] = {}
    in_default: bool = False
    is_moving: bool = False
    margin_call: str = ""
    margin_due_ns: int = 0


class RepeatImage(msgspec.Struct, array_like=True, gc=False):
    """One count of state.members.Session.repeats."""

    symbol: str
    side: str
    price_ticks: int
    order_lots: int
    count: int


class SessionImage(msgspec.Struct, omit_defaults=True, gc=False):
    """state.members.Session; orders by OrderID.

    cl_ord_ids: those of the day before whose orders are open, too. before: as images had them that
    have no before_left.
    """

    name: str
    member: str
    cancel_by_default: bool
    cancel_on_disconnect: bool
    cl_ord_ids: dict[str, str | None] = {}
    open_orders: tuple[str, ...] = ()
    logged_on: bool = False
    grace_ends_ns: int | None = None
    enabled: bool = True
    blocked: RejectReason | None = None
    messages_per_second: int = 20_000
    entries_full_at_ns: int = 0
    removals_full_at_ns: int = 0
    excess: tuple[int, int, int] = (0, 0, 0)
    repeated_executions: int = 0
    repeats: list[RepeatImage] = []
    repeats_since_ns: int = 0
    mass_cancels: int = 0
    may_be_ahead: bool = False
    before: dict[str, str | None] = {}
    before_left: int = 0


class TradeImage(msgspec.Struct, omit_defaults=True, gc=False):
    """state.trades.Trade; buy and sell by OrderID. sell_fee None: as the buyer's."""

    match_id: str
    buy: str
    sell: str
    price_ticks: int
    lots: int
    amount: str
    fee: str
    exec_ref_seq: int
    busted: bool = False
    trading_day: str = ""
    due: str = ""
    sell_fee: str | None = None
    roles: int = 0


class ObligationImage(msgspec.Struct, omit_defaults=True, array_like=True, gc=False):
    """state.obligations.Obligation. What purses have pending follows from all of them."""

    member: str
    account: str
    symbol: str
    due: str
    asset: str
    currency: str
    quantity: str
    amount: str
    cycles: int = 0


class MoveImage(msgspec.Struct, array_like=True, gc=False):
    """state.cycle.Move."""

    member: str
    account: str
    symbol: str
    due: str
    quantity: str
    amount: str
    cause: str
    short_of: str
    penalty: str


class CycleImage(msgspec.Struct, omit_defaults=True, gc=False):
    """state.cycle.Cycle without what it has done: moves are those that are still to do."""

    number: int
    settlement_date: str
    obligations: int
    moves: tuple[MoveImage, ...] = ()
    settled: int = 0
    partly: int = 0
    failed: int = 0


class SettlementImage(msgspec.Struct, omit_defaults=True, gc=False):
    """state.obligations.Obligations, by member, account, symbol and due date."""

    obligations: tuple[ObligationImage, ...] = ()
    rules: SettlementRules | None = None
    last_cycle: int = 0
    settled_to: str = ""
    cycle: CycleImage | None = None
    ended: tuple[int, str, int, int, int, int, int] | None = None


class EngineImage(msgspec.Struct, omit_defaults=True):
    """state.engine_state.EngineState between two commands.

    references: as engines before version 7 wrote them; packed_references: as they are now.
    obligations: None where nothing has ever been to settle, and no rules were set.
    action_ids: of corporate actions.
    """

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
    next_action_id: int = 1
    pending: dict[str, ActionCommand] = {}
    references: dict[str, tuple[int, str]] = {}
    four_eyes: tuple[str, ...] = ()
    sanctions: tuple[str, ...] = ()
    killed: bool = False
    timetable: Timetable | None = None
    timetable_ns: int = 0
    withdrawn_to_ns: int = 0
    recent_days: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()
    sessions_closed: str | None = None
    logon_grace_ns: int = 0
    is_forgetting: bool = False
    packed_references: dict[int, bytes] = {}
    disabled_beside: tuple[str, ...] = ()
    noted_secrets: dict[str, int] = {}
    packed_reversals: dict[int, bytes] = {}
    fee_schedules: dict[str, tuple[FeeVersion, ...]] = {}
    obligations: SettlementImage | None = None
    corporate_action: CorporateAction | None = None
    action_ids: dict[int, bytes] = {}
    split_day: str = ""
