"""How many session messages a session may send: so many a second for long, ten times that at once.

Pure; the time comes in.
"""

_BURST_SECONDS = 10


class Allowance:
    """rate: a second. now: monotonic seconds."""

    __slots__ = ("_at", "_left", "_rate")

    def __init__(self, rate: int, now: float) -> None:
        self._rate = rate
        self._left = float(rate * _BURST_SECONDS)
        self._at = now

    def spend(self, messages: int, now: float) -> bool:
        """Count so many messages; whether they were within it."""
        earned = (now - self._at) * self._rate
        self._left = min(float(self._rate * _BURST_SECONDS), self._left + earned) - messages
        self._at = now
        return self._left >= 0
