"""Each directory of examples has a README that names every one, and how to run it."""

import ast
import re
from pathlib import Path

import pytest

from tests.documents.blocks import ROOT

EXAMPLES = ROOT / "examples"
PROGRAMS = sorted(
    path
    for path in EXAMPLES.rglob("*")
    if path.is_file() and path.name != "README.md" and "__pycache__" not in path.parts
)
TESTS = [path.read_text() for path in (ROOT / "tests").rglob("*.py")]


def rows(directory: Path) -> dict[str, str]:
    """The command of each example that the README of a directory names."""
    text = (directory / "README.md").read_text()
    return dict(
        re.findall(r"^\| \[([\w./-]+)\]\(\1\) \| [^|]+ \| `([^`|]+)` \|$", text, re.MULTILINE)
    )


def test_readmes_name_every_example_and_no_other() -> None:
    directories = {path.parent for path in PROGRAMS}
    named = {directory / name for directory in directories for name in rows(directory)}
    assert named == set(PROGRAMS)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.name))
def test_command_is_the_one_that_the_example_tells(path: Path) -> None:
    command = rows(path.parent)[path.name]
    assert str(path.relative_to(ROOT)) in command
    if path.suffix == ".py":
        told = ast.get_docstring(ast.parse(path.read_text())) or ""
        assert f"Usage: {command}" in told


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.name))
def test_example_is_run_by_a_test(path: Path) -> None:
    assert any(f'"{path.name}"' in text for text in TESTS)
