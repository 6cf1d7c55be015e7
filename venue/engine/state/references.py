"""References of deposits and withdrawals: each is used once for ever, so none is forgotten.

They are packed, as text, for there is no bound to how many come. A look-up costs a search through
one of BUCKETS parts.
"""

import hashlib
from collections.abc import Mapping

BUCKETS = 4096


class References:
    """Every reference that was used, with the event that booked it and the terms of that.

    An entry is a line: reference, tab, event_seq, blank, terms with their control characters
    escaped. A reference has no control characters.
    """

    __slots__ = ("_packed",)

    def __init__(self, packed: Mapping[int, bytes]) -> None:
        self._packed = dict(packed)

    def add(self, reference: str, event_seq: int, terms: str) -> None:
        """Use a reference up."""
        assert reference.isprintable() and reference not in self
        bucket = _bucket(reference)
        entry = _begin(reference) + f"{event_seq} ".encode() + terms.encode("unicode_escape")
        self._packed[bucket] = self._packed.get(bucket, b"") + entry

    def get(self, reference: str) -> tuple[int, str] | None:
        """Event that has used a reference, and its terms; None: it was not used."""
        if not reference.isprintable():
            return None
        packed, begin = self._packed.get(_bucket(reference), b""), _begin(reference)
        place = packed.find(begin)
        if place < 0:
            return None
        end = packed.find(b"\n", place + 1)
        entry = packed[place + len(begin) : end if end >= 0 else len(packed)]
        event_seq, _, terms = entry.partition(b" ")
        return int(event_seq), terms.decode("unicode_escape")

    def __contains__(self, reference: object) -> bool:
        return isinstance(reference, str) and self.get(reference) is not None

    def packed(self) -> dict[int, bytes]:
        """All of them, as images have them."""
        return dict(self._packed)


def _bucket(reference: str) -> int:
    return int.from_bytes(hashlib.sha256(reference.encode()).digest()[:2], "big") % BUCKETS


def _begin(reference: str) -> bytes:
    return b"\n" + reference.encode() + b"\t"
