"""A small venue in memory, commands by their few interesting fields, and the events they cause.

ALPHA has the sessions ALPHA and ALPHA2, BRAVO has BRAVO, CHARLIE has CHARLIE. Nothing is logged on.
"""

import msgspec

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import Fill, OrderState, OrderTerms
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import CxlRejResponseTo, OrdStatus, Side
from venue.engine.engine import Engine

DAY = "2026-01-05"
START_NS = 1_767_600_000_000_000_000
MEMBERS = {"ALPHA": "ALPHA", "ALPHA2": "ALPHA", "BRAVO": "BRAVO", "CHARLIE": "CHARLIE"}

ACME = InstrumentDefinition(
    symbol="ACME",
    currency="USD",
    tick_size="0.01",
    lot_size="1",
    reference_price="100",
    max_order_qty="1000000",
    max_order_value="50000000",
    price_collar_percent="10",
)
GLOBEX = msgspec.structs.replace(ACME, symbol="GLOBEX", tick_size="0.05", lot_size="10")
BTC = InstrumentDefinition(
    symbol="BTC-USD",
    currency="USD",
    tick_size="0.01",
    lot_size="0.00000001",
    reference_price="50000",
    max_order_qty="100",
    max_order_value="10000000",
    price_collar_percent="10",
    fee_bps="2.5",
    asset="BTC",
)


class Venue:
    """An engine with a clock that goes one nanosecond a command, and its last events' stamp."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.now_ns = START_NS
        self.first_event_seq = 1

    def do(self, command: c.AnyCommand) -> list[e.AnyEvent]:
        """Events of `command`."""
        self.now_ns += 1
        self.first_event_seq = self.engine.state.next_event_seq
        return self.engine.apply(command, self.now_ns)

    def do_all(self, *commands: c.AnyCommand) -> list[e.AnyEvent]:
        """Events of the last of `commands`."""
        events: list[e.AnyEvent] = []
        for command in commands:
            events = self.do(command)
        return events

    def stamped(self, *events: e.AnyEvent) -> list[e.AnyEvent]:
        """`events` with the numbers and the time that the last command gave its events."""
        return [
            msgspec.structs.replace(
                event, event_seq=self.first_event_seq + place, timestamp_ns=self.now_ns
            )
            for place, event in enumerate(events)
        ]

    def limit(self, credit: str, max_open_orders: int = 1000, member: str = "ALPHA") -> None:
        """Give a member new limits."""
        self.do(c.AddMember(member, (), credit, max_open_orders))


def configured() -> Venue:
    """A venue with instruments, members and sessions, before its first trading day."""
    venue = Venue()
    for definition in (ACME, GLOBEX, BTC):
        venue.do(c.AddInstrument(definition))
    for member in ("ALPHA", "BRAVO", "CHARLIE"):
        venue.do(c.AddMember(member, (), "1000000000", 1000))
    for session, member in MEMBERS.items():
        venue.do(c.AddSession(session, member))
    return venue


def trading() -> Venue:
    """A venue whose trading day is open."""
    venue = configured()
    venue.do(c.StartDay(DAY))
    return venue


def enter(
    cl_ord_id: str,
    side: str,
    qty: str | None,
    price: str | None,
    *,
    session: str = "ALPHA",
    symbol: str = "ACME",
    ord_type: str = "2",
    tif: str = "0",
    account: str | None = None,
) -> c.EnterOrder:
    """A new order; a limit order for the day unless told otherwise."""
    return c.EnterOrder(
        session, cl_ord_id, symbol, side, ord_type, tif, qty, price, account=account
    )


def buy(
    cl_ord_id: str, qty: str, price: str, session: str = "ALPHA", tif: str = "0"
) -> c.EnterOrder:
    """Buy ACME at a limit."""
    return enter(cl_ord_id, "1", qty, price, session=session, tif=tif)


def sell(
    cl_ord_id: str, qty: str, price: str, session: str = "BRAVO", tif: str = "0"
) -> c.EnterOrder:
    """Sell ACME at a limit."""
    return enter(cl_ord_id, "2", qty, price, session=session, tif=tif)


def cancel(
    cl_ord_id: str,
    orig: str,
    side: str = "1",
    *,
    session: str = "ALPHA",
    symbol: str = "ACME",
    order_id: str | None = None,
    orig_ord_mod_ms: int | None = None,
) -> c.CancelOrder:
    """A cancel request."""
    return c.CancelOrder(session, cl_ord_id, orig, symbol, side, order_id, orig_ord_mod_ms)


def replace(
    cl_ord_id: str,
    orig: str,
    qty: str | None,
    price: str | None,
    side: str = "1",
    *,
    session: str = "ALPHA",
    symbol: str = "ACME",
    ord_type: str = "2",
    tif: str | None = None,
    order_id: str | None = None,
    unsupported: str | None = None,
    orig_ord_mod_ms: int | None = None,
) -> c.ReplaceOrder:
    """A replace request."""
    return c.ReplaceOrder(
        session, cl_ord_id, orig, symbol, side, ord_type, qty, price, tif, order_id, unsupported,
        orig_ord_mod_ms,
    )  # fmt: skip


def view(
    order_id: str,
    cl_ord_id: str,
    side: str,
    qty: str,
    price: str | None,
    *,
    session: str = "ALPHA",
    symbol: str = "ACME",
    leaves: str | None = None,
    cum: str = "0",
    avg: str = "0",
    status: OrdStatus = OrdStatus.NEW,
    ord_type: str = "2",
    tif: str = "0",
    account: str | None = None,
) -> OrderState:
    """An order as events show it; leaves_qty is the whole quantity unless told otherwise."""
    terms = OrderTerms(
        order_id, session, MEMBERS[session], symbol, Side(side), ord_type, tif, account
    )
    return OrderState(
        terms, cl_ord_id, status, qty, qty if leaves is None else leaves, cum, avg, price
    )


def accepted(order: OrderState) -> e.OrderAccepted:
    """OrderAccepted, to be stamped."""
    return e.OrderAccepted(0, 0, order.terms.symbol, order)


def trade(
    match: int,
    px: str,
    qty: str,
    amount: str,
    buyer: OrderState,
    seller: OrderState,
    aggressor: str,
    fee: str = "0",
) -> e.TradeExecuted:
    """TradeExecuted, to be stamped; the asset is the symbol's part in front of `-`."""
    symbol = buyer.terms.symbol
    return e.TradeExecuted(
        0,
        0,
        symbol,
        f"M{match}",
        DAY,
        px,
        qty,
        symbol.partition("-")[0],
        amount,
        "USD",
        Fill(buyer, fee),
        Fill(seller, fee),
        Side(aggressor),
    )


