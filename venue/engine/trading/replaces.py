"""Replacements: what may change, and when priority is kept. CancelRejected, or OrderReplaced.

A replacement is checked as the new order that it makes of the old one: what the request does not
name stays as it is. What it names and may not change is refused.
"""

import msgspec

from venue.domain.commands import EnterOrder, ReplaceOrder
from venue.domain.events import OrderReplaced
from venue.domain.reject_reasons import Refusal, RejectReason
from venue.domain.types import CxlRejResponseTo
from venue.engine.state.conditions import Conditions, conditions_of
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import Session
from venue.engine.state.orders import Order
from venue.engine.trading.entitlement import check_entry, check_instrument, check_use, count_message
from venue.engine.trading.pegs import peg_price
from venue.engine.trading.placing import place, settle, waits_at_first
from venue.engine.trading.targets import (
    check_target,
    check_terms,
    find_target,
    refuse_change,
    reject_request,
    take_route,
)
from venue.risk.checks import STOPS, check_phase, check_stopping
from venue.risk.exposure_checks import check_funds
from venue.risk.pre_trade import Added, CheckedOrder, check_new_form, check_numbers, exec_insts


def replace_order(state: EngineState, command: ReplaceOrder) -> None:
    """CancelRejected, and the order stays as it was; or OrderReplaced and what follows from it."""
    session = state.sessions.get(command.session)
    throttled = None if session is None else count_message(state, session)
    order = find_target(state, session, command)
    wanted = None if order is None else wanted_of(order, command)
    checked = _check_replace(state, session, order, command, wanted)
    if throttled is not None and not isinstance(checked, Refusal):
        checked = throttled
    if isinstance(checked, Refusal):
        response_to = CxlRejResponseTo.ORDER_CANCEL_REPLACE_REQUEST
        reject_request(state, session, order, command, response_to, checked)
        return
    assert order is not None and session is not None and wanted is not None
    assert order.terms.member == session.member.name, "an order of another member"
    session.cl_ord_ids.add(command.cl_ord_id, int(order.terms.order_id))
    orig_cl_ord_id = order.cl_ord_id
    order.cl_ord_id = command.cl_ord_id
    stays = change(state, order, command, wanted, checked)
    requested_by = take_route(command, order)
    event = OrderReplaced(
        *state.stamp(), order.terms.symbol, order.state(), orig_cl_ord_id, *requested_by
    )
    state.events.append(event)
    work_changed(state, order, stays=stays)


def wanted_of(order: Order, command: ReplaceOrder) -> EnterOrder:
    """The new order that the replaced one would be."""
    terms = order.terms
    expire_ns, expire_date = command.expire_ns, command.expire_date
    if expire_ns is None and expire_date is None:
        expire_ns, expire_date = terms.expire_ns, terms.expire_date
    return EnterOrder(
        command.session,
        command.cl_ord_id,
        terms.symbol,
        terms.side,
        terms.ord_type,
        terms.time_in_force,
        command.order_qty,
        command.price,
        unsupported=command.unsupported,
        stop_px=command.stop_px,
        min_qty=_given(command.min_qty, terms.min_qty),
        max_floor=_given(command.max_floor, _kept_floor(order, command)),
        exec_inst=_given(command.exec_inst, terms.exec_inst) or "",
        expire_ns=expire_ns,
        expire_date=expire_date,
        peg_offset=_given(command.peg_offset, terms.peg_offset),
        self_match_id=terms.self_match_id,
        self_match_mode=terms.self_match_mode,
        locate_reqd=_given(command.locate_reqd, "N"),  # its borrow was located at entry
    )


def _given(asked: str | None, kept: str | None) -> str | None:
    return kept if asked is None else asked


def _kept_floor(order: Order, command: ReplaceOrder) -> str | None:
    """MaxFloor(111) of the order; None where it has none, or nothing of it would be left open."""
    if not order.floor_lots:
        return None
    instrument = order.instrument
    lots = instrument.lots(command.order_qty) if command.order_qty is not None else None
    if lots is not None and lots <= order.cum_lots:
        return None
    return instrument.qty_text(order.floor_lots)


def _check_replace(
    state: EngineState,
    session: Session | None,
    order: Order | None,
    command: ReplaceOrder,
    wanted: EnterOrder | None,
) -> CheckedOrder | Refusal:
    refusal = check_target(session, order, command)
    if refusal is not None:
        return refusal
    assert order is not None and session is not None and wanted is not None
    return check_change(state, session, order, command, wanted)


def check_change(
    state: EngineState, session: Session, order: Order, command: ReplaceOrder, wanted: EnterOrder
) -> CheckedOrder | Refusal:
    """Check what an open order is to become; changes nothing."""
    terms = order.terms
    market = state.markets[terms.symbol]
    refusal = (
        check_terms(command, terms)
        or _check_kept(command, order)
        or _check_allowed(state, session, market, order)
        or check_stopping(state.entry_stopped)
        or check_phase(market.phase)
        or check_new_form(
            wanted,
            state.timestamp_ns,
            state.trading_day,
            prefunded=order.reserved is not None,
            limited=order.limited and not order.is_peg,
        )
    )
    if refusal is not None:
        return refusal
    peg_ticks = None
    if order.is_peg:
        peg_ticks = _peg_ticks(market, order, wanted)
        if peg_ticks is None:
            return Refusal(
                RejectReason.PEG_WITHOUT_REFERENCE, f"18={wanted.exec_inst} has no price now"
            )
    stop = order.conditions.stop_ticks is not None
    band = None if stop else order.instrument.dynamic_band(market.last_ticks)
    checked = check_numbers(wanted, order.instrument, peg_ticks, band)
    if isinstance(checked, Refusal):
        return checked
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


