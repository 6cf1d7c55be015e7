"""The last refused logons of each session, for the operator: when, from where, and why.

Bounded: only sessions that there are, and a few of each. Nothing of it goes to the client.
"""

from collections import deque
from typing import NamedTuple

_KEPT = 10


class RefusedLogon(NamedTuple):
    """time_ns: UTC nanoseconds. why: what the operator may know; never a secret."""

    time_ns: int
    address: str
    why: str


class RefusedLogons:
    """Since the venue has started."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[RefusedLogon]] = {}

    def record(self, session: str, refused: RefusedLogon) -> None:
        """Keep one of a session that there is."""
        self._kept.setdefault(session, deque(maxlen=_KEPT)).append(refused)

    def of(self, session: str) -> list[RefusedLogon]:
        """Those of a session, the last one last."""
        return list(self._kept.get(session, ()))
