"""The FIX sessions' numbers: what the running venue uses next, beside what the journal says.

May know the admin socket and the replay. Session messages (heartbeats) use numbers too and are
marked in the journal now and then, so the venue may be ahead by as many as one mark leaves out.
"""

from pathlib import Path

from venue.admin.answers import SessionsAnswer
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import SessionsQuery
from venue.reconcile.difference import Away, Compared, Found, Store
from venue.replay.replay import Replay
from venue.sequencer.session_state import ADMIN_MESSAGES_PER_MARK

ANSWER_SECONDS = 10.0


def ask_sessions(data_dir: Path) -> SessionsAnswer:
    """What the running venue says. Raises Away."""
    try:
        answer = ask(data_dir, SessionsQuery(), ANSWER_SECONDS)
    except VenueUnreachable as error:
        raise Away(str(error)) from error
    if not isinstance(answer, SessionsAnswer):
        raise Away(answer.error)
    return answer


def compare_sessions(answer: SessionsAnswer, replayed: Replay, *, is_still: bool) -> Compared:
    """Compare numbers with those of the journal executed again to just before the answer.

    is_still: nothing was journaled between that place and the answer, so that the numbers may not
    be further than session messages explain. A reset that comes between is no difference.
    """
    found = Found(Store.SESSIONS)
    state = replayed.engine.state
    for row in answer.sessions:
        journaled = replayed.sessions[row.session]
        for name in ("next_in", "next_out"):
            expected, there = getattr(journaled, name), getattr(row, name)
            is_behind = there < expected and is_still
            is_ahead = there > expected + ADMIN_MESSAGES_PER_MARK and is_still
            if is_behind or is_ahead:
                found.note(row.session, name, str(expected), str(there))
        session = state.sessions.get(row.session)
        open_orders = 0 if session is None else len(session.open_orders)
        if is_still and row.open_orders != open_orders:
            found.note(row.session, "open orders", str(open_orders), str(row.open_orders))
    how = "" if is_still else "; the venue was busy, so nothing was held against them"
    return found.compared(f"numbers and open orders of {len(answer.sessions)} sessions{how}")
