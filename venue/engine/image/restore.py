"""Makes the engine's state from an image: the inverse of capture.py.

Builds new objects only. Orders go into their queues in the order of the image.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import chain

from venue.domain.fee_terms import FeeTerms
from venue.domain.instruments import Instrument
from venue.domain.types import Phase, Side
from venue.engine.image.by_name import restore_into
from venue.engine.image.settlement import restore_settlement
from venue.engine.image.state_image import (
    EngineImage,
    MarketImage,
    MemberImage,
    OrderImage,
    ScopeImage,
    SessionImage,
)
from venue.engine.state.cl_ord_ids import NO_ORDER, ClOrdIDs
from venue.engine.state.conditions import NO_CONDITIONS, RESTATED, Conditions
from venue.engine.state.day import OVER
from venue.engine.state.day_orders import DayOrders
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
    _add_orders(image, state)
    for market in image.markets:
        _fill_market(state.markets[market.definition.symbol], market, state.orders)
        own_phase = Phase.HALT if market.halted else market.own_phase
        state.set_own_phase(state.markets[market.definition.symbol], own_phase)
    for each in image.orders:
        if each.shown_lots is not None:
            _set_shown(state.orders[each.terms.order_id], each.shown_lots)
    for session in image.sessions:
        state.sessions[session.name] = _session(session, state)
    _add_trades(image, state)
    if image.obligations is not None:
        restore_settlement(state, image.obligations)
    state.pending = dict(image.pending)
    state.references = References(image.packed_references)
    state.reversals = References(image.packed_reversals)
    state.action_ids = References(image.action_ids)
    for reference, (event_seq, its_terms) in image.references.items():
        state.references.add(reference, event_seq, its_terms)
    for order_id in image.expiring:
        state.expiring.add(state.orders[order_id])
    open_orders = sum(len(session.open_orders) for session in state.sessions.values())
    assert open_orders == sum(member.open_orders for member in state.members.values())
    return state


def _add_orders(image: EngineImage, state: EngineState) -> None:
    """Add the orders, those of earlier days first; the finished ones are packed at once."""
    trades = Counter(chain.from_iterable((trade.buy, trade.sell) for trade in image.trades))
    orders = state.orders
    for is_earlier in (True, False):
        for each in image.orders:
            if (each.past or each.restated) is not is_earlier:
                continue
            order = _order(each, state)
            order.trades = trades[order.terms.order_id]
            if is_earlier:
                orders.add_earlier(order)
            else:
                orders.add(order)
            if not order.is_open:
                orders.finish(order)
                orders.pack_finished()


def _order(image: OrderImage, state: EngineState) -> Order:
    terms = image.terms
    instrument = state.markets[terms.symbol].instrument
    if image.definition is not None:
        instrument = Instrument(image.definition)
    market = state.markets[terms.symbol]
    member = state.members[terms.member]
    fees = None if image.fees is None else FeeTerms(*image.fees)
    order = Order(
        terms,
        member.standing_in(instrument, terms.account, fees),
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


def _set_shown(order: Order, shown_lots: int) -> None:
    assert order.level is not None
    order.level.lots += shown_lots - order.shown_lots
    order.shown_lots = shown_lots


def _fill_market(market: Market, image: MarketImage, orders: DayOrders) -> None:
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
    member.volumes = {
        currency: [int(number) for number in numbers] for currency, numbers in image.volumes.items()
    }
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
    session = Session(
        image.name, state.members[image.member], image.cancel_by_default, state.orders
    )
    session.cl_ord_ids = _packed(image.cl_ord_ids, state.orders)
    session.before = _packed(image.before, state.orders)
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
    session.before_left = image.before_left or len(image.before)
    return session


def _packed(cl_ord_ids: Mapping[str, str | None], orders: DayOrders) -> ClOrdIDs:
    packed = ClOrdIDs()
    for cl_ord_id, order_id in cl_ord_ids.items():
        if order_id is None:
            packed.add(cl_ord_id, NO_ORDER)
        else:
            assert orders.has(int(order_id)), "a ClOrdID of no order"
            packed.add(cl_ord_id, int(order_id))
    return packed


def _add_trades(image: EngineImage, state: EngineState) -> None:
    traded = {trade.buy for trade in image.trades}
    symbols = {
        order.terms.order_id: order.terms.symbol
        for order in image.orders
        if order.terms.order_id in traded
    }
    for each in image.trades:
        assert state.orders.has(int(each.sell)), "a trade of no order"
        market = state.markets[symbols[each.buy]]
        trade = Trade(
            market.instrument.symbol,
            each.buy,
            each.sell,
            each.price_ticks,
            each.lots,
            int(each.amount),
            int(each.fee),
            each.exec_ref_seq,
            each.trading_day or state.trading_day,
            market.last_match,
            each.busted,
            each.due,
            None if each.sell_fee is None else int(each.sell_fee),
            each.roles,
        )
        state.trades.put(each.match_id, trade)
        if each.exec_ref_seq >= market.split_seq:
            market.last_match = int(each.match_id.removeprefix("M"))
