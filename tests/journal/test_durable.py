"""The shown position: of one directory, where nobody else can make names, and gone only when its
maker has ended cleanly."""

import os
import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from venue import memory_place
from venue.journal.durable import (
    DurablePosition,
    PositionReader,
    Shown,
    forget_ended_position,
    forget_position,
    position_path,
    read_position,
    shown_position,
)
from venue.journal.identity import adopt_journal, identify_journal

STRANGER = 12_345


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in which everybody can make names, as /dev/shm is one."""
    memory = tmp_path / "memory"
    memory.mkdir()
    memory.chmod(0o1777)
    monkeypatch.setattr(memory_place, "_MEMORY_BACKED", memory)
    return memory


def ours(memory: Path) -> Path:
    return memory / f"venue-{os.geteuid()}"


def test_position_that_nobody_has_shown_is_not_known(directory: Path) -> None:
    assert shown_position(directory) is None
    identify_journal(directory)
    assert shown_position(directory) is None
    assert read_position(directory) == (0, 0)


def test_position_is_what_was_shown_last(directory: Path) -> None:
    position = DurablePosition(directory, 5, 2)
    reader = PositionReader(directory)
    assert reader.read() == shown_position(directory) == Shown(5, 2)
    position.show(2**40, 300)
    assert reader.read() == read_position(directory) == (2**40, 300)
    position.close()
    assert reader.read() == (2**40, 300)


def test_reader_that_was_there_first_sees_the_position_of_each_start(directory: Path) -> None:
    reader = PositionReader(directory)
    assert reader.read() is None
    for event_seq in (5, 9):
        DurablePosition(directory, event_seq, 2).close()
        assert reader.read() == (event_seq, 2)


def test_position_stays_unless_its_maker_has_ended_cleanly(directory: Path) -> None:
    for _ in range(3):
        forget_ended_position(directory)
        position = DurablePosition(directory, 5, 2)
        forget_ended_position(directory)
        position.close()
        forget_ended_position(directory)
        assert shown_position(directory) == (5, 2)
    DurablePosition(directory, 6, 3).close(clean=True)
    assert shown_position(directory) == (6, 3)
    forget_ended_position(directory)
    assert shown_position(directory) is None


def test_start_after_a_clean_end_shows_a_position_that_stays(directory: Path) -> None:
    DurablePosition(directory, 6, 3).close(clean=True)
    DurablePosition(directory, 6, 3).close()
    forget_ended_position(directory)
    assert shown_position(directory) == (6, 3)


def test_forgotten_position_is_gone_and_may_be_forgotten_twice(directory: Path) -> None:
    DurablePosition(directory, 5, 2).close()
    forget_position(directory)
    forget_position(directory)
    assert shown_position(directory) is None


def test_new_journal_at_an_old_place_shows_nothing_old(directory: Path) -> None:
    DurablePosition(directory, 5, 2).close()
    old = position_path(directory)
    shutil.rmtree(directory)
    directory.mkdir()
    identify_journal(directory)
    assert shown_position(directory) is None
    old.unlink()


def test_copy_shows_and_forgets_nothing_of_the_original(directory: Path) -> None:
    original = DurablePosition(directory, 5, 2)
    copy = directory.with_name("copy")
    shutil.copytree(directory, copy)
    assert shown_position(copy) is None
    forget_position(copy)
    adopt_journal(copy)
    DurablePosition(copy, 3, 1).close(clean=True)
    forget_ended_position(copy)
    original.show(6, 3)
    assert shown_position(directory) == (6, 3)
    original.look()
    original.close()


@pytest.mark.parametrize("how", ["removed", "replaced", "emptied directory", "moved away"])
def test_position_taken_away_is_not_known_and_is_put_back(
    memory: Path, tmp_path: Path, how: str
) -> None:
    directory = tmp_path / "journal"
    directory.mkdir()
    position, reader = DurablePosition(directory, 5, 2), PositionReader(directory)
    path = position_path(directory)
    if how == "removed":
        path.unlink()
    elif how == "replaced":
        path.unlink()
        path.write_bytes(b"not ours")
    elif how == "moved away":
        path.rename(tmp_path / "elsewhere")
    else:
        shutil.rmtree(path.parent)
    position.show(7, 4)
    assert reader.read() is None and read_position(directory) == (0, 0)
    with capture_logs() as log:
        position.look()
        position.look()
    assert [line["log_level"] for line in log] == ["critical"] and log[0]["file"] == str(path)
    assert reader.read() == (7, 4)
    position.show(8, 5)
    assert reader.read() == (8, 5)
    position.close()


def test_truncated_position_is_not_known(directory: Path) -> None:
    position = DurablePosition(directory, 5, 2)
    os.truncate(position_path(directory), 4)
    assert shown_position(directory) is None
    position.show(6, 2)
    assert shown_position(directory) == (6, 2), "the next batch writes it whole again"
    position.close()


def test_position_is_for_the_owner_only(directory: Path) -> None:
    DurablePosition(directory, 1, 1).close()
    path = position_path(directory)
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0


def plant(place: Path, kind: str, victim: Path) -> None:
    """Put something there as another user could, who is root here or, else, at least careless."""
    if kind == "link":
        place.symlink_to(victim)
    elif kind == "directory":
        place.mkdir(mode=0o777)
        place.chmod(0o777)
    else:
        place.touch()
    if os.geteuid() == 0:
        os.chown(place, STRANGER, STRANGER, follow_symlinks=False)


@pytest.mark.parametrize("kind", ["link", "directory", "file"])
def test_name_that_another_user_has_taken_is_not_used(
    memory: Path, tmp_path: Path, kind: str
) -> None:
    directory, victim = tmp_path / "journal", tmp_path / "victim"
    directory.mkdir()
    victim.mkdir()
    plant(ours(memory), kind, victim)
    position = DurablePosition(directory, 5, 2)
    assert list(victim.iterdir()) == []
    assert position_path(directory).parent == directory
    assert shown_position(directory) == (5, 2)
    position.show(6, 2)
    assert shown_position(directory) == (6, 2)
    position.close()
    # once the name is free again, the next start uses it, and no reader takes the old file for new
    if ours(memory).is_dir() and not ours(memory).is_symlink():
        ours(memory).rmdir()
    else:
        ours(memory).unlink()
    assert shown_position(directory) == (6, 2)
    DurablePosition(directory, 7, 3).close()
    assert position_path(directory).parent == ours(memory)
    assert shown_position(directory) == (7, 3)
    assert [path.name for path in directory.iterdir()] == ["identity"]


def test_no_file_is_written_through_a_link_in_our_own_directory(
    memory: Path, tmp_path: Path
) -> None:
    directory, victim = tmp_path / "journal", tmp_path / "victim"
    directory.mkdir()
    victim.write_text("as it was")
    DurablePosition(directory, 5, 2).close()
    path = position_path(directory)
    path.with_name(f"{path.name}.draft").symlink_to(victim)
    DurablePosition(directory, 6, 2).close()
    assert victim.read_text() == "as it was"
    assert shown_position(directory) == (6, 2)


def test_memory_that_is_full_leaves_the_journal_s_directory(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "journal"
    directory.mkdir()
    DurablePosition(directory, 5, 2).close()
    (ours(memory) / f"{position_path(directory).name}.draft").mkdir()
    DurablePosition(directory, 6, 2).close()
    assert shown_position(directory) == (6, 2), "the older one in memory must not be believed"
