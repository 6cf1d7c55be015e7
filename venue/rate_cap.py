"""Limits how often an address may do something. Pure: a bounded table; the time is an argument."""

from collections import OrderedDict

MOST_ADDRESSES = 10_000


class RateCap:
    """At most `a_minute` for each address: all at once at first, then evenly refilled."""

    def __init__(self, a_minute: int, most: int = MOST_ADDRESSES) -> None:
        self._a_minute = a_minute
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, now: float) -> bool:
        """Count one; False when the address has used up its share."""
        left, at = self._buckets.pop(address, (float(self._a_minute), now))
        left = min(float(self._a_minute), left + (now - at) * self._a_minute / 60.0)
        is_within = left >= 1.0
        self._buckets[address] = (left - 1.0 if is_within else left, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return is_within
