"""Nonces of API keys: each greater than the one before, over restarts too.

Knows the store. Which is taken is decided at once, and is on disk before anything is done by it.
"""

import asyncio

from venue.gateway.store import Store

_TABLE = """
CREATE TABLE IF NOT EXISTS nonces (
    key TEXT PRIMARY KEY REFERENCES api_keys, nonce INTEGER NOT NULL
) STRICT
"""
_KEEP = """
INSERT INTO nonces VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET nonce = max(nonce, excluded.nonce)
"""


class Nonces:
    """The last nonce of each key."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[str, int] = {}
        with store.changing() as connection:
            connection.execute(_TABLE)

    async def take(self, key: str, nonce: int) -> bool:
        """Use a nonce up. False: this one, or a later one, was used before."""
        last = self._last.get(key)
        if last is None:
            row = self._store.row("SELECT nonce FROM nonces WHERE key = ?", (key,))
            last = 0 if row is None else int(row["nonce"])
        if nonce <= last:
            return False
        self._last[key] = nonce
        await asyncio.to_thread(self._keep, key, nonce)
        return True

    def _keep(self, key: str, nonce: int) -> None:
        with self._store.changing() as connection:
            connection.execute(_KEEP, (key, nonce))
