"""Rows of a table in the order of their key, walked beside another ordered series.

May know nothing but rows with named columns.
"""

from collections.abc import Iterator
from typing import Any


class OrderedRows:
    """Rows in the order of their key, taken one after the other."""

    def __init__(self, rows: Iterator[Any], key: tuple[str, ...]) -> None:
        self.key = key
        self._rows = rows
        self._row = next(rows, None)

    def before(self, key: tuple[Any, ...]) -> Iterator[Any]:
        """Rows in front of `key`."""
        while self._row is not None and self._key_of(self._row) < key:
            yield self._take()

    def at(self, key: tuple[Any, ...]) -> Any:
        """The row of `key`; None where there is none."""
        if self._row is None or self._key_of(self._row) != key:
            return None
        return self._take()

    def rest(self) -> Iterator[Any]:
        """All rows behind."""
        while self._row is not None:
            yield self._take()

    def _take(self) -> Any:
        row, self._row = self._row, next(self._rows, None)
        return row

    def _key_of(self, row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, column) for column in self.key)
