"""Counterparties over real FIX against a real trading process: all is answered and adds up."""

import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.running import RunningTrading
from venue.domain.events import TradeExecuted
from venue.journal.reader import JournalReader
from venue.settings.settings import load_settings
from venue.sim.parties import Party, definitions_of, parties_of
from venue.sim.scenario import Scenario
from venue.sim.summary import ScenarioError, Summary

STOCK_DICTIONARY = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"


def scenario(trading: RunningTrading, *, rate: int = 100, parties: int = 4) -> Scenario:
    """Counterparties that validate what they get with QuickFIX's own dictionary."""
    settings = load_settings(None, (), trading.data_dir)
    return Scenario(
        trading.address,
        parties_of(settings)[:parties],
        definitions_of(settings),
        rate=rate,
        dictionary=STOCK_DICTIONARY,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_until(is_done: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.01)


def journaled_trades(trading: RunningTrading) -> int:
    """Trades in the journal so far."""
    reader = JournalReader(trading.data_dir / "journal")
    count = 0
    try:
        reader.seek(1)
        while events := reader.read(1000):
            count += sum(event.type == TradeExecuted.__name__ for event in events)
    finally:
        reader.close()
    return count


def test_all_requests_are_answered_and_trades_are_those_of_the_journal(
    trading: RunningTrading,
) -> None:
    before = journaled_trades(trading)
    told = scenario(trading).run(threading.Event(), 3)
    assert (told.unanswered, told.session_rejects) == (0, 0)
    assert 1000 < told.requests <= 1200
    assert 0 < told.orders < told.requests
    assert told.refused > 0, "noise asks for what must be refused"
    assert told.trades > 100
    assert journaled_trades(trading) - before == told.trades
    assert set(told.traded_value) == {"USD"}


def test_stop_ends_it_early_with_all_answers(trading: RunningTrading) -> None:
    stop = threading.Event()
    running = scenario(trading, parties=2)
    with ThreadPoolExecutor(1) as executor:
        run: Future[Summary] = executor.submit(running.run, stop)
        wait_until(lambda: running.summary().reports > 20)
        stop.set()
        told = run.result(10)
    assert told.unanswered == 0
    assert not running.live_sessions


def test_party_that_cannot_log_on_is_named(
    trading: RunningTrading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venue.sim.scenario._LOGON_SECONDS", 1.0)
    settings = load_settings(None, (), trading.data_dir)
    parties = [Party("ALPHA", "demo"), Party("BRAVO", "wrong")]
    refused = Scenario(trading.address, parties, definitions_of(settings))
    with pytest.raises(ScenarioError, match=r"^BRAVO cannot log on: LOGON_REFUSED"):
        refused.run(threading.Event(), 1)


def test_trading_goes_on_after_the_venue_was_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    with RunningTrading(tmp_path, f"fix.port={free_port()}") as trading:
        running = scenario(trading, parties=2)
        stop = threading.Event()
        with ThreadPoolExecutor(1) as executor:
            run: Future[Summary] = executor.submit(running.run, stop)
            try:
                wait_until(lambda: running.summary().trades > 20)
                trading.kill()
                trading.start()
                at_restart = running.summary().trades
                wait_until(lambda: running.summary().trades > at_restart + 20)
            finally:
                stop.set()
            told = run.result(30)
        assert (told.unanswered, told.session_rejects) == (0, 0)
        assert journaled_trades(trading) == told.trades
