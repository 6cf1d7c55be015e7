"""Who has tried too often: wrong secrets by (address, CompID), locked out for ever longer.

Never by CompID alone: a stranger must not lock a member out. A bounded table, an injected clock.
"""

from collections import OrderedDict

MOST_ENTRIES = 10_000
FORGOTTEN_SECONDS = 86_400.0
"""A day without a wrong secret, and the next lock is a short one again."""
LONGEST_LOCK_SECONDS = 4 * 3600.0
FAILURE_WINDOW_SECONDS = 600.0

Key = tuple[str, str]
"""Whose address (`address_key`), and which CompID it asked for."""


class _Entry:
    """Wrong secrets lately, the checks under way, how often it was locked, and until when."""

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
        """Why no secret is looked at, None if one is. Checks under way count as failed ones."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.locked_until > now:
            return f"locked out for {entry.locked_until - now:.0f} s more"
        if len(_lately(entry, now)) + entry.under_way >= self._failures:
            return "too many of its logons are being looked at"
        return None

    def begin(self, key: Key) -> None:
        """A secret is being looked at; one of `failed` and `passed` follows."""
        self._entry(key).under_way += 1

    def failed(self, key: Key, now: float) -> float:
        """The secret was wrong. Seconds of the lock that this begins, 0 if it begins none."""
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
        """The secret was right: nothing is held against it any more."""
        entry = self._entries.pop(key, None)
        if entry is not None and entry.under_way > 1:
            kept = self._entry(key)
            kept.under_way = entry.under_way - 1

    def given_up(self, key: Key) -> None:
        """The secret was not looked at after all."""
        entry = self._entries.get(key)
        if entry is not None:
            entry.under_way = max(0, entry.under_way - 1)

    def forgive(self, session: str) -> None:
        """The operator has set another secret: locks of the session end, wherever from."""
        for key in [key for key in self._entries if key[1] == session]:
            del self._entries[key]

    def _entry(self, key: Key) -> _Entry:
        """The key's entry, the youngest from now on; over the bound the oldest goes."""
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
        return entry


def _lately(entry: _Entry, now: float) -> list[float]:
    return [at for at in entry.failed_at if now - at < FAILURE_WINDOW_SECONDS]
