"""What the gateway remembers: users, API keys, refresh tokens, signing keys, security events.

One SQLite file in the data directory, for its owner only. Knows SQL and nothing of HTTP. Secrets
of API keys stand in it as they are, for who checks an HMAC needs them; passwords and refresh tokens
do not.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from venue.gateway.schema import prepare

LOOK_SECONDS = 0.001
"""How late a change by another process may be seen."""


class Store:
    """The file. Its calls are short, and may come from several threads."""

    def __init__(self, path: Path) -> None:
        """Make the file where there is none. Raises sqlite3.Error, OSError."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self._lock = threading.Lock()
        self._changes = 0
        self._version, self._looked = 0, -LOOK_SECONDS
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for pragma in (
            "busy_timeout=5000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        prepare(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else's changes come between; on return it is on disk."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            self._changes += 1

    def row(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The one row of a query; None: there is none."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
            return found

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def version(self) -> int:
        """A number that is another one once another process has changed the file."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            row = self.row("PRAGMA data_version")
            assert row is not None
            self._version, self._looked = int(row[0]), now
        return self._version

    def state(self) -> tuple[int, int]:
        """What is another one once anybody has changed the file."""
        return self.version(), self._changes

    def note(self, kind: str, user: str, address: str, detail: str, now_ns: int) -> None:
        """Add a security event: what was tried or done, by whom, from where."""
        with self.changing() as connection:
            connection.execute(
                "INSERT INTO security_events (timestamp_ns, kind, user, address, detail) "
                "VALUES (?, ?, ?, ?, ?)",
                (now_ns, kind, user, address, detail),
            )
