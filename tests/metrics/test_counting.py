"""What the replica counts is what the journal has, by type; and each record once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.builders import buy, sell
from tests.sequencer.builders import Trading
from venue.counts_page import CountsPage
from venue.replay.counting import JournalCounts
from venue.replay.replay import begin_replay, durable_frames, replay_journal


@pytest.fixture
def trading(tmp_path: Path) -> Iterator[Trading]:
    directory = tmp_path / "journal"
    directory.mkdir()
    trading = Trading(directory)
    for session in ("ALPHA", "BRAVO"):
        trading.log_on(session, cancels=False)
    trading.say(sell("S1", "5", "100.00"), buy("B1", "3", "100.00"), buy("B2", "1", "1.005"))
    yield trading
    trading.writer.close()


def counted(trading: Trading, through: int = 0) -> JournalCounts:
    counts = JournalCounts(through)
    reports = counts.counting(trading.encoder.reports)
    replay = begin_replay(trading.directory, reports, kind=counts.kind())
    for frame in durable_frames(trading.directory, replay.position):
        replay.take(frame)
    return counts


def test_commands_events_reports_refusals_and_trades_are_counted(trading: Trading) -> None:
    by = counted(trading).by
    assert by["commands"]["EnterOrder"] == 3
    assert by["commands"]["LogOn"] == 2
    assert (by["events"]["OrderAccepted"], by["events"]["TradeExecuted"]) == (2, 1)
    assert by["trades"] == {"ACME": 1}
    assert by["rejects"] == {"PRICE_NOT_ON_TICK": 1}
    assert by["reports"] == {"8": 5}  # two accepted, two fills, one refused
    assert sum(by["events"].values()) == trading.writer.next_event_seq - 1


def test_what_was_counted_before_is_not_counted_again(trading: Trading) -> None:
    through = trading.writer.next_event_seq - 1
    trading.say(buy("B3", "1", "99.00"))
    by = counted(trading, through).by
    assert by["commands"] == {"EnterOrder": 1}
    assert by["events"] == {"OrderAccepted": 1}
    assert by["reports"] == {"8": 1}


def test_counting_changes_nothing_of_what_is_executed(trading: Trading) -> None:
    plain = replay_journal(trading.directory, trading.encoder.reports)
    counts = JournalCounts(0)
    reports = counts.counting(trading.encoder.reports)
    other = begin_replay(trading.directory, reports, kind=counts.kind())
    for frame in durable_frames(trading.directory, other.position):
        other.take(frame)
    assert other.take_snapshot() == plain.take_snapshot()


def test_counts_are_shown_when_due(trading: Trading, tmp_path: Path) -> None:
    shown = Counter[str]()

    class Page(CountsPage):
        def show(self, not_ready: str = "", *rest: object, **more: object) -> None:
            shown[not_ready] += 1

    page = Page(tmp_path, "replica")
    counts = counted(trading)
    counts.show(page, "it catches up")
    assert shown == {"it catches up": 1}
    page.close()
