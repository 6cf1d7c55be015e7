"""Message rates: a token bucket, and noticing who goes on far over it. Integers only, time given.

The bucket is kept as the time at which it would be full again (the generic cell rate algorithm,
ITU-T I.371), so that it needs one number and no timer.
"""

NS_PER_SECOND = 1_000_000_000
EXCESS = 3
"""A session that sends so many times its rate ..."""
EXCESS_SECONDS = 3
"""... for so many seconds in a row is logged out."""


class TokenBucket:
    """`rate` tokens a second, at most one second's worth at once."""

    __slots__ = ("full_at_ns",)

    def __init__(self) -> None:
        self.full_at_ns = 0

    def take(self, rate: int, now_ns: int) -> bool:
        """Take a token; False when there is none."""
        full_at_ns = self.full_at_ns
        if full_at_ns < now_ns:
            full_at_ns = now_ns
        full_at_ns += NS_PER_SECOND // rate
        if full_at_ns - now_ns > NS_PER_SECOND:
            return False
        self.full_at_ns = full_at_ns
        return True


class ExcessWatch:
    """Counts messages by the second; tells when EXCESS times the rate has lasted too long."""

    __slots__ = ("count", "second", "seconds_over")

    def __init__(self) -> None:
        self.second = 0
        self.count = 0
        self.seconds_over = 0

    def count_message(self, rate: int, now_ns: int) -> bool:
        """Count one; True once, when the last EXCESS_SECONDS were all too many."""
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
        self.count = -1  # this second is over the rate; no more need be counted in it
        self.seconds_over += 1
        if self.seconds_over < EXCESS_SECONDS:
            return False
        self.seconds_over = 0
        return True
