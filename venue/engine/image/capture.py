"""Makes the image of the engine's state, as it is between two commands.

Reads only. restore.py is the inverse. A plain attribute is copied by name (by_name.py); any other
one is added here and there.
"""

from collections.abc import Iterable
from itertools import chain

from venue.book.price_level import RestingOrder
from venue.domain.types import Phase
from venue.engine.image.by_name import captured
from venue.engine.image.settlement import settlement_image
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
    """Image of the state. It does not change when the state does."""
    return EngineImage(
        markets=[_market_image(market) for market in state.markets.values()],
        members=[_member_image(member) for member in state.members.values()],
        sessions=[_session_image(session) for session in state.sessions.values()],
        orders=[_order_image(order, state) for order in state.orders.values()],
        trades=[_trade_image(match_id, trade) for match_id, trade in state.trades.items()],
        expiring=tuple(state.expiring),
        pending=dict(state.pending),
        packed_references=state.references.packed(),
        packed_reversals=state.reversals.packed(),
        obligations=settlement_image(state.obligations),
        action_ids=state.action_ids.packed(),
        **captured(EngineImage, state),
    )


def _order_image(order: Order, state: EngineState) -> OrderImage:
    instrument, conditions, fees = order.instrument, order.conditions, order.standing.fees
    shows_full_slice = order.shown_lots == (0 if order.level is None else order.slice_lots())
    as_defined = instrument is state.markets[order.terms.symbol].instrument
    told = conditions._asdict()
    told["exec_inst"] = tuple(sorted(conditions.exec_inst))
    told["prior_value"] = str(conditions.prior_value)
    return OrderImage(
        cum_value=str(order.cum_value),
        exposure=str(order.exposure),
        shown_lots=None if shows_full_slice else order.shown_lots,
        reserves=order.reserved is not None,
        past=order.day.is_over,
        definition=None if as_defined else instrument.definition,
        fees=None if fees is None else (fees.maker, fees.taker, fees.minimum),
        **captured(OrderImage, order),
        **told,
    )


def _market_image(market: Market) -> MarketImage:
    return MarketImage(
        definition=market.instrument.definition,
        bids=tuple(_ids(order for level in market.book.bids.levels() for order in level)),
        asks=tuple(_ids(order for level in market.book.asks.levels() for order in level)),
        stops=tuple(_ids(market.stops.waiting())),
        all_or_none=tuple(market.all_or_none),
        auction=tuple(market.auction),
        pegs=tuple(market.pegs),
        day_lots=str(market.day_lots),
        day_value=str(market.day_value),
        halted=market.own_phase is Phase.HALT,
        own_phase=None if market.own_phase is Phase.HALT else market.own_phase,
        **captured(MarketImage, market),
    )


def _member_image(member: Member) -> MemberImage:
    return MemberImage(
        name=member.name,
        scope=_scope_image(member),
        by_account={account: _scope_image(scope) for account, scope in member.by_account.items()},
        purses=[
            PurseImage(purse.account, purse.asset, str(purse.balance))
            for purse in member.purses.all()
        ],
        traders=dict(member.traders),
        volumes={
            currency: tuple(map(str, numbers)) for currency, numbers in member.volumes.items()
        },
        **captured(MemberImage, member),
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
        name=session.name,
        member=session.member.name,
        cancel_by_default=session.cancel_by_default,
        cl_ord_ids={
            cl_ord_id: str(order_id) if order_id else None
            for cl_ord_id, order_id in sorted(
                chain(session.cl_ord_ids.items(), session.open_before())
            )
        },
        open_orders=tuple(session.open_orders),
        entries_full_at_ns=session.entries.full_at_ns,
        removals_full_at_ns=session.removals.full_at_ns,
        excess=(session.excess.second, session.excess.count, session.excess.seconds_over),
        repeats=[RepeatImage(*key, count) for key, count in session.repeats.items()],
        **captured(SessionImage, session),
    )


def _trade_image(match_id: str, trade: Trade) -> TradeImage:
    return TradeImage(
        match_id,
        trade.buy,
        trade.sell,
        trade.price_ticks,
        trade.lots,
        str(trade.amount),
        str(trade.fee),
        trade.exec_ref_seq,
        trade.busted,
        trade.trading_day,
        trade.due,
        None if trade.sell_fee == trade.fee else str(trade.sell_fee),
        trade.roles,
    )


def _ids(orders: Iterable[RestingOrder]) -> Iterable[str]:
    for order in orders:
        assert isinstance(order, Order)
        yield order.terms.order_id
