"""The repeated-execution throttle: an algorithm that does the same again and again is stopped.

Orders that trade at once, of equal symbol, side, price and quantity, are counted within a second;
over the session's limit it is blocked until an operator revives it (EU RTS 6, articles 12 and 15).
"""

from venue.domain.commands import CancelBlocked
from venue.domain.events import EntryBlocked
from venue.domain.reject_reasons import RejectReason
from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order
from venue.risk.rates import NS_PER_SECOND


def count_repeat(state: EngineState, aggressor: Order) -> None:
    """Count an order that has traded, in however many fills.

    EntryBlocked, and the session's orders canceled next, when it was one too many.
    """
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
