"""Who may log on, and what the venue does when a session begins, ends or says something.

Asks the sequencer through callables that app.py hands in. Tells a stranger nothing, the log all.
"""

import hmac
import time
from collections.abc import Callable, Collection, Mapping

import structlog

from venue.domain.commands import LogOn, LogOut
from venue.fix.fields import field_map, sequence_number
from venue.fix.reading import UNANSWERED_AT_MOST, Reading
from venue.fix.sender import SessionSender

_log = structlog.get_logger("sessions")

REFUSAL = "LOGON_REFUSED the logon is not accepted"
_LOG_OUT_SECONDS = 2.0
INVALID = "LOGON_INVALID the Logon is not valid FIX 4.4 by the venue's dictionary"


class Sessions:
    """Life of the order-entry sessions.

    entitled tells whether the journaled configuration has a session; the file may be ahead of it.
    commit_logon(command, MsgSeqNum of the Logon) returns when the logon is on disk. submit queues a
    command. resend_due, admin_sent and reset_session are the sequencer's of these names.
    """

    def __init__(
        self,
        passwords: Mapping[str, str],
        entitled: Callable[[str], bool],
        commit_logon: Callable[[LogOn, int], None],
        submit: Callable[[LogOut], None],
        resend_due: Callable[[str], None],
        admin_sent: Callable[[str], None],
        reset_session: Callable[[str], None],
        reports_per_test_request: int,
    ) -> None:
        self._passwords = passwords
        self._entitled = entitled
        self._commit_logon = commit_logon
        self._submit = submit
        self._resend_due = resend_due
        self._admin_sent = admin_sent
        self._reset_session = reset_session
        self._attempted: dict[str, tuple[int, int]] = {}  # with the numbers before
        self._answering: set[str] = set()
        self._to_resend: list[str] = []
        self.reading = Reading(reports_per_test_request)
        self._gone: list[str] = []
        self.sender: SessionSender | None = None
        self.stopping = False

    def guard_logon(self, session: str, text: str) -> None:
        """Refuse a Logon before QuickFIX sees it: its 141=Y would reset numbers unchecked."""
        assert self.sender is not None
        self._attempted[session] = (self.sender.next_in(session), self.sender.next_out(session))
        try:
            why = self._refusal(session, field_map(text))
        except Exception as error:  # whatever cannot be judged is refused
            why = f"the Logon cannot be read: {type(error).__name__}"
        if why is not None:
            _log.warning("logon refused", session=session, why=why)
            self.sender.answer_logon(session, REFUSAL)
            self.sender.forbid_logon(session)

    def accept_logon(self, session: str, fields: dict[str, str]) -> bool:
        """Record the logon on disk; False if its credentials are wrong."""
        if self._refusal(session, fields) is not None:
            return False
        assert self.sender is not None
        reset = fields.get("141") == "Y"
        if reset:
            self.sender.begin_anew(session)
        elif "789" in fields:
            self.sender.begin_resend(session, sequence_number(fields["789"]))
        choice = fields.get("9001")
        cancel_on_disconnect = None if choice is None else choice == "Y"
        self._commit_logon(
            LogOn(session, reset, cancel_on_disconnect), sequence_number(fields["34"])
        )
        self._attempted.pop(session, None)
        self._answering.add(session)
        _log.info("logged on", session=session, reset=reset)
        return True

    def cut_off(self, session: str) -> None:
        """Close the session's connection without a Logout."""
        assert self.sender is not None
        self.sender.drop(session)

    def logged_on(self, session: str) -> None:
        """After the answer to a logon, what fell due and has no number any more is sent."""
        if session in self._answering:
            self._answering.discard(session)
            self.reading.begin(session)
            self._to_resend.append(session)

    def logged_out(self, session: str) -> None:
        """The session has ended; that the venue stops is not the member's disconnect."""
        _log.info("logged out", session=session)
        self.reading.end(session)
        if not self.stopping:
            self._submit(LogOut(session))
            self._gone.append(session)

    def log_out_all(
        self, reason: str, poll: Callable[[], None], unsure: Collection[str] = ()
    ) -> None:
        """The venue stops: log every session out and let QuickFIX exchange Logouts, at most 2 s.

        Those in `unsure` are cut off without a Logout: it would take the number of a report that
        the next start may find in the journal, and the member would never ask for that one.
        """
        sender = self.sender
        assert sender is not None
        self.stopping = True
        for name in sender.names():
            if name in unsure:
                sender.drop(name)
            else:
                sender.log_out(name, reason)
        deadline = time.monotonic() + _LOG_OUT_SECONDS
        while any(map(sender.is_logged_on, sender.names())):
            poll()
            if time.monotonic() > deadline:
                _log.warning("not all sessions answered the logout in time")
                break

    def admin_sent(self, session: str) -> None:
        """A message of QuickFIX's own takes a number that is in no mark yet."""
        if not self.stopping:  # the last batch has exact numbers, or the disk took none
            self._admin_sent(session)

    def report_resent(self, session: str) -> None:
        """A report leaves once more because the client asked for it, or QuickFIX rejects."""
        self.reading.sent(session)
        self.admin_sent(session)

    def may_resend(self, session: str) -> bool:
        """Whether a ResendRequest is answered; a client that reads nothing could ask for ever."""
        return session not in self.reading.due() or self._ask_whether_it_reads(session)

    def begin_resend(self, session: str, begin: int) -> int:
        """Where QuickFIX has to begin a resend that is asked for from `begin` on."""
        assert self.sender is not None
        return self.sender.begin_resend(session, begin)

    def test_request_answered(self, session: str, test_req_id: str) -> None:
        """A Heartbeat came in answer to a TestRequest."""
        self.reading.answered(session, test_req_id)

    @property
    def is_sending(self) -> bool:
        """Whether the venue itself is sending now, with a number that is in a mark."""
        return self.sender is not None and self.sender.sending

    def after_poll(self) -> None:
        """What callbacks left to do: end failed logons, send what had fallen due."""
        assert self.sender is not None
        for session, numbers in self._attempted.items():
            self._end_failed_logon(self.sender, session, numbers)
        self._attempted.clear()
        for session in self._gone:
            self.sender.gone(session)
        self._gone.clear()
        self.sender.drop_overdue()
        for session in self._to_resend:
            self._resend_due(session)
        self._to_resend.clear()
        for session in self.reading.due():
            if not self._ask_whether_it_reads(session):
                self.sender.drop(session)

    def _ask_whether_it_reads(self, session: str) -> bool:
        """Send the TestRequest that is due; False when the session is to end instead."""
        assert self.sender is not None
        seen, now = self.sender.seen(session), time.monotonic()
        if not self.reading.reads(session, seen, now):
            _log.warning(
                "session ended: its client does not read",
                session=session,
                unanswered_test_requests=UNANSWERED_AT_MOST,
                bytes_held_back=seen.held_back,
            )
            return False
        self.sender.ask(session, self.reading.ask(session, seen, now))
        return True

    def _end_failed_logon(
        self, sender: SessionSender, session: str, before: tuple[int, int]
    ) -> None:
        """Disconnect who did not get in; QuickFIX leaves a Logon that is not valid unanswered.

        QuickFIX takes numbers back (141=Y) before it looks at SendingTime and MsgSeqNum: then the
        member, whose password was right, has reset its session, and the journal has to know.
        """
        now = (sender.next_in(session), sender.next_out(session))
        was_reset = now[0] < before[0] or now[1] < before[1]
        if self.stopping or (sender.is_logged_on(session) and not was_reset):
            return
        if sender.may_log_on(session):
            _log.warning("logon invalid", session=session, see="the quickfix lines before")
            sender.answer_logon(session, INVALID)
        sender.drop(session)
        sender.permit_logon(session)
        if was_reset:
            self._reset_session(session)

    def _refusal(self, session: str, fields: Mapping[str, str]) -> str | None:
        """Why a Logon is refused, for the operator's eyes; None if it is not."""
        if self.stopping:
            return "the venue is stopping"
        expected = self._passwords.get(session)
        if expected is None:
            return "the session has no password in the configuration"
        if not self._entitled(session):
            return "the session is disabled, or not in force before `venue config apply`"
        if fields.get("553") != session:
            return f"Username(553) is {fields.get('553')!r}"
        given = fields.get("554", "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode()):
            return "Password(554) is wrong" if given else "Password(554) is missing"
        return None
