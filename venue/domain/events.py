"""What has happened: past tense, frozen, each with all that its reports and consumers need.

Events are the public payload on NATS (venue.events.<type>.<symbol>) and the record in the journal.
Prices, quantities and amounts are exact decimal text; enumerations are FIX codes.
"""

from typing import TYPE_CHECKING

import msgspec

from venue.domain import event as base
from venue.domain.commands import Party
from venue.domain.event import Event
from venue.domain.order_state import OrderState
from venue.domain.reject_reasons import RejectReason
from venue.domain.trade_events import TradeBusted, TradeCorrected, TradeExecuted
from venue.domain.types import CxlRejResponseTo, OrdStatus, Phase
from venue.domain.verbs import union_of
from venue.domain.verbs.access import AttemptDenied, OperatorChanged, SecretChanged
from venue.domain.verbs.admin import InstrumentAdded, LimitsSet, MemberAdded, SessionAdded
from venue.domain.verbs.approvals import ActionApproved, ActionDeclined, ActionHeld, FourEyesSet
from venue.domain.verbs.blocks import (
    EntryBlocked,
    EntryRestored,
    InstrumentDisabled,
    InstrumentHalted,
    InstrumentResumed,
)
from venue.domain.verbs.corporate_actions import (
    CorporateActionEnded,
    DividendDeclared,
    HoldingAdjusted,
    ObligationAdjusted,
    StockSplit,
)
from venue.domain.verbs.day import DayReopened, InstrumentClosed, InstrumentOpened, TimetableSet
from venue.domain.verbs.defaults import MemberDefaulted, PositionsTransferred
from venue.domain.verbs.fees import FeesAssigned, FeeScheduleSet
from venue.domain.verbs.funding import (
    FundsDeposited,
    FundsRepeated,
    FundsReversed,
    FundsTransferred,
    FundsWithdrawn,
)
from venue.domain.verbs.histories import HistoryBegun, SessionsOpened
from venue.domain.verbs.margin import MarginCalled, MarginReleased
from venue.domain.verbs.onboarding import KycChanged, SanctionsSet
from venue.domain.verbs.orders import MassCancelOrdered
from venue.domain.verbs.session_life import SessionEnabled, SessionEnded, SessionReset
from venue.domain.verbs.settlement import (
    ObligationBoughtIn,
    ObligationFailed,
    ObligationMoved,
    ObligationSettled,
    SettlementBegun,
    SettlementEnded,
    SettlementRulesSet,
)

if TYPE_CHECKING:
    from venue.domain.event import ControlEvent
else:  # at run time: every kind there is, to be told from its JSON
    ControlEvent = union_of(base.ControlEvent)

NO_SYMBOL = "_"


class OrderAccepted(Event, frozen=True, tag=True):
    """The order is in the book or about to trade (ExecType 0).

    text: Text(58) of an order that the operator has entered on the session's behalf.
    """

    symbol: str
    order: OrderState
    text: str | None = None


class OrderRejected(Event, frozen=True, tag=True):
    """A new order was refused (ExecType 8); its ClOrdID is spent."""

    symbol: str
    session: str
    member: str
    cl_ord_id: str
    side: str
    ord_type: str
    reason: RejectReason
    detail: str
    order_qty: str | None = None
    price: str | None = None
    time_in_force: str | None = None
    account: str | None = None
    order_capacity: str | None = None
    parties: tuple[Party, ...] = ()
    route: str = ""
    """As in the command: header fields of the answer."""


class OrderCanceled(Event, frozen=True, tag=True):
    """The order has ended (ExecType 4). On request: cl_ord_id is the request's, orig the order's.

    Where nobody requested it: restatement_reason is ExecRestatementReason(378), text Text(58).
    """

    symbol: str
    order: OrderState
    cl_ord_id: str
    orig_cl_ord_id: str | None = None
    restatement_reason: str | None = None
    text: str | None = None
    requested_by: str | None = None
    """Session that asked for it, when it is another one of the member's."""
    route: str = ""
    """Route of the answer to `requested_by`. The order's own reports have the order's route."""


class OrderExpired(Event, frozen=True, tag=True):
    """The order has run out: at the end of its day, at its date or time (ExecType C)."""

    symbol: str
    order: OrderState
    text: str


class OrderRestated(Event, frozen=True, tag=True):
    """The order goes on under changed circumstances (ExecType D).

    restatement_reason is ExecRestatementReason(378), triggered: WorkingIndicator(636)=Y is said.
    """

    symbol: str
    order: OrderState
    restatement_reason: str
    text: str
    triggered: bool = False


class MassCancelReported(Event, frozen=True, tag=True):
    """A mass cancel is done; response is MassCancelResponse(531), 0 when it was refused."""

    session: str
    member: str
    cl_ord_id: str
    order_id: str
    request_type: str
    response: str
    affected: int
    requested_symbol: str | None = None
    side: str | None = None
    reject_reason: str | None = None
    """MassCancelRejectReason(532)."""
    text: str | None = None
    route: str = ""


