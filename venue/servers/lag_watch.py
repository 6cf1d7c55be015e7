"""Notices followers of the journal that do not keep up.

May know the position files and the journal's durable position; it only reads.
"""

from collections import deque
from collections.abc import Mapping
from pathlib import Path

from venue.bus.position_file import read_position_file
from venue.data_directory import DataDirectory
from venue.journal.durable import shown_position
from venue.journal.identity import journal_identity
from venue.processes import PROCESSES

LAG_SECONDS = 60.0
"""A follower lags that is not yet where the journal was so long ago."""


class LagWatch:
    """To be asked now and then; remembers where the journal was for LAG_SECONDS."""

    def __init__(self, data_dir: Path) -> None:
        self._place = DataDirectory(data_dir)
        self._seen: deque[tuple[float, int]] = deque()
        self._due = 0

    def look(self, now: float) -> Mapping[str, str]:
        """Who lags at this time in seconds, with a line for the operator."""
        shown = shown_position(self._place.journal)
        if shown is not None:
            self._seen.append((now, shown.event_seq))
        while self._seen and self._seen[0][0] <= now - LAG_SECONDS:
            self._due = self._seen.popleft()[1]
        lagging = {}
        ours = ("", journal_identity(self._place.journal))
        for process in PROCESSES:
            if process.follows:
                position = read_position_file(self._place.position(process.name))
                at = position.event_seq if position and position.journal in ours else 0
                if at < self._due:
                    lagging[process.name] = (
                        f"it lags: it is at event {at}, the journal was at event {self._due} "
                        f"{LAG_SECONDS:g} s ago"
                    )
        return lagging
