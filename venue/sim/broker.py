"""A broker's side of FIX sessions: who logs on, who is told, messages as fields.

Pure; the part of `initiator` that can be used without QuickFIX.
"""

from typing import NamedTuple, Protocol

SOH = "\x01"

Fields = dict[int, str]
"""A message's fields by tag, the first of each."""


class Login(NamedTuple):
    """Who logs on. cancel_on_disconnect None: as the venue has configured the session."""

    comp_id: str
    password: str
    cancel_on_disconnect: bool | None = None


class Listener(Protocol):
    """Who is told what happens on the sessions; called inside `poll`."""

    def logged_on(self, session: str) -> None:
        """The venue has accepted the Logon."""

    def logged_out(self, session: str, reason: str) -> None:
        """The session has ended or was refused; reason is empty when the connection broke."""

    def received(self, session: str, fields: Fields) -> None:
        """An application message, or a session Reject(3), came."""


def parse(text: str) -> Fields:
    """Fields of a message by tag, the first of each; the venue sends no data fields with SOH."""
    fields: Fields = {}
    for part in text.split(SOH):
        tag, equals, value = part.partition("=")
        if equals and tag.isdigit():
            fields.setdefault(int(tag), value)
    return fields
