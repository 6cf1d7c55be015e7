"""The image of the engine's state as it is between two commands.

Reads only. Its other half is restore.py; whoever adds state to the engine adds it to both.
"""

from collections.abc import Iterable

from venue.book.resting_order import RestingOrder
from venue.engine.image.state_image import (
    EngineImage,
    MarketImage,
    MemberImage,
    OrderImage,
    PurseImage,
    RepeatImage,
    ScopeImage,
    SessionImage,
    TradeImage,
    UseImage,
)
from venue.engine.state.engine_state import EngineState
from venue.engine.state.market import Market
from venue.engine.state.members import Member, Session
from venue.engine.state.orders import Order
from venue.engine.state.trades import Trade
from venue.risk.exposure import Scope


def image_of(state: EngineState) -> EngineImage:
    """Image of the state; nothing in it changes with the state afterwards."""
    return EngineImage(
        state.phase,
        state.trading_day,
        state.next_event_seq,
        state.next_order_id,
        state.next_match_id,
        state.timestamp_ns,
        state.next_due_ns,
        [_market_image(market) for market in state.markets.values()],
        [_member_image(member) for member in state.members.values()],
        [_session_image(session) for session in state.sessions.values()],
        [_order_image(order, state) for order in state.orders.values()],
        [_trade_image(match_id, trade) for match_id, trade in state.trades.items()],
        tuple(state.expiring),
        state.entry_stopped,
        state.next_action_id,
        dict(state.pending),
        state.four_eyes,
        state.sanctions,
        state.killed,
    )


def _order_image(order: Order, state: EngineState) -> OrderImage:
    terms = order.terms
    instrument = order.instrument
    shows_full_slice = order.shown_lots == (0 if order.level is None else order.slice_lots())
    return OrderImage(
        terms,
        order.cl_ord_id,
        order.status,
        order.price_ticks,
        order.order_lots,
        order.leaves_lots,
        order.limited,
        order.cum_lots,
        str(order.cum_value),
        str(order.exposure),
        order.modified_ns,
        tuple(sorted(order.conditions.exec_inst)),
        order.conditions.min_lots,
        order.floor_lots,
        None if shows_full_slice else order.shown_lots,
        order.self_match_key,
        order.conditions.stop_ticks,
        order.conditions.stop_px,
        order.conditions.peg_offset_ticks,
        order.waiting,
        order.conditions.restated,
        order.conditions.prior_lots,
        str(order.conditions.prior_value),
        order.reserved is not None,
        None if instrument is state.markets[terms.symbol].instrument else instrument.definition,
    )


def _market_image(market: Market) -> MarketImage:
    return MarketImage(
        market.instrument.definition,
        tuple(_ids(order for level in market.book.bids.levels() for order in level)),
        tuple(_ids(order for level in market.book.asks.levels() for order in level)),
        tuple(_ids(market.stops.waiting())),
        tuple(market.all_or_none),
        tuple(market.auction),
        tuple(market.pegs),
        market.last_ticks,
        market.low_ticks,
        market.high_ticks,
        market.day_first_ticks,
        market.day_high_ticks,
        market.day_low_ticks,
        market.day_trades,
        str(market.day_lots),
        str(market.day_value),
        market.halted,
        market.disabled,
    )


def _member_image(member: Member) -> MemberImage:
    return MemberImage(
        member.name,
        _scope_image(member),
        member.accounts,
        {account: _scope_image(scope) for account, scope in member.by_account.items()},
        member.funding,
        [
            PurseImage(purse.account, purse.asset, str(purse.balance))
            for purse in member.purses.all()
        ],
        member.legal_name,
        member.kyc,
        member.documents,
        dict(member.traders),
        member.suspended,
        member.killed,
        member.day_messages,
        member.day_trades,
        member.next_alert,
    )


def _scope_image(scope: Scope) -> ScopeImage:
    return ScopeImage(
        scope.limits.texts(),
        str(scope.net_bought),
        [
            UseImage(symbol, str(use.position_lots), str(use.day_lots), str(use.day_cash))
            for symbol, use in scope.uses.items()
        ],
    )


def _session_image(session: Session) -> SessionImage:
    return SessionImage(
        session.name,
        session.member.name,
        session.cancel_by_default,
        session.cancel_on_disconnect,
        {
            cl_ord_id: None if order is None else order.terms.order_id
            for cl_ord_id, order in session.cl_ord_ids.items()
        },
        tuple(session.open_orders),
        session.logged_on,
        session.grace_ends_ns,
        session.enabled,
        session.blocked,
        session.messages_per_second,
        session.entries.full_at_ns,
        session.removals.full_at_ns,
        (session.excess.second, session.excess.count, session.excess.seconds_over),
        session.repeated_executions,
        [RepeatImage(*key, count) for key, count in session.repeats.items()],
        session.repeats_since_ns,
        session.mass_cancels,
    )


def _trade_image(match_id: str, trade: Trade) -> TradeImage:
    return TradeImage(
        match_id,
        trade.buy.terms.order_id,
        trade.sell.terms.order_id,
        trade.price_ticks,
        trade.lots,
        str(trade.amount),
        str(trade.fee),
        trade.exec_ref_seq,
        trade.busted,
    )


def _ids(orders: Iterable[RestingOrder]) -> Iterable[str]:
    for order in orders:
        assert isinstance(order, Order)
        yield order.terms.order_id
