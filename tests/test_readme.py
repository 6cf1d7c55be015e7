"""README's first table names the stages of an order: each must exist where it says it is."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = re.findall(
    r"^\| [^|]+ \| `(\w+)` \| \[(venue/[\w/]+\.py)\]\(\2\) \|$",
    (ROOT / "README.md").read_text(),
    re.MULTILINE,
)


def test_the_table_has_ten_stages() -> None:
    assert len(ROWS) == 10


@pytest.mark.parametrize(("function", "file"), ROWS)
def test_stage_is_where_the_table_says(function: str, file: str) -> None:
    module = ast.parse((ROOT / file).read_text())
    owners: list[ast.Module | ast.ClassDef] = [module]
    owners += [node for node in module.body if isinstance(node, ast.ClassDef)]
    functions = {
        node.name for owner in owners for node in owner.body if isinstance(node, ast.FunctionDef)
    }
    assert function in functions


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_document_that_a_docstring_cites_is_there() -> None:
    places = [
        path for name in ("venue", "cli", "tests", "bench") for path in (ROOT / name).rglob("*.py")
    ]
    cited = {
        (str(path.relative_to(ROOT)), document)
        for path in places
        for document in re.findall(r"docs/[A-Za-z_/]+\.md", path.read_text())
    }
    assert cited
    assert [each for each in sorted(cited) if not (ROOT / each[1]).exists()] == []
