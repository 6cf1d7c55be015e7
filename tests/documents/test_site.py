"""`make docs`: the site is built strictly, is whole, and asks nothing of another host."""

import json
import re
import threading
import tomllib
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.documents.blocks import ROOT
from tests.gateway.desk.browser import chromium
from tests.servers.conditions import wait_for

DOCS = ROOT / "docs"
FETCHED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src",
           "object": "data", "embed": "src", "video": "src", "audio": "src"}  # fmt: skip
"""Elements by which a browser fetches something without being asked, and where they say what."""
_ASKED = "return performance.getEntriesByType('resource').map(each => each.name)"
_FOUND = """
    const box = [...document.querySelectorAll('*')].find(each => each.shadowRoot);
    return box ? [...box.shadowRoot.querySelectorAll('a')].map(each => each.href) : [];
"""
"""What the search shows."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        import generate_site

        into = tmp_path_factory.mktemp("documentation")
        assert generate_site.build(into)
        return into / "site"


class Fetched(HTMLParser):
    """What a page fetches, and its anchors and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.classes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if said.get(FETCHED.get(tag, "")):
            self.fetched.append(str(said[FETCHED[tag]]))
        self.fetched += re.findall(r"url\(([^)]+)\)", said.get("style") or "")
        self.classes |= set((said.get("class") or "").split())


def outside(addresses: list[str]) -> list[str]:
    return [each for each in addresses if re.match(r"[\"']?(?:\w+:)?//", each)]


def test_no_page_fetches_from_outside(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 80
    for page in pages:
        found = Fetched(page.read_text())
        assert outside(found.fetched) == [], page
        # for these the theme's script would fetch a library
        assert not found.classes & {"mermaid", "glightbox", "md-source__facts"}, page
        base = site if page.name == "404.html" else page.parent  # that is served anywhere
        named = [each.lstrip("/") for each in found.fetched if not each.startswith("data:")]
        assert [each for each in named if not (base / each).exists()] == [], page


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    """The URL of a server of the site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_browser_asks_nobody_else_and_finds_a_word(served: str, tmp_path: Path) -> None:
    with chromium(tmp_path) as browser:
        browser.set_window_size(1400, 900)
        for page in ("CONCEPTS.html", "reference/REST.html", "index.html"):
            browser.get(served + page)
            asked = browser.execute_script(_ASKED)
            assert asked and [each for each in asked if not each.startswith(served)] == []
        browser.find_element(By.CSS_SELECTOR, ".md-search__button").click()
        browser.switch_to.active_element.send_keys("novation")
        wait_for(lambda: f"{served}LEDGER.html#entries" in browser.execute_script(_FOUND), 30)
        asked = browser.execute_script(_ASKED)
        assert [each for each in asked if not each.startswith(served)] == []


def test_no_style_fetches_from_outside(site: Path) -> None:
    styles = list(site.rglob("*.css"))
    assert styles
    for style in styles:
        text = style.read_text()
        named = re.findall(r"url\(([^)]*)", text) + re.findall(r"@import\s*([^;]+)", text)
        assert outside(named) == [], style


def test_page_that_fetches_is_found() -> None:
    planted = '<link href="https://fonts.example/a.css"><script src="//cdn.example/x.js"></script>'
    assert len(outside(Fetched(planted + '<img src="a.png">').fetched)) == 2


def test_every_document_has_its_page_and_its_place(site: Path) -> None:
    documents = [path.relative_to(DOCS) for path in DOCS.rglob("*.md")]
    assert [each for each in documents if not (site / each.with_suffix(".html")).is_file()] == []
    navigation = tomllib.loads((DOCS / "zensical.toml").read_text())["project"]["nav"]
    placed = set(re.findall(r"[\w/]+\.md", str(navigation)))
    assert {str(each) for each in documents if each.parent == Path()} <= placed
    start = (site / "index.html").read_text()
    assert all(f'decisions/{path.stem}.html"' in start for path in DOCS.glob("decisions/*.md"))


def test_references_have_every_path_and_message(site: Path) -> None:
    paths = json.loads((site / "reference" / "openapi.json").read_text())["paths"]
    rest = (site / "reference" / "REST.html").read_text()
    assert len(paths) > 50 and [path for path in paths if f" {path}<" not in rest] == []
    told = json.loads((DOCS / "asyncapi.json").read_text())["components"]["messages"]
    socket = (site / "reference" / "WEBSOCKET.html").read_text()
    assert [name for name in told if f">{name}<" not in socket] == []


@pytest.mark.parametrize("link", ["NOTHING.md", "#nothing"])
def test_link_that_leads_nowhere_ends_the_build(
    link: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    import generate_site

    text = (DOCS / "zensical.toml").read_text()
    (tmp_path / "zensical.toml").write_text(re.sub(r"(?s)nav = \[.*?\n\]\n", "", text))
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.md").write_text(f"# Start\n\n[there]({link})\n")
    assert not generate_site.rendered(tmp_path)
    assert "does not exist" in capsys.readouterr().out
