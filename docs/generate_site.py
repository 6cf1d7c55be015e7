"""The documentation as a site: `make docs` builds it into build/site.

Pages are copies of docs/ in build/pages. What a link names outside of docs/ gets a page there too,
with the file's text, so that the site is whole without a repository. REST and WebSocket are
rendered from the documents that the gateway serves. zensical builds strictly: a link or an anchor
that leads nowhere ends it (decision 0059).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import reference_pages

from venue.gateway.application import application
from venue.gateway.context import Gateway
from venue.gateway.streams.asyncapi import document

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
BROUGHT_IN = ("CHANGELOG.md", "CONTRIBUTING.md")
"""Pages from the project's root."""
OWN = ("*.py", "*.toml", "__pycache__")
"""What makes the pages, and is none."""
DECISIONS = '"DECISIONS"'
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LANGUAGES = {".py": "python", ".xml": "xml", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)")


def build(into: Path) -> bool:
    """Make `into`/site; whether every link and anchor leads somewhere. What does not is printed."""
    pages = into / "pages"
    for old in (pages, into / "site"):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns(*OWN))
    write_reference(pages / "reference")
    waiting = [*DOCS.rglob("*.md"), *(ROOT / name for name in BROUGHT_IN)]
    done: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in done:
            done.add(path)
            place = pages / site_path(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            text, named = page_of(path)
            place.write_text(text)
            waiting += named
    configuration = (DOCS / "zensical.toml").read_text().replace(DECISIONS, decisions())
    missing = [each for each in nav_pages(configuration) if not (pages / each).is_file()]
    assert not missing, f"pages of the navigation that are not there: {missing}"
    (into / "zensical.toml").write_text(configuration)
    return rendered(into)


def rendered(into: Path) -> bool:
    """Make `into`/site of its pages, by its zensical.toml; as `build`."""
    made = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
        cwd=into,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(_COLOUR.sub("", made.stdout).partition("Traceback")[0].strip())
    return made.returncode == 0


def write_reference(directory: Path) -> None:
    """Pages and documents of REST and WebSocket, operators' paths among them."""
    directory.mkdir()
    anybody = cast(Gateway, SimpleNamespace(operating=True))
    openapi: dict[str, Any] = application(anybody).openapi()
    (directory / "openapi.json").write_text(json.dumps(openapi, indent=2))
    (directory / "REST.md").write_text(reference_pages.rest(openapi))
    (directory / "WEBSOCKET.md").write_text(reference_pages.websocket(document()))


def page_of(path: Path) -> tuple[str, list[Path]]:
    """The page of a file or a directory, and what it leads to that needs a page as well."""
    name = path.relative_to(ROOT)
    if path.is_dir():
        inside = sorted(each for each in path.iterdir() if each.name != "__pycache__")
        links = [f"- [{title(each)}]({relative(each, path)})" for each in inside]
        return "\n".join([f"# {name}", "", *links, ""]), inside
    text = path.read_text()
    if path.suffix == ".md":
        return within_the_site(text, path)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=2) + 3)
    return f"# {name}\n\n{fence}{_LANGUAGES.get(path.suffix, '')}\n{text.rstrip()}\n{fence}\n", []


def within_the_site(text: str, path: Path) -> tuple[str, list[Path]]:
    """A page whose links lead to pages of the site; and what they name that needs a page."""
    named: list[Path] = []

    def link(found: re.Match[str]) -> str:
        target = (path.parent / found[1]).resolve()
        if not target.exists():
            return found[0]  # made for the site, or nowhere: zensical says it
        if target.is_dir() or not target.is_relative_to(DOCS):
            named.append(target)
        return f"]({relative(target, path)}{found[2] or ''})"

    return _LINK.sub(link, text), named


def relative(target: Path, path: Path) -> str:
    """The link from the page of a path to that of another."""
    return os.path.relpath(site_path(target), site_path(path).parent)


def site_path(path: Path) -> Path:
    """Where in the site the page of a file or a directory of the project is."""
    if path.is_relative_to(DOCS):
        inside = path.relative_to(DOCS)
        return inside / "index.md" if path.is_dir() else inside
    inside = path.relative_to(ROOT)
    if str(inside) in BROUGHT_IN:
        return inside
    return Path("source", inside, "index.md") if path.is_dir() else Path("source", f"{inside}.md")


def title(path: Path) -> str:
    """What a link to it says: of a decision its number and title, else its name."""
    if path.parent.name != "decisions":
        return path.name
    said = re.sub(r"^# \d+[.:]?\s+", "", path.read_text().splitlines()[0])
    return f"{path.name[:4]} {said[:1].upper()}{said[1:]}"


def decisions() -> str:
    """All of docs/decisions for the navigation, by their titles."""
    rows = [
        f'{{ "{title(path)}" = "decisions/{path.name}" }}'
        for path in sorted((DOCS / "decisions").glob("*.md"))
    ]
    listed = ", ".join(['"decisions/index.md"', *rows])
    return f"[{listed}]"


def nav_pages(configuration: str) -> Iterator[str]:
    """Pages that the navigation names."""
    waiting: list[Any] = [tomllib.loads(configuration)["project"]["nav"]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        else:
            waiting += node if isinstance(node, list) else node.values()


if __name__ == "__main__":
    sys.exit(0 if build(ROOT / "build") else 1)
