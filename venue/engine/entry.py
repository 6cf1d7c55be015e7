"""New orders and replacements: checks, acceptance, matching, and what rests or ends.

Events of one request come in the order in which they happen: accepted or replaced, trades, end.
"""

from venue.domain.commands import EnterOrder, ReplaceOrder
from venue.domain.decimal_text import format_money
from venue.domain.events import (
    Fill,
    OrderAccepted,
    OrderCanceled,
    OrderRejected,
    OrderReplaced,
    OrderTerms,
    TradeExecuted,
)
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import CxlRejResponseTo, OrdType, Side, TimeInForce
from venue.engine.cancels import check_target, find_target, reject_request
from venue.engine.members import Session
from venue.engine.orders import Order
from venue.engine.state import EngineState
from venue.risk.pre_trade import (
    CheckedOrder,
    CreditUse,
    check_form,
    check_limits,
    check_numbers,
)

_SIDES = {side.value: side for side in Side}


def enter_order(state: EngineState, command: EnterOrder) -> None:
    """OrderRejected, or OrderAccepted with its trades and, if nothing may rest, OrderCanceled."""
    session = state.sessions.get(command.session)
    checked = _check_new(state, session, command)
    if isinstance(checked, Refusal):
        _reject_new(state, session, command, checked)
        return
    assert session is not None
    instrument = state.instruments[command.symbol]
    terms = OrderTerms(
        state.new_order_id(),
        session.name,
        session.member.name,
        command.symbol,
        _SIDES[command.side],
        command.ord_type,
        command.time_in_force,
        command.account,
        command.order_capacity,
        command.parties,
    )
    limited = command.ord_type == OrdType.LIMIT
    order = Order(terms, instrument, command.cl_ord_id, checked.price_ticks, checked.lots, limited)
    session.cl_ord_ids[command.cl_ord_id] = order
    state.order_added(order, session, checked.value)
    state.events.append(OrderAccepted(*state.stamp(), command.symbol, order.state()))
    _work(state, order)


def replace_order(state: EngineState, command: ReplaceOrder) -> None:
    """CancelRejected with the order as it was, or OrderReplaced with its trades."""
    session = state.sessions.get(command.session)
    order = find_target(session, command.orig_cl_ord_id, command.order_id)
    response_to = CxlRejResponseTo.ORDER_CANCEL_REPLACE_REQUEST
    checked = _check_replace(state, session, order, command)
    if isinstance(checked, Refusal):
        reject_request(state, session, order, command, response_to, checked)
        return
    assert order is not None and session is not None
    session.cl_ord_ids[command.cl_ord_id] = order
    _replace(state, order, command.cl_ord_id, checked)


def _check_new(
    state: EngineState, session: Session | None, command: EnterOrder
) -> CheckedOrder | Refusal:
    if session is None:
        return Refusal(RejectReason.SESSION_NOT_ENTITLED, "the session may not enter orders")
    refusal = _check_entitlement(session, command.account)
    if refusal is not None:
        return refusal
    instrument = state.instruments.get(command.symbol)
    if instrument is None:
        return Refusal(RejectReason.UNKNOWN_SYMBOL, f"55={command.symbol} is not traded here")
    refusal = check_form(command, state.phase) or _check_duplicate(session, command.cl_ord_id)
    if refusal is not None:
        return refusal
    checked = check_numbers(command, instrument)
    if isinstance(checked, Refusal):
        return checked
    return check_limits(checked, _credit_use(session), 0, new=True) or checked


def _check_replace(
    state: EngineState, session: Session | None, order: Order | None, command: ReplaceOrder
) -> CheckedOrder | Refusal:
    refusal = check_target(session, order, command)
    if refusal is not None:
        return refusal
    assert order is not None and session is not None
    refusal = _check_same_terms(order, command) or check_form(command, state.phase)
    if refusal is not None:
        return refusal
    checked = check_numbers(command, order.instrument)
    if isinstance(checked, Refusal):
        return checked
    open_lots = max(checked.lots - order.cum_lots, 0)
    open_value = order.instrument.amount(checked.price_ticks * open_lots)
    open_order = CheckedOrder(checked.price_ticks, checked.lots, open_value)
    refusal = check_limits(open_order, _credit_use(session), order.exposure, new=False)
    return refusal or open_order


def _check_entitlement(session: Session, account: str | None) -> Refusal | None:
    member = session.member
    if member.suspended:
        return Refusal(RejectReason.MEMBER_SUSPENDED, f"{member.name} is suspended")
    if account is not None and member.accounts and account not in member.accounts:
        return Refusal(RejectReason.ACCOUNT_NOT_ENTITLED, f"1={account} is not of {member.name}")
    return None


