"""The blocks of all documents: fenced, with their language, or indented by four spaces."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("examples/**/*.md"),
        *ROOT.glob("deploy/**/*.md"),
    ]
)
_FENCE = re.compile(r"^(`{3,}) *(\w*)\n(.*?)^\1 *$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)((?:    \S.*\n)+)(?=\n|\Z)")


class Block(NamedTuple):
    """Where it stands, what it says it is ("": nothing), and its text."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_in(page: str, text: str) -> list[Block]:
    """The blocks of a page's text, in their order."""
    found = [
        Block(page, line_of(text, each.start()), each[2], each[3]) for each in _FENCE.finditer(text)
    ]
    prose = _FENCE.sub(lambda each: re.sub(r"[^\n]", "", each[0]), text)
    found += [
        Block(page, line_of(prose, each.start()), "", re.sub("^    ", "", each[1], flags=re.M))
        for each in _INDENTED.finditer(prose)
    ]
    return sorted(found, key=lambda block: block.line)


def line_of(text: str, place: int) -> int:
    """The number of the line, from 1."""
    return text.count("\n", 0, place) + 1


def prose_of(text: str) -> str:
    """A page's text with its blocks emptied, line by line."""
    return _FENCE.sub(lambda each: re.sub(r"[^\n]", "", each[0]), text)


BLOCKS = [
    block for path in PAGES for block in blocks_in(str(path.relative_to(ROOT)), path.read_text())
]
