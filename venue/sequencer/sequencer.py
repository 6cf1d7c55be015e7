"""The one place where things get their order: take a batch, apply it, put it on disk, send.

Nothing leaves before the batch that caused it is on disk. One thread; never waits but for the disk.
"""

from collections.abc import Callable, Mapping

from venue.domain.answers import NO_SYMBOL, UNDISCLOSED, OrderStatusQuery
from venue.domain.commands import AnyCommand, LogOn, ResetSession, TradingCommand
from venue.domain.events import AnyEvent, SessionEnded, SessionLoggedOut
from venue.domain.outgoing import Outgoing
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.fault_points import fault_point, is_armed
from venue.journal.record import Batch, Record, SessionMark
from venue.sequencer.inbox import Inbox, Input
from venue.sequencer.ports import Encoder, SessionPort
from venue.sequencer.session_state import ADMIN_MESSAGES_PER_MARK, SessionBook
from venue.sequencer.writer import JournalWriteError, JournalWriter

_MESSAGES_AN_INPUT = 2
"""More messages than so many times max_batch are not sent without looking at others again."""
_SEVERAL = 4
"""From so many messages of a session in a batch on, it is cheaper to have them leave together."""


class Sequencer:
    """Owns the order of commands. `now_ns` gives UTC nanoseconds that never go back."""

    def __init__(
        self,
        engine: Engine,
        writer: JournalWriter,
        encoder: Encoder,
        port: SessionPort,
        book: SessionBook,
        now_ns: Callable[[], int],
        epoch: int,
        max_batch: int,
    ) -> None:
        self.inbox = Inbox()
        self._engine = engine
        self._writer = writer
        self._encoder = encoder
        self._port = port
        self._book = book
        self._now_ns = now_ns
        self._epoch = epoch
        self._max_batch = max_batch
        self._most_messages = _MESSAGES_AN_INPUT * max_batch
        self._resetting: str | None = None  # session whose numbers QuickFIX has just reset
        self.unsure: list[str] | None = None
        """After a JournalWriteError: sessions whose next number may be taken on disk."""

    def run_batch(self) -> bool:
        """Sequence at most max_batch inputs and send what they cause; False if there were none."""
        inputs = self.inbox.take(self._max_batch)
        if not inputs:
            return False
        self._commit(inputs, self._most_messages)
        return True

    @property
    def is_behind(self) -> bool:
        """Whether more waits than one batch takes."""
        return len(self.inbox) > self._max_batch

    @property
    def takes_more(self) -> bool:
        """Whether what waits leaves the next batch some room."""
        return len(self.inbox) < self._max_batch

    def run_all(self) -> None:
        """Sequence everything that waits as one batch: it is on disk whole or not at all."""
        self._commit(self.inbox.take(len(self.inbox)), None)

    def drain(self) -> None:
        """Sequence everything that waits, and what goes on in slices to its end."""
        while self.run_batch():
            pass

    def catch_up(self) -> None:
        """Sequence everything that waits; what goes on in slices goes on."""
        while len(self.inbox):
            self.run_batch()

    def commit_logon(self, command: LogOn, msg_seq_num: int) -> None:
        """Put a logon on disk, in a batch of its own, before QuickFIX answers it.

        QuickFIX has not counted the Logon yet, and will not if numbers before it are missing.
        """
        session = command.session
        if command.reset:
            self._resetting = session
        self.catch_up()
        self._resetting = None
        record = self._apply(command, self._now_ns())
        expected = self._port.next_in(session)
        next_in = (expected + 1) % (1 << 64) if msg_seq_num == expected else expected
        mark = SessionMark(next_in, self._port.next_out(session))
        self._append(Batch([record], {session: mark}), {})

    def admin_sent(self, session: str) -> None:
        """QuickFIX sends a message of its own: record the session's numbers now and then.

        At once, because thousands may leave before the next batch, and a crash would have the
        venue use their numbers again.
        """
        unrecorded = self._port.next_out(session) - self._book[session].next_out
        if unrecorded >= ADMIN_MESSAGES_PER_MARK:
            self._append(Batch([], self._marks({session: []}, {})), {})

    def resend_due(self, session: str) -> None:
        """Send again what fell due while the session was out: it has reset its numbers (141=Y)."""
        due = self._book[session].due
        if not due:
            return
        self.catch_up()
        messages = [Outgoing(session, text) for text in due]
        mark = SessionMark(
            self._port.next_in(session),
            self._port.next_out(session),
            len(messages),
            resent=len(messages),
        )
        self._append(Batch([], {session: mark}), {})
        for message in messages:
            self._port.send(message, poss_resend=True)

    def reset_session(self, command: ResetSession) -> None:
        """Take a logged-off session's numbers back to 1 and forget what is stored for it."""
        session = command.session
        self.catch_up()
        record = self._apply(command, self._now_ns())
        self._append(Batch([record], {session: SessionMark(1, 1)}), {})
        self._port.reset(session)

    def stop(self, sessions: list[str]) -> None:
        """Last batch of a clean stop: exact numbers of all sessions."""
        self.drain()
        marks = {
            name: SessionMark(self._port.next_in(name), self._port.next_out(name))
            for name in sessions
        }
        self._append(Batch([], marks, clean_stop=True), {})

    def _commit(self, inputs: list[Input], most_messages: int | None) -> None:
        """Sequence these; what is left when they cause so many messages waits for the next."""
        now_ns, seq, epoch = self._now_ns(), self._writer.next_seq, self._epoch
        apply, reports_of = self._engine.apply, self._encoder.reports
        watched = is_armed("after-receive")
        records: list[Record] = []
        outgoing: list[Outgoing] = []
        answers: set[int] = set()
        ended: list[SessionEnded] = []
        notices: list[tuple[Callable[[list[AnyEvent]], None], list[AnyEvent]]] = []
        touched: set[str] = set()
        for place, received in enumerate(inputs):
            if most_messages is not None and len(outgoing) >= most_messages:
                self.inbox.put_back(inputs[place:])
                break
            if received.session is not None:
                touched.add(received.session)
                if watched:
                    fault_point("after-receive")
            command = received.command
            if command is None or self._is_known_resend(command):
                messages = self._answers(received)
                answers.update(range(len(outgoing), len(outgoing) + len(messages)))
                outgoing += messages
                continue
            events = apply(command, now_ns)
            records.append(Record(seq, now_ns, ENGINE_VERSION, epoch, command, events))
            seq += 1
            for event in events:
                outgoing += reports_of(event)
                if type(event) is SessionEnded:
                    ended.append(event)
                elif type(event) is SessionLoggedOut:
                    self.inbox.drop_statuses(event.session)
            if received.notify is not None:
                notices.append((received.notify, events))
        self.inbox.put_follow_ups(self._engine.take_follow_ups())
        reports, answered = _by_session(touched, outgoing, answers)
        marks = self._marks(reports, answered)
        self._append(Batch(records, marks), reports)
        self._send(outgoing, [session for session, mark in marks.items() if mark.count >= _SEVERAL])
        for ending in ended:
            self._port.end(ending.session, ending.text)
        for notify, events in notices:
            notify(events)

    def _send(self, outgoing: list[Outgoing], several: list[str]) -> None:
        """several: sessions that get so many of the messages that these leave together."""
        send, resetting = self._port.send, self._resetting
        watched = is_armed("between-sends")
        self._port.hold(several)
        try:
            for place, message in enumerate(outgoing):
                if watched and place:
                    fault_point("between-sends")
                if message.session != resetting:
                    send(message)
        finally:
            self._port.release()

    def _apply(self, command: AnyCommand, now_ns: int) -> Record:
        """Apply a command that makes a batch of its own."""
        events = self._engine.apply(command, now_ns)
        return Record(self._writer.next_seq, now_ns, ENGINE_VERSION, self._epoch, command, events)

    def _append(self, batch: Batch, reports: Mapping[str, list[str]]) -> None:
        try:
            self._writer.append(batch)
        except JournalWriteError:
            if self.unsure is None:
                self.unsure = [name for name, mark in batch.sessions.items() if mark.count]
            raise
        fault_point("after-fsync-before-send")
        self._book.fold(batch, reports)

    def _is_known_resend(self, command: AnyCommand) -> bool:
        return (
            getattr(command, "poss_resend", False)  # rare, and cheaper to see than the type
            and isinstance(command, TradingCommand)
            and self._engine.knows_cl_ord_id(command.session, command.cl_ord_id)
        )

    def _answers(self, received: Input) -> list[Outgoing]:
        if received.answer is not None:
            assert received.session is not None
            return [Outgoing(received.session, received.answer)]
        query, command, status = received.query, received.command, received.status
        if isinstance(command, TradingCommand):
            symbol, side = command.symbol or NO_SYMBOL, command.side or UNDISCLOSED
            query = OrderStatusQuery(command.session, command.cl_ord_id, symbol, side)
        if isinstance(query, OrderStatusQuery):
            answers = [self._engine.answer(query)]
        elif query is not None:  # in slices, from the next batch on
            status = self._engine.mass_status(query)
            answers = self.inbox.begin_status(received, status)
        else:
            assert status is not None
            answers = status.answers()
            if not status.done:
                self.inbox.put_status(received)
        return [self._encoder.answer(answer) for answer in answers]

    def _marks(
        self, reports: Mapping[str, list[str]], answered: Mapping[str, list[int]]
    ) -> dict[str, SessionMark]:
        """Marks of these sessions, in order of name; arguments as `_by_session` gives them."""
        port, inbox = self._port, self.inbox
        marks = {}
        for session in sorted(reports):
            waiting = inbox.first_msg_seq_num(session) if len(inbox) else None
            places = answered.get(session, ())
            count = len(reports[session]) + len(places)
            if session == self._resetting:
                places, count = (), 0
            # without a number in QuickFIX (disabled sessions) the last one known stays
            if waiting is None:
                waiting = port.next_in(session) or self._book[session].next_in
            first_out = port.next_out(session) or self._book[session].next_out
            marks[session] = SessionMark(waiting, first_out, count, tuple(places))
        return marks


def _by_session(
    touched: set[str], outgoing: list[Outgoing], answers: set[int]
) -> tuple[dict[str, list[str]], dict[str, list[int]]]:
    """Texts of the reports to each session, and which of the messages to it (0-based) are answers.

    answers: which of all messages are. Sessions that were touched have their place without any.
    """
    reports: dict[str, list[str]] = {session: [] for session in touched}
    answered: dict[str, list[int]] = {}
    for index, message in enumerate(outgoing):
        session = message.session
        texts = reports.get(session)
        if texts is None:
            texts = reports[session] = []
        if index in answers:
            places = answered.setdefault(session, [])
            places.append(len(texts) + len(places))
        else:
            texts.append(message.text)
    return reports, answered
