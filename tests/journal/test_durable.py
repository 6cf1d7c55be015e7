"""The shown position: readable from elsewhere, and a new journal shows nothing of an old one."""

import shutil
from pathlib import Path

from venue.journal.durable import (
    DurablePosition,
    forget_position,
    identify_journal,
    position_path,
    read_position,
)


def test_journal_that_never_ran_shows_nothing(directory: Path) -> None:
    assert read_position(directory) == (0, 0)


def test_position_is_what_was_shown_last(directory: Path) -> None:
    position = DurablePosition(directory, 5, 2)
    assert read_position(directory) == (5, 2)
    position.show(2**40, 300)
    assert read_position(directory) == (2**40, 300)
    position.close()
    assert read_position(directory) == (2**40, 300)


def test_forgotten_position_is_gone_and_may_be_forgotten_twice(directory: Path) -> None:
    DurablePosition(directory, 5, 2).close()
    forget_position(directory)
    forget_position(directory)
    assert read_position(directory) == (0, 0)


def test_new_journal_at_an_old_place_shows_nothing_old(directory: Path) -> None:
    DurablePosition(directory, 5, 2).close()
    old = position_path(directory)
    shutil.rmtree(directory)
    directory.mkdir()
    identify_journal(directory)
    assert read_position(directory) == (0, 0)
    old.unlink()


def test_identity_stays_over_starts(directory: Path) -> None:
    identify_journal(directory)
    before = position_path(directory)
    identify_journal(directory)
    assert position_path(directory) == before


def test_file_that_another_start_sweeps_at_the_same_time_is_passed_over(directory: Path) -> None:
    identify_journal(directory)
    vanished = position_path(directory).with_name("venue-vanished.position")
    vanished.symlink_to("/nowhere")  # as a file that is gone after it was listed
    try:
        DurablePosition(directory, 5, 2).close()
    finally:
        vanished.unlink()
    assert read_position(directory) == (5, 2)


def test_position_is_for_the_owner_only(directory: Path) -> None:
    DurablePosition(directory, 1, 1).close()
    assert position_path(directory).stat().st_mode & 0o077 == 0
