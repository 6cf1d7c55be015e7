"""Times of lines and tables in the machine's zone where that is asked for; JSON in UTC always."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.journaled import trade
from tests.cli.terminal import at_terminal
from tests.sequencer.builders import Trading
from tests.settings_example import write_configuration
from venue.cli.text.times import in_zone, show_local, shown_time, time_of_day, zone
from venue.settings.settings import load_settings

NS = 1_767_600_000_123_456_000
"""2026-01-05T08:00:00.123456Z."""


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stands there, and its times are asked for."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    show_local(True)
    yield
    show_local(False)
    monkeypatch.undo()
    time.tzset()


def test_times_are_utc_unless_asked_otherwise() -> None:
    assert shown_time(NS) == "2026-01-05T08:00:00.123456Z"
    assert (time_of_day(NS), zone()) == ("08:00:00.123", "UTC")
    assert in_zone("since 2026-01-05T08:00:00Z") == "since 2026-01-05T08:00:00Z"


def test_times_are_those_of_the_machine_s_zone(tokyo: None) -> None:
    assert shown_time(NS) == "2026-01-05T17:00:00.123456+09:00"
    assert (time_of_day(NS), zone()) == ("17:00:00.123", "JST")
    said = "from 2026-01-05T20:00:00Z to 2026-01-05T20:00:00.5Z, day 2026-01-05"
    assert in_zone(said) == (
        "from 2026-01-06T05:00:00+09:00 to 2026-01-06T05:00:00.500000+09:00, day 2026-01-05"
    )


def said(data_dir: Path, *words: str, **environment: str) -> str:
    command = [sys.executable, "-P", "-m", "venue", "--data-dir", str(data_dir), *words]
    kept = {**os.environ, "TZ": "Asia/Tokyo", **environment}
    return subprocess.check_output(command, text=True, env=kept)


def test_command_shows_them_by_option_and_by_environment(trading: Trading) -> None:
    trade(trading, 1)
    place = trading.directory.parent
    show = ("journal", "show", "--limit", "1")
    assert "Z  record 1" in said(place, *show)
    for told in (said(place, "--local-time", *show), said(place, *show, VENUE_LOCAL_TIME="1")):
        assert "+09:00  record 1" in told
    as_utc = said(place, *show, "--json")
    assert said(place, "--local-time", *show, "--json") == as_utc
    assert json.loads(as_utc)["ok"]


def test_variable_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_configuration(tmp_path, monkeypatch)
    monkeypatch.setenv("VENUE_LOCAL_TIME", "1")
    load_settings()


@pytest.mark.parametrize(("no_color", "has_colour"), [("", True), ("1", False)])
def test_no_color_takes_colours_from_a_terminal(
    trading: Trading, monkeypatch: pytest.MonkeyPatch, no_color: str, has_colour: bool
) -> None:
    """A log line, for stderr is the terminal here."""
    monkeypatch.setenv("NO_COLOR", no_color)
    program = (
        "import structlog; from venue import logs; logs.configure('test');"
        "structlog.get_logger().warning('said')"
    )
    with at_terminal([sys.executable, "-c", program]) as (process, ours):
        told = os.read(ours, 65_536)
        process.communicate(timeout=60)
    assert b"said" in told and (b"\x1b[" in told) == has_colour


def test_pipe_has_no_colours(trading: Trading) -> None:
    trade(trading, 1)
    for words in (("journal", "stats"), ("journal", "show"), ("replay",)):
        assert "\x1b" not in said(trading.directory.parent, *words)
