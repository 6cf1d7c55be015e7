"""When messages are due: evenly over time at an offered rate, whatever the venue does. Pure."""

from typing import NamedTuple

NS_PER_SECOND = 1_000_000_000


class Schedule(NamedTuple):
    """Open loop: message n is due n / rate seconds after the start, and is late if sent later.

    So a venue that stalls is charged with every message that should have been sent meanwhile
    (no coordinated omission). Times are nanoseconds of one clock.
    """

    begin_ns: int
    rate: int
    seconds: float

    @property
    def messages(self) -> int:
        """How many messages there are."""
        return round(self.rate * self.seconds)

    def due_ns(self, number: int) -> int:
        """When message `number`, counted from 0, is due."""
        return self.begin_ns + number * NS_PER_SECOND // self.rate

    def due_by(self, now_ns: int) -> int:
        """How many messages are due at this time."""
        if now_ns < self.begin_ns:
            return 0
        return min((now_ns - self.begin_ns) * self.rate // NS_PER_SECOND + 1, self.messages)
