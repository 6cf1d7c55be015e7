"""A directory that is listed while its files are compressed or removed: none is missed."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from venue.audit import chain
from venue.journal import segment
from venue.journal.beginning import begin_at
from venue.journal.compressed import compressed_path
from venue.rotation import all_set_aside

FILES = 2_000
"""So many that the system reads such a directory in several parts, and others come in between."""
LISTINGS = 60
Listing = Callable[[Path], list[str]]


def journal(directory: Path) -> list[str]:
    return [each.name for each in segment.list_segments(directory)]


def trail(directory: Path) -> list[str]:
    return [path.name.removesuffix(".zst") for path in chain.list_segments(directory)]


def logs(directory: Path) -> list[str]:
    return [path.name.removesuffix(".zst") for path in all_set_aside(directory)]


STORES: dict[Listing, Callable[[int], str]] = {
    journal: lambda number: segment.segment_name(number, number, number),
    trail: chain.segment_name,
    logs: lambda number: f"ALPHA.log.20260101T000000.{number:06d}Z",
}


@contextmanager
def beside(work: Callable[[threading.Event], None]) -> Iterator[threading.Thread]:
    """Work in a thread of its own, until it is told to end."""
    end = threading.Event()
    thread = threading.Thread(target=work, args=(end,))
    thread.start()
    try:
        yield thread
    finally:
        end.set()
        thread.join()


@pytest.mark.parametrize("listing", STORES, ids=lambda listing: listing.__name__)
def test_every_file_is_listed_while_files_are_compressed(tmp_path: Path, listing: Listing) -> None:
    files = [tmp_path / STORES[listing](number) for number in range(1, FILES + 1)]
    for file in files:
        file.touch()

    def compress(end: threading.Event) -> None:
        """As housekeeping does: the new one is there before the old one goes; and back again."""
        while not end.is_set():
            for file in files:
                old, new = file, compressed_path(file)
                if not old.exists():
                    old, new = new, old
                os.link(old, new)
                old.unlink()

    with beside(compress):
        for _ in range(LISTINGS):
            assert listing(tmp_path) == [file.name for file in files]


def test_journal_has_no_gap_while_retention_removes_its_oldest_segments(tmp_path: Path) -> None:
    files = [tmp_path / segment.segment_name(n, n, n) for n in range(1, FILES + 1)]
    for file in files:
        file.touch()
    begin_at(tmp_path, FILES)

    def remove(end: threading.Event) -> None:
        for file in files[:-1]:
            if not end.is_set():
                file.unlink()

    with beside(remove) as removing:
        while removing.is_alive():
            listed = journal(tmp_path)
            assert listed == [file.name for file in files[-len(listed) :]]
    assert journal(tmp_path) == [files[-1].name]


def test_segment_that_nobody_has_removed_is_missed_beside_some_that_were(tmp_path: Path) -> None:
    for number in (1, 3, 4, 6):
        (tmp_path / segment.segment_name(number, number, number)).touch()
    begin_at(tmp_path, 3)
    with pytest.raises(segment.JournalDamage, match="segment 5 before it is missing"):
        segment.list_segments(tmp_path)
