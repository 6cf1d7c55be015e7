"""Replacements: what may change, and when priority is kept. CancelRejected, or OrderReplaced."""

import msgspec

from venue.domain.commands import ReplaceOrder
from venue.domain.events import OrderReplaced
from venue.domain.reject_reasons import Refusal
from venue.domain.types import CxlRejResponseTo
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import Session
from venue.engine.state.orders import Order
from venue.engine.trading.entitlement import check_entry, check_instrument, check_use, count_message
from venue.engine.trading.placing import place, settle, waits_at_first
from venue.engine.trading.targets import (
    check_target,
    check_terms,
    find_target,
    reject_request,
    take_route,
)
from venue.risk.checks import STOPS, check_slices, check_stopping
from venue.risk.combinations import MAX_FLOOR, Combination, check_combination
from venue.risk.exposure_checks import check_funds
from venue.risk.pre_trade import Added, CheckedOrder, check_numbers, check_replace_form


def replace_order(state: EngineState, command: ReplaceOrder) -> None:
    """CancelRejected, and the order stays as it was; or OrderReplaced and what follows from it."""
    session = state.sessions.get(command.session)
    throttled = None if session is None else count_message(state, session)
    order = find_target(state, session, command)
    checked = _check_replace(state, session, order, command)
    if throttled is not None and not isinstance(checked, Refusal):
        checked = throttled
    if isinstance(checked, Refusal):
        response_to = CxlRejResponseTo.ORDER_CANCEL_REPLACE_REQUEST
        reject_request(state, session, order, command, response_to, checked)
        return
    assert order is not None and session is not None
    assert order.terms.member == session.member.name, "an order of another member"
    session.cl_ord_ids[command.cl_ord_id] = order
    orig_cl_ord_id = order.cl_ord_id
    order.cl_ord_id = command.cl_ord_id
    stays = change(state, order, command, checked)
    requested_by = take_route(command, order)
    event = OrderReplaced(
        *state.stamp(), order.terms.symbol, order.state(), orig_cl_ord_id, *requested_by
    )
    state.events.append(event)
    work_changed(state, order, stays=stays)


def _check_replace(
    state: EngineState, session: Session | None, order: Order | None, command: ReplaceOrder
) -> CheckedOrder | Refusal:
    refusal = check_target(session, order, command)
    if refusal is not None:
        return refusal
    assert order is not None and session is not None
    return check_change(state, session, order, command)


def check_change(
    state: EngineState, session: Session, order: Order, command: ReplaceOrder
) -> CheckedOrder | Refusal:
    """Check what an open order is to become; changes nothing."""
    terms = order.terms
    market = state.markets[terms.symbol]
    refusal = check_terms(command, terms) or _check_allowed(state, session, market, order)
    if refusal is None:
        refusal = check_stopping(state.entry_stopped)
    if refusal is None:
        refusal = check_replace_form(command, market.phase, order.limited)
    if refusal is None and command.max_floor is not None:
        refusal = check_combination(
            Combination(
                terms.ord_type,
                terms.time_in_force,
                order.conditions.exec_inst,
                given=frozenset((MAX_FLOOR.field,)),
                has_self_match_id=terms.self_match_id is not None,
                self_match_mode=terms.self_match_mode,
            )
        )
    if refusal is not None:
        return refusal
    peg_ticks = order.price_ticks if order.is_peg else None
    stop = order.conditions.stop_ticks is not None
    band = None if stop else order.instrument.dynamic_band(market.last_ticks)
    checked = check_numbers(command, order.instrument, peg_ticks, band)
    if isinstance(checked, Refusal):
        return checked
    if command.max_floor is None:
        refusal = check_slices(order.instrument, order.floor_lots, checked.lots)
        if refusal is not None:
            return refusal
    open_lots = max(checked.lots - order.cum_lots, 0)
    open_value = order.instrument.amount(checked.price_ticks * open_lots)
    open_order = msgspec.structs.replace(checked, value=open_value)
    added = Added(open_lots - order.counted_lots, open_value - order.exposure, is_new=False)
    member = state.members[terms.member]
    refusal = check_use(state, member, terms.account, market.instrument, order.side, added)
    if refusal is None and order.reserved is not None:
        reserved = order.most_cost(checked.price_ticks, open_lots)
        refusal = check_funds(order.pays_with, reserved - order.reserved)
    return refusal or open_order


def _check_allowed(
    state: EngineState, session: Session, market: Market, order: Order
) -> Refusal | None:
    """Check the same blocks and restrictions as for a new order."""
    terms = order.terms
    return check_entry(state, session, terms.account, terms.parties) or check_instrument(
        market, session.member, terms.account, terms.side
    )


def change(state: EngineState, order: Order, command: ReplaceOrder, checked: CheckedOrder) -> bool:
    """Give an order its new terms. Returns whether it keeps its place.

    An event that tells it has to follow, and then `work_changed`.
    """
    market = state.markets[order.terms.symbol]
    lots = max(checked.lots, order.cum_lots)
    stays = _keeps_place(order, command, checked, lots)
    if stays and order.level is not None:
        market.book.resize(order, lots - order.cum_lots)
        order.order_lots = lots
    elif stays:
        order.resize(lots)
    else:
        market.take_out(order)
        order.resize(lots)
        _give_new_terms(market, order, command, checked)
    order.modified_ns = state.timestamp_ns
    if order.is_open:
        order.waiting = order.level is None and waits_at_first(market, order)
        state.recount(order)
    else:
        state.order_finished(order)
    return stays


def work_changed(state: EngineState, order: Order, *, stays: bool) -> None:
    """Place an order that was changed, unless it kept its place; its market settles."""
    market = state.markets[order.terms.symbol]
    if order.is_open and not stays:
        place(state, market, order)
    else:
        settle(state, market)


def _keeps_place(order: Order, command: ReplaceOrder, checked: CheckedOrder, lots: int) -> bool:
    """Whether the order keeps its time priority: only the quantity changes, and it gets lower."""
    floor_lots = checked.floor_lots if command.max_floor is not None else order.floor_lots
    return (
        checked.price_ticks == order.price_ticks
        and (
            order.conditions.stop_ticks is None or checked.stop_ticks == order.conditions.stop_ticks
        )
        and floor_lots == order.floor_lots
        and order.cum_lots < lots <= order.order_lots
    )


def _give_new_terms(
    market: Market, order: Order, command: ReplaceOrder, checked: CheckedOrder
) -> None:
    order.price_ticks = checked.price_ticks
    if command.max_floor is not None:
        order.floor_lots = checked.floor_lots
    if order.terms.ord_type in STOPS and order.conditions.stop_ticks is not None:
        assert checked.stop_ticks is not None
        order.conditions = order.conditions._replace(
            stop_ticks=checked.stop_ticks,
            stop_px=market.instrument.price_text(checked.stop_ticks),
        )
