"""Who has shown wrong secrets, and is locked out for it. Kept in the store: a restart forgets none.

Counts by name and address, so that nobody can lock another one out. IPv6 addresses count by the
network of one customer.
"""

from venue.addresses import address_key
from venue.gateway.store import Store

FAILURES_MAX = 5
WINDOW_SECONDS = 600
"""So many wrong secrets of one name from one address within that time lock it out."""
LONGEST_NAME = 64
_NS = 1_000_000_000


class LockOuts:
    """The wrong secrets of the last WINDOW_SECONDS."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def seconds_left(self, name: str, address: str, now_ns: int) -> int:
        """How long an address is locked out of a name; 0: it is not."""
        rows = self._store.rows(
            "SELECT timestamp_ns FROM failures WHERE name = ? AND address = ? "
            "AND timestamp_ns > ? ORDER BY timestamp_ns DESC LIMIT ?",
            (*_key(name, address), now_ns - WINDOW_SECONDS * _NS, FAILURES_MAX),
        )
        if len(rows) < FAILURES_MAX:
            return 0
        ends_ns: int = rows[-1]["timestamp_ns"] + WINDOW_SECONDS * _NS
        return max(1, -(-(ends_ns - now_ns) // _NS))

    def fail(self, name: str, address: str, now_ns: int) -> None:
        """Count a wrong secret; what is older than the window is forgotten."""
        with self._store.changing() as connection:
            connection.execute(
                "DELETE FROM failures WHERE timestamp_ns <= ?", (now_ns - WINDOW_SECONDS * _NS,)
            )
            connection.execute(
                "INSERT INTO failures VALUES (?, ?, ?)", (*_key(name, address), now_ns)
            )

    def clear(self, name: str) -> None:
        """Let all addresses try this name again."""
        with self._store.changing() as connection:
            connection.execute("DELETE FROM failures WHERE name = ?", (name[:LONGEST_NAME],))


def _key(name: str, address: str) -> tuple[str, str]:
    return name[:LONGEST_NAME], address_key(address)
