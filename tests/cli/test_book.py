"""`venue book`: from trading's socket, from the last published depth, and its refusals."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from tests.admin.serving import serving
from tests.marketdata.events import accepted, order
from tests.marketdata.scenario import listening, publish, running, until
from tests.said_to_run import say_it_runs
from venue.admin.listener import Reply
from venue.cli.screen.book import Ladder, book, fitting, ladder_table
from venue.domain.types import Side
from venue.marketdata.worker import MarketData
from venue.servers import nats

BIDS = [["99.5", "3", 2], ["99", "1", 1]]
ASKS = [["100", "4", 1]]
UNKNOWN = "symbol ACNE is not traded here; there are ACME, BTC-USD"

runner = CliRunner()
app = typer.Typer()
app.command()(book)


def answer(request: dict[str, Any], reply: Reply, uid: int) -> None:
    """As trading answers: one symbol is traded, all others are unknown."""
    assert request["query"] == "book"
    if request["symbol"] == "ACME":
        reply({"ok": True, "symbol": "ACME", "bids": BIDS, "asks": ASKS})
    else:
        reply({"ok": False, "error": UNKNOWN})


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data directory whose admin socket answers like a running venue."""
    with serving(tmp_path, answer):
        yield tmp_path


def test_ladder_as_json_comes_from_trading(data_dir: Path) -> None:
    result = runner.invoke(app, ["ACME", "--json", "--data-dir", str(data_dir)])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {
        "ok": True,
        "symbol": "ACME",
        "bids": BIDS,
        "asks": ASKS,
        "source": "trading",
    }


def test_ladder_shows_the_best_prices_in_the_middle(data_dir: Path) -> None:
    result = runner.invoke(app, ["ACME", "--data-dir", str(data_dir)])
    assert result.exit_code == 0, result.stderr
    places = [result.stdout.index(f" {price} ") for price in ("100", "99.5", "99")]
    assert places == sorted(places)


def test_depth_limits_the_levels_of_each_side(data_dir: Path) -> None:
    result = runner.invoke(app, ["ACME", "--json", "--depth", "1", "--data-dir", str(data_dir)])
    assert json.loads(result.stdout)["bids"] == BIDS[:1]


def test_unknown_symbol_names_the_known_ones(data_dir: Path) -> None:
    result = runner.invoke(app, ["ACNE", "--data-dir", str(data_dir)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == UNKNOWN + "\n"


def test_without_a_venue_it_says_so(tmp_path: Path) -> None:
    result = runner.invoke(app, ["ACME", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr == f"no venue is running in {tmp_path}\n"


def test_without_trading_it_shows_the_last_published_depth(tmp_path: Path) -> None:
    server = nats.start(tmp_path)
    try:
        asyncio.run(_publish_depth(tmp_path, server.url))
        say_it_runs(tmp_path, nats=server.url)
        result = runner.invoke(app, ["ACME", "--json", "--data-dir", str(tmp_path)])
        assert result.exit_code == 0, result.stderr
        shown = json.loads(result.stdout)
        assert (shown["bids"], shown["asks"]) == ([["99.5", "3", 1]], [])
        assert shown["source"].startswith("as last published")
        unknown = runner.invoke(app, ["ACNE", "--data-dir", str(tmp_path)])
        assert (unknown.exit_code, unknown.stderr) == (
            1,
            "symbol ACNE is not traded here; there are ACME\n",
        )
    finally:
        server.stop()


async def _publish_depth(data_dir: Path, nats_url: str) -> None:
    async with listening(nats_url) as heard, running(MarketData(data_dir, nats_url).run):
        await publish(nats_url, [accepted(1, order("O1", Side.BUY, "99.5", "3"))])
        await until(lambda: heard.reached(1))


def test_an_empty_book_is_shown_as_empty() -> None:
    table = ladder_table(Ladder("ACME", [], [], "trading"))
    assert list(table.columns[2].cells) == ["empty"]


def test_there_is_nothing_to_watch_where_no_venue_runs(data_dir: Path) -> None:
    result = runner.invoke(app, ["ACME", "--watch", "--json", "--data-dir", str(data_dir)])
    assert result.exit_code == 1
    why = f"no venue is running in {data_dir}: there is nothing to watch"
    assert result.stderr == f"{why}\n"


@pytest.mark.parametrize("height", [24, 30, 40, 10, 5])
def test_ladder_that_is_watched_keeps_its_best_levels_on_a_small_terminal(height: int) -> None:
    bids = [(str(100 - level), "1", 1) for level in range(10)]
    asks = [(str(101 + level), "1", 1) for level in range(10)]
    shown = fitting(Ladder("ACME", bids, asks, "trading"), height)
    console = Console(width=80, height=height, file=io.StringIO())
    with console.capture() as capture:
        console.print(ladder_table(shown))
    text = capture.get()
    assert "100" in text and "101" in text
    assert len(shown.bids) == len(shown.asks) == {24: 8, 30: 10, 40: 10, 10: 1, 5: 1}[height]
    assert height < 10 or text.count("\n") < height
