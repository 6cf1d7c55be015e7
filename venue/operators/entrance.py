"""The entrance of the admin socket: who asks, whether he may, and his name on what he asks for.

Everything that is asked of the venue passes here first. A denied attempt is logged and noted in
the journal, at most DENIALS_A_MINUTE of one Unix account.
"""

import time
from collections import Counter
from collections.abc import Callable

import structlog
from msgspec.structs import replace

from venue.admin.answers import Refusal
from venue.admin.caller import Caller
from venue.admin.operator_requests import (
    AddOperator,
    OperatorLogin,
    OperatorLogout,
    OperatorsQuery,
    RemoveOperator,
    SetOperatorPassword,
    SetOperatorRole,
)
from venue.admin.requests import AnyRequest, Submit
from venue.admin.typed import Reply
from venue.domain.command import OperatorCommand
from venue.domain.commands import Approve, Decline, NoteDenial
from venue.domain.role import Role
from venue.domain.verbs.approvals import role_to_decide
from venue.operators.administration import Administration
from venue.operators.operators import LONGEST_NAME, Identity, Operators
from venue.rate_cap import RateCap

DENIALS_A_MINUTE = 10
DENIED = " is denied: "
"""Between what was tried and why, in a refusal by the entrance."""
_AT_THE_MACHINE = (
    OperatorLogin,
    OperatorLogout,
    AddOperator,
    RemoveOperator,
    SetOperatorPassword,
    SetOperatorRole,
)
"""What nobody asks by the gateway."""
_log = structlog.get_logger("operators")


class Entrance:
    """inside: answers what is let through. held: the command that waits under an id.

    note: journals a denial.
    """

    def __init__(
        self,
        operators: Operators,
        administration: Administration,
        inside: Callable[[AnyRequest, Reply], None],
        held: Callable[[str], OperatorCommand | None],
        note: Callable[[NoteDenial], None],
    ) -> None:
        self._operators = operators
        self._administration = administration
        self._inside = inside
        self._held = held
        self._note = note
        self._cap = RateCap(DENIALS_A_MINUTE)
        self._untold: Counter[int] = Counter()

    def answer(self, request: AnyRequest, reply: Reply, caller: Caller) -> None:
        """Answer what the caller may ask, in his name; refuse everything else."""
        if caller.behalf is not None and isinstance(request, _AT_THE_MACHINE):
            why = "operators are changed, and log in, at the venue's own machine"
            self._deny(_name_of(request), why, "", caller, reply)
            return
        if isinstance(request, OperatorLogin):
            attempt = f"a login as {request.name[:LONGEST_NAME]}"
            self._administration.log_in(
                request,
                caller,
                reply,
                lambda why: self._deny(attempt, why, "", caller, reply),
            )
            return
        attempt = _name_of(request)
        who = self._operators.identify(caller)
        if not isinstance(who, Identity):
            self._deny(attempt, who, "", caller, reply)
            return
        needed = self._needed(request, who)
        if not who.role.covers(needed):
            why = f"it needs the role {needed}, {who.name} is {who.role}"
            self._deny(attempt, why, who.name, caller, reply)
            return
        self._let_in(request, who, caller, reply)

    def _let_in(self, request: AnyRequest, who: Identity, caller: Caller, reply: Reply) -> None:
        match request:
            case OperatorsQuery():
                self._administration.tell(who, reply)
            case AddOperator() | RemoveOperator() | SetOperatorRole() | SetOperatorPassword():
                self._administration.change(request, who, reply)
            case OperatorLogout():
                if caller.token is None:
                    reply(Refusal(error="nobody is logged in"))
                else:
                    self._administration.log_out(caller.token, who, reply)
            case _:
                self._inside(signed(request, who), reply)

    def _needed(self, request: AnyRequest, who: Identity) -> Role:
        """What the request says; approving also needs what the held command does."""
        if isinstance(request, SetOperatorPassword) and request.name == who.name:
            return Role.VIEWER
        if isinstance(request, Submit) and isinstance(request.command, Approve | Decline):
            return role_to_decide(request.command, self._held(request.command.action_id))
        return request.needs()

    def _deny(self, attempt: str, why: str, name: str, caller: Caller, reply: Reply) -> None:
        self._untold[caller.uid] += 1
        if self._cap.take(str(caller.uid), time.monotonic()):
            denied = self._untold.pop(caller.uid)
            _log.warning(
                "denied", attempt=attempt, why=why, operator=name, uid=caller.uid, denied=denied
            )
            self._note(NoteDenial(attempt, why, name, caller.uid, denied))
        reply(Refusal(error=f"{attempt}{DENIED}{why}"))


def signed(request: AnyRequest, who: Identity) -> AnyRequest:
    """The request with who asks in it, whatever it said itself."""
    if isinstance(request, Submit):
        return Submit(replace(request.command, operator=who.name, uid=who.uid))
    if hasattr(request, "operator"):
        return replace(request, operator=who.name)
    return request


def _name_of(request: AnyRequest) -> str:
    return type(request.command if isinstance(request, Submit) else request).__name__
