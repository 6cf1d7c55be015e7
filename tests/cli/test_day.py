"""`venue day start`: a day far ahead is not opened by a slip of the finger."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from venue.admin.client import VenueUnreachable
from venue.cli.main import app
from venue.clock import Clock, trading_day


def start(data_dir: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["day", "start", *more, "--data-dir", str(data_dir)])


def ahead(days: int) -> str:
    today = date.fromisoformat(trading_day(Clock().now_ns()))
    return (today + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("day", ["2999-01-01", ahead(30)])
def test_day_far_ahead_needs_yes_where_nobody_can_be_asked(tmp_path: Path, day: str) -> None:
    result = start(tmp_path, "--date", day)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"open trading day {day}, ")
    assert "nothing was changed; --yes does it" in result.stderr
    for more in ("--yes", "--dry-run"):
        result = start(tmp_path, "--date", day, more)
        assert "nothing was changed" not in result.stderr


@pytest.mark.parametrize("days", [0, 1, 5])
def test_day_near_by_is_opened_without_a_question(tmp_path: Path, days: int) -> None:
    result = start(tmp_path, "--date", ahead(days))
    assert isinstance(result.exception, VenueUnreachable)