def _check_duplicate(session: Session, cl_ord_id: str) -> Refusal | None:
    if cl_ord_id not in session.cl_ord_ids:
        return None
    return Refusal(RejectReason.DUPLICATE_CL_ORD_ID, f"11={cl_ord_id} was used before today")


def _check_same_terms(order: Order, command: ReplaceOrder) -> Refusal | None:
    terms = order.terms
    time_in_force = command.time_in_force or terms.time_in_force
    for tag, asked, kept in (
        ("55", command.symbol, terms.symbol),
        ("54", command.side, terms.side.value),
        ("40", command.ord_type, terms.ord_type),
        ("59", time_in_force, terms.time_in_force),
    ):
        if asked != kept:
            return Refusal(RejectReason.ORDER_TERMS_CHANGED, f"{tag}={asked} was {kept}")
    return None


def _credit_use(session: Session) -> CreditUse:
    member = session.member
    used = member.exposure + max(member.net_bought, 0)
    return CreditUse(used, member.credit_limit, member.open_orders, member.max_open_orders)


def _reject_new(
    state: EngineState, session: Session | None, command: EnterOrder, refusal: Refusal
) -> None:
    if session is not None:
        session.cl_ord_ids.setdefault(command.cl_ord_id, None)
    event_seq, timestamp_ns = state.stamp()
    state.events.append(
        OrderRejected(
            event_seq,
            timestamp_ns,
            symbol=command.symbol,
            session=command.session,
            member="" if session is None else session.member.name,
            cl_ord_id=command.cl_ord_id,
            side=command.side,
            ord_type=command.ord_type,
            reason=refusal.reason,
            detail=refusal.detail,
            order_qty=command.order_qty,
            price=command.price,
            time_in_force=command.time_in_force,
            account=command.account,
            order_capacity=command.order_capacity,
            parties=command.parties,
        )
    )


def _replace(state: EngineState, order: Order, cl_ord_id: str, checked: CheckedOrder) -> None:
    orig_cl_ord_id = order.cl_ord_id
    book = state.books[order.terms.symbol]
    lots = max(checked.lots, order.cum_lots)
    keeps_priority = checked.price_ticks == order.price_ticks and lots <= order.order_lots
    if keeps_priority and lots > order.cum_lots:
        book.reduce(order, order.order_lots - lots)
    else:
        book.remove(order)
    order.replace(cl_ord_id, checked.price_ticks, lots)
    state.set_exposure(order, state.members[order.terms.member], checked.value)
    if not order.is_open:
        state.order_finished(order)
    state.events.append(
        OrderReplaced(*state.stamp(), order.terms.symbol, order.state(), orig_cl_ord_id)
    )
    if order.is_open and order.level is None:
        _work(state, order)


def _work(state: EngineState, order: Order) -> None:
    """Match an open order that is not in the book; then it rests, has filled, or is canceled."""
    symbol = order.terms.symbol
    book = state.books[symbol]
    if (book.asks if order.side is Side.BUY else book.bids).crosses(order.price_ticks):
        for resting, price_ticks, lots in book.match(
            order.side, order.price_ticks, order.leaves_lots
        ):
            assert isinstance(resting, Order)
            order.leaves_lots -= lots
            _trade(state, order, resting, price_ticks, lots)
    if order.leaves_lots == 0:
        return
    if order.limited and order.terms.time_in_force == TimeInForce.DAY:
        book.rest(order)
        return
    order.cancel()
    state.order_finished(order)
    state.events.append(OrderCanceled(*state.stamp(), symbol, order.state(), order.cl_ord_id))


def _trade(
    state: EngineState, aggressor: Order, resting: Order, price_ticks: int, lots: int
) -> None:
    instrument = aggressor.instrument
    amount = instrument.amount(price_ticks * lots)
    fee = format_money(instrument.fee(amount))
    for order in (aggressor, resting):
        order.fill(price_ticks, lots)
        member = state.members[order.terms.member]
        member.net_bought += amount if order.side is Side.BUY else -amount
        if order.leaves_lots == 0:
            state.order_finished(order)
        else:
            exposure = instrument.amount(order.price_ticks * order.leaves_lots)
            state.set_exposure(order, member, exposure)
    buy, sell = (aggressor, resting) if aggressor.side is Side.BUY else (resting, aggressor)
    state.events.append(
        TradeExecuted(
            *state.stamp(),
            instrument.symbol,
            state.new_match_id(),
            state.trading_day,
            instrument.price_text(price_ticks),
            instrument.qty_text(lots),
            instrument.asset,
            format_money(amount),
            instrument.currency,
            Fill(buy.state(), fee),
            Fill(sell.state(), fee),
            aggressor.side,
        )
    )
