"""Every ClOrdID(11) of a session's day with its order, packed: nothing bounds how many come.

IDs are spread by their hash over small parts. When the parts grow full, one of them is divided
(W. Litwin, Linear Hashing, 1980), so that no ID costs more than another, however many there are.
Python's own hash has a secret, so no member can choose IDs that all come into one part. Another
process has another: the order of what comes from here must not be seen in any event or image.
"""

from collections.abc import Iterator

NO_ORDER = 0
"""Instead of an OrderID: the request was refused, or is for no single order."""

_IDS_A_PART = 4
_ENTRY, _NUMBER = b"\xff", b"\xfe"
"""Before an entry, and before its OrderID: bytes that no text has in UTF-8. They differ, else an
OrderID between two entries would be taken for an ID."""


class ClOrdIDs:
    """ClOrdIDs, each with the OrderID of its order, or with NO_ORDER.

    An entry of a part is _ENTRY, the ID in UTF-8, _NUMBER and the OrderID.
    """

    __slots__ = ("_count", "_half", "_parts", "_taken")

    def __init__(self) -> None:
        self._parts: list[bytes] = [b""]
        self._half = 1
        """A power of two: at most as many as there are parts, and at least half as many."""
        self._count = 0
        self._taken = 0
        """So many parts at the end have been emptied by `take`."""

    def add(self, cl_ord_id: str, order_id: int) -> None:
        """Add an ID that is not there yet."""
        assert not self._taken
        key, parts = _key(cl_ord_id), self._parts
        place = self._place(key)
        parts[place] = b"%b%b%d" % (parts[place], key, order_id)
        self._count += 1
        if self._count > _IDS_A_PART * len(parts):
            self._divide()

    def get(self, cl_ord_id: str) -> int | None:
        """OrderID of the ID's order, NO_ORDER if it has none; None: the ID is not there."""
        key = _key(cl_ord_id)
        part = self._parts[self._place(key)]
        begin = part.find(key)
        if begin < 0:
            return None
        begin += len(key)
        end = part.find(_ENTRY, begin)
        return int(part[begin:] if end < 0 else part[begin:end])

    def take(self, most: int) -> list[tuple[str, int]]:
        """Remove and return some IDs, `most` if there are so many. None may be added after it."""
        taken: list[tuple[str, int]] = []
        while len(taken) < most and self._taken < len(self._parts):
            place = len(self._parts) - self._taken - 1
            entries = _entries(self._parts[place])
            left = entries[most - len(taken) :]
            taken += entries[: most - len(taken)]
            self._parts[place] = b"".join(_key(each) + b"%d" % number for each, number in left)
            self._taken += not left
        self._count -= len(taken)
        return taken

    def items(self) -> Iterator[tuple[str, int]]:
        """All IDs with their OrderIDs, in no order."""
        return (entry for part in self._parts for entry in _entries(part))

    def __contains__(self, cl_ord_id: str) -> bool:
        key = _key(cl_ord_id)
        return key in self._parts[self._place(key)]

    def __len__(self) -> int:
        return self._count

    def _place(self, key: bytes) -> int:
        place = hash(key) & (2 * self._half - 1)
        return place if place < len(self._parts) else place & (self._half - 1)

    def _divide(self) -> None:
        """Add a part, and move there what belongs there; all of it is in one other part."""
        parts = self._parts
        behind = len(parts)
        if behind == 2 * self._half:
            self._half = behind
        place = behind - self._half
        entries = parts[place].split(_ENTRY)
        parts[place] = b""
        parts.append(b"")
        for entry in entries[1:]:
            cl_ord_id, _, number = entry.partition(_NUMBER)
            key = _ENTRY + cl_ord_id + _NUMBER
            parts[self._place(key)] += key + number


def _key(cl_ord_id: str) -> bytes:
    """An entry's beginning, up to its OrderID."""
    if cl_ord_id.isascii():
        return b"\xff%b\xfe" % cl_ord_id.encode()
    return b"\xff%b\xfe" % cl_ord_id.encode("utf-8", "surrogatepass")


def _entries(part: bytes) -> list[tuple[str, int]]:
    found = []
    for entry in part.split(_ENTRY)[1:]:
        cl_ord_id, _, number = entry.partition(_NUMBER)
        found.append((cl_ord_id.decode("utf-8", "surrogatepass"), int(number)))
    return found