def _check_kept(command: ReplaceOrder, order: Order) -> Refusal | None:
    """Check that nothing is asked to change that stays for the order's life."""
    terms = order.terms
    for tag, asked, kept in (
        ("40", command.ord_type, terms.ord_type),
        ("59", command.time_in_force, terms.time_in_force),
        ("1", command.account, terms.account),
        ("528", command.order_capacity, terms.order_capacity),
        ("7928", command.self_match_id, terms.self_match_id),
        ("8000", command.self_match_mode, terms.self_match_mode),
    ):
        if asked and asked != kept:
            return refuse_change(tag, asked, kept)
    if command.parties and set(command.parties) != set(terms.parties):
        asked = ", ".join(party.party_id for party in command.parties)
        return refuse_change("448", asked, ", ".join(party.party_id for party in terms.parties))
    stop_px = order.conditions.stop_px
    if command.stop_px is not None and _is_triggered(order):
        ticks = order.instrument.ticks
        if stop_px is None or ticks(command.stop_px) != ticks(stop_px):
            return refuse_change("99", command.stop_px, f"{stop_px}, and is triggered")
    return None


def _check_allowed(
    state: EngineState, session: Session, market: Market, order: Order
) -> Refusal | None:
    """Check the same blocks and restrictions as for a new order."""
    terms = order.terms
    return check_entry(state, session, terms.account, terms.parties) or check_instrument(
        market, session.member, terms.account, terms.side
    )


def _peg_ticks(market: Market, order: Order, wanted: EnterOrder) -> int | None:
    """Price of a pegged order; where its peg stays as it is, the price that it has."""
    conditions, insts = order.conditions, exec_insts(wanted.exec_inst)
    offset = order.instrument.ticks(wanted.peg_offset) if wanted.peg_offset is not None else 0
    if offset is None or (offset, insts) == (conditions.peg_offset_ticks, conditions.exec_inst):
        return order.price_ticks
    return peg_price(market, order.side, insts, offset)


def _is_triggered(order: Order) -> bool:
    return order.terms.ord_type in STOPS and order.conditions.stop_ticks is None


def change(
    state: EngineState,
    order: Order,
    command: ReplaceOrder,
    wanted: EnterOrder,
    checked: CheckedOrder,
) -> bool:
    """Give an order its new terms. Returns whether it keeps its place.

    An event that tells it has to follow, and then `work_changed`.
    """
    market = state.markets[order.terms.symbol]
    lots = max(checked.lots, order.cum_lots)
    conditions = _conditions(order, wanted, checked)
    stays = _keeps_place(order, checked, conditions, lots)
    if not stays:
        market.take_out(order)
    _give_terms(state, order, wanted, conditions)
    if stays and order.level is not None:
        market.book.resize(order, lots - order.cum_lots)
        order.order_lots = lots
    else:
        order.resize(lots)
    order.price_ticks = checked.price_ticks
    if command.max_floor is not None:
        order.floor_lots = checked.floor_lots
    order.modified_ns = state.timestamp_ns
    if order.is_open:
        if not stays or order.all_or_none:  # a lower quantity may be there now
            order.waiting = waits_at_first(market, order)
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


def _keeps_place(order: Order, checked: CheckedOrder, conditions: Conditions, lots: int) -> bool:
    """Whether the order keeps its time priority: its quantity gets no higher, and nothing else
    changes but when it expires."""
    return (
        checked.price_ticks == order.price_ticks
        and conditions == order.conditions
        and checked.floor_lots == order.floor_lots
        and order.cum_lots < lots <= order.order_lots
    )


def _conditions(order: Order, wanted: EnterOrder, checked: CheckedOrder) -> Conditions:
    """What the order has of them from now on; its own object where they stay equal."""
    had = order.conditions
    conditions = conditions_of(checked, exec_insts(wanted.exec_inst), order.instrument)
    if had.restated:
        conditions = conditions._replace(
            restated=True, prior_lots=had.prior_lots, prior_value=had.prior_value
        )
    if _is_triggered(order):
        conditions = conditions._replace(stop_ticks=None, stop_px=had.stop_px)
    return had if conditions == had else conditions


def _give_terms(
    state: EngineState, order: Order, wanted: EnterOrder, conditions: Conditions
) -> None:
    terms = order.terms
    changed = {
        "exec_inst": wanted.exec_inst or None,
        "expire_ns": wanted.expire_ns,
        "expire_date": wanted.expire_date,
        "peg_offset": wanted.peg_offset,
    }
    if any(getattr(terms, name) != value for name, value in changed.items()):
        terms = msgspec.structs.replace(terms, **changed)
    state.change_terms(order, terms, conditions)
