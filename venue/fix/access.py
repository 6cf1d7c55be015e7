"""Addresses and certificates that a session may log on with, beside its secret.

Pure. An empty list allows any.
"""

from collections.abc import Mapping
from typing import NamedTuple

from venue.addresses import Network, is_within
from venue.peer import Peer


class Access(NamedTuple):
    """What one session may come with. certificates: SHA-256 of public keys (SPKI), hex."""

    addresses: tuple[Network, ...] = ()
    certificates: frozenset[str] = frozenset()


class AccessTable:
    """The sessions that may log on, by CompID."""

    def __init__(self, sessions: Mapping[str, Access]) -> None:
        self._sessions = dict(sessions)
        self._bound = frozenset(
            certificate for each in sessions.values() for certificate in each.certificates
        )

    def refusal(self, session: str, peer: Peer) -> str | None:
        """Why `peer` may not log on as `session`; None if it may.

        A certificate that is listed for other sessions only is refused.
        """
        access = self._sessions.get(session)
        if access is None:
            return "there is no such session, or it is disabled in the configuration"
        if access.addresses and not is_within(peer.address, access.addresses):
            return "the session may not come from this address"
        if peer.certificate in access.certificates:
            return None
        if access.certificates:
            return "the client's certificate is not one of the session's"
        if peer.certificate in self._bound:
            return "the client's certificate is another session's"
        return None
