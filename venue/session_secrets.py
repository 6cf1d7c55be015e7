"""Lets the operator set passwords and public keys of sessions while the venue runs.

Answers requests of the admin socket. Log and journal have who set a secret, nothing has the secret.
"""

from collections.abc import Callable, Collection
from typing import Protocol

import structlog

from venue.admin.answers import Refusal, SecretAnswer
from venue.admin.requests import SetKey, SetPassword
from venue.admin.typed import Reply
from venue.domain.commands import NoteSecret
from venue.fix.authentication import Authentication
from venue.fix.credentials import Outcome, Password
from venue.fix.signature import read_public_key
from venue.near_names import unknown
from venue.sequencer.inbox import Inbox, Input

_log = structlog.get_logger("sessions")


class Beside(Protocol):
    """The sessions beside trading: venue.data_sessions."""

    def owner_of(self, session: str) -> str:
        """The member whose session it is; empty: it trades."""

    def forgive(self, session: str) -> None:
        """End the lock-outs of a session, where it logs on."""


class SessionSecrets:
    """sessions: those there are. A change is answered when it is on disk and noted, or refused."""

    def __init__(
        self,
        authentication: Authentication,
        sessions: Callable[[], Collection[str]],
        inbox: Inbox,
        beside: Beside,
    ) -> None:
        self._authentication = authentication
        self._beside = beside
        self._sessions = sessions
        self._inbox = inbox

    def answer(self, request: SetPassword | SetKey, reply: Reply) -> None:
        """Set the password or key; the venue goes on meanwhile."""
        sessions = self._sessions()
        if request.session not in sessions:
            what = unknown(request.session, sessions)
            reply(Refusal(error=f"session {request.session} is {what}"))
        elif isinstance(request, SetPassword):
            self._set_password(request, reply)
        else:
            self._set_key(request, reply)

    def _set_password(self, request: SetPassword, reply: Reply) -> None:
        self._authentication.set_password(
            request.session,
            Password(request.password),
            lambda outcome: self._answer(request, "password", outcome, reply),
            at_once=request.at_once,
            dry_run=request.dry_run,
            must_change=request.must_change,
        )

    def _set_key(self, request: SetKey, reply: Reply) -> None:
        try:
            key = read_public_key(request.public_key)
        except ValueError as error:
            reply(Refusal(error=str(error)))
            return
        self._authentication.set_key(
            request.session,
            key,
            lambda outcome: self._answer(request, "key", outcome, reply),
            at_once=request.at_once,
            dry_run=request.dry_run,
        )

    def _answer(
        self, request: SetPassword | SetKey, kind: str, outcome: Outcome, reply: Reply
    ) -> None:
        if not outcome.changed:
            reply(Refusal(error=outcome.text))
            return
        answer = SecretAnswer(session=request.session, text=outcome.text)
        if request.dry_run:
            reply(answer)
            return
        _log.info(
            "secret changed",
            session=request.session,
            kind=kind,
            at_once=request.at_once,
            operator=request.operator,
            reason=request.reason,
        )
        owner = self._beside.owner_of(request.session)
        noted = NoteSecret(request.session, kind, request.operator, request.reason, owner=owner)
        self._beside.forgive(request.session)
        self._inbox.put(Input(None, 0, command=noted, notify=lambda events: reply(answer)))
