"""The table of figures: rows, as text for a terminal and as Markdown between a document's marks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

HEADINGS = ("figure", "aim", "measured", "ratio", "met")
BEFORE = "before"


class Row(NamedTuple):
    """One figure. ratio: measured to target, or to what it is held against; 1 or more is good.

    met None: not judged. beside: what to read it with (disk, load of the machine, client's CPU).
    runs: every single run in a line, for the median alone hides a bad minute.
    """

    figure: str
    target: str
    measured: str
    ratio: float | None
    met: bool | None
    beside: str = ""
    runs: Sequence[str] = ()

    def cells(self) -> tuple[str, ...]:
        """Texts of the columns."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        met = {True: "yes", False: "**no**", None: "not judged"}[self.met]
        return (self.figure, self.target, self.measured, ratio, met)


def not_measured(figure: str, target: str, why: str) -> Row:
    """A row that says why there is no figure."""
    return Row(figure, target, f"not measured: {why}", None, None)


def markdown(rows: Sequence[Row], before: Mapping[str, str]) -> str:
    """The table. before: what an earlier table said, by figure."""
    lines = [_line((*HEADINGS, BEFORE)), _line(["---"] * (len(HEADINGS) + 1))]
    lines += [_line((*row.cells(), before.get(row.figure, ""))) for row in rows]
    return "\n".join(lines) + "\n"


def every_run(rows: Sequence[Row]) -> str:
    """What stood beside each figure, and every run of it, as a list."""
    lines = []
    for row in rows:
        if row.beside or row.runs:
            lines.append(f"- {row.figure}{': ' if row.beside else ''}{row.beside}")
            lines += [f"  - {run}" for run in row.runs]
    return "\n".join(lines) + "\n"


def plain(rows: Sequence[Row]) -> str:
    """The table in columns, and below it what stands beside, and every run."""
    table = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in table
    ]
    for row in rows:
        below = [*([row.beside] if row.beside and not row.runs else []), *row.runs]
        if below:
            lines += ["", f"{row.figure}:", *(f"  {line}" for line in below)]
    return "\n".join(lines).replace("**", "") + "\n"


def write_between(file: Path, mark: str, text: str) -> None:
    """Replace what stands between `<!-- mark:begin -->` and `<!-- mark:end -->`; the rest stays."""
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    head, found, rest = file.read_text().partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{file} has no {begin} ... {end}")
    file.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
