"""`venue bench load` against a real trading process: figures, picture, refusals."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from tests.running import RunningTrading
from venue.cli.broker.bench import app


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("venue")) as running:
        yield running


def load(trading: RunningTrading, *arguments: str) -> Result:
    host, port = trading.address
    return CliRunner().invoke(app, ["load", *arguments, "--host", host, "--port", str(port)])


def runs(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["runs"]
    return found


def test_open_loop_is_answered_with_trades_and_no_reject_of_a_new_order(
    trading: RunningTrading, tmp_path: Path
) -> None:
    picture = tmp_path / "latency.svg"
    [run] = runs(
        load(trading, "--rate", "200", "--seconds", "2", "--json", "--picture", str(picture))
    )
    assert run["unanswered"] == 0
    assert run["sessions"] == 4
    assert 350 <= run["acknowledged"] <= 450
    assert run["fills"] > 50
    assert 0 < run["latency_us"]["p50"] <= run["latency_us"]["p99"] <= run["latency_us"]["max"]
    assert set(run["rejects"]) <= {"ORDER_FINISHED 102=0", "ORDER_FINISHED 102=1"}
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_closed_loop_answers_in_a_table(trading: RunningTrading) -> None:
    result = load(trading, "--closed", "4", "--sessions", "2", "--seconds", "0.5")
    assert result.exit_code == 0, result.stderr
    assert "acknowledged a second" in result.stdout
    assert "client's CPU a message" in result.stdout


def test_several_rates_run_one_after_the_other(trading: RunningTrading) -> None:
    found = runs(
        load(trading, "--rate", "50,100", "--seconds", "0.5", "--sessions", "1", "--json",
             "--symbols", "GLOBEX", "--mix", "new=100", "--cross", "0")
    )  # fmt: skip
    assert [(run["offered_per_second"], run["fills"], run["rejects"]) for run in found] == [
        (50, 0, {}),
        (100, 0, {}),
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        ([], 2, "give either --rate or --closed"),
        (["--rate", "10", "--closed", "1"], 2, "give either --rate or --closed"),
        (["--rate", "ten"], 2, "--rate ten: not whole numbers of 1 or more"),
        (["--closed", "1", "--mix", "new=1"], 2, "--mix: new=1 adds up to 1, not to 100"),
        (["--closed", "1", "--picture", "x.svg"], 2, "--picture shows latency against --rate"),
        (["--closed", "1", "--sessions", "5"], 1, "the configuration has 4 sessions, not 5"),
        (["--closed", "1", "--symbols", "XYZ"], 1, "symbol XYZ is not configured"),
        (["--closed", "1", "--password", "wrong"], 1, "logon as ALPHA was refused"),
        (["--closed", "1", "--user-prefix", "NOBODY"], 1, "logon as NOBODY1 was refused"),
    ],
)
def test_wrong_use_is_one_line(
    trading: RunningTrading, arguments: list[str], status: int, why: str
) -> None:
    result = load(trading, *arguments)
    assert result.exit_code == status
    assert result.stderr.startswith(why)
    assert result.stderr.count("\n") == 1


def test_no_venue_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["load", "--rate", "10", "--data-dir", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"no venue is running in {tmp_path}")
