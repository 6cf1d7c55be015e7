"""Makes the engine's state from an image: the inverse of capture.py.

Builds new objects only. Orders go into their queues in the order of the image.
"""

from collections.abc import Mapping

from venue.domain.instruments import Instrument
from venue.domain.types import Phase, Side
from venue.engine.image.by_name import restore_into
from venue.engine.image.state_image import (
    EngineImage,
    MarketImage,
    MemberImage,
    OrderImage,
    ScopeImage,
    SessionImage,
    TradeImage,
)
from venue.engine.state.conditions import NO_CONDITIONS, RESTATED, Conditions
from venue.engine.state.day import OVER
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import Member, Session
from venue.engine.state.orders import Order
from venue.engine.state.references import References
from venue.engine.state.trades import Trade
from venue.risk.exposure import Scope

_SHARED = {each: each for each in (NO_CONDITIONS, RESTATED)}


def state_from(image: EngineImage) -> EngineState:
    """A new state with this image. Raises KeyError or AssertionError for a wrong image."""
    state = EngineState()
    restore_into(state, image)
    for market in image.markets:
        state.markets[market.definition.symbol] = Market(Instrument(market.definition), state.phase)
    for member in image.members:
        state.members[member.name] = _member(member, state)
    orders = [_order(order, state) for order in image.orders]
    state.orders.add_earlier(order for order in orders if _is_earlier(order))
    for order in orders:
        if not _is_earlier(order):
            state.orders.add(order)
    for market in image.markets:
        _fill_market(state.markets[market.definition.symbol], market, state.orders)
        own_phase = Phase.HALT if market.halted else market.own_phase
        state.set_own_phase(state.markets[market.definition.symbol], own_phase)
    for order, its_image in zip(orders, image.orders, strict=True):
        _set_shown(order, its_image.shown_lots)
    for session in image.sessions:
        state.sessions[session.name] = _session(session, state)
    for trade in image.trades:
        state.trades[trade.match_id] = _trade(trade, state)
    state.pending = dict(image.pending)
    state.references = References(image.packed_references)
    for reference, (event_seq, its_terms) in image.references.items():
        state.references.add(reference, event_seq, its_terms)
    for order_id in image.expiring:
        state.expiring.add(state.orders[order_id])
    open_orders = sum(len(session.open_orders) for session in state.sessions.values())
    assert open_orders == sum(member.open_orders for member in state.members.values())
    return state


def _order(image: OrderImage, state: EngineState) -> Order:
    terms = image.terms
    instrument = state.markets[terms.symbol].instrument
    if image.definition is not None:
        instrument = Instrument(image.definition)
    market = state.markets[terms.symbol]
    member = state.members[terms.member]
    order = Order(
        terms,
        member.standing_in(instrument, terms.account),
        image.cl_ord_id,
        image.price_ticks,
        image.order_lots,
    )
    restore_into(order, image)
    order.day = OVER if image.past else state.day
    order.cum_value = int(image.cum_value)
    told = {name: getattr(image, name) for name in Conditions._fields}
    told["exec_inst"] = frozenset(image.exec_inst)
    told["prior_value"] = int(image.prior_value)
    conditions = Conditions(**told)
    order.conditions = _SHARED.get(conditions, conditions)
    if image.reserves:
        order.reserved = 0
    if order.is_open:
        for use in order.standing.uses:
            use.scope.open_orders += 1
        if order.conditions.exec_inst:
            market.watch_halt(order)
        state.recount(order)
        assert order.exposure == int(image.exposure)
    return order


def _is_earlier(order: Order) -> bool:
    """Whether it was entered before the current trading day."""
    return order.day.is_over or order.conditions.restated


def _set_shown(order: Order, shown_lots: int | None) -> None:
    if shown_lots is not None:
        assert order.level is not None
        order.level.lots += shown_lots - order.shown_lots
        order.shown_lots = shown_lots


def _fill_market(market: Market, image: MarketImage, orders: Mapping[str, Order]) -> None:
    for side, queue in ((Side.BUY, image.bids), (Side.SELL, image.asks)):
        for order_id in queue:
            market.book.side_of(side).rest(orders[order_id])
    for order_id in image.stops:
        order = orders[order_id]
        assert order.conditions.stop_ticks is not None
        market.stops.add(order, order.conditions.stop_ticks)
    market.all_or_none = {order_id: orders[order_id] for order_id in image.all_or_none}
    market.auction = {order_id: orders[order_id] for order_id in image.auction}
    for order_id in image.pegs:
        market.add_peg(orders[order_id])
    market.day_lots = int(image.day_lots)
    market.day_value = int(image.day_value)
    restore_into(market, image)
    if not market.day_last_ticks and market.last_ticks is not None and market.day_first_ticks:
        market.day_last_ticks = market.last_ticks  # an older engine had one last price


def _member(image: MemberImage, state: EngineState) -> Member:
    member = Member(image.name)
    _fill_scope(member, image.scope, state)
    for account, scope in image.by_account.items():
        _fill_scope(member.scope_of(account), scope, state)
    for purse in image.purses:
        member.purses.of(purse.account, purse.asset).balance = int(purse.balance)
    member.traders = dict(image.traders)
    restore_into(member, image)
    return member


def _fill_scope(scope: Scope, image: ScopeImage, state: EngineState) -> None:
    for name, text in image.limits.items():
        scope.limits.set(name, text)
    scope.net_bought = int(image.net_bought)
    for each in image.uses:
        use = scope.use_of(state.markets[each.symbol].instrument)
        use.position_lots = int(each.position_lots)
        use.day_lots = int(each.day_lots)
        use.day_cash = int(each.day_cash)


def _session(image: SessionImage, state: EngineState) -> Session:
    session = Session(image.name, state.members[image.member], image.cancel_by_default)
    session.cl_ord_ids = _named(image.cl_ord_ids, state.orders)
    session.before = _named(image.before, state.orders)
    for order_id in image.open_orders:
        session.open_orders.add(state.orders[order_id], is_highest=True)
    session.entries.full_at_ns = image.entries_full_at_ns
    session.removals.full_at_ns = image.removals_full_at_ns
    excess = session.excess
    excess.second, excess.count, excess.seconds_over = image.excess
    session.repeats = {
        (each.symbol, each.side, each.price_ticks, each.order_lots): each.count
        for each in image.repeats
    }
    restore_into(session, image)
    return session


def _named(
    cl_ord_ids: Mapping[str, str | None], orders: Mapping[str, Order]
) -> dict[str, Order | None]:
    return {
        cl_ord_id: None if order_id is None else orders[order_id]
        for cl_ord_id, order_id in cl_ord_ids.items()
    }


def _trade(image: TradeImage, state: EngineState) -> Trade:
    buy, sell = state.orders[image.buy], state.orders[image.sell]
    market = state.markets[buy.terms.symbol]
    trade = Trade(
        buy,
        sell,
        image.price_ticks,
        image.lots,
        int(image.amount),
        int(image.fee),
        image.exec_ref_seq,
        image.trading_day or state.trading_day,
        market.last_match,
    )
    trade.busted = image.busted
    market.last_match = int(image.match_id.removeprefix("M"))
    buy.trades += 1
    sell.trades += 1
    return trade
