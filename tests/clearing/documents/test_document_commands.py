"""`venue statement`, `invoice`, `endofday` on a real ledger: what they print, write and refuse."""

import json
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from tests.said_to_run import say_it_runs
from venue.cli.main import app

from .week import MONDAY, booked_week

STATEMENT = ("statement", "ALPHA", "--date", MONDAY)
INVOICE = ("invoice", "ALPHA", "--month", "2026-11")


@pytest.fixture
def data_dir(tmp_path: Path, database_url: str) -> Path:
    """The data directory of a venue that seems to run: this process."""
    place = tmp_path / "data"
    place.mkdir()
    say_it_runs(place, nats="nats://127.0.0.1:1", database=database_url, started_ns=time.time_ns())
    return place


def venue(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)])


def test_statement_in_every_form(engine: Engine, data_dir: Path, tmp_path: Path) -> None:
    booked_week(engine)
    told = venue(data_dir, *STATEMENT)
    assert (told.exit_code, told.stderr) == (0, "")
    assert "as of event 4" in told.stdout and "974.5" in told.stdout and "M3" in told.stdout
    as_json = json.loads(venue(data_dir, *STATEMENT, "--json").stdout)
    assert as_json == json.loads(venue(data_dir, *STATEMENT, "--format", "json").stdout)
    assert as_json["ok"] is True and as_json["trades"][0]["side_name"] == "BUY"
    assert venue(data_dir, *STATEMENT, "--format", "csv").stdout.startswith("section,account,")
    assert venue(data_dir, *STATEMENT, "--format", "pdf").stdout_bytes.startswith(b"%PDF-")
    file = tmp_path / "alpha.pdf"
    written = venue(data_dir, *STATEMENT, "--format", "pdf", "--output", str(file))
    assert (written.exit_code, written.stdout) == (0, "")
    assert file.read_bytes().startswith(b"%PDF-")


def test_invoice_in_every_form(engine: Engine, data_dir: Path, tmp_path: Path) -> None:
    booked_week(engine)
    told = venue(data_dir, *INVOICE)
    assert (told.exit_code, told.stderr) == (0, "") and "in all 0.5 USD" in told.stdout
    assert json.loads(venue(data_dir, *INVOICE, "--json").stdout)["totals"] == {"USD": "0.5"}
    assert "2026-11-ALPHA,ALPHA,2026-11,ACME" in venue(data_dir, *INVOICE, "--format", "csv").stdout
    file = tmp_path / "alpha.json"
    venue(data_dir, *INVOICE, "--format", "json", "--output", str(file))
    assert json.loads(file.read_text())["number"] == "2026-11-ALPHA"


def test_end_of_day_is_written_once_and_found_again(
    engine: Engine, data_dir: Path, tmp_path: Path
) -> None:
    booked_week(engine)
    words = ("endofday", str(tmp_path / "files"), "--date", MONDAY)
    first, again = (json.loads(venue(data_dir, *words, "--json").stdout) for _ in range(2))
    assert (first["is_new"], again["is_new"]) == (True, False)
    assert first["manifest"] == again["manifest"]
    assert Path(first["directory"]) == tmp_path / "files" / MONDAY
    (tmp_path / "files" / MONDAY / "manifest.json").write_text("{}")
    refused = venue(data_dir, *words)
    assert refused.exit_code == 1 and "is there with other files" in refused.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("statement", "ALPHA", "--date", "2026-02-30"), "no date YYYY-MM-DD"),
        (("invoice", "ALPHA", "--month", "2026-2"), "no month YYYY-MM"),
        ((*STATEMENT, "--format", "xml"), "'xml' is none of table, csv, json, pdf"),
        ((*STATEMENT, "--format", "csv", "--json"), "give --format or --json"),
        ((*STATEMENT, "--output", "x"), "a table is for the terminal"),
    ],
)
def test_wrong_use_is_said(data_dir: Path, words: tuple[str, ...], why: str) -> None:
    told = venue(data_dir, *words)
    assert told.exit_code == 2 and why in told.stderr


def test_member_that_the_ledger_does_not_have(engine: Engine, data_dir: Path) -> None:
    booked_week(engine)
    told = venue(data_dir, "statement", "ECHO", "--date", MONDAY, "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["error"].startswith(
        "the ledger has no member ECHO; it has: ALPHA"
    )


def test_file_that_cannot_be_written(engine: Engine, data_dir: Path, tmp_path: Path) -> None:
    booked_week(engine)
    (tmp_path / "file").write_text("")
    place = str(tmp_path / "file" / "x.pdf")
    told = venue(data_dir, *STATEMENT, "--format", "pdf", "--output", place)
    assert told.exit_code == 1 and "cannot be written" in told.stderr
    told = venue(data_dir, "endofday", str(tmp_path / "file"), "--date", MONDAY)
    assert told.exit_code == 1 and told.stderr.startswith("no files: ")
