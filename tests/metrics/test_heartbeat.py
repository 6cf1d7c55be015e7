"""A heartbeat is the loop's own; where metrics are off, nothing beats and nothing is wrapped."""

import asyncio
import os
from pathlib import Path

import pytest

from venue import memory_place
from venue.counts_page import Counts, CountsPage, read_counts
from venue.heartbeat import beat, beating
from venue.journal.segment import EMPTY_JOURNAL
from venue.sequencer.inbox import Inbox
from venue.sequencer.meter import MeteredWriter
from venue.sequencer.writer import JournalWriter
from venue.settings.settings import Settings, load_settings
from venue.trading_counts import TradingCounts


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(memory_place, "_MEMORY_BACKED", tmp_path / "memory")


def settings_of(data_dir: Path, *, is_on: bool) -> Settings:
    return load_settings(overrides=[f"metrics.enabled={str(is_on).lower()}"], data_dir=data_dir)


@pytest.mark.parametrize("is_on", [True, False])
def test_page_is_shown_while_the_work_goes_on_and_only_if_wanted(
    tmp_path: Path, *, is_on: bool
) -> None:
    seen: list[Counts | None] = []

    async def work() -> str:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        seen.append(read_counts(tmp_path, "publisher"))
        return "done"

    settings = settings_of(tmp_path, is_on=is_on)
    assert asyncio.run(beating(settings, "publisher", work())) == "done"
    (page,) = seen
    assert (page is not None) == is_on
    assert page is None or (page.pid, page.not_ready) == (os.getpid(), "")
    assert read_counts(tmp_path, "publisher") is None


def test_page_goes_away_with_work_that_fails(tmp_path: Path) -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        asyncio.run(beating(settings_of(tmp_path, is_on=True), "publisher", work()))
    assert read_counts(tmp_path, "publisher") is None


def test_who_halts_beats_on_and_says_why(tmp_path: Path) -> None:
    async def halt() -> None:
        page = CountsPage(tmp_path, "replica")
        beats = asyncio.create_task(beat(page, "record 7 differs"))
        await asyncio.sleep(0)
        found = read_counts(tmp_path, "replica")
        assert found is not None and found.not_ready == "record 7 differs"
        beats.cancel()
        page.close()

    asyncio.run(halt())


@pytest.mark.parametrize("is_on", [True, False])
def test_trading_is_measured_only_where_metrics_are_on(tmp_path: Path, *, is_on: bool) -> None:
    counts = TradingCounts(settings_of(tmp_path, is_on=is_on))
    directory = tmp_path / "journal"
    directory.mkdir()
    writer = counts.writer(directory, EMPTY_JOURNAL)
    assert type(writer) is (MeteredWriter if is_on else JournalWriter)

    def poll() -> None: ...
    def aside() -> None: ...

    around = counts.around(poll, aside, None, None, Inbox())  # type: ignore[arg-type]
    assert (around.poll is poll, around.aside is aside) == (not is_on, not is_on)
    around.poll()
    writer.close()
    counts.close()
