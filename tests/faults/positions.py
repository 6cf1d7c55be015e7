"""How far the journal and each of its consumers are, asked from outside.

Reads only; what cannot be asked now (its server is down) is None.
"""

from pathlib import Path

import psycopg

from venue.clearing.schema import CONSUMER
from venue.dropcopy.position_file import position_file, read_position_file
from venue.journal.durable import read_position

_CONNECT_SECONDS = 2


class Positions:
    """Positions of one deployment."""

    def __init__(self, data_dir: Path, database_url: str) -> None:
        self._data_dir = data_dir
        self._database_url = database_url
        self._connection: psycopg.Connection[tuple[int]] | None = None

    def journal(self) -> int:
        """Last event_seq that is on disk."""
        return read_position(self._data_dir / "journal")[0]

    def of(self, name: str) -> int | None:
        """Last event_seq that a process has done."""
        if name == "clearing":
            return self._ledger()
        position = read_position_file(position_file(self._data_dir, name))
        return None if position is None else position.event_seq

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ledger(self) -> int | None:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._database_url, autocommit=True, connect_timeout=_CONNECT_SECONDS
                )
            query = "SELECT event_seq FROM clearing.position WHERE consumer = %s"
            row = self._connection.execute(query, (CONSUMER,)).fetchone()
        except psycopg.Error:  # PostgreSQL was killed, or clearing has not made its tables yet
            self.close()
            return None
        return None if row is None else row[0]
