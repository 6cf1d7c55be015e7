"""The table of results: kinds of kills, damaged journals, restart; and docs/RELIABILITY.md.

Pure but for replacing the table in that file.
"""

import os
import platform
import shlex
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

BEGIN, END = "<!-- figures: written by make faults -->", "<!-- end -->"
HEAD = ("what", "times", "violations", "back after, median", "longest")


class Done(Protocol):
    """Something that was done to a venue. seconds: until it served again; None: not waited for."""

    @property
    def kind(self) -> str:
        """Row of the table of results."""

    @property
    def seconds(self) -> float | None:
        """Until it served again."""


class Row(NamedTuple):
    """One line of the table. seconds: until service, of those times where that was waited for."""

    what: str
    times: int
    violations: int
    seconds: Sequence[float] = ()

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as text."""
        median = longest = ""
        if self.seconds:
            median = f"{statistics.median(self.seconds):.1f} s"
            longest = f"{max(self.seconds):.1f} s"
        return (self.what, f"{self.times:,}", str(self.violations), median, longest)


def done_rows(rounds: Sequence[tuple[Sequence[Done], int]]) -> list[Row]:
    """A row for each kind of what was done, of rounds and their numbers of violations.

    A violation counts for every kind that its round had.
    """
    times: dict[str, int] = {}
    violations: dict[str, int] = {}
    seconds: dict[str, list[float]] = {}
    for done, count in rounds:
        for one in done:
            times[one.kind] = times.get(one.kind, 0) + 1
            if one.seconds is not None:
                seconds.setdefault(one.kind, []).append(one.seconds)
        for kind in {one.kind for one in done}:
            violations[kind] = violations.get(kind, 0) + count
    return [
        Row(kind, times[kind], violations[kind], seconds.get(kind, ())) for kind in sorted(times)
    ]


def table(rows: Sequence[Row]) -> str:
    """Markdown, with columns as wide as their text."""
    lines = [HEAD, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]

    def text(cells: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * widths[0],
        *("-" * (width - 1) + ":" for width in widths[1:]),
    ]
    return "\n".join([text(lines[0]), text(rule), *map(text, lines[1:])])


def circumstances(arguments: Sequence[str], seed: str, minutes: float) -> str:
    """When, how and on what the figures were made; `arguments` are those of the command."""
    command = shlex.join(["python", "-m", "tests.faults", *arguments])
    if "--seed" not in arguments:
        command += f" --seed {seed}"
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, `{command}`, {minutes:.0f} minutes on {os.cpu_count()} "
        f"cores ({_processor()}), {memory_gib:.0f} GiB, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}."
    )


def write_document(path: Path, text: str) -> None:
    """Replace what stands between the two marks of the document."""
    document = path.read_text()
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert rest and after is not None, f"{path} has lost its marks"
    draft = path.with_suffix(".new")
    draft.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    draft.replace(path)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
