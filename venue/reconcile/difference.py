"""What a comparison finds: a store that does not say what the journal says.

Pure data. Texts are exact decimal text or names; None: nothing is there.
"""

import hashlib
from enum import StrEnum

import msgspec

MOST_NAMED = 100
"""Differences of one store that are named; of more, how many there are is said."""
_ID_BYTES = 6


class Store(StrEnum):
    """What is compared with the journal."""

    STREAM = "stream"
    DROP_COPIES = "drop copies"
    LEDGER = "ledger"
    TRAIL = "audit trail"
    FUNDS = "funds"
    SESSIONS = "sessions"


class Difference(msgspec.Struct, frozen=True):
    """One thing that a store says otherwise. key: which thing; what: of it; event_seq: 0: of none.

    expected: what the journal says; found: what the store says.
    """

    store: Store
    key: str
    what: str
    expected: str | None
    found: str | None
    event_seq: int = 0

    @property
    def break_id(self) -> str:
        """The same as long as it is about the same thing, whatever is found there."""
        said = "\n".join((self.store, self.key, self.what)).encode()
        return f"B{hashlib.blake2b(said, digest_size=_ID_BYTES).hexdigest()}"

    def __str__(self) -> str:
        expected = "nothing" if self.expected is None else self.expected
        found = "nothing" if self.found is None else self.found
        return f"{self.store}: {self.key}: {self.what} is {found}, the journal says {expected}"


class Compared(msgspec.Struct, frozen=True):
    """One store beside the journal. extent: what was compared, in words. count: all differences."""

    store: Store
    extent: str
    differences: list[Difference] = []
    count: int = 0


class Away(Exception):
    """A store cannot be read now, so nothing is known of it; text says why."""


class Found:
    """Collects the differences of one store: names the first ones, counts all."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._named: list[Difference] = []
        self.count = 0

    def note(
        self, key: str, what: str, expected: str | None, found: str | None, event_seq: int = 0
    ) -> None:
        """Add one."""
        self.count += 1
        if len(self._named) < MOST_NAMED:
            self._named.append(Difference(self._store, key, what, expected, found, event_seq))

    def compared(self, extent: str) -> Compared:
        """All of it. extent: what was compared."""
        return Compared(self._store, extent, self._named, self.count)
