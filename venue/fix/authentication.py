"""Decides who may log on, from the venue's own reading of a Logon, before QuickFIX has one byte.

The loop of trading begins and polls, one worker thread computes; neither waits for the other. A
refusal leaves a fixed time after its attempt, whatever was wrong. Only the operator sees why.
"""

import heapq
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import NamedTuple

import structlog

from venue.addresses import address_key
from venue.fix.access import Access, AccessTable
from venue.fix.credentials import Credentials, Outcome, Password, Secret, UserStatus
from venue.fix.lockout import Key, Lockout
from venue.fix.signature import signature_of
from venue.fix.user_request import UserAnswer, answer, user_response
from venue.fix.worker import Worker
from venue.peer import Peer
from venue.rate_cap import RateCap

_log = structlog.get_logger("authentication")
REFUSAL_SECONDS = 0.25
"""A refusal leaves this long after its attempt began: longer than any check takes."""
MOST_WAITING = 64
"""Checks that may wait for the worker: two seconds of its work."""
_OWN_REQUESTS = ""
"""Stands for the address where a logged-on session asks for another password."""


class Limits(NamedTuple):
    """How often somebody may try: see lockout.py."""

    failures: int = 5
    lock_seconds: float = 300.0
    logons_a_minute: int = 600


LIMITS = Limits()


class Decision(NamedTuple):
    """The decision on a Logon. why: for the operator. text: for a member whose secret was right.

    must_change: the session may do nothing before its password is changed.
    """

    accepted: bool
    why: str
    must_change: bool = False
    text: str = ""


class _Held(NamedTuple):
    """A refusal that waits. began: monotonic time of its attempt. behind: how many jobs the worker
    has to complete before it leaves."""

    began: float
    behind: int
    ticket: int
    decision: Decision


