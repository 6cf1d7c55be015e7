"""The first answer again, for a request that comes again under its Idempotency-Key.

Knows the store. A key is a user's, and of one request: with another one it is refused. While the
first is being answered, or died unanswered, the second is told that its fate is unknown.
"""

import hashlib
from typing import NamedTuple

from venue.gateway.problems import Code, Problem
from venue.gateway.store import Store

KEPT_SECONDS = 24 * 3600
MOST_CHARACTERS = 128
_NS = 1_000_000_000


class Answered(NamedTuple):
    """An answer as it was given: HTTP status and body."""

    status: int
    body: bytes


class Idempotency:
    """The answers of the last day, by user and key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, user: str, key: str, request: bytes, now_ns: int) -> Answered | None:
        """Take a key for a request. The first answer where there was one; None: this is the first.

        Raises Problem: CONFLICT for another request, FATE_UNKNOWN where the first has no answer.
        """
        if not key.isprintable() or len(key) > MOST_CHARACTERS:
            raise Problem(
                Code.BAD_REQUEST,
                f"a key has at most {MOST_CHARACTERS} printable characters",
                field="Idempotency-Key",
            )
        digest = hashlib.sha256(request).hexdigest()
        with self._store.changing() as connection:
            connection.execute(
                "DELETE FROM answers WHERE created_ns < ?", (now_ns - KEPT_SECONDS * _NS,)
            )
            row = connection.execute(
                "SELECT * FROM answers WHERE user = ? AND idempotency_key = ?", (user, key)
            ).fetchone()
            if row is None:
                connection.execute(
                    "INSERT INTO answers VALUES (?, ?, ?, NULL, NULL, ?)",
                    (user, key, digest, now_ns),
                )
                return None
        if row["request"] != digest:
            raise Problem(
                Code.CONFLICT, "the key was used for another request", field="Idempotency-Key"
            )
        if row["status"] is None:
            raise Problem(
                Code.FATE_UNKNOWN,
                "the first request of this key has no answer; ask for the order by its client id",
            )
        return Answered(row["status"], row["body"])

    def keep(self, user: str, key: str, answered: Answered) -> None:
        """Keep the first answer."""
        with self._store.changing() as connection:
            connection.execute(
                "UPDATE answers SET status = ?, body = ? WHERE user = ? AND idempotency_key = ?",
                (answered.status, answered.body, user, key),
            )

    def give_up(self, user: str, key: str) -> None:
        """Free a key whose request was not even tried."""
        with self._store.changing() as connection:
            connection.execute(
                "DELETE FROM answers WHERE user = ? AND idempotency_key = ? AND status IS NULL",
                (user, key),
            )
