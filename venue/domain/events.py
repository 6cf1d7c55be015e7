"""What has happened: past tense, frozen, each with all that its reports and consumers need.

Events are the public payload on NATS (venue.events.<type>.<symbol>) and the record in the journal.
Prices, quantities and amounts are exact decimal text; enumerations are FIX codes.
"""

import msgspec

from venue.domain.commands import Party
from venue.domain.instruments import InstrumentDefinition
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import CxlRejResponseTo, OrdStatus, Phase, Side

EVENT_VERSION = 1
NO_SYMBOL = "_"


def _version() -> int:
    return EVENT_VERSION


class _Versioned(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    tag_field="type",
    tag=True,
    gc=False,
):
    v: int = msgspec.field(default_factory=_version)


class Event(_Versioned, frozen=True, tag=True):
    """Base: event_seq is gapless over the venue's life; timestamp_ns is UTC nanoseconds."""

    event_seq: int
    timestamp_ns: int


class OrderTerms(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What never changes in an order's life."""

    order_id: str
    session: str
    member: str
    symbol: str
    side: Side
    ord_type: str
    time_in_force: str
    account: str | None = None
    order_capacity: str | None = None
    parties: tuple[Party, ...] = ()


class OrderState(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An order as it was right after the event. leaves_qty is 0 once it is finished."""

    terms: OrderTerms
    cl_ord_id: str
    ord_status: OrdStatus
    order_qty: str
    leaves_qty: str
    cum_qty: str
    avg_px: str
    price: str | None = None


class Fill(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One party's half of a trade; fee in the instrument's currency."""

    order: OrderState
    fee: str = "0"


class OrderAccepted(Event, frozen=True, tag=True):
    """The order is in the book or about to trade (ExecType 0)."""

    symbol: str
    order: OrderState


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


class OrderReplaced(Event, frozen=True, tag=True):
    """The order has new terms under a new ClOrdID (ExecType 5)."""

    symbol: str
    order: OrderState
    orig_cl_ord_id: str


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


class TradeExecuted(Event, frozen=True, tag=True):
    """One match. last_px in price units, last_qty in units of `asset`, amount in `currency`.

    aggressor is None in auctions. buy and sell carry both orders as they were after the trade.
    """

    symbol: str
    match_id: str
    trading_day: str
    last_px: str
    last_qty: str
    asset: str
    amount: str
    currency: str
    buy: Fill
    sell: Fill
    aggressor: Side | None = None


class InstrumentAdded(Event, frozen=True, tag=True):
    """An instrument was added or redefined."""

    symbol: str
    definition: InstrumentDefinition


class MemberAdded(Event, frozen=True, tag=True):
    """A member was added or its limits changed."""

    member: str
    accounts: tuple[str, ...]
    credit_limit: str
    max_open_orders: int


class SessionAdded(Event, frozen=True, tag=True):
    """A FIX session was entitled for a member."""

    session: str
    member: str
    cancel_on_disconnect: bool


class FundsDeposited(Event, frozen=True, tag=True):
    """An amount of an asset came in from outside."""

    member: str
    asset: str
    amount: str
    operator: str
    reason: str


class FundsWithdrawn(Event, frozen=True, tag=True):
    """An amount of an asset went out."""

    member: str
    asset: str
    amount: str
    operator: str
    reason: str


class DayStarted(Event, frozen=True, tag=True):
    """The trading day is open."""

    trading_day: str
    phase: Phase


class SessionLoggedOn(Event, frozen=True, tag=True):
    """A session has logged on; reset: its sequence numbers went back to 1."""

    session: str
    member: str
    reset: bool


class SessionLoggedOut(Event, frozen=True, tag=True):
    """A session has ended."""

    session: str
    member: str


class SessionReset(Event, frozen=True, tag=True):
    """The operator took a session's sequence numbers back to 1."""

    session: str
    operator: str
    reason: str


class VenueStarted(Event, frozen=True, tag=True):
    """The trading process has started on this journal."""

    epoch: int


class CommandRefused(Event, frozen=True, tag=True):
    """An admin command changed nothing; detail says why."""

    command: str
    detail: str


AnyEvent = (
    OrderAccepted
    | OrderRejected
    | OrderCanceled
    | OrderReplaced
    | CancelRejected
    | TradeExecuted
    | InstrumentAdded
    | MemberAdded
    | SessionAdded
    | FundsDeposited
    | FundsWithdrawn
    | DayStarted
    | SessionLoggedOn
    | SessionLoggedOut
    | SessionReset
    | VenueStarted
    | CommandRefused
)


def symbol_of(event: AnyEvent) -> str:
    """Symbol the event is about, or NO_SYMBOL."""
    return getattr(event, "symbol", NO_SYMBOL)


def type_of(event: AnyEvent) -> str:
    """Type name of an event, the second token of its NATS subject."""
    return type(event).__name__
