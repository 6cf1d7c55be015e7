"""Adds, changes and removes FIX sessions while the venue runs: `venue config apply`.

Brings into force what the configuration files say of sessions, but for what the journal keeps of
them. Sessions that stay are not disturbed.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from venue.admin.answers import Answer, Refusal, SessionChanges
from venue.admin.requests import ConfigureSessions
from venue.admin.typed import Reply
from venue.checked_configuration import CheckedConfiguration, Taken
from venue.edge import FixEdge
from venue.fix.acceptor import is_live
from venue.fix.encode import ReportEncoder
from venue.fix.private_way import PrivateWayError
from venue.fix.worker import Worker
from venue.settings.configuration_error import ConfigurationError
from venue.settings.sessions_file import ADDRESSES
from venue.settings.settings import Settings

REMOVED = "SESSION_REMOVED the configuration has no such session any more"
_AT_ONCE = {"enabled", "password", "public_key", "certificate_sha256", "dialect", "kind"}
_AT_ONCE |= {"sources", "accounts", "levels"}
"""Keys of [[sessions]] that are in force once they are read; the journal keeps the others."""
_VENUE = "SenderCompID"
R = TypeVar("R")
_log = structlog.get_logger("sessions")


class LiveSessions:
    """Answers ConfigureSessions.

    files: reads and copies files, with the command line and environment of the start. restore:
    sets the numbers of sessions that QuickFIX has not had before.
    """

    def __init__(
        self,
        edge: FixEdge,
        encoder: ReportEncoder,
        files: CheckedConfiguration,
        restore: Callable[[Iterable[str]], object],
    ) -> None:
        self._edge = edge
        self._encoder = encoder
        self._files = files
        self._restore = restore
        self._worker = Worker("configuration", 4)
        self._is_applying = False

    def configure(self, request: ConfigureSessions, reply: Reply) -> None:
        """Reply when the files are read and in force, or refused; the venue goes on meanwhile.

        What is in force is kept for the next start of each process.
        """
        if self._is_applying:
            reply(Refusal(error="others apply the configuration; try again"))
            return
        self._is_applying = True
        file = Path(request.file)

        def end(answer: Answer | Refusal) -> None:
            self._is_applying = False
            reply(answer)

        def apply(taken: Taken | str | None) -> None:
            if not isinstance(taken, Taken):
                end(Refusal(error=taken or "see the log of trading"))
                return
            answer = self._apply(taken.settings, request)
            if isinstance(answer, Refusal):
                end(answer)
                return
            self._submit(partial(_keep, taken), lambda why: end(_unkept(why) or answer))

        def show(read: Settings | str | None) -> None:
            if isinstance(read, Settings):
                end(changes_between(self._edge.settings, read))
            else:
                end(Refusal(error=read or "see the log of trading"))

        if request.dry_run:
            self._submit(partial(_or_why, partial(self._files.load, file)), show)
        else:
            self._submit(partial(_or_why, partial(self._files.take, file)), apply)

    def _submit(self, work: Callable[[], R], then: Callable[[R | None], None]) -> None:
        taken = self._worker.submit(work, then)
        assert taken  # one request at a time

    def poll(self) -> None:
        """Go on with files that were read."""
        self._worker.poll()

    def close(self) -> None:
        """End the thread that reads."""
        self._worker.close(2.0)

    def _apply(self, settings: Settings, request: ConfigureSessions) -> SessionChanges | Refusal:
        old = self._edge.settings
        changes = changes_between(old, settings)
        if not (changes.added or changes.changed or changes.removed):
            return changes
        if _VENUE in changes.waiting:  # all sessions are named after it, in QuickFIX too
            return Refusal(error=f"{_VENUE} takes a new start: no session was changed")
        try:
            new = self._edge.configure(settings)
        except PrivateWayError as error:
            return Refusal(error=f"new sessions cannot be taken now: {error}")
        self._restore(new)
        self._encoder.configure(settings.venue_dialect_sessions())
        for name in changes.removed:
            self._edge.sender.end(name, REMOVED)
        _log.info(
            "sessions configured",
            added=changes.added,
            changed=changes.changed,
            removed=changes.removed,
            waiting=changes.waiting,
            operator=request.operator,
            reason=request.reason,
        )
        return changes


def _or_why(read: Callable[[], R]) -> R | str:
    """What it reads, or why it cannot."""
    try:
        return read()
    except (ConfigurationError, OSError) as error:
        return str(error)


def _keep(taken: Taken) -> str:
    """Keep it for the next starts. Why it cannot be kept, or nothing."""
    try:
        taken.put_in_force()
    except OSError as error:
        return str(error)
    return ""


def _unkept(why: str | None) -> Refusal | None:
    """The answer where it could not be kept; why: what `_keep` has said, None: it has failed."""
    if why == "":
        return None
    what = why or "see the log of trading"
    return Refusal(
        error=f"in force, but lost with the next start of a process: {what}; apply it again"
    )


def changes_between(old: Settings, new: Settings) -> SessionChanges:
    """The differences of the sessions that may log on, here or at the port of another kind."""
    before, after = _enabled(old), _enabled(new)
    stay = [name for name in after if name in before]
    waiting = [
        f"{name} {key}" for name in stay for key in _differing(old, new, name) if not is_live(key)
    ]
    if old.venue_comp_id() != new.venue_comp_id():
        waiting.append(_VENUE)
    return SessionChanges(
        added=[name for name in after if name not in before],
        changed=[name for name in stay if _of(old, name) != _of(new, name)],
        removed=[name for name in before if name not in after],
        waiting=waiting,
    )


def _enabled(settings: Settings) -> list[str]:
    return [session.comp_id for session in settings.sessions if session.enabled]


def _of(settings: Settings, name: str) -> tuple[object, ...]:
    """All of a session that can change while the venue runs, but for what the journal keeps."""
    keys = settings.quickfix_keys(name)
    live = {key: value for key, value in keys.items() if is_live(key) or key == ADDRESSES}
    return settings.session(name).model_dump(include=_AT_ONCE), live


def _differing(old: Settings, new: Settings, name: str) -> list[str]:
    """Keys of sessions.cfg that differ for a session, but for its addresses."""
    before, after = old.quickfix_keys(name), new.quickfix_keys(name)
    return sorted(
        key
        for key in (before.keys() | after.keys()) - {ADDRESSES, _VENUE}
        if before.get(key) != after.get(key)
    )
