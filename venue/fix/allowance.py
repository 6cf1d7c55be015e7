"""A limit on session messages: a rate for the long run, and ten seconds' worth at once.

Pure; the time is an argument.
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
        """Count messages. False: they are more than the session may send now."""
        earned = (now - self._at) * self._rate
        self._left = min(float(self._rate * _BURST_SECONDS), self._left + earned) - messages
        self._at = now
        return self._left >= 0
