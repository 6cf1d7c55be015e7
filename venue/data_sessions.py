"""Sessions of market data and drop copies as the operator sees them from trading.

Trading decides and journals, their own process acts: it is asked over its socket, by a thread that
the loop never waits for. Knows the configuration in force and the state; must never change either.
"""

from collections.abc import Callable, Iterable
from functools import partial

import structlog

from venue.admin.answers import Answer, Refusal, SessionAnswer, SessionResetAnswer, SessionRow
from venue.admin.requests import ResetNumbers
from venue.admin.typed import Reply
from venue.data_directory import DataDirectory
from venue.domain.commands import ResetSession
from venue.domain.events import AnyEvent, SessionEnabled, SessionEnded
from venue.engine.state.engine_state import EngineState
from venue.fix.worker import Worker
from venue.fixdata.asked import Ask, ProcessAway, Told, ask
from venue.fixdata.disabled import write_disabled
from venue.processes import BEHIND_THE_GATE
from venue.sequencer.inbox import Inbox, Input
from venue.settings.sections import SessionSettings
from venue.settings.settings import Settings

MOST_WAITING = 64
"""Questions that may wait for their process: each is answered, or given up, within two seconds."""
TRY_LATER = "TRY_LATER too many questions about sessions wait"
_log = structlog.get_logger("sessions")
Then = Callable[[Told | str], None]
"""Takes the answer, or why there is none."""


class DataSessions:
    """settings: those in force. inbox: takes what is journaled of a session."""

    def __init__(self, settings: Callable[[], Settings], state: EngineState, inbox: Inbox) -> None:
        self._settings = settings
        self._state = state
        self._inbox = inbox
        self._place = DataDirectory(settings().data_dir)
        self._worker = Worker("data-sessions", MOST_WAITING)
        self.write_disabled()

    def names(self) -> list[str]:
        """All that may log on, beside trading."""
        return [each.comp_id for each in self._settings().sessions if _is_beside(each)]

    def owner_of(self, session: str) -> str:
        """The member whose session it is; empty: it trades, or there is none."""
        for each in self._settings().sessions:
            if each.comp_id == session and _is_beside(each):
                return each.member
        return ""

    def poll(self) -> None:
        """Go on with what was answered."""
        self._worker.poll()

    def close(self) -> None:
        """End the thread that asks."""
        self._worker.close(2.0)

    # --- what is asked of a session

    def show(self, session: str, reply: Reply) -> None:
        """Reply with all that its process knows of it."""
        self._ask(Ask("show", session), lambda told: reply(self._shown(session, told)))

    def reset(self, request: ResetNumbers, reply: Reply) -> None:
        """Take a logged-off session's numbers back to 1; answered when that is journaled."""

        def then(told: Told | str) -> None:
            if not isinstance(told, Told) or told.refused:
                reply(Refusal(error=_why(request.session, told)))
                return
            noted = ResetSession(request.session, request.operator, request.reason)
            answer = SessionResetAnswer(session=request.session, next_in=1, next_out=1)
            self._inbox.put(Input(None, 0, command=noted, notify=lambda events: reply(answer)))

        self._ask(Ask("reset", request.session), then)

    def if_on(self, session: str, then: Callable[[], None], reply: Reply) -> None:
        """Go on where a session is logged on; else reply that it is not."""

        def look(told: Told | str) -> None:
            if isinstance(told, Told) and told.logged_on:
                then()
            elif isinstance(told, Told) and not told.refused:
                reply(Refusal(error=f"session {session} is not logged on"))
            else:
                reply(Refusal(error=_why(session, told)))

        self._ask(Ask("show", session), look)

    # --- what has happened

    def applied(self, events: Iterable[AnyEvent], then: Callable[[], None]) -> None:
        """Let the processes do what was journaled of their sessions; then go on.

        A process that is away finds who is disabled when it comes back.
        """
        asked = [
            Ask("end", each.session, each.text)
            if isinstance(each, SessionEnded)
            else Ask("look", each.session)
            for each in events
            if isinstance(each, SessionEnded | SessionEnabled) and self.owner_of(each.session)
        ]
        if not asked:
            then()
            return
        self.write_disabled()
        for question in asked[:-1]:
            self._ask(question, partial(_say_if_away, question.session))
        last = asked[-1]

        def done(told: Told | str) -> None:
            _say_if_away(last.session, told)
            then()

        self._ask(last, done)

    def forgive(self, session: str) -> None:
        """End the lock-outs of a session that was given another secret."""
        if self.owner_of(session):
            self._ask(Ask("look", session), partial(_say_if_away, session))

    def write_disabled(self) -> None:
        """Show the processes who is disabled. A disk that does not take it is said."""
        try:
            write_disabled(self._place.disabled_sessions, self._state.disabled_beside)
        except OSError as error:
            _log.error("who is disabled is not shown to the other processes", error=str(error))

    def _shown(self, session: str, told: Told | str) -> Answer | Refusal:
        if not isinstance(told, Told) or told.refused:
            return Refusal(error=_why(session, told))
        configured = self._settings().session(session)
        row = SessionRow(
            session=session,
            member=configured.member,
            logged_on=told.logged_on,
            next_in=told.next_in,
            next_out=told.next_out,
            open_orders=0,
            cancel_on_disconnect=False,
            enabled=session not in self._state.disabled_beside,
            blocked=None,
            messages_per_second=0,
            repeated_executions=0,
            connection=told.connection,
            kind=configured.kind,
        )
        return SessionAnswer(
            session=row,
            unread=told.unread,
            refused_logons=told.refused_logons,
            ended=told.ended,
            subscriptions=told.subscriptions,
            conflated=told.conflated,
            position=told.position,
        )

    def _ask(self, question: Ask, then: Then) -> None:
        process = BEHIND_THE_GATE[self._settings().session(question.session).kind].name
        path = self._place.edge_socket(process)

        def work() -> Told | str:
            try:
                return ask(path, question)
            except ProcessAway as error:
                return f"{process} does not answer: {error}"

        def done(told: Told | str | None) -> None:
            then("see the log of trading" if told is None else told)

        if not self._worker.submit(work, done):
            then(TRY_LATER)


def _is_beside(session: SessionSettings) -> bool:
    return session.enabled and session.kind != "trading"


def _why(session: str, told: Told | str) -> str:
    if isinstance(told, Told):
        return told.refused
    return told if told == TRY_LATER else f"session {session}: {told}"


def _say_if_away(session: str, told: Told | str) -> None:
    if not isinstance(told, Told) or told.refused:
        _log.warning("its process has not heard of it yet", session=session, why=_why("", told))


__all__ = ["DataSessions"]
