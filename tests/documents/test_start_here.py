"""What the first pages say to type is typed, on a running venue, and does what they say."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.documents.blocks import BLOCKS, ROOT
from tests.running_venue import RunningVenue


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    with RunningVenue(tmp_path_factory.mktemp("start_here")) as running:
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
    with psycopg.connect(venue.runtime()["database"]) as connection:
        connection.execute(block("docs/LEDGER.md", "SELECT balance_after").encode())
