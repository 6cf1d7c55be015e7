"""Adds, changes and removes operators while the venue runs, and begins and ends logins.

Answers requests of the admin socket once a change is on disk and noted in the journal. No log and
no answer has a password; of a token only its owner hears.
"""

import time
from collections.abc import Callable

import structlog

from venue.admin.answers import Refusal
from venue.admin.caller import Caller
from venue.admin.operator_answers import (
    LoginAnswer,
    LogoutAnswer,
    OperatorAnswer,
    OperatorsAnswer,
)
from venue.admin.operator_requests import (
    AddOperator,
    OperatorChange,
    OperatorLogin,
    RemoveOperator,
    SetOperatorPassword,
    SetOperatorRole,
)
from venue.admin.typed import Reply
from venue.clock import iso
from venue.domain.commands import NoteOperator
from venue.fix.lockout import Lockout
from venue.fix.worker import Worker
from venue.operators.operators import Identity, NotChanged, Operators
from venue.operators.operators_file import KeptOperator

Note = Callable[[NoteOperator, Callable[[], None]], None]
"""note(command, then): journals the command and calls `then` when it is on disk."""

_FAILURES, _LOCK_SECONDS = 5, 300.0
_BUSY = "others change operators or log in; try again"
_FAILED = "see the log of trading"
_CHANGES = {
    AddOperator: "is added",
    RemoveOperator: "is removed",
    SetOperatorRole: "has another role",
    SetOperatorPassword: "has another password",
}
_log = structlog.get_logger("operators")


class Administration:
    """Works in a thread of its own, for a hash takes a tenth of a turn; `poll` goes on with it."""

    def __init__(self, operators: Operators, note: Note) -> None:
        self._operators = operators
        self._note = note
        self._worker = Worker("operators", 16)
        self._lockout = Lockout(_FAILURES, _LOCK_SECONDS)

    def poll(self) -> None:
        """Go on with what the thread has done."""
        self._worker.poll()

    def close(self) -> None:
        """End the thread."""
        self._worker.close(2.0)

    def tell(self, who: Identity, reply: Reply) -> None:
        """The operators, and who asks."""
        reply(OperatorsAnswer(operators=self._operators.rows(), you=who.name, role=who.role))

    def change(self, request: OperatorChange, who: Identity, reply: Reply) -> None:
        """Change an operator; answered when it is on disk."""

        def work() -> KeptOperator | str:
            try:
                return self._change(request)
            except NotChanged as error:
                return str(error)

        def then(changed: KeptOperator | str | None) -> None:
            if not isinstance(changed, KeptOperator):
                reply(Refusal(error=changed or _FAILED))
                return
            role = "" if isinstance(request, RemoveOperator) else changed.role.value
            answer = OperatorAnswer(name=request.name, role=role, dry_run=request.dry_run)
            if request.dry_run:
                reply(answer)
                return
            change, reason = _CHANGES[type(request)], request.reason
            _log.info(
                "operator changed",
                name=request.name,
                change=change,
                role=role,
                operator=who.name,
                uid=who.uid,
                reason=reason,
            )
            assert who.uid is not None, "the entrance lets nobody do this by the gateway"
            noted = NoteOperator(request.name, change, role, changed.uid, who.name, who.uid, reason)
            self._note(noted, lambda: reply(answer))

        self._submit(work, then, reply)

    def log_in(
        self, request: OperatorLogin, caller: Caller, reply: Reply, deny: Callable[[str], None]
    ) -> None:
        """Begin a login; `deny` is called with why there is none."""
        key = (str(caller.uid), request.name)
        locked = self._lockout.refusal(key, time.monotonic())
        if locked is not None:
            deny(locked)
            return

        def work() -> tuple[str, int] | str:
            try:
                return self._operators.log_in(request.name, request.password, caller.uid)
            except NotChanged as error:
                return str(error)

        def then(begun: tuple[str, int] | str | None) -> None:
            if not isinstance(begun, tuple):
                self._lockout.failed(key, time.monotonic())
                deny(begun or _FAILED)
                return
            self._lockout.passed(key)
            _log.info("operator logged in", operator=request.name, uid=caller.uid)
            token, until_ns = begun
            reply(LoginAnswer(name=request.name, token=token, until=iso(until_ns)))

        if self._submit(work, then, reply):
            self._lockout.begin(key)

    def log_out(self, token: str, who: Identity, reply: Reply) -> None:
        """End the login that asks."""

        def work() -> str:
            try:
                self._operators.log_out(token)
            except NotChanged as error:
                return str(error)
            return ""

        def then(why: str | None) -> None:
            if why is None or why:
                reply(Refusal(error=why or _FAILED))
                return
            _log.info("operator logged out", operator=who.name, uid=who.uid)
            reply(LogoutAnswer())

        self._submit(work, then, reply)

    def _change(self, request: OperatorChange) -> KeptOperator:
        operators, name, dry_run = self._operators, request.name, request.dry_run
        match request:
            case AddOperator():
                return operators.add(
                    name, request.role, request.uid, request.password, dry_run=dry_run
                )
            case RemoveOperator():
                return operators.remove(name, dry_run=dry_run)
            case SetOperatorRole():
                return operators.set_role(name, request.role, dry_run=dry_run)
            case SetOperatorPassword():
                return operators.set_password(name, request.password, dry_run=dry_run)

    def _submit(self, work: Callable[[], object], then: Callable[..., None], reply: Reply) -> bool:
        taken = self._worker.submit(work, then)
        if not taken:
            reply(Refusal(error=_BUSY))
        return taken