def canceled(
    order: OrderState,
    cl_ord_id: str | None = None,
    reason: str | None = None,
    text: str = "",
    by: str | None = None,
) -> e.OrderCanceled:
    """OrderCanceled, to be stamped; cl_ord_id: the request's, None: nobody asked for it.

    by: the session that asked for it, when it is not the order's.
    """
    orig = None if cl_ord_id is None else order.cl_ord_id
    return e.OrderCanceled(
        0, 0, order.terms.symbol, order, cl_ord_id or order.cl_ord_id, orig, reason,
        text or None, by,
    )  # fmt: skip


def replaced(order: OrderState, orig_cl_ord_id: str, by: str | None = None) -> e.OrderReplaced:
    """OrderReplaced, to be stamped; by: as in `canceled`."""
    return e.OrderReplaced(0, 0, order.terms.symbol, order, orig_cl_ord_id, by)


def refused(
    request: c.CancelOrder | c.ReplaceOrder, reason: str, detail: str, order: OrderState | None
) -> e.CancelRejected:
    """CancelRejected, to be stamped; order: the one it names, if it names one."""
    from_replace = isinstance(request, c.ReplaceOrder)
    return e.CancelRejected(
        0,
        0,
        request.symbol,
        request.session,
        MEMBERS.get(request.session, ""),
        request.cl_ord_id,
        request.orig_cl_ord_id,
        "NONE" if order is None else order.terms.order_id,
        OrdStatus.REJECTED if order is None else order.ord_status,
        CxlRejResponseTo.ORDER_CANCEL_REPLACE_REQUEST
        if from_replace
        else CxlRejResponseTo.ORDER_CANCEL_REQUEST,
        RejectReason(reason),
        detail,
    )


def rejected(command: c.EnterOrder, reason: str, detail: str) -> e.OrderRejected:
    """OrderRejected of a command, to be stamped."""
    return e.OrderRejected(
        event_seq=0,
        timestamp_ns=0,
        symbol=command.symbol,
        session=command.session,
        member=MEMBERS.get(command.session, ""),
        cl_ord_id=command.cl_ord_id,
        side=command.side,
        ord_type=command.ord_type,
        reason=RejectReason(reason),
        detail=detail,
        order_qty=command.order_qty,
        price=command.price,
        time_in_force=command.time_in_force,
        account=command.account,
        order_capacity=command.order_capacity,
        parties=command.parties,
    )
