"""How long a follower has been behind: from when the journal was where the follower is not yet.

Knows numbers and times. What was before the first look is not known: then the time since that look
is the least that it can be.
"""

from bisect import bisect_right
from collections import deque

MOST = 3_600
"""So many places of the journal are remembered."""


class Lags:
    """Told where the journal ends, each time that is looked at."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, float]] = deque(maxlen=MOST)

    def note(self, event_seq: int, now: float) -> None:
        """The journal's last event on disk is this one."""
        if self._seen and event_seq < self._seen[-1][0]:
            self._seen.clear()  # it is another journal
        if not self._seen or event_seq > self._seen[-1][0]:
            self._seen.append((event_seq, now))

    def seconds_behind(self, position: int, now: float) -> float | None:
        """How long it lacks the oldest event that it lacks; None: the journal is not known."""
        if not self._seen:
            return None
        place = bisect_right(self._seen, (position, float("inf")))
        return 0.0 if place == len(self._seen) else max(0.0, now - self._seen[place][1])
