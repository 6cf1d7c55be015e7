"""The one place where things get their order: take a batch, apply it, put it on disk, send.

Nothing leaves before its batch is on disk. One thread; it waits for nothing but the disk.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from venue.domain.answers import NO_SYMBOL, UNDISCLOSED, OrderStatusQuery
from venue.domain.commands import AnyCommand, LogOn, LogOut, ResetSession, TradingCommand
from venue.domain.events import AnyEvent, SessionEnded, SessionLoggedOut
from venue.domain.outgoing import Delivered, Outgoing
from venue.engine.engine import ENGINE_VERSION, Engine
from venue.fault_points import fault_point, is_armed
from venue.journal.record import Batch, Record, SessionMark
from venue.sequencer.inbox import Inbox, Input
from venue.sequencer.messages import by_session
from venue.sequencer.ports import Encoder, SessionPort
from venue.sequencer.session_state import ADMIN_MESSAGES_PER_MARK, SessionBook, joined
from venue.sequencer.writer import JournalWriteError, JournalWriter

_NOT_KNOWN = Delivered(0, ())
_OWED_AT_ONCE = 256
_MUCH = 16  # messages for each input
_DEAR = 32  # messages that one input causes
_MESSAGES_A_BATCH = 512
"""Inputs wait for the next batch once this one causes so many messages. Slices cause fewer."""


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
        self._sessions = book
        self._now_ns = now_ns
        self._epoch = epoch
        self._max_batch = max_batch
        self._caused_much = False
        self.unsure: list[str] | None = None
        """After a JournalWriteError: sessions whose next number may be taken on disk."""

    def run_batch(self) -> bool:
        """Sequence at most max_batch inputs and send what they cause; False if there were none."""
        inputs = self.inbox.take(self._max_batch)
        if not inputs:
            return False
        self._commit(inputs, _MESSAGES_A_BATCH)
        return True

    @property
    def is_behind(self) -> bool:
        """Whether more waits than one batch takes, or than nothing, behind few that caused much."""
        return len(self.inbox) > (0 if self._caused_much else self._max_batch)

    @property
    def takes_more(self) -> bool:
        """Whether the next batch has room for more than what waits now."""
        return len(self.inbox) < self._max_batch

    @property
    def disk_seconds(self) -> float:
        """How long the disk took for the last batch."""
        return self._writer.sync_seconds

    def run_all(self, sessions: Iterable[str] = ()) -> None:
        """Sequence all that waits as one batch, on disk whole or not at all. sessions: marked."""
        self._commit(self.inbox.take(len(self.inbox)), None, set(sessions))

    def drain(self) -> None:
        """Sequence everything that waits, and all slices to their end."""
        while self.run_batch():
            pass

    def catch_up(self) -> None:
        """Sequence everything that waits; slices go on in later batches."""
        while len(self.inbox):
            self.run_batch()

    def commit_logon(self, command: LogOn, msg_seq_num: int) -> None:
        """Put a logon on disk, in a batch of its own, before QuickFIX has it.

        QuickFIX will count the Logon, unless numbers before it are missing.
        """
        session = command.session
        self.catch_up()
        self.inbox.drop_statuses(session)
        if self._sessions[session].logged_on:  # in the middle of a session
            self._append(Batch([], self._marks({session: []}, {}, {session})), {})
        record = self._apply(command)
        next_in, next_out = self._port.next_in(session), self._port.next_out(session)
        if command.reset:
            next_in = next_out = 1
        mark = SessionMark(next_in + (msg_seq_num == next_in), next_out, unread_from=next_out)
        self._append(Batch([record], {session: mark}), {})

    def admin_sent(self, session: str) -> None:
        """QuickFIX sends a message of its own: record the session's numbers now and then.

        They are recorded at once: thousands may leave before the next batch, and after a crash the
        venue would use their numbers again.
        """
        unrecorded = self._port.next_out(session) - self._sessions[session].next_out
        if unrecorded >= ADMIN_MESSAGES_PER_MARK:
            self._append(Batch([], self._marks({session: []}, {}, ())), {})

    def send_owed(self, session: str) -> bool:
        """Send again the reports that lost their numbers to a reset unread (PossResend).

        Returns whether more is to follow: so many at once cost others no more than a batch does.
        """
        self.catch_up()
        left = self._sessions[session].owed
        owed = left[:_OWED_AT_ONCE]
        if not owed:
            return False
        more = len(left) > len(owed)
        now_ns = self._now_ns()
        mark = SessionMark(
            self._port.next_in(session),
            self._port.next_out(session),
            len(owed),
            resent=len(owed),
            sent_ns=now_ns,
            more_owed=more,
        )
        self._append(Batch([], {session: mark}), {})
        for report in owed:
            self._port.send(Outgoing(session, report.text, report.route), now_ns, again=True)
        self._port.flush()
        return more

    def reset_session(self, command: ResetSession) -> None:
        """Take a logged-off session's numbers back to 1. Unread reports are sent again later."""
        session = command.session
        self.catch_up()
        record = self._apply(command)
        self._append(Batch([record], {session: SessionMark(1, 1)}), {})
        self._port.reset(session)

    def stop(self, sessions: list[str]) -> None:
        """Last batch of a clean stop: exact numbers of all sessions."""
        self.drain()
        left = {name for name in sessions if self._sessions[name].logged_on}
        marks = self._marks({name: [] for name in sessions}, {}, left)
        self._append(Batch([], marks, clean_stop=True), {})

    def _commit(
        self, inputs: list[Input], most_messages: int | None, sessions: Collection[str] = ()
    ) -> None:
        """Sequence inputs; once they cause `most_messages`, the rest waits for the next batch."""
        now_ns, seq, epoch = self._now_ns(), self._writer.next_seq, self._epoch
        apply, reports_of = self._engine.apply, self._encoder.reports
        watched = is_armed("after-receive", "after-apply")
        records: list[Record] = []
        outgoing: list[Outgoing] = []
        answers: set[int] = set()
        ended: list[SessionEnded] = []
        notices: list[tuple[Callable[[list[AnyEvent]], None], list[AnyEvent]]] = []
        touched, left = set(sessions), set[str]()
        self._caused_much = False
        for place, received in enumerate(inputs):
            if most_messages is not None and len(outgoing) >= most_messages:
                self.inbox.put_back(inputs[place:])
                self._caused_much = place * _MUCH <= most_messages
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
            if type(command) is LogOut:
                touched.add(command.session)
                left.add(command.session)
            events = apply(command, now_ns)
            if watched and received.session is not None:
                fault_point("after-apply")
            records.append(Record(seq, now_ns, ENGINE_VERSION, epoch, command, events))
            seq += 1
            before = len(outgoing)
            for event in events:
                outgoing += reports_of(event)
                if type(event) is SessionEnded:
                    ended.append(event)
                elif type(event) is SessionLoggedOut:
                    self.inbox.drop_statuses(event.session)
            if len(outgoing) - before > _DEAR and received.session is not None:
                self._port.caused(received.session, len(outgoing) - before)
            if received.notify is not None:
                notices.append((received.notify, events))
        self.inbox.put_follow_ups(self._engine.take_follow_ups())
        reports, answered = by_session(touched, outgoing, answers)
        self._append(Batch(records, self._marks(reports, answered, left)), reports)
        self._send(outgoing, now_ns)
        for ending in ended:
            self._port.end(ending.session, ending.text)
        for notify, events in notices:
            notify(events)

    def _send(self, outgoing: list[Outgoing], now_ns: int) -> None:
        send = self._port.send
        watched = is_armed("between-sends")
        for place, message in enumerate(outgoing):
            if watched and place:
                self._port.flush()
                fault_point("between-sends")
            send(message, now_ns)
        self._port.flush()

    def _apply(self, command: AnyCommand) -> Record:
        """Apply a command that makes a batch of its own."""
        events = self._engine.apply(command, now_ns := self._now_ns())
        return Record(self._writer.next_seq, now_ns, ENGINE_VERSION, self._epoch, command, events)

    def _append(self, batch: Batch, reports: Mapping[str, list[Outgoing]]) -> None:
        first_seq = self._writer.next_seq
        try:
            self._writer.append(batch)
        except JournalWriteError:
            if self.unsure is None:
                self.unsure = [name for name, mark in batch.sessions.items() if mark.count]
            raise
        fault_point("after-fsync-before-send")
        self._sessions.fold(batch, reports, first_seq)

    def _is_known_resend(self, command: AnyCommand) -> bool:
        return (
            getattr(command, "poss_resend", False)  # rare, and cheaper to see than the type
            and isinstance(command, TradingCommand)
            and self._engine.knows_cl_ord_id(command.session, command.cl_ord_id)
        )

    def _answers(self, received: Input) -> list[Outgoing]:
        if received.answer is not None:
            return [received.answer]
        query, command, status = received.query, received.command, received.status
        if isinstance(command, TradingCommand):
            symbol, side = command.symbol or NO_SYMBOL, command.side or UNDISCLOSED
            query = OrderStatusQuery(
                command.session, command.cl_ord_id, symbol, side, route=command.route
            )
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
        self,
        reports: Mapping[str, list[Outgoing]],
        answered: Mapping[str, list[int]],
        left: Collection[str],
    ) -> dict[str, SessionMark]:
        """Marks of these sessions, in order of name; arguments as `by_session` gives them.

        left: sessions that end in this batch.
        """
        port, inbox = self._port, self.inbox
        marks = {}
        for session in sorted(reports):
            waiting = inbox.first_msg_seq_num(session) if len(inbox) else None
            places = answered.get(session, ())
            # without a number in QuickFIX (disabled sessions) the last one known stays
            if waiting is None:
                waiting = port.next_in(session) or self._sessions[session].next_in
            first_out = port.next_out(session) or self._sessions[session].next_out
            delivered = port.delivered(session) if self._sessions[session].logged_on else _NOT_KNOWN
            marks[session] = SessionMark(
                waiting,
                first_out,
                len(reports[session]) + len(places),
                tuple(places),
                unread_from=delivered.unread_from,
                read=joined(delivered.read) if session in left else (),
            )
        return marks
