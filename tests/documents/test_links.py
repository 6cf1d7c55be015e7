"""Links between the project's documents lead to files and headings that there are.

The site's build checks those within docs/ too; this also checks what only a repository shows.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from pymdownx.slugs import slugify

from tests.documents.blocks import PAGES, ROOT, prose_of

_LINK = re.compile(r"\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]*))?\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_slug = slugify(case="lower")


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site give them."""
    found: list[str] = []
    for heading in _HEADING.findall(prose_of(page.read_text())):
        plain = re.sub(r"\[([^]]+)\]\([^)]*\)|`", r"\1", heading)
        found.append(_slug(plain, "-"))
    return set(found)


def broken(page: Path, text: str) -> list[str]:
    """The links of a text that lead nowhere from that page."""
    wrong = []
    for path, anchor in _LINK.findall(prose_of(text)):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(f"{path}#{anchor}")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text()) == []


def test_link_that_leads_nowhere_is_found() -> None:
    text = "[a](docs/nothing) [b](docs/RISK.md#nothing) [c](docs/RISK.md) [d](#venue)"
    assert broken(ROOT / "README.md", text) == ["docs/nothing#", "docs/RISK.md#nothing"]
