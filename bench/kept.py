"""The figures that the document shows, kept as data, so that a part of them can be measured anew.

docs/performance.json: a row for each figure, by which run it was measured, and what was measured
before.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from bench.table import Row


class Kept(msgspec.Struct, omit_defaults=True):
    """A row as it was measured. section: of bench, by which rows are ordered.

    run: when it was measured, what of, and by which command.
    """

    section: str
    figure: str
    target: str
    measured: str
    ratio: float | None
    met: bool | None
    beside: str = ""
    runs: list[str] = []
    run: str = ""

    def row(self) -> Row:
        """As the table shows it."""
        return Row(*(getattr(self, name) for name in Row._fields))


class Figures(msgspec.Struct):
    """rows: what the table says now. before: what it said before, by figure."""

    rows: list[Kept] = []
    before: dict[str, str] = {}


def load(path: Path) -> Figures:
    """The figures; none where there is no file."""
    return msgspec.json.decode(path.read_bytes(), type=Figures) if path.exists() else Figures()


def with_new(
    figures: Figures, measured: Mapping[str, Iterable[Row]], sections: Iterable[str], run: str
) -> Figures:
    """The figures with those of some sections measured anew; what these said is the before."""
    rows = [row for row in figures.rows if row.section not in measured]
    said = {row.figure: row.measured for row in figures.rows if row.section in measured}
    rows += [
        Kept(section, *row[:6], list(row.runs), run)
        for section, found in measured.items()
        for row in found
    ]
    places = {section: place for place, section in enumerate(sections)}
    rows.sort(key=lambda row: places.get(row.section, len(places)))
    return Figures(rows, {**figures.before, **said})


def keep(path: Path, figures: Figures) -> None:
    """Write the figures."""
    told: Any = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    path.write_bytes(told + b"\n")
