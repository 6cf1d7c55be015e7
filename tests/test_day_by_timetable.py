"""Days that start and end by themselves, on a venue that runs, is killed, and starts again."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.operator_desk import BUY, Desk, enter, logged_on
from tests.fix_message import new_order
from tests.running import RunningTrading
from venue.settings.settings import shipped

PATIENCE_SECONDS = 60
EVERY_DAY = 'weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'


@pytest.fixture
def trading(tmp_path: Path) -> Iterator[RunningTrading]:
    """A venue without a timetable whose configuration file may get one."""
    (tmp_path / "venue.toml").write_text(shipped("venue.toml").read_text())
    (tmp_path / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    running = RunningTrading(tmp_path / "data", config=tmp_path / "venue.toml")
    yield running
    running.kill()


def write_calendar(trading: RunningTrading, start: datetime, end: datetime) -> str:
    """Give the configuration days of these hours. Returns its path."""
    file = trading.data_dir.parent / "venue.toml"
    hours = f'start = "{start:%H:%M:%S}"\nend = "{end:%H:%M:%S}"'
    calendar = f'[calendar]\ntime_zone = "UTC"\n{hours}\n{EVERY_DAY}\n'
    file.write_text(f"{shipped('venue.toml').read_text()}\n{calendar}")
    return str(file)


def until_phase(desk: Desk, phase: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while desk.json("day", "status")["phase"] != phase:
        assert time.monotonic() < deadline, f"never {phase}"


def test_day_ends_by_the_timetable_though_the_venue_was_killed_before(
    trading: RunningTrading,
) -> None:
    trading.start()
    desk, now = Desk(trading.data_dir), datetime.now(UTC)
    assert desk.json("day", "status")["next"] is None
    end = now + timedelta(seconds=20)
    file = write_calendar(trading, now - timedelta(hours=1), end)
    desk.done("config", "apply", "--config", file)
    coming = desk.json("day", "status")["next"]
    assert coming["trading_day"] is None
    assert coming["at"] == end.replace(microsecond=0).isoformat()
    first, second = desk.json("day", "timetable", "--count", "2")["changes"]
    assert first == coming and second["trading_day"] is not None
    for (alpha,) in logged_on(trading, "ALPHA"):
        enter(alpha, BUY, "1", "99")
    trading.kill()
    trading.start()
    until_phase(desk, "CLOSED")
    assert datetime.now(UTC) >= end.replace(microsecond=0)
    assert desk.json("day", "status")["open_orders"] == 0
    assert "trading goes on" in desk.done("day", "reopen", "--yes")
    assert desk.json("day", "status")["phase"] == "CONTINUOUS"


def test_day_starts_by_the_timetable(trading: RunningTrading) -> None:
    now = datetime.now(UTC)
    start = now + timedelta(seconds=20)
    write_calendar(trading, start, now - timedelta(hours=1))
    trading.start()
    desk = Desk(trading.data_dir)
    until_phase(desk, "CONTINUOUS")
    assert datetime.now(UTC) >= start.replace(microsecond=0)
    assert desk.json("day", "status")["trading_day"] == f"{now + timedelta(hours=23):%Y-%m-%d}"


def test_day_starts_once_the_many_orders_of_the_one_before_have_expired(
    trading: RunningTrading,
) -> None:
    """Where the timetable ends a day and starts the next in one go, as after a night off."""
    trading.start()
    desk, now = Desk(trading.data_dir), datetime.now(UTC)
    yesterday = f"{now - timedelta(days=1):%Y-%m-%d}"
    desk.done("day", "end", "--yes")
    desk.done("day", "reopen", "--date", yesterday, "--yes")
    for (alpha,) in logged_on(trading, "ALPHA"):
        for number in range(500):
            alpha.send("D", new_order(f"A{number}", "1", "1", "99"))
        alpha.expect_report("A499", "0", timeout=PATIENCE_SECONDS)
        start = datetime.now(UTC) + timedelta(seconds=10)
        file = write_calendar(trading, start, start + timedelta(hours=12))
        desk.done("config", "apply", "--config", file)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (status := desk.json("day", "status"))["trading_day"] == yesterday:
            assert time.monotonic() < deadline, "no other day has started"
        assert (status["phase"], status["open_orders"]) == ("CONTINUOUS", 0)
        assert enter(alpha, BUY, "1", "99").get(39) == "0"
