"""New orders: check, accept, place. Events: OrderRejected, or OrderAccepted and what follows."""

from venue.domain.commands import EnterOrder
from venue.domain.events import (
    OrderAccepted,
    OrderRejected,
)
from venue.domain.order_state import terms_of
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import OrdType, Side
from venue.engine.state.conditions import conditions_of
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import Member, Session
from venue.engine.state.orders import Order
from venue.engine.trading.entitlement import check_entry, check_instrument, check_use, count_message
from venue.engine.trading.fees import fees_of_new_orders
from venue.engine.trading.pegs import peg_price
from venue.engine.trading.placing import place, waits_at_first
from venue.engine.trading.targets import check_duplicate
from venue.risk.checks import check_phase, check_stopping
from venue.risk.exposure_checks import check_funds
from venue.risk.pre_trade import (
    Added,
    CheckedOrder,
    check_new_form,
    check_numbers,
    exec_insts,
)

_SIDES = {side.value: side for side in Side}
_BUY, _PEGGED = Side.BUY, OrdType.PEGGED


def enter_order(state: EngineState, command: EnterOrder) -> None:
    """OrderRejected; or OrderAccepted, then TradeExecuted for each match.

    OrderCanceled follows where quantity is left that may not rest. The ClOrdID is used up either
    way.
    """
    session = state.sessions.get(command.session)
    throttled = None if session is None else count_message(state, session)
    checked = check_new(state, session, command)
    if isinstance(checked, Refusal):
        _reject_new(state, session, command, checked)
        return
    if throttled is not None:
        _reject_new(state, session, command, throttled)
        return
    assert session is not None
    accept(state, session, command, checked)


def accept(
    state: EngineState,
    session: Session,
    command: EnterOrder,
    checked: CheckedOrder,
    text: str | None = None,
) -> None:
    """OrderAccepted, then TradeExecuted for each match, for an order that was checked.

    text: Text(58) of its first report.
    """
    market = state.markets[command.symbol]
    order = _make_order(state, session, market, command, checked)
    session.cl_ord_ids.add(command.cl_ord_id, int(order.terms.order_id))
    order.waiting = waits_at_first(market, order)
    state.order_added(order, session)
    event_seq, timestamp_ns = state.stamp()
    state.events.append(OrderAccepted(event_seq, timestamp_ns, command.symbol, order.state(), text))
    place(state, market, order)


def _make_order(
    state: EngineState,
    session: Session,
    market: Market,
    command: EnterOrder,
    checked: CheckedOrder,
) -> Order:
    member, instrument, account = session.member, market.instrument, command.account
    terms = terms_of(
        command,
        state.new_order_id(),
        session.name,
        member.name,
        instrument.symbol,  # not another text for each order
        _SIDES[command.side],
    )
    order = Order(
        terms,
        member.standing_in(instrument, account, fees_of_new_orders(state, member, instrument)),
        command.cl_ord_id,
        checked.price_ticks,
        checked.lots,
    )
    if member.prefunded:
        order.reserved = 0
    order.floor_lots = checked.floor_lots
    order.conditions = conditions_of(checked, exec_insts(command.exec_inst), instrument)
    if command.self_match_id is not None:
        order.self_match_key = f"{member.name} {command.self_match_id}"
    return order


def check_new(
    state: EngineState, session: Session | None, command: EnterOrder
) -> CheckedOrder | Refusal:
    """Check a new order, but for the session's rate; changes nothing."""
    if session is None:
        return Refusal(RejectReason.SESSION_NOT_ENTITLED, "the session may not enter orders")
    member, account = session.member, command.account
    refusal = check_entry(state, session, account, command.parties)
    if refusal is not None:
        return refusal
    market = state.markets.get(command.symbol)
    if market is None:
        return Refusal(RejectReason.UNKNOWN_SYMBOL, f"55={command.symbol} is not traded here")
    instrument, prefunded = market.instrument, member.prefunded
    refusal = (
        check_instrument(market, member, account, command.side)
        or check_stopping(state.entry_stopped)
        or check_phase(market.phase)
        or check_new_form(command, state.timestamp_ns, state.trading_day, prefunded)
        or check_duplicate(session, command.cl_ord_id)
    )
    if refusal is not None:
        return refusal
    peg_ticks = None
    if command.ord_type == _PEGGED:
        peg_ticks = _peg_ticks(market, command)
        if peg_ticks is None:
            return Refusal(
                RejectReason.PEG_WITHOUT_REFERENCE, f"18={command.exec_inst} has no price now"
            )
    stop = command.stop_px is not None
    band = None if stop else instrument.dynamic_band(market.last_ticks)
    checked = check_numbers(command, instrument, peg_ticks, band)
    if isinstance(checked, Refusal):
        return checked
    added = Added(checked.lots, checked.value, is_new=True)
    refusal = check_use(state, member, account, instrument, _SIDES[command.side], added)
    if refusal is None and prefunded:
        refusal = _check_purse(state, member, market, command, checked)
    return refusal or checked


def _check_purse(
    state: EngineState, member: Member, market: Market, command: EnterOrder, checked: CheckedOrder
) -> Refusal | None:
    instrument = market.instrument
    if command.side != _BUY:
        holding = member.purses.seen(command.account, instrument.asset)
        return check_funds(holding, instrument.asset_units(checked.lots))
    ticks = checked.price_ticks
    if command.ord_type == _PEGGED:
        ticks = instrument.collar_high_ticks
    cash = member.purses.seen(command.account, instrument.currency)
    fees = fees_of_new_orders(state, member, instrument)
    return check_funds(cash, instrument.most_cost(ticks, checked.lots, fees))


def _peg_ticks(market: Market, command: EnterOrder) -> int | None:
    offset = market.instrument.ticks(command.peg_offset) if command.peg_offset else 0
    side, insts = _SIDES[command.side], exec_insts(command.exec_inst)
    return peg_price(market, side, insts, offset or 0)


def _reject_new(
    state: EngineState, session: Session | None, command: EnterOrder, refusal: Refusal
) -> None:
    if session is not None:
        session.use_up(command.cl_ord_id)
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
            route=command.route,
        )
    )
