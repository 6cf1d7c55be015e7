"""Whose a journal is: its identity stays, and a copy of its directory is known as one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from venue.journal.identity import (
    JournalIsCopy,
    adopt_journal,
    home_of,
    identify_journal,
    is_at_home,
    journal_identity,
)


def copied(directory: Path, how: str) -> Path:
    copy = directory.with_name("copy")
    if how == "cp":
        subprocess.run(["cp", "-a", directory, copy], check=True)
    else:
        shutil.copytree(directory, copy)
    return copy


def test_identity_stays_over_starts(directory: Path) -> None:
    assert journal_identity(directory) == ""
    identify_journal(directory)
    before = journal_identity(directory)
    assert len(before) == 24
    identify_journal(directory)
    assert journal_identity(directory) == before and is_at_home(directory)


@pytest.mark.parametrize("how", ["cp", "copytree"])
def test_copy_is_refused_until_it_is_adopted(directory: Path, how: str) -> None:
    identify_journal(directory)
    copy = copied(directory, how)
    for _ in range(3):
        with pytest.raises(JournalIsCopy, match="venue journal adopt") as refused:
            identify_journal(copy)
    assert str(copy) in str(refused.value) and "\n" not in str(refused.value)
    assert not is_at_home(copy) and is_at_home(directory)
    adopt_journal(copy)
    identify_journal(copy)
    assert journal_identity(copy) == journal_identity(directory)
    identify_journal(directory)


def test_copy_put_at_the_place_of_the_original_is_a_copy_all_the_same(directory: Path) -> None:
    identify_journal(directory)
    copy = copied(directory, "cp")
    shutil.rmtree(directory)
    copy.rename(directory)
    with pytest.raises(JournalIsCopy):
        identify_journal(directory)


def test_files_copied_into_another_directory_are_a_copy(directory: Path) -> None:
    identify_journal(directory)
    other = directory.with_name("other")
    other.mkdir()
    shutil.copy2(directory / "identity", other)
    with pytest.raises(JournalIsCopy):
        identify_journal(other)


def test_directory_that_was_renamed_is_no_copy(directory: Path) -> None:
    identify_journal(directory)
    moved = directory.rename(directory.with_name("elsewhere"))
    identify_journal(moved)
    moved.rename(directory)


def test_identity_of_an_older_version_is_bound_where_it_is(directory: Path) -> None:
    (directory / "identity").write_text("0123456789abcdef01234567")
    identify_journal(directory)
    assert journal_identity(directory) == "0123456789abcdef01234567"
    with pytest.raises(JournalIsCopy):
        identify_journal(copied(directory, "cp"))


def test_directory_made_anew_under_the_same_number_is_another(directory: Path) -> None:
    """File systems give a number again at once: then the time of birth tells them apart."""
    homes = set()
    for _ in range(20):
        place = directory / "again"
        place.mkdir()
        homes.add(home_of(place))
        place.rmdir()
    assert len(homes) == 20


def test_journal_without_identity_cannot_be_adopted(directory: Path) -> None:
    with pytest.raises(FileNotFoundError):
        is_at_home(directory)
