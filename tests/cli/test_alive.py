"""`venue alive`: by the page of a process, in a moment, whoever hangs."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from venue.cli.main import app
from venue.counts_page import LATE_SECONDS, CountsPage


@pytest.fixture
def page(tmp_path: Path) -> Iterator[CountsPage]:
    """Clearing's, shown just now."""
    page = CountsPage(tmp_path, "clearing")
    page.show()
    yield page
    page.close()


def alive(data_dir: Path, *typed: str) -> Result:
    return CliRunner().invoke(app, ["--data-dir", str(data_dir), "alive", *typed])


def test_process_that_comes_round_is_alive(page: CountsPage, tmp_path: Path) -> None:
    done = alive(tmp_path, "clearing", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["ok"], told["process"], told["pid"]) == (True, "clearing", os.getpid())
    assert told["age_seconds"] < LATE_SECONDS


def test_process_that_hangs_is_not(
    page: CountsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic_ns()
    late = int((LATE_SECONDS + 3) * 1e9)
    monkeypatch.setattr("venue.cli.desk.alive.time.monotonic_ns", lambda: now + late)
    refused = alive(tmp_path, "clearing")
    assert refused.exit_code == 1
    assert refused.stderr == f"clearing (pid {os.getpid()}) has not come round for 8 s\n"


def test_ready_is_more_than_alive(page: CountsPage, tmp_path: Path) -> None:
    page.show("its database is away")
    assert alive(tmp_path, "clearing").exit_code == 0
    refused = alive(tmp_path, "clearing", "--ready")
    assert refused.exit_code == 1
    assert refused.stderr == "clearing is not ready: its database is away\n"


@pytest.mark.parametrize("place", ["", "nowhere"])
def test_process_that_shows_nothing_is_not_taken_for_alive(place: str, tmp_path: Path) -> None:
    refused = alive(tmp_path / place, "audit")
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"audit shows nothing for {tmp_path / place}: it does not run")


def test_name_that_is_no_process_is_wrong_use(tmp_path: Path) -> None:
    assert alive(tmp_path, "clearings").exit_code == 2


def test_probe_loads_nothing_heavy(page: CountsPage, tmp_path: Path) -> None:
    heavy = ("sqlalchemy", "quickfix", "nats", "pydantic_settings", "rich", "asyncio")
    program = (
        "import sys; from venue.cli.main import app\n"
        "try: app()\n"
        "except SystemExit as end: status = end.code\n"
        f"print(status or 0, [name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    typed = ["--data-dir", str(tmp_path), "alive", "clearing"]
    done = subprocess.run(
        [sys.executable, "-c", program, *typed],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == "0 []\n"
