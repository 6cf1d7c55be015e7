"""The repeated-execution throttle: an algorithm that does the same again and again is stopped.

Fills of the aggressor with equal symbol, side, price and quantity within a second are counted; at
the session's limit its entry is blocked until an operator revives it (EU RTS 6, article 12 and 15).
"""

from venue.domain.commands import CancelBlocked
from venue.domain.events import EntryBlocked
from venue.domain.reject_reasons import RejectReason
from venue.engine.orders import Order
from venue.engine.state import EngineState
from venue.risk.rates import NS_PER_SECOND


def count_repeat(state: EngineState, aggressor: Order) -> None:
    """Count a fill; EntryBlocked, and its orders canceled next, when it was one too many."""
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
    detail = f"{count} fills of equal orders in a second, {most} are the most"
    state.events.append(
        EntryBlocked(*state.stamp(), "session", session.name, session.blocked, detail, "", "")
    )
    text = f"{session.blocked} {detail}"
    state.follow_ups.append(CancelBlocked("session", session.name, text))
