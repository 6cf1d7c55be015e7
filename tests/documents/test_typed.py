"""What documents say to type is typed, on a running venue.

The first blocks do what they say. All other commands that ask, or can be tried on a copy, are
understood: the venue may say no, for what the documents tell of is not all there.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from tests.cli.test_command_table import ONLY_READ, leaves
from tests.documents.blocks import BLOCKS, ROOT
from tests.documents.shell import Words, commands_in, fault_of
from tests.documents.test_blocks import SHELLS, kind_of
from tests.running_venue import RunningVenue
from venue.cli.main import app

ENDLESS = {"run", "demo", "live", "use", "record"}
"""They end when they are told to, are for another directory than this, or write a file."""
OPTIONS = dict(leaves(typer.main.get_command(app)))
WRONG_USE = 2


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    with RunningVenue(tmp_path_factory.mktemp("typed")) as running:
        running.json("member", "add", "ECHO")  # of docs/OPERATING.md
        yield running


def block(page: str, words: str) -> str:
    """The first block of a page that has these words."""
    return next(each.text for each in BLOCKS if each.page == page and words in each.text)


def type_in(text: str, venue: RunningVenue) -> str:
    """What a shell prints that is told to use this venue; each line has to end well."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", text.replace(".venv/bin/", "")],
        env={**os.environ, "PATH": programs, "VENUE_DATA_DIR": str(venue.data_dir)},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_newcomer_trades(venue: RunningVenue) -> None:
    told = type_in(block("docs/index.md", "order new ACME buy"), venue)
    assert "Filled" in told, told
    balance = venue.wait_for_trades(1)
    assert all(asset["sum"] in (0, "0") for asset in balance["assets"].values())
    (level,) = venue.json("book", "ACME")["bids"]
    assert level[:2] == ["100", "6"]
    (trade,) = venue.json("trade", "list")["trades"]
    assert (trade["last_qty"], trade["last_px"]) == ("4", "100")


def test_block_of_the_readme_works(venue: RunningVenue) -> None:
    assert "ACME" in type_in(block("README.md", "order new ACME buy"), venue)
    venue.wait_for_trades(2)


def test_query_of_the_ledger_is_taken_by_its_tables(venue: RunningVenue) -> None:
    url = venue.runtime()["database"].replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url) as connection:
        connection.execute(block("docs/LEDGER.md", "SELECT balance_after").encode())


def path_of(words: Words) -> str:
    """Which command it is."""
    command, path = typer.main.get_command(app), []
    for word in words:
        if word.startswith("-"):
            break
        if isinstance(command, TyperGroup):
            command = command.commands[word]
            path.append(word)
    return " ".join(path)


def to_type() -> dict[str, Words]:
    """What is typed, each once: as it stands where it only asks, else to be tried on a copy."""
    found = {}
    for each in BLOCKS:
        for program, *words in commands_in(each.text) if kind_of(each) in SHELLS else ():
            if program != "venue" or not words or {"--data-dir", "--watch", "--fix"} & {*words}:
                continue
            if fault_of([program, *words]):
                continue  # test_blocks says it
            path = path_of(words)
            if path in ONLY_READ - ENDLESS:
                found[" ".join(words)] = words
            elif "--dry-run" in OPTIONS.get(path, ()):
                tried = [word for word in words if word not in ("--dry-run", "--yes")]
                found[" ".join(words)] = [*tried, "--dry-run", "--yes"]
    return found


TYPED = to_type()


def test_most_commands_are_typed() -> None:
    assert len(TYPED) > 50


@pytest.mark.parametrize("words", TYPED.values(), ids=TYPED)
def test_command_is_understood(venue: RunningVenue, words: Words) -> None:
    done = CliRunner().invoke(app, ["--data-dir", str(venue.data_dir), *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code != WRONG_USE, done.output
    assert done.output
