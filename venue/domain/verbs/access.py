"""Notes of who may do what, who was denied, whose secret changed: for the trail, not for the state.

Commands and events of each, and their words. The venue writes them itself; what an operator asks
for is a request of the admin socket. Effects: venue.engine.control.access.
"""

from venue.domain.command import Command
from venue.domain.event import ControlEvent
from venue.domain.words import Payload, by_whom


class NoteDenial(Command, frozen=True, tag=True):
    """Somebody has asked for what he may not do.

    operator: his name; empty: he is none. denied: so many attempts of that account,
    this one and those before it that nobody was told of.
    """

    attempt: str
    why: str
    operator: str
    uid: int
    denied: int = 1
    reason: str = ""


class NoteOperator(Command, frozen=True, tag=True):
    """An operator was added, removed, or changed. role: as it is now; empty: he was removed.

    account: Unix account that is his, as a uid; None: he has a password only.
    """

    name: str
    change: str
    role: str
    account: int | None = None
    operator: str = ""
    uid: int | None = None
    reason: str = ""


class NoteSecret(Command, frozen=True, tag=True):
    """The password or the public key of a session has changed; the secret itself is nowhere here.

    kind: "password" or "key". operator: who has changed it; empty: the session itself, over FIX.
    chosen_ns: when the session has chosen it, in UTC nanoseconds; one that was noted is not noted
    again. owner: the member of a session that the engine does not know.
    """

    session: str
    kind: str
    operator: str = ""
    reason: str = ""
    chosen_ns: int = 0
    owner: str = ""


class AttemptDenied(ControlEvent, frozen=True, tag=True):
    """Somebody has asked for what he may not do; fields as in NoteDenial."""

    attempt: str
    why: str
    operator: str
    uid: int
    denied: int = 1
    reason: str = ""


class OperatorChanged(ControlEvent, frozen=True, tag=True):
    """Who may operate the venue has changed; fields as in NoteOperator."""

    name: str
    change: str
    role: str
    account: int | None = None
    operator: str = ""
    uid: int | None = None
    reason: str = ""


class SecretChanged(ControlEvent, frozen=True, tag=True):
    """The password or the public key of a session has changed; fields as in NoteSecret.

    member: the session's; empty where nobody knows it.
    """

    session: str
    member: str
    kind: str
    operator: str = ""
    reason: str = ""


def denied(payload: Payload) -> str:
    """Who was denied what, and why."""
    more = payload.get("denied", 1)
    times = f", {more} attempts" if more > 1 else ""
    why = f": {payload['reason']}" if payload.get("reason") else ""
    who = (
        f"{payload['operator']} (uid {payload['uid']}{times})"
        if payload["operator"]
        else f"uid {payload['uid']}{times}"
    )
    return f"{who} is denied {payload['attempt']}: {payload['why']}{why}"


def _changed(payload: Payload) -> str:
    account = payload.get("account")
    of_account = "" if account is None else f"  uid {account}"
    role = f"  {payload['role']}" if payload["role"] else ""
    return f"{payload['name']} {payload['change']}{role}{of_account}{by_whom(payload)}"


def _secret(payload: Payload) -> str:
    """Whose secret it is, of which kind, and who has changed it."""
    by = by_whom(payload)
    return f"{payload['session']} has another {payload['kind']}{by or ', which it chose itself'}"


WORDS = {
    NoteDenial: denied,
    NoteOperator: _changed,
    AttemptDenied: denied,
    OperatorChanged: _changed,
    NoteSecret: _secret,
    SecretChanged: _secret,
}
