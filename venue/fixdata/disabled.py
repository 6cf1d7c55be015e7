"""Sessions beside trading of which no logon is taken: written by trading, read by their processes.

The journal has them; the file is made anew at each start of trading, so that a process beside it
knows them also while trading is away.
"""

from collections.abc import Collection
from pathlib import Path

import msgspec
import structlog

from venue.fix.credentials_file import stamp_of
from venue.journal.files import replace

SESSION_DISABLED = "SESSION_DISABLED by the operator"
_log = structlog.get_logger("sessions")


def write_disabled(path: Path, names: Collection[str]) -> None:
    """Replace the file. Raises OSError, and then the old one stays."""
    replace(path, msgspec.json.encode(sorted(names)))


class Disabled:
    """The names in the file, as they were at the last look. A file that is not there has none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self.names: frozenset[str] = frozenset()
        self.look()

    def lets_on(self, session: str) -> bool:
        """Whether a session may log on, as far as this says."""
        return session not in self.names

    def look(self) -> None:
        """Read the file again if it has changed; one that cannot be read changes nothing."""
        stamp = stamp_of(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=list[str])
        except FileNotFoundError:
            found = []
        except (OSError, msgspec.MsgspecError) as error:
            _log.error("disabled sessions are as before", file=str(self._path), error=str(error))
            return
        self.names = frozenset(found)


__all__ = ["SESSION_DISABLED", "Disabled", "write_disabled"]
