"""MsgSeqNums towards the client: the venue's, but for those that resets have skipped. Pure.

A jump at n by k: what the venue numbers n is n + k to the client, and so is all behind it.
"""

from bisect import bisect_right


class Numbers:
    """Jumps of one session since its numbers began at 1."""

    def __init__(self) -> None:
        self._from: list[int] = []
        """The venue's numbers at which there was a jump, rising."""
        self._skipped: list[int] = []
        """How many numbers were skipped up to each, in all."""

    def clear(self) -> None:
        """Numbers begin again: both sides have the same."""
        self._from.clear()
        self._skipped.clear()

    def jump(self, number: int, skip: int) -> None:
        """From this number of the venue's on, the client's are higher by `skip` more."""
        assert skip > 0 and number >= (self._from[-1] if self._from else 1)
        before = self._skipped[-1] if self._skipped else 0
        self._from.append(number)
        self._skipped.append(before + skip)

    def to_client(self, number: int) -> int:
        """The client's number of what the venue numbers so."""
        at = bisect_right(self._from, number)
        return number + (self._skipped[at - 1] if at else 0)

    def to_venue(self, number: int) -> int:
        """The venue's number of what the client knows by this one; of a skipped one the next."""
        before = 0
        for start, skipped in zip(self._from, self._skipped, strict=True):
            if number < start + before:
                break
            if number < start + skipped:
                return start
            before = skipped
        return number - before
