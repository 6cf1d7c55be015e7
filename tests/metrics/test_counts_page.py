"""The page of counts: what was shown is read, and what is half written is not."""

import os
import time
from pathlib import Path

import pytest

from venue import counts_page, memory_place
from venue.counts_page import CountsPage, read_counts
from venue.tally import Spread


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(memory_place, "_MEMORY_BACKED", memory)
    return memory


def test_what_was_shown_last_is_read(tmp_path: Path) -> None:
    page = CountsPage(tmp_path, "trading")
    page.show("not yet", {"records": 10**12}, {"in": {"ALPHA": 3}}, {"sync": Spread((0, 2), 2)})
    page.show("", {"records": 7})
    found = read_counts(tmp_path, "trading")
    assert found is not None
    assert (found.pid, found.not_ready, found.values) == (os.getpid(), "", {"records": 7})
    assert found.age_seconds(time.monotonic_ns()) < 60
    page.close()
    assert read_counts(tmp_path, "trading") is None


def test_page_is_of_one_process_and_one_directory(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    page = CountsPage(tmp_path, "trading")
    page.show()
    assert read_counts(tmp_path, "publisher") is None
    assert read_counts(other, "trading") is None
    page.close()


def test_page_that_is_being_written_is_not_believed(tmp_path: Path, memory: Path) -> None:
    page = CountsPage(tmp_path, "trading")
    assert read_counts(tmp_path, "trading") is None  # nothing was shown yet
    page.show("", {"records": 7})
    (file,) = memory.glob("*/*.counts")
    content = file.read_bytes()
    for spoilt in (content[:-1], content[:4], content.replace(b"7", b"8")):
        file.write_bytes(spoilt)
        assert read_counts(tmp_path, "trading") is None
    file.write_bytes(content + b"rest of a longer page before")
    found = read_counts(tmp_path, "trading")
    assert found is not None and found.values == {"records": 7}
    page.close()


def test_page_is_due_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("venue.counts_page.time.monotonic", lambda: now[0])
    page = CountsPage(tmp_path, "trading")
    assert page.is_due
    page.show()
    assert not page.is_due
    now[0] += counts_page.BEAT_SECONDS
    assert page.is_due
    page.close()


@pytest.mark.parametrize("wanted", [False, True])
def test_page_that_nobody_wants_or_that_has_no_memory_shows_nothing(
    tmp_path: Path, memory: Path, *, wanted: bool
) -> None:
    if wanted:
        memory.rmdir()
    page = CountsPage(tmp_path, "trading", is_shown=wanted)
    assert not page.is_due
    page.show()
    page.close()
    assert read_counts(tmp_path, "trading") is None
