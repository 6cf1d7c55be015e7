"""Orders and trades of the trading day for the operator, some at a time, so that nobody waits.

Rows of domain.overview. Changes nothing.
"""

from collections.abc import Iterable
from itertools import islice

from venue.domain.by_name import made_of, rest_of
from venue.domain.overview import LatestTrade, OrderDetail, OrderPlace, OrderRow, OrdersWanted
from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order
from venue.engine.state.trades import Trade
from venue.engine.trading.slices import Wanted, next_slice, open_orders_of

_BEHIND_ALL = 1 << 62


def orders_page(
    state: EngineState, wanted: OrdersWanted, after: OrderPlace
) -> tuple[list[OrderRow], OrderPlace | None]:
    """The next orders behind `after`, and the place to go on from; None: there are no more."""
    found = next_slice(_candidates(state, wanted, after), _is_wanted(wanted))
    rows = [_row(order) for order in found.orders]
    if found.last is None:
        return rows, None
    terms = found.last.terms
    return rows, OrderPlace(terms.session, int(terms.order_id))


def order_detail(state: EngineState, order_id: str) -> OrderDetail | None:
    """All of one order of the trading day; None where there is none of that OrderID."""
    order = state.orders.get(order_id)
    if order is None:
        return None
    view = order.state()
    day = {} if view.day is None else {
        "day_order_qty": view.day.order_qty,
        "day_cum_qty": view.day.cum_qty,
        "day_avg_px": view.day.avg_px,
    }  # fmt: skip
    said = {**day, "modified_ns": order.modified_ns}
    return made_of(OrderDetail, view, **said, **rest_of(OrderDetail, view.terms, said))


def latest_trades(state: EngineState, most: int) -> list[LatestTrade]:
    """The last trades that are not busted, the last one last; looks at the last `most` only."""
    found = [
        _latest(state, match_id, trade)
        for match_id, trade in islice(state.trades.latest(), most)
        if not trade.busted
    ]
    return found[::-1]


def _latest(state: EngineState, match_id: str, trade: Trade) -> LatestTrade:
    instrument = state.orders[trade.buy].instrument  # as it was then
    price, quantity = instrument.price_text(trade.price_ticks), instrument.qty_text(trade.lots)
    return LatestTrade(match_id, trade.symbol, price, quantity)


def _row(order: Order) -> OrderRow:
    view = order.state()
    return made_of(OrderRow, view, **rest_of(OrderRow, view.terms, ()))


def _candidates(state: EngineState, wanted: OrdersWanted, after: OrderPlace) -> Iterable[Order]:
    if not wanted.open_only:
        return state.orders.behind(after.order_id)
    sessions = (
        session
        for session in state.sessions.values()
        if wanted.session in ("", session.name) and wanted.member in ("", session.member.name)
    )
    return open_orders_of(sessions, after.session, after.order_id, _BEHIND_ALL)


def _is_wanted(wanted: OrdersWanted) -> Wanted:
    def is_wanted(order: Order) -> bool:
        terms = order.terms
        return (
            wanted.member in ("", terms.member)
            and wanted.session in ("", terms.session)
            and wanted.symbol in ("", terms.symbol)
            and wanted.cl_ord_id in ("", order.cl_ord_id)
        )

    return is_wanted
