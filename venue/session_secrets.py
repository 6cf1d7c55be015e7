"""Lets the operator set passwords and public keys of sessions while the venue runs.

Answers requests of the admin socket. No log and no answer has a secret; the log has who set it.
"""

from collections.abc import Callable, Collection
from typing import Any

import structlog

from venue.fix.authentication import Authentication
from venue.fix.credentials import Outcome, Password
from venue.fix.signature import read_public_key

Reply = Callable[[dict[str, Any]], None]
SET_PASSWORD, SET_KEY = "set_password", "set_key"
_log = structlog.get_logger("sessions")


class SessionSecrets:
    """Answers {"set_password": SESSION, "password": TEXT, ...} and {"set_key": SESSION, ...}.

    sessions: gives all sessions. Both requests take at_once and dry_run, a password must_change.
    """

    def __init__(
        self, authentication: Authentication, sessions: Callable[[], Collection[str]]
    ) -> None:
        self._authentication = authentication
        self._sessions = sessions

    def answer(self, request: dict[str, Any], reply: Reply) -> None:
        """Reply when the change is on disk, or refused; the venue goes on meanwhile."""
        kind = SET_PASSWORD if SET_PASSWORD in request else SET_KEY
        session = str(request[kind])
        sessions = self._sessions()
        if session not in sessions:
            known = ", ".join(sorted(sessions))
            reply(_error(f"session {session} is unknown; there are {known}"))
            return
        how = {"at_once": _flag(request, "at_once"), "dry_run": _flag(request, "dry_run")}

        def done(outcome: Outcome) -> None:
            if not outcome.changed:
                reply(_error(outcome.text))
                return
            if not how["dry_run"]:
                _log.info(
                    "secret changed",
                    session=session,
                    kind=kind.removeprefix("set_"),
                    at_once=how["at_once"],
                    operator=str(request.get("operator", "")),
                    reason=str(request.get("reason", "")),
                )
            reply({"ok": True, "session": session, "text": outcome.text})

        if kind == SET_PASSWORD:
            how["must_change"] = _flag(request, "must_change")
            new = Password(str(request.get("password", "")))
            self._authentication.set_password(session, new, done, **how)
            return
        try:
            key = read_public_key(str(request.get("public_key", "")))
        except ValueError as error:
            reply(_error(str(error)))
            return
        self._authentication.set_key(session, key, done, **how)


def _flag(request: dict[str, Any], name: str) -> bool:
    return request.get(name) is True


def _error(text: str) -> dict[str, Any]:
    return {"ok": False, "error": text}
