"""The repeated-execution throttle: it stops an algorithm that repeats the same order.

Orders of equal symbol, side, price and quantity that trade at entry are counted for a second. More
than the session's limit block the session until an operator revives it (RTS 6 art. 12 and 15).
"""

from venue.domain.commands import CancelBlocked
from venue.domain.events import EntryBlocked
from venue.domain.reject_reasons import RejectReason
from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order
from venue.risk.rates import NS_PER_SECOND


def count_repeat(state: EngineState, aggressor: Order) -> None:
    """Count an aggressor that has traded, once however many fills it had.

    Over the limit: EntryBlocked, and a follow-up command that cancels the session's orders.
    """
    assert aggressor.cum_lots > 0
    session = state.sessions[aggressor.terms.session]
    most = session.repeated_executions
    if most == 0 or session.blocked is not None:
        return
    if state.timestamp_ns - session.repeats_since_ns >= NS_PER_SECOND:
        session.repeats.clear()
        session.repeats_since_ns = state.timestamp_ns
    terms = aggressor.terms
    key = (terms.symbol, terms.side.value, aggressor.price_ticks, aggressor.order_lots)
    count = session.repeats.get(key, 0) + 1
    session.repeats[key] = count
    if count <= most:
        return
    session.repeats.clear()
    session.blocked = RejectReason.REPEATED_EXECUTIONS
    detail = f"{count} equal orders traded in a second, {most} are the most"
    state.events.append(
        EntryBlocked(*state.stamp(), "session", session.name, session.blocked, detail, "", "")
    )
    text = f"{session.blocked} {detail}"
    state.follow_ups.append(CancelBlocked("session", session.name, text, state.next_order_id))
