"""A manual page for each command, made of what its help says."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.cli.test_command_table import leaves
from venue.cli.command_table import COMMANDS
from venue.cli.main import app
from venue.cli.man_pages import Page, pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = {page.path.removeprefix("venue").strip(): page for page in pages()}
LEAVES = dict(leaves(typer.main.get_command(app)))


def test_each_command_and_each_group_has_one() -> None:
    assert LEAVES.keys() <= PAGES.keys() and COMMANDS.keys() <= PAGES.keys()
    files = [page.file_name for page in PAGES.values()]
    assert len(set(files)) == len(files) and "venue-order-list.1" in files


@pytest.mark.parametrize("path", LEAVES)
def test_page_has_every_option_of_its_command(path: str) -> None:
    text = PAGES[path].text
    for option in filter(lambda each: each.startswith("-"), LEAVES[path]):
        assert option.replace("-", "\\-") in text, option
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS"):
        assert text.count(f"\n.SH {heading}\n") == 1


@pytest.mark.parametrize("path", ["", "order", *LEAVES])
def test_examples_are_commands(path: str) -> None:
    _, found, behind = PAGES[path].text.partition(".SH EXAMPLES\n.nf\n")
    for line in behind.partition("\n.fi\n")[0].splitlines() if found else ():
        assert line.startswith(("venue ", "#", "  ")), line
        assert " | venue" not in line


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not there to read them")
def test_groff_finds_nothing_odd(tmp_path: Path) -> None:
    written = [page_file(page, tmp_path) for page in PAGES.values()]
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", *written], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def page_file(page: Page, directory: Path) -> Path:
    file = directory / page.file_name
    file.write_text(page.text)
    return file


def test_command_writes_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "venue.cli.man_pages"]
    done = subprocess.run([*command, str(tmp_path / "man1")], cwd=ROOT, capture_output=True)
    assert done.returncode == 0
    assert len(list((tmp_path / "man1").iterdir())) == len(PAGES)
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 2
