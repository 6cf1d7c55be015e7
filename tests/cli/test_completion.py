"""What a shell offers: names of the running venue, and nothing at all where none runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from tests.cli.test_command_table import leaves
from tests.fix_message import new_order
from tests.running import RunningTrading
from venue.cli.completion import OFFERS, offer_for
from venue.cli.main import app


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A venue with an open order of ALPHA."""
    with RunningTrading(tmp_path_factory.mktemp("completion")) as running:
        alpha = running.client("ALPHA")
        alpha.logon(extra=[(9001, "N")])
        alpha.send("D", new_order("one", "1", "5", "99.00", tif="1"))
        alpha.expect_report("one", "0")
        yield running


def offered(line: str, data_dir: Path) -> list[str]:
    """What bash is told for the last word of a line."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("venue"))],
        env={
            **os.environ,
            "VENUE_DATA_DIR": str(data_dir),
            "_VENUE_COMPLETE": "complete_bash",
            "COMP_WORDS": f"venue {line}",
            "COMP_CWORD": str(len(line.split(" "))),
        },
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("kill member AL", ["ALPHA"]),
        ("kill session ALPHA-", ["ALPHA-API"]),
        ("halt AC", ["ACME"]),
        ("order list --symbol GLO", ["GLOBEX"]),
        ("order list --member BR", ["BRAVO"]),
        ("order show 1", ["1"]),
        ("explain 1", ["1"]),
        ("member suspend X", []),
        ("risk set CHAR", ["CHARLIE"]),
        ("portfolio DEL", ["DELTA"]),
        ("order can", ["cancel", "cancel-all"]),
    ],
)
def test_names_of_the_running_venue_are_offered(
    trading: RunningTrading, line: str, names: list[str]
) -> None:
    assert offered(line, trading.data_dir) == names


def test_data_directory_of_the_line_counts(trading: RunningTrading, tmp_path: Path) -> None:
    before = f"--data-dir {trading.data_dir} kill member AL"
    behind = f"kill member --data-dir {trading.data_dir} AL"
    assert offered(before, tmp_path) == offered(behind, tmp_path) == ["ALPHA"]


@pytest.mark.parametrize("line", ["kill member AL", "halt AC", "order show 1", "kill session A"])
def test_nothing_is_said_where_no_venue_runs(tmp_path: Path, line: str) -> None:
    assert offered(line, tmp_path) == []


def test_every_offer_is_made_somewhere() -> None:
    root = typer.main.get_command(app)
    names = set()
    for path, _ in leaves(root):
        command = root
        for word in path.split():
            command = command.commands[word]  # type: ignore[attr-defined]
        for each in command.params:
            if offer_for(each.name or "", each.metavar) is not None:
                names.add(each.metavar if each.name == "name" else each.name)
    assert names == set(OFFERS)