class OrderReplaced(Event, frozen=True, tag=True):
    """The order has new terms under a new ClOrdID (ExecType 5)."""

    symbol: str
    order: OrderState
    orig_cl_ord_id: str
    requested_by: str | None = None
    route: str = ""
    """As in OrderCanceled."""


class CancelRejected(Event, frozen=True, tag=True):
    """A cancel or replace request was refused (OrderCancelReject); the order is as it was."""

    symbol: str
    session: str
    member: str
    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: str
    ord_status: OrdStatus
    response_to: CxlRejResponseTo
    reason: RejectReason
    detail: str
    route: str = ""


class DayStarted(Event, frozen=True, tag=True):
    """The trading day is open."""

    trading_day: str
    phase: Phase


class DayEnded(Event, frozen=True, tag=True):
    """The trading day is over. statistics: one entry for each symbol that traded."""

    trading_day: str
    phase: Phase
    statistics: tuple["DayStatistics", ...] = ()


class DayStatistics(msgspec.Struct, frozen=True, gc=False):
    """A symbol's day: first, highest, lowest, last price; quantity, value, count of trades."""

    symbol: str
    open_px: str
    high_px: str
    low_px: str
    last_px: str
    quantity: str
    value: str
    trades: int


class SessionLoggedOn(Event, frozen=True, tag=True):
    """A session has logged on; reset: its sequence numbers went back to 1."""

    session: str
    member: str
    reset: bool


class SessionLoggedOut(Event, frozen=True, tag=True):
    """A session has ended."""

    session: str
    member: str


class VenueStarted(Event, frozen=True, tag=True):
    """The trading process has started on this journal."""

    epoch: int


class EntryStopped(Event, frozen=True, tag=True):
    """New orders and replaces are refused (VENUE_STOPPING) until EntryResumed or VenueStarted."""

    reason: str


class EntryResumed(Event, frozen=True, tag=True):
    """New orders and replaces are taken again."""

    reason: str


class RiskAlerted(Event, frozen=True, tag=True):
    """Something to look at that stops nobody; code such as ORDER_TO_TRADE_RATIO."""

    member: str
    code: str
    detail: str


class CommandRefused(Event, frozen=True, tag=True):
    """An admin command changed nothing; detail says why."""

    command: str
    detail: str


AnyEvent = (
    OrderAccepted
    | OrderRejected
    | OrderCanceled
    | OrderExpired
    | OrderRestated
    | MassCancelReported
    | OrderReplaced
    | CancelRejected
    | TradeExecuted
    | TradeBusted
    | TradeCorrected
    | ControlEvent
    | DayStarted
    | DayEnded
    | SessionLoggedOn
    | SessionLoggedOut
    | VenueStarted
    | EntryStopped
    | EntryResumed
    | CommandRefused
    | RiskAlerted
)


def symbol_of(event: AnyEvent) -> str:
    """Symbol the event is about, or NO_SYMBOL."""
    return getattr(event, "symbol", NO_SYMBOL)


def type_of(event: AnyEvent) -> str:
    """Type name of an event, the second token of its NATS subject."""
    return type(event).__name__


__all__ = [
    "NO_SYMBOL",
    "ActionApproved",
    "ActionDeclined",
    "ActionHeld",
    "AnyEvent",
    "AttemptDenied",
    "CancelRejected",
    "CommandRefused",
    "CorporateActionEnded",
    "DayEnded",
    "DayReopened",
    "DayStarted",
    "DayStatistics",
    "DividendDeclared",
    "EntryBlocked",
    "EntryRestored",
    "EntryResumed",
    "EntryStopped",
    "Event",
    "FeeScheduleSet",
    "FeesAssigned",
    "FourEyesSet",
    "FundsDeposited",
    "FundsRepeated",
    "FundsReversed",
    "FundsTransferred",
    "FundsWithdrawn",
    "HistoryBegun",
    "HoldingAdjusted",
    "InstrumentAdded",
    "InstrumentClosed",
    "InstrumentDisabled",
    "InstrumentHalted",
    "InstrumentOpened",
    "InstrumentResumed",
    "KycChanged",
    "LimitsSet",
    "MarginCalled",
    "MarginReleased",
    "MassCancelOrdered",
    "MassCancelReported",
    "MemberAdded",
    "MemberDefaulted",
    "ObligationAdjusted",
    "ObligationBoughtIn",
    "ObligationFailed",
    "ObligationMoved",
    "ObligationSettled",
    "OperatorChanged",
    "OrderAccepted",
    "OrderCanceled",
    "OrderExpired",
    "OrderRejected",
    "OrderReplaced",
    "OrderRestated",
    "PositionsTransferred",
    "RiskAlerted",
    "SanctionsSet",
    "SecretChanged",
    "SessionAdded",
    "SessionEnabled",
    "SessionEnded",
    "SessionLoggedOn",
    "SessionLoggedOut",
    "SessionReset",
    "SessionsOpened",
    "SettlementBegun",
    "SettlementEnded",
    "SettlementRulesSet",
    "StockSplit",
    "TimetableSet",
    "TradeBusted",
    "TradeCorrected",
    "TradeExecuted",
    "VenueStarted",
    "symbol_of",
    "type_of",
]
