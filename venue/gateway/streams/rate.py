"""How often one socket may say something: so many a second, some at once. Pure but its clock."""

from collections.abc import Callable


class Rate:
    """a_second: what comes back each second; most: what there may be at once."""

    def __init__(self, a_second: float, most: float, clock: Callable[[], float]) -> None:
        self._a_second = a_second
        self._most = most
        self._clock = clock
        self._left = most
        self._at = clock()

    def take(self) -> bool:
        """Take one. False: there is none left now."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
