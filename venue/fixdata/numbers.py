"""MsgSeqNums of a data process's sessions, in a file of its own that outlives kill -9.

Knows files only. Numbers that leave are written ahead, a reserve at a time, so none is used twice:
after a kill the session goes on behind its reserve, and its client sees a gap that is filled.
"""

from pathlib import Path

import msgspec

from venue.private_file import Versioned, read_versioned, write_versioned

RESERVE = 20_000
"""Numbers that one write allows for: at 1,000 messages a second one write in 20 s."""
NUMBERS_VERSION = 1


class Numbers(msgspec.Struct, frozen=True):
    """A session's next MsgSeqNums: in is the last known, out is above all that were used."""

    next_in: int = 1
    next_out: int = 1


class _File(Versioned, frozen=True):
    sessions: dict[str, Numbers]


class SessionNumbers:
    """The numbers in one file; its directory has to be there."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises ConfigurationError where it is damaged."""
        self._path = path
        found = read_versioned(path, _File, NUMBERS_VERSION)
        self._sessions = {} if found is None else dict(found.sessions)

    def of(self, session: str) -> Numbers:
        """Those with which the session goes on after a start."""
        return self._sessions.get(session, Numbers())

    def covers(self, session: str, number: int) -> bool:
        """Whether this number may be used without another write."""
        kept = self._sessions.get(session)
        return kept is not None and number < kept.next_out

    def reserve(self, session: str, next_in: int, next_out: int) -> None:
        """Let the session use numbers from `next_out` on; on disk when this returns.

        Writes only when the reserve is used up. Raises OSError, and then nothing may be sent.
        """
        if not self.covers(session, next_out):
            self.put({session: Numbers(next_in, next_out + RESERVE)})

    def put(self, numbers: dict[str, Numbers]) -> None:
        """Replace the numbers of some sessions. Raises OSError; the old ones stay then."""
        sessions = {**self._sessions, **numbers}
        write_versioned(self._path, _File(NUMBERS_VERSION, dict(sorted(sessions.items()))))
        self._sessions = sessions


__all__ = ["RESERVE", "Numbers", "SessionNumbers"]
