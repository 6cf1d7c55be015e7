"""The engine's state from an image: the inverse of capture.py.

Builds new objects only. Orders come back into their queues in the order that the image has.
"""

from venue.domain.instruments import Instrument
from venue.domain.types import Side
from venue.engine.image import (
    EngineImage,
    MarketImage,
    MemberImage,
    OrderImage,
    SessionImage,
    TradeImage,
)
from venue.engine.market import Market
from venue.engine.members import Member, Session
from venue.engine.orders import Order
from venue.engine.state import EngineState
from venue.engine.trades import Trade


def state_from(image: EngineImage) -> EngineState:
    """State with this image."""
    state = EngineState()
    state.phase = image.phase
    state.trading_day = image.trading_day
    state.entry_stopped = image.entry_stopped
    state.next_event_seq = image.next_event_seq
    state.next_order_id = image.next_order_id
    state.next_match_id = image.next_match_id
    state.timestamp_ns = image.timestamp_ns
    state.next_due_ns = image.next_due_ns
    for market in image.markets:
        state.markets[market.definition.symbol] = Market(Instrument(market.definition))
    for member in image.members:
        state.members[member.name] = _member(member)
    for order in image.orders:
        state.orders[order.terms.order_id] = _order(order, state)
    for market in image.markets:
        _fill_market(state.markets[market.definition.symbol], market, state.orders)
    for order in image.orders:
        _set_shown(state.orders[order.terms.order_id], order.shown_lots)
    for session in image.sessions:
        state.sessions[session.name] = _session(session, state)
    for trade in image.trades:
        state.trades[trade.match_id] = _trade(trade, state.orders)
    state.expiring = {order_id: state.orders[order_id] for order_id in image.expiring}
    return state


def _order(image: OrderImage, state: EngineState) -> Order:
    terms = image.terms
    instrument = state.markets[terms.symbol].instrument
    if image.definition is not None:
        instrument = Instrument(image.definition)
    order = Order(terms, instrument, image.cl_ord_id, image.price_ticks, image.order_lots)
    order.status = image.status
    order.leaves_lots = image.leaves_lots
    order.limited = image.limited
    order.cum_lots = image.cum_lots
    order.cum_value = int(image.cum_value)
    order.exposure = int(image.exposure)
    order.modified_ns = image.modified_ns
    order.exec_inst = frozenset(image.exec_inst)
    order.min_lots = image.min_lots
    order.floor_lots = image.floor_lots
    order.self_match_key = image.self_match_key
    order.stop_ticks = image.stop_ticks
    order.stop_px = image.stop_px
    order.peg_offset_ticks = image.peg_offset_ticks
    order.waiting = image.waiting
    order.restated = image.restated
    order.prior_lots = image.prior_lots
    order.prior_value = int(image.prior_value)
    return order


def _set_shown(order: Order, shown_lots: int | None) -> None:
    if shown_lots is not None:
        assert order.level is not None
        order.level.lots += shown_lots - order.shown_lots
        order.shown_lots = shown_lots


def _fill_market(market: Market, image: MarketImage, orders: dict[str, Order]) -> None:
    for side, queue in ((Side.BUY, image.bids), (Side.SELL, image.asks)):
        for order_id in queue:
            market.book.side_of(side).rest(orders[order_id])
    for order_id in image.stops:
        order = orders[order_id]
        assert order.stop_ticks is not None
        market.stops.add(order, order.stop_ticks)
    market.all_or_none = {order_id: orders[order_id] for order_id in image.all_or_none}
    market.auction = {order_id: orders[order_id] for order_id in image.auction}
    market.pegs = {order_id: orders[order_id] for order_id in image.pegs}
    market.last_ticks = image.last_ticks
    market.low_ticks = image.low_ticks
    market.high_ticks = image.high_ticks
    market.day_first_ticks = image.day_first_ticks
    market.day_high_ticks = image.day_high_ticks
    market.day_low_ticks = image.day_low_ticks
    market.day_trades = image.day_trades
    market.day_lots = int(image.day_lots)
    market.day_value = int(image.day_value)


def _member(image: MemberImage) -> Member:
    member = Member(image.name)
    member.accounts = image.accounts
    member.credit_limit = int(image.credit_limit)
    member.max_open_orders = image.max_open_orders
    member.exposure = int(image.exposure)
    member.net_bought = int(image.net_bought)
    member.open_orders = image.open_orders
    member.suspended = image.suspended
    member.deposited = {asset: int(units) for asset, units in image.deposited.items()}
    return member


def _session(image: SessionImage, state: EngineState) -> Session:
    session = Session(image.name, state.members[image.member], image.cancel_by_default)
    session.cancel_on_disconnect = image.cancel_on_disconnect
    session.cl_ord_ids = {
        cl_ord_id: None if order_id is None else state.orders[order_id]
        for cl_ord_id, order_id in image.cl_ord_ids.items()
    }
    session.open_orders = {order_id: state.orders[order_id] for order_id in image.open_orders}
    session.logged_on = image.logged_on
    session.grace_ends_ns = image.grace_ends_ns
    return session


def _trade(image: TradeImage, orders: dict[str, Order]) -> Trade:
    trade = Trade(
        orders[image.buy],
        orders[image.sell],
        image.price_ticks,
        image.lots,
        int(image.amount),
        int(image.fee),
        image.exec_ref_seq,
    )
    trade.busted = image.busted
    return trade
