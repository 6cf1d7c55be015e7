"""Notices followers of the journal that do not keep up.

May know the position files, what fix-marketdata shows, and the journal's durable position; it only
reads.
"""

from collections import deque
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from venue.bus.position_file import read_position_file
from venue.data_directory import DataDirectory
from venue.journal.durable import shown_position
from venue.journal.identity import journal_identity
from venue.processes import FIX_MARKETDATA, PROCESSES

LAG_SECONDS = 60.0
"""A follower lags that is not yet where the journal was so long ago."""


class _Shown(msgspec.Struct):
    """What fix-marketdata shows of itself, as far as it is looked at here."""

    position: int | None = None


class LagWatch:
    """To be asked now and then; remembers where the journal was for LAG_SECONDS."""

    def __init__(self, data_dir: Path, elsewhere: Collection[str] = ()) -> None:
        """elsewhere: sinks that do not run here: nobody knows here how far they are."""
        self._place = DataDirectory(data_dir)
        self._elsewhere = frozenset(elsewhere)
        self._seen: deque[tuple[float, int]] = deque()
        self._due = 0
        self._unknown_since: float | None = None
        """Since when fix-marketdata runs and has not said how far it is."""

    def look(self, now: float) -> Mapping[str, str]:
        """Who lags at this time in seconds, with a line for the operator."""
        shown = shown_position(self._place.journal)
        if shown is not None:
            self._seen.append((now, shown.event_seq))
        while self._seen and self._seen[0][0] <= now - LAG_SECONDS:
            self._due = self._seen.popleft()[1]
        return {
            name: f"it lags: it is at event {at}, the journal was at event {self._due} "
            f"{LAG_SECONDS:g} s ago"
            for name, at in self._positions(now).items()
            if at < self._due
        }

    def _positions(self, now: float) -> dict[str, int]:
        """The last event of each follower; 0: it has said none, or one of another journal."""
        ours = ("", journal_identity(self._place.journal))
        found = {}
        for process in PROCESSES:
            if process.follows and process.name not in self._elsewhere:
                position = read_position_file(self._place.position(process.name))
                is_ours = position is not None and position.journal in ours
                found[process.name] = position.event_seq if position and is_ours else 0
        status = self._place.edge_status(FIX_MARKETDATA.name)
        at = _position_in(status)
        if at is not None or not status.exists():  # else it has just begun, or asks in vain
            self._unknown_since = None
        elif self._unknown_since is None:
            self._unknown_since = now
        is_silent = self._unknown_since is not None and now - self._unknown_since >= LAG_SECONDS
        if at is not None or is_silent:
            found[FIX_MARKETDATA.name] = at or 0
        return found


def _position_in(status: Path) -> int | None:
    """The last event that fix-marketdata shows; None: it shows none that can be read."""
    try:
        return msgspec.json.decode(status.read_bytes(), type=_Shown).position
    except (OSError, msgspec.MsgspecError):
        return None