class Authentication:
    """Decides Logons and changes of secrets. All methods but the worker's are the loop's own.

    access: the sessions that may log on, by CompID; entitled: whether the journaled configuration
    has a session enabled.
    """

    def __init__(
        self,
        credentials: Credentials,
        access: Mapping[str, Access],
        entitled: Callable[[str], bool],
        limits: Limits = LIMITS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._entitled = entitled
        self._monotonic = monotonic
        self._lockout = Lockout(limits.failures, limits.lock_seconds)
        self._cap = RateCap(limits.logons_a_minute)
        self._tickets = count(1)
        self._worker = Worker("authentication", MOST_WAITING)
        self._held: deque[_Held] = deque()
        self._due: list[tuple[float, int, Decision]] = []
        self._finished: list[tuple[int, Decision | UserAnswer]] = []
        self._access = AccessTable(access)
        self.password_chosen: Callable[[str], None] = _nobody_is_told
        """Is told of each session that has changed its password itself, over FIX."""

    def configure(self, access: Mapping[str, Access]) -> None:
        """Use another table of sessions from now on. Sessions that are logged on stay so."""
        self._access = AccessTable(access)

    def begin(self, logon: Mapping[str, str], peer: Peer) -> int:
        """Begin to decide a Logon from `peer`. Returns the ticket of the decision in `finished`."""
        ticket, now = next(self._tickets), self._monotonic()
        session = logon.get("49", "")
        key = (address_key(peer.address), session)
        why = self._refusal(session, peer, key, now)
        if why is None:
            try:
                secret = _secret(logon, self._credentials.has_key(session))
            except ValueError as error:
                why = str(error)
            else:
                work = partial(_check, self._credentials, session, secret, dict(logon))
                then = partial(self._decided, ticket, now, key)
                if self._worker.submit(work, then):
                    self._lockout.begin(key)
                else:
                    why = "too many logons wait"
        if why is not None:
            self._held.append(_Held(now, self._worker.submitted, ticket, Decision(False, why)))
        return ticket

    def answer_user_request(self, session: str, fields: Mapping[str, str]) -> int:
        """Begin to answer a UserRequest(BE). Returns the ticket of the UserAnswer in `finished`."""
        ticket, key = next(self._tickets), (_OWN_REQUESTS, session)
        why = self._lockout.refusal(key, self._monotonic())
        work = partial(answer, self._credentials, session, dict(fields))
        if why is None and self._worker.submit(work, partial(self._answered, ticket, key, fields)):
            self._lockout.begin(key)
        else:
            self._refuse_request(ticket, key, fields)
        return ticket

    def set_password(
        self, session: str, new: Password, done: Callable[[Outcome], None], **how: bool
    ) -> None:
        """Credentials.set_password for the operator; `finished` calls `done` with the outcome."""
        work = partial(self._credentials.set_password, session, new, **how)
        self._change(session, work, done, is_dry=how.get("dry_run", False))

    def set_key(
        self, session: str, key: bytes, done: Callable[[Outcome], None], **how: bool
    ) -> None:
        """Credentials.set_key for the operator; `finished` calls `done` with the outcome."""
        work = partial(self._credentials.set_key, session, key, **how)
        self._change(session, work, done, is_dry=how.get("dry_run", False))

    def forgive(self, session: str) -> None:
        """End the lock-outs of a session: it was given another secret."""
        self._lockout.forgive(session)

    def finished(self) -> list[tuple[int, Decision | UserAnswer]]:
        """What has been decided since the last call, by ticket. Returns at once."""
        self._worker.poll()
        now = self._monotonic()
        while self._held and self._held[0].behind <= self._worker.completed:
            self._schedule(self._held.popleft(), now)
        while self._due and self._due[0][0] <= now:
            _, ticket, decision = heapq.heappop(self._due)
            self._finished.append((ticket, decision))
        if not self._finished:
            return []
        finished, self._finished = self._finished, []
        return finished

    def close(self, patience_seconds: float = 2.0) -> None:
        """End the worker once it has done the jobs that wait."""
        self._worker.close(patience_seconds)

    def _refusal(self, session: str, peer: Peer, key: Key, now: float) -> str | None:
        """Why a Logon is refused before its secret is looked at; None if it is not."""
        if not self._cap.take(key[0], now):
            return "its address has tried too many logons in a minute"
        if not self._entitled(session):
            return "the session is unknown, disabled, or not in force before `venue config apply`"
        return self._access.refusal(session, peer) or self._lockout.refusal(key, now)

    def _decided(self, ticket: int, began: float, key: Key, decision: Decision | None) -> None:
        if decision is None:
            self._lockout.given_up(key)
            decision = Decision(False, "it could not be checked: see the lines before")
        elif decision.accepted or decision.text:
            self._lockout.passed(key)
            if decision.accepted and decision.text:
                self.password_chosen(key[1])
        else:
            self._note_failure(key)
        if decision.accepted:
            self._finished.append((ticket, decision))
        else:
            self._schedule(_Held(began, 0, ticket, decision), self._monotonic())

    def _answered(
        self, ticket: int, key: Key, fields: Mapping[str, str], result: UserAnswer | None
    ) -> None:
        if result is None:
            self._lockout.given_up(key)
            self._refuse_request(ticket, key, fields)
            return
        if result.wrong_password:
            self._note_failure(key)
        else:
            self._lockout.passed(key)
            if result.changed:
                self.password_chosen(key[1])
        self._finished.append((ticket, result))

    def _refuse_request(self, ticket: int, key: Key, fields: Mapping[str, str]) -> None:
        outcome = Outcome(UserStatus.OTHER, "TRY_LATER it was not changed")
        self._finished.append((ticket, user_response(key[1], fields, outcome)))

    def _change(
        self,
        session: str,
        work: Callable[[], Outcome],
        done: Callable[[Outcome], None],
        *,
        is_dry: bool,
    ) -> None:
        def then(outcome: Outcome | None) -> None:
            if outcome is not None and outcome.changed and not is_dry:
                self._lockout.forgive(session)
            done(outcome or Outcome(UserStatus.OTHER, "CHANGE_FAILED see the venue's log"))

        if not self._worker.submit(work, then):
            done(Outcome(UserStatus.OTHER, "TRY_LATER too many logons wait"))

    def _note_failure(self, key: Key) -> None:
        seconds = self._lockout.failed(key, self._monotonic())
        if seconds:
            _log.warning("locked out", session=key[1], address=key[0] or None, seconds=int(seconds))

    def _schedule(self, held: _Held, now: float) -> None:
        """Send a refusal at a multiple of the fixed time, so that a busy worker is hardly seen."""
        turns = max(1, math.ceil((now - held.began) / REFUSAL_SECONDS))
        due = held.began + turns * REFUSAL_SECONDS
        heapq.heappush(self._due, (due, held.ticket, held.decision))


def _nobody_is_told(session: str) -> None:
    """Of a session's new password."""


def _secret(logon: Mapping[str, str], has_key: bool) -> Secret:
    """The secret in a Logon. Raises ValueError where it has none that can be checked."""
    session = logon.get("49", "")
    user = logon.get("553")
    if has_key and "96" in logon:
        if user not in (None, session):
            raise ValueError("Username(553) is not the CompID")
        return signature_of(logon)
    if user != session:
        raise ValueError(
            "Username(553) is missing" if user is None else "Username(553) is not the CompID"
        )
    if not logon.get("554"):
        raise ValueError("Password(554) is missing")
    return Password(logon["554"])


def _check(
    credentials: Credentials, session: str, secret: Secret, logon: Mapping[str, str]
) -> Decision:
    """The worker's part of a Logon: its secret, then NewPassword(925)."""
    verdict = credentials.check(session, secret)
    if not verdict.accepted or "925" not in logon:
        return Decision(verdict.accepted, verdict.why, verdict.must_change)
    old, new = Password(logon.get("554", "")), Password(logon["925"])
    outcome = credentials.change_password(session, old, new)
    if not outcome.changed:
        return Decision(False, "NewPassword(925) was not taken", text=outcome.text)
    return Decision(True, "", text=outcome.text)
