"""Message rates: a token bucket, and a watch that finds sessions far over their rate for long.

Pure integers; the time is an argument. The bucket is one number, the time at which it would be full
again, and needs no timer (generic cell rate algorithm, ITU-T I.371).
"""

NS_PER_SECOND = 1_000_000_000
EXCESS = 3
"""A second is far over the rate when it has at least EXCESS times as many messages."""
EXCESS_SECONDS = 3
"""A session is logged out after this many seconds in a row that were far over its rate."""


class TokenBucket:
    """A bucket that gains `rate` tokens a second and holds one second's worth at most."""

    __slots__ = ("full_at_ns",)

    def __init__(self) -> None:
        self.full_at_ns = 0

    def take(self, rate: int, now_ns: int) -> bool:
        """Take a token at `now_ns` (UTC nanoseconds); False when there is none."""
        full_at_ns = self.full_at_ns
        if full_at_ns < now_ns:
            full_at_ns = now_ns
        full_at_ns += NS_PER_SECOND // rate
        if full_at_ns - now_ns > NS_PER_SECOND:
            return False
        assert full_at_ns >= self.full_at_ns, "the bucket would be full earlier than before"
        self.full_at_ns = full_at_ns
        return True


class ExcessWatch:
    """Counts a session's messages by the second and finds when it is far over its rate for long."""

    __slots__ = ("count", "second", "seconds_over")

    def __init__(self) -> None:
        self.second = 0
        self.count = 0
        self.seconds_over = 0

    def count_message(self, rate: int, now_ns: int) -> bool:
        """Count a message; True when it makes EXCESS_SECONDS seconds in a row far over `rate`.

        Afterwards the seconds are counted from zero again.
        """
        second = now_ns // NS_PER_SECOND
        if second != self.second:
            follows = second == self.second + 1
            self.second = second
            self.seconds_over = self.seconds_over if follows and self.count == -1 else 0
            self.count = 0
        if self.count == -1:
            return False
        self.count += 1
        if self.count < EXCESS * rate:
            return False
        self.count = -1  # this second is far over the rate: its other messages need no counting
        self.seconds_over += 1
        assert 0 < self.seconds_over <= EXCESS_SECONDS
        if self.seconds_over < EXCESS_SECONDS:
            return False
        self.seconds_over = 0
        return True
