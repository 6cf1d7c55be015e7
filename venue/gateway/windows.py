"""Moving windows in memory for the library `limits`: each costs microseconds, and starts no thread.

The library's own MemoryStorage looks at all windows in a thread of its own, which it starts anew
again and again, up to a hundred times a second; at 1,000 requests/s that cost more than the orders.
"""

import time
from collections import deque
from typing import NamedTuple

from limits.storage import MemoryStorage

FIRST_LOOK = 1_000
"""With so many windows, those that have passed are looked for first."""


class _Window(NamedTuple):
    """times: of the calls in it, the oldest first, seconds since 1970."""

    seconds: int
    times: deque[float]

    def move(self, now: float) -> deque[float]:
        """The times that are in it now."""
        while self.times and self.times[0] < now - self.seconds:
            self.times.popleft()
        return self.times


class Windows(MemoryStorage):
    """For one thread, and for MovingWindowRateLimiter only."""

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[str, _Window] = {}
        self._look_at = FIRST_LOOK

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether so many more calls were within the limit; if so they are counted."""
        now = time.time()
        window = self._windows.get(key) or self._begun(key, expiry, now)
        times = window.move(now)
        if len(times) + amount > limit:
            return False
        times.extend([now] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Time of the oldest call in the window, or now; and how many there are."""
        now = time.time()
        window = self._windows.get(key)
        times = window.move(now) if window is not None else deque[float]()
        return (times[0] if times else now), len(times)

    def __len__(self) -> int:
        return len(self._windows)

    def clear(self, key: str) -> None:
        """Forget a window."""
        self._windows.pop(key, None)

    def _begun(self, key: str, seconds: int, now: float) -> _Window:
        """A new window; in time the passed ones are forgotten, so that no caller fills memory."""
        if len(self._windows) >= self._look_at:
            self._windows = {name: each for name, each in self._windows.items() if each.move(now)}
            self._look_at = max(FIRST_LOOK, 2 * len(self._windows))
        window = self._windows[key] = _Window(seconds, deque())
        return window
