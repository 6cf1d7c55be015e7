"""What waits to be delivered, and how far the notifier is: one SQLite file.

What is delivered is kept, too, until the position is past its event: events that come again make
the same alerts, and none of them waits a second time. Knows neither channels nor alerts.
"""

import os
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from venue.bus.halts import StoreAway
from venue.bus.position_file import Position

MOST_WAITING = 10_000
"""For one destination; the oldest are lost then, and counted."""
_BUSY_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (one INTEGER PRIMARY KEY CHECK (one = 1), position BLOB, seen BLOB);
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, id TEXT NOT NULL,
    event_seq INTEGER NOT NULL, timestamp_ns INTEGER NOT NULL, alert BLOB NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, UNIQUE (destination, id));
CREATE INDEX IF NOT EXISTS waiting ON deliveries (destination, done, number);
CREATE TABLE IF NOT EXISTS alerts_read (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER);
CREATE TABLE IF NOT EXISTS lost (destination TEXT PRIMARY KEY, count INTEGER NOT NULL);
"""


class StoreDamaged(Exception):
    """The file is none of ours, or is damaged."""


class Kept(NamedTuple):
    """position None: nothing was kept yet. seen: what the alerts of later events depend on."""

    position: Position | None
    seen: bytes


class Delivery(NamedTuple):
    """An alert for one destination."""

    destination: str
    id: str
    event_seq: int
    timestamp_ns: int
    alert: bytes


class Waiting(NamedTuple):
    """The oldest alert that waits for a destination; its number in the store."""

    number: int
    alert: bytes


class Backlog(NamedTuple):
    """What waits for a destination now, and what it has lost."""

    waiting: int = 0
    lost: int = 0


class Store:
    """Every method may be called in any thread, and raises StoreAway and StoreDamaged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def kept(self) -> Kept:
        """What was kept last."""
        with self._transaction() as database:
            row = database.execute("SELECT position, seen FROM kept").fetchone()
        if row is None:
            return Kept(None, b"")
        try:
            return Kept(msgspec.json.decode(row[0], type=Position), row[1])
        except msgspec.MsgspecError as error:
            raise StoreDamaged(f"{self._path.name}: {error}") from error

    def keep(self, position: Position, seen: bytes) -> None:
        """Keep where to go on; what was delivered of events up to there is forgotten."""
        with self._transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO kept VALUES (1, ?, ?)",
                (msgspec.json.encode(position), seen),
            )
            database.execute(
                "DELETE FROM deliveries WHERE done AND event_seq <= ?", (position.event_seq,)
            )

    def alerts_read(self) -> int:
        """Sequence of the last of the operator's alerts that was read from their stream."""
        with self._transaction() as database:
            row = database.execute("SELECT sequence FROM alerts_read").fetchone()
        return 0 if row is None else int(row[0])

    def add(self, deliveries: Sequence[Delivery], alerts_read: int | None = None) -> int:
        """Have these delivered, but for those that were added before. How many others are lost.

        alerts_read: where to go on with the operator's alerts.
        """
        lost = 0
        with self._transaction() as database:
            if alerts_read is not None:
                database.execute("INSERT OR REPLACE INTO alerts_read VALUES (1, ?)", (alerts_read,))
            database.executemany(
                "INSERT OR IGNORE INTO deliveries"
                " (destination, id, event_seq, timestamp_ns, alert) VALUES (?, ?, ?, ?, ?)",
                deliveries,
            )
            for destination in {each.destination for each in deliveries}:
                (waiting,) = database.execute(
                    "SELECT count(*) FROM deliveries WHERE destination = ? AND NOT done",
                    (destination,),
                ).fetchone()
                lost += _lose(database, destination, waiting - MOST_WAITING)
        return lost

    def lose_before(self, destination: str, timestamp_ns: int) -> int:
        """Give up what is older. How many."""
        with self._transaction() as database:
            (older,) = database.execute(
                "SELECT count(*) FROM deliveries"
                " WHERE destination = ? AND NOT done AND timestamp_ns < ?",
                (destination, timestamp_ns),
            ).fetchone()
            return _lose(database, destination, older)

    def next(self, destination: str) -> Waiting | None:
        """The oldest alert that waits for a destination."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT number, alert FROM deliveries WHERE destination = ? AND NOT done"
                " ORDER BY number LIMIT 1",
                (destination,),
            ).fetchone()
        return None if row is None else Waiting(*row)

    def delivered(self, number: int) -> None:
        """An alert has arrived."""
        with self._transaction() as database:
            database.execute("UPDATE deliveries SET done = 1 WHERE number = ?", (number,))

    def forget_others(self, destinations: Collection[str]) -> None:
        """Forget what waits for destinations that are not there any more."""
        with self._transaction() as database:
            for table in ("deliveries", "lost"):
                rows = database.execute(f"SELECT DISTINCT destination FROM {table}").fetchall()
                gone = [row for row in rows if row[0] not in destinations]
                database.executemany(f"DELETE FROM {table} WHERE destination = ?", gone)

    def backlogs(self) -> dict[str, Backlog]:
        """What waits and was lost, by destination, where anything is so."""
        with self._transaction() as database:
            waiting = dict(
                database.execute(
                    "SELECT destination, count(*) FROM deliveries WHERE NOT done"
                    " GROUP BY destination"
                )
            )
            lost = dict(database.execute("SELECT destination, count FROM lost"))
        return {
            name: Backlog(waiting.get(name, 0), lost.get(name, 0)) for name in {*waiting, *lost}
        }

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside, or nothing."""
        with self._lock:
            try:
                if self._database is None:
                    self._database = self._opened()
                with self._database as database:
                    yield database
            except sqlite3.OperationalError as error:  # no room, no access, somebody else at it
                raise StoreAway(f"{self._path.name}: {error}") from error
            except sqlite3.DatabaseError as error:
                raise StoreDamaged(
                    f"{self._path} is damaged: {error}; remove it, and what waits in it is lost"
                ) from error

    def _opened(self) -> sqlite3.Connection:
        try:  # its owner's alone, and so are the files that SQLite makes beside it
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise StoreAway(f"{self._path.name}: {error.strerror}") from error
        database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            # What a power failure takes is made again from the events: no commit is synced.
            database.executescript(
                f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}"
            )
        except sqlite3.Error:
            database.close()
            raise
        return database


def _lose(database: sqlite3.Connection, destination: str, count: int) -> int:
    """Give up the oldest that wait for a destination. How many."""
    if count <= 0:
        return 0
    database.execute(
        "UPDATE deliveries SET done = 1 WHERE number IN (SELECT number FROM deliveries"
        " WHERE destination = ? AND NOT done ORDER BY number LIMIT ?)",
        (destination, count),
    )
    database.execute(
        "INSERT INTO lost VALUES (?, ?) ON CONFLICT (destination)"
        " DO UPDATE SET count = count + excluded.count",
        (destination, count),
    )
    return count
