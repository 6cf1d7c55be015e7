"""Decimal texts and counts of a unit (a tick, a lot), each computed once and remembered. Pure.

All instruments of equal unit share what is remembered: with many instruments few texts come twice
in the same one. A table is its own lookup, `table[text]`, so that no call is needed.
"""

from functools import lru_cache

from venue.domain.decimal_text import format_scaled, parse_scaled

_REMEMBERED_MAX = 100_000
_UNITS_MAX = 1000


class UnitCounts(dict[str, int | None]):
    """Text to count; None for a text that is no number or no multiple of the unit."""

    def __init__(self, decimals: int, unit: int) -> None:
        super().__init__()
        self._decimals = decimals
        self._unit = unit

    def __missing__(self, text: str) -> int | None:
        scaled = parse_scaled(text, self._decimals)
        count = None if scaled is None or scaled % self._unit else scaled // self._unit
        if len(self) >= _REMEMBERED_MAX:
            self.clear()
        self[text] = count
        return count


class UnitTexts(dict[int, str]):
    """Count to decimal text."""

    def __init__(self, decimals: int, unit: int) -> None:
        super().__init__()
        self._decimals = decimals
        self._unit = unit

    def __missing__(self, count: int) -> str:
        text = format_scaled(count * self._unit, self._decimals)
        if len(self) >= _REMEMBERED_MAX:
            self.clear()
        self[count] = text
        return text


@lru_cache(_UNITS_MAX)
def tables_of(decimals: int, unit: int) -> tuple[UnitCounts, UnitTexts]:
    """The tables of `unit` x 10^-decimals."""
    return UnitCounts(decimals, unit), UnitTexts(decimals, unit)
