"""`venue md`, `venue chart` and `venue book --watch`: public market data for people, from NATS."""

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.cli.bus import running_bus
from tests.marketdata.events import (
    accepted,
    busted,
    day_started,
    instrument_added,
    order,
    traded,
)
from tests.marketdata.scenario import done, publish, running
from venue.cli.main import app
from venue.cli.screen.chart import drawing
from venue.domain.events import AnyEvent
from venue.domain.types import OrdStatus, Side
from venue.marketdata.bars import BarTotals
from venue.marketdata.trade_history import PastTrade, bars_of
from venue.marketdata.worker import MarketData

BUY, SELL = (
    order(name, side, "100", "0", status=OrdStatus.FILLED)
    for name, side in (("B", Side.BUY), ("S", Side.SELL))
)
LONG_AGO = "2020-01-01T00:00"
"""The events of these tests are of 2023."""
SECONDS = 60


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A data directory with trades of ACME on its NATS, and the URL of that."""
    data_dir = tmp_path_factory.mktemp("md")
    bust = traded(5, "105", "2", BUY, SELL)
    events: list[AnyEvent] = [
        instrument_added(1),
        day_started(2),
        traded(3, "100", "4", BUY, SELL),
        traded(4, "101.5", "1", BUY, SELL),
        bust,
        busted(6, bust, BUY, SELL),
        accepted(7, order("O1", Side.BUY, "99", "5")),
        instrument_added(8, "QUIET"),
    ]

    async def fill(nats_url: str) -> None:
        async with running(MarketData(data_dir, nats_url).run):
            await publish(nats_url, events)
            await done(data_dir, 8)

    with running_bus(data_dir) as server:
        asyncio.run(fill(server.url))
        yield data_dir, server.url


def run(data_dir: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--data-dir", str(data_dir), *words])


def test_trades_are_listed_as_they_stand(venue: tuple[Path, str]) -> None:
    result = run(venue[0], "md", "trades", "ACME", "--from", LONG_AGO, "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["trades"]
    told = [(row["match_id"], row["price"], row["quantity"], row["state"]) for row in rows]
    assert told == [("M3", "100", "4", ""), ("M4", "101.5", "1", ""), ("M5", "105", "2", "busted")]
    assert rows[0]["aggressor_name"] == "BUY"
    last = run(venue[0], "md", "trades", "ACME", "--from", LONG_AGO, "--last", "1", "--json")
    assert [row["match_id"] for row in json.loads(last.stdout)["trades"]] == ["M5"]


def test_bars_are_those_of_the_trades_that_stand(venue: tuple[Path, str]) -> None:
    result = run(venue[0], "md", "bars", "ACME", "--from", LONG_AGO, "--csv")
    assert result.exit_code == 0, result.output
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row.pop("time").startswith("2023-11-14T22:13:00")
    assert row == {
        "open": "100", "high": "101.5", "low": "100", "close": "101.5", "volume": "5",
        "value": "501.5", "trades": "2",
    }  # fmt: skip
    hour = run(venue[0], "md", "bars", "ACME", "--interval", "1h", "--from", LONG_AGO, "--json")
    (bar,) = json.loads(hour.stdout)["bars"]
    assert bar["time"].startswith("2023-11-14T22:00:00")


def test_tables_name_their_columns(venue: tuple[Path, str]) -> None:
    for words in (("trades", "ACME"), ("bars", "ACME")):
        result = run(venue[0], "md", *words, "--from", LONG_AGO)
        assert result.exit_code == 0
        assert "101.5" in result.stdout and "time" in result.stdout


def test_what_has_not_traded_and_what_is_not_there_are_told_apart(
    venue: tuple[Path, str],
) -> None:
    quiet = run(venue[0], "md", "trades", "QUIET")
    assert (quiet.exit_code, quiet.stdout) == (0, "there are no trades\n")
    assert run(venue[0], "chart", "QUIET").stdout == "QUIET has not traded since then\n"
    unknown = run(venue[0], "md", "bars", "NOPE")
    assert unknown.exit_code == 1
    assert unknown.stderr == "symbol NOPE is not traded here; there are ACME, QUIET\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("md", "bars", "ACME", "--interval", "7m"), "'7m' is no interval"),
        (("md", "trades", "ACME", "--from", "soon"), "'soon' is no time"),
        (("md", "trades", "ACME", "--csv", "--json"), "give --csv or --json"),
        (("chart", "ACME", "--interval", "x"), "'x' is no interval"),
    ],
)
def test_wrong_use_is_said(venue: tuple[Path, str], words: tuple[str, ...], why: str) -> None:
    result = run(venue[0], *words)
    assert result.exit_code == 2
    assert why in result.stderr


def test_without_a_venue_they_say_so(tmp_path: Path) -> None:
    for words in (("md", "trades", "ACME"), ("chart", "ACME")):
        result = run(tmp_path, *words)
        assert result.exit_code == 1
        assert result.stderr == f"no venue is running in {tmp_path}\n"


def test_chart_shows_price_and_volume_without_colours_in_a_pipe(venue: tuple[Path, str]) -> None:
    result = run(venue[0], "chart", "ACME", "--from", LONG_AGO)
    assert result.exit_code == 0, result.output
    assert "ACME 1m" in result.stdout and "volume" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(("width", "height"), [(120, 40), (20, 5)])
def test_chart_fits_and_is_never_too_small(width: int, height: int) -> None:
    minute = 60 * 10**9
    trades = [PastTrade(f"M{n}", n * minute, str(100 + n % 5), "3", Side.BUY) for n in range(200)]
    bars: list[BarTotals] = bars_of(trades, minute)
    lines = drawing("ACME 1m", bars, width, height).splitlines()
    assert len(lines) == max(height, 16)


class Watch:
    """`venue book ACME --watch --json` as a process, its lines as they come."""

    def __init__(self, data_dir: Path) -> None:
        words = ["--data-dir", str(data_dir), "book", "ACME", "--watch", "--json"]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "venue", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.lines: list[dict[str, object]] = []
        self.heard = threading.Condition()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.heard:
                self.lines.append(json.loads(line))
                self.heard.notify_all()

    def end(self) -> str:
        """Kill it, if it runs; what it has said on stderr."""
        self.process.kill()
        self.process.wait(SECONDS)
        self._reading.join(SECONDS)
        assert self.process.stdout is not None and self.process.stderr is not None
        with self.process.stdout, self.process.stderr:
            return self.process.stderr.read()

    def wait_for(self, bids: list[list[object]]) -> None:
        with self.heard:
            shown = self.heard.wait_for(
                lambda: bool(self.lines) and self.lines[-1]["bids"] == bids, SECONDS
            )
        assert shown, self.lines


def test_book_is_watched_as_it_is_published_until_ctrl_c(tmp_path: Path) -> None:
    async def scenario(nats_url: str) -> None:
        async with running(MarketData(tmp_path, nats_url).run):
            first = accepted(3, order("O1", Side.BUY, "99", "5"))
            await publish(nats_url, [instrument_added(1), day_started(2), first])
            await done(tmp_path, 3)
            watch = Watch(tmp_path)
            try:
                await asyncio.to_thread(watch.wait_for, [["99", "5", 1]])
                await publish(nats_url, [accepted(4, order("O2", Side.BUY, "100", "2"))])
                await asyncio.to_thread(watch.wait_for, [["100", "2", 1], ["99", "5", 1]])
                assert watch.lines[-1]["phase"] == "CONTINUOUS"
                watch.process.send_signal(signal.SIGINT)
                status = await asyncio.to_thread(watch.process.wait, SECONDS)
            finally:
                errors = watch.end()
        assert (status, errors) == (0, "")

    with running_bus(tmp_path) as server:
        asyncio.run(scenario(server.url))
