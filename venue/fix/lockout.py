"""Locks out whoever has tried too many wrong secrets, by address and CompID, each time for longer.

Never by CompID alone, so that a stranger cannot lock a member out. The table is bounded. The time
is an argument.
"""

from collections import OrderedDict

MOST_ENTRIES = 10_000
FORGOTTEN_SECONDS = 86_400.0
"""After a day without a wrong secret the next lock is a short one again."""
LONGEST_LOCK_SECONDS = 4 * 3600.0
FAILURE_WINDOW_SECONDS = 600.0

Key = tuple[str, str]
"""The address that tries (`address_key`), and the CompID that it asks for."""


class _Entry:
    """Recent wrong secrets, checks under way, how often it was locked, and until when."""

    __slots__ = ("failed_at", "locked_until", "locks", "under_way")

    def __init__(self) -> None:
        self.failed_at: list[float] = []
        self.under_way = 0
        self.locks = 0
        self.locked_until = 0.0


class Lockout:
    """`failures` wrong secrets in 10 minutes lock for `seconds`, every further time twice as long.

    All times are monotonic seconds.
    """

    def __init__(self, failures: int, seconds: float, most: int = MOST_ENTRIES) -> None:
        self._failures = failures
        self._seconds = seconds
        self._most = most
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()

    def refusal(self, key: Key, now: float) -> str | None:
        """Why an attempt is refused before its secret is checked; None: it is not refused.

        Checks under way count as failed.
        """
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.locked_until > now:
            return f"locked out for {entry.locked_until - now:.0f} s more"
        if len(_lately(entry, now)) + entry.under_way >= self._failures:
            return "too many of its logons are being looked at"
        return None

    def begin(self, key: Key) -> None:
        """A secret is being checked. `failed`, `passed` or `given_up` has to follow."""
        self._entry(key).under_way += 1

    def failed(self, key: Key, now: float) -> float:
        """The secret was wrong. Returns the seconds of the lock that begins, 0 if none begins."""
        entry = self._entry(key)
        entry.under_way = max(0, entry.under_way - 1)
        last = entry.failed_at[-1] if entry.failed_at else entry.locked_until
        if now - last > FORGOTTEN_SECONDS:
            entry.locks = 0
        entry.failed_at = [*_lately(entry, now), now]
        if len(entry.failed_at) < self._failures:
            return 0.0
        seconds = min(self._seconds * float(2**entry.locks), LONGEST_LOCK_SECONDS)
        entry.locks = min(entry.locks + 1, 64)
        entry.failed_at = []
        entry.locked_until = now + seconds
        return seconds

    def passed(self, key: Key) -> None:
        """The secret was right: earlier wrong ones do not count any more."""
        entry = self._entries.pop(key, None)
        if entry is not None and entry.under_way > 1:
            kept = self._entry(key)
            kept.under_way = entry.under_way - 1

    def given_up(self, key: Key) -> None:
        """The secret was not checked after all."""
        entry = self._entries.get(key)
        if entry is not None:
            entry.under_way = max(0, entry.under_way - 1)

    def forgive(self, session: str) -> None:
        """The operator has set another secret: all locks of the session end, from any address."""
        for key in [key for key in self._entries if key[1] == session]:
            del self._entries[key]

    def _entry(self, key: Key) -> _Entry:
        """The key's entry, made the youngest. Over the bound the oldest entry is removed."""
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
        return entry


def _lately(entry: _Entry, now: float) -> list[float]:
    return [at for at in entry.failed_at if now - at < FAILURE_WINDOW_SECONDS]
