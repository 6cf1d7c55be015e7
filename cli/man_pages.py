"""`python -m venue.cli.man_pages DIR`: a manual page for each command, made of its help.

Knows the commands as typer has built them, and roff; nothing of what a command does.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

import venue
from venue.cli.main import app

SECTION = 1
_STATUS = (
    ("0", "done"),
    ("1", "refused, not found, or not answered"),
    ("2", "wrong use, or a configuration that is none"),
    ("3", "not done yet: another operator has to approve it"),
)


_ALTERNATIVES = re.compile(r" \| (?=venue )")
_KIND = re.compile(r" <\w+>$")
"""What typer writes behind the name of an argument."""


class Page(NamedTuple):
    """A command by its path, such as `venue order list`, and its manual page in roff."""

    path: str
    text: str

    @property
    def file_name(self) -> str:
        """As man finds it: `venue-order-list.1`."""
        return f"{self.path.replace(' ', '-')}.{SECTION}"


def pages() -> Iterator[Page]:
    """Those of all commands and groups, the root's first."""
    yield from _pages(typer.main.get_command(app), "venue")


def write_pages(directory: Path) -> list[Path]:
    """Write them all; their files. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    files = []
    for page in pages():
        files.append(directory / page.file_name)
        files[-1].write_text(page.text, encoding="utf-8")
    return files


def _pages(command: Any, path: str) -> Iterator[Page]:
    yield Page(path, "\n".join(_lines(command, path)) + "\n")
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from _pages(each, f"{path} {name}")


def _lines(command: Any, path: str) -> Iterator[str]:
    context = typer.Context(command, info_name=path)
    paragraphs, examples = _said(command)
    title = path.replace(" ", "-")
    yield f'.TH "{title.upper()}" "{SECTION}" "" "venue {venue.__version__}" "venue"'
    yield from (".SH NAME", f"{title} \\- {_escaped(_sentence(paragraphs))}")
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (".SH SYNOPSIS", f".B {_escaped(path)}", _escaped(usage))
    yield ".SH DESCRIPTION"
    for paragraph in paragraphs:
        yield from (".PP", _escaped(paragraph))
    found = (each.get_help_record(context) for each in command.get_params(context))
    records = [each for each in found if each is not None]
    yield from _listed("OPTIONS", ((_KIND.sub("", name), text) for name, text in records))
    if isinstance(command, TyperGroup):
        summaries = (
            (f"{path} {name}", _sentence(_said(each)[0])) for name, each in command.commands.items()
        )
        yield from _listed("COMMANDS", summaries)
    if examples:
        yield from (".SH EXAMPLES", ".nf", *map(_escaped, examples), ".fi")
    yield from _listed("EXIT STATUS", _STATUS)


def _listed(heading: str, rows: Any) -> Iterator[str]:
    rows = list(rows)
    if rows:
        yield f".SH {heading}"
    for name, text in rows:
        yield from (".TP", f".B {_escaped(name)}", _escaped(text or "-"))


def _said(command: Any) -> tuple[list[str], list[str]]:
    """The paragraphs of a command's help, and its examples."""
    text = inspect.cleandoc(f"{command.help or ''}\n\n{command.epilog or ''}")
    paragraphs, examples = [], []
    for block in re.split(r"\n\s*\n", text):
        told, found, behind = block.partition("Example: ")
        if not found:
            told, found, behind = block.partition("Examples:")
        if found and not told.strip():
            lines = _ALTERNATIVES.sub("\n", behind).splitlines()
            examples += [line.strip() for line in lines if line.strip()]
        elif examples or block.startswith(("    ", "venue ")):
            examples += [line.strip() for line in block.splitlines()]
        elif block.strip():
            paragraphs.append(" ".join(block.split()))
    return paragraphs or ["see the commands below"], examples


def _sentence(paragraphs: list[str]) -> str:
    """The first sentence, without its point."""
    return re.split(r"(?<=[^.])\.(?:\s|$)", paragraphs[0], maxsplit=1)[0].rstrip(".:")


def _escaped(text: str) -> str:
    """Text that roff takes as it is: backslashes, hyphens, and points that begin a line."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", escaped, flags=re.MULTILINE)


def main() -> int:
    """Write them into the directory that was named; the exit status."""
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print("usage: python -m venue.cli.man_pages DIR", file=sys.stderr)
        return 2
    print(f"{len(write_pages(Path(sys.argv[1])))} pages in {sys.argv[1]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
