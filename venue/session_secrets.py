"""Lets the operator set passwords and public keys of sessions while the venue runs.

Answers requests of the admin socket. No log and no answer has a secret; the log has who set it.
"""

from collections.abc import Callable, Collection

import structlog

from venue.admin.answers import Refusal, SecretAnswer
from venue.admin.requests import SetKey, SetPassword
from venue.admin.typed import Reply
from venue.fix.authentication import Authentication
from venue.fix.credentials import Outcome, Password
from venue.fix.signature import read_public_key

_log = structlog.get_logger("sessions")


class SessionSecrets:
    """sessions: those there are. A change is answered when it is on disk, or refused."""

    def __init__(
        self, authentication: Authentication, sessions: Callable[[], Collection[str]]
    ) -> None:
        self._authentication = authentication
        self._sessions = sessions

    def answer(self, request: SetPassword | SetKey, reply: Reply) -> None:
        """Set the password or key; the venue goes on meanwhile."""
        sessions = self._sessions()
        if request.session not in sessions:
            known = ", ".join(sorted(sessions))
            reply(Refusal(error=f"session {request.session} is unknown; there are {known}"))
        elif isinstance(request, SetPassword):
            self._set_password(request, reply)
        else:
            self._set_key(request, reply)

    def _set_password(self, request: SetPassword, reply: Reply) -> None:
        self._authentication.set_password(
            request.session,
            Password(request.password),
            lambda outcome: _answer(request, "password", outcome, reply),
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
            lambda outcome: _answer(request, "key", outcome, reply),
            at_once=request.at_once,
            dry_run=request.dry_run,
        )


def _answer(request: SetPassword | SetKey, kind: str, outcome: Outcome, reply: Reply) -> None:
    if not outcome.changed:
        reply(Refusal(error=outcome.text))
        return
    if not request.dry_run:
        _log.info(
            "secret changed",
            session=request.session,
            kind=kind,
            at_once=request.at_once,
            operator=request.operator,
            reason=request.reason,
        )
    reply(SecretAnswer(session=request.session, text=outcome.text))
