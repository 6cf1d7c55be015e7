"""The next segment: whole or not there, made again after a failure, safe from those left over."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.sequencer import preparation as module
from venue.sequencer.preparation import SegmentPreparation, make_segment

from ..journal.builders import SMALL_SEGMENT
from ..servers.conditions import wait_for
from .blocked import PREPARED, Seconds, block, unblock


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def preparation(directory: Path, seconds: Seconds) -> Iterator[SegmentPreparation]:
    preparation = SegmentPreparation(directory, SMALL_SEGMENT, seconds)
    yield preparation
    preparation.close()


def looked(preparation: SegmentPreparation) -> str | None:
    preparation.look()
    return preparation.failure


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_next_segment_is_made_by_another_process_and_stays_until_it_is_taken(
    directory: Path, preparation: SegmentPreparation
) -> None:
    preparation.begin()
    wait_for((directory / PREPARED).exists, 60)
    assert (directory / PREPARED).read_bytes() == bytes(SMALL_SEGMENT)
    preparation.begin()
    inode = (directory / PREPARED).stat().st_ino
    os.close(preparation.take(directory / "segment", 100))
    assert (directory / "segment").stat().st_ino == inode
    assert not (directory / PREPARED).exists()


def test_failure_is_known_and_tried_again_only_after_a_while(
    directory: Path, preparation: SegmentPreparation, seconds: Seconds
) -> None:
    blocker = block(directory)
    preparation.begin()
    wait_for(lambda: looked(preparation) is not None, 60)
    assert preparation.failure == os.strerror(errno.EISDIR)
    unblock(blocker)
    seconds.now += 4.9
    assert looked(preparation) is not None
    assert not (directory / PREPARED).exists()
    seconds.now += 0.2
    wait_for(lambda: looked(preparation) is None, 60)
    assert (directory / PREPARED).read_bytes() == bytes(SMALL_SEGMENT)


def test_failure_lasts_as_long_as_every_attempt_fails(
    directory: Path, preparation: SegmentPreparation, seconds: Seconds
) -> None:
    block(directory)
    preparation.begin()
    wait_for(lambda: looked(preparation) is not None, 60)
    first = preparation._process
    seconds.now += 5.1
    assert looked(preparation) is not None, "while the next attempt is made"
    assert preparation._process is not first
    wait_for(lambda: looked(preparation) is not None and preparation._process is None, 60)


def test_killed_helper_is_a_failure_like_any_other(
    preparation: SegmentPreparation, seconds: Seconds
) -> None:
    preparation.begin()
    assert preparation._process is not None
    preparation._process.kill()
    wait_for(lambda: looked(preparation) is not None, 60)
    assert preparation.failure == "exit status -9"
    seconds.now += 5.1
    wait_for(lambda: looked(preparation) is None, 60)


def test_segment_taken_before_it_is_ready_is_made_at_once(
    directory: Path, preparation: SegmentPreparation
) -> None:
    block(directory)
    preparation.begin()
    os.close(preparation.take(directory / "segment", 100))
    assert (directory / "segment").read_bytes() == bytes(SMALL_SEGMENT)
    os.close(preparation.take(directory / "large", SMALL_SEGMENT + 1))
    assert (directory / "large").read_bytes() == bytes(SMALL_SEGMENT + 1)


def test_full_disk_leaves_no_segment_begun(
    directory: Path, preparation: SegmentPreparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        preparation.take(directory / "segment", 100)
    with pytest.raises(OSError, match="No space left"):
        preparation.make_now()
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("size", [5, (1 << 20) + 5])
def test_segment_is_all_zeros_and_for_the_owner_only(directory: Path, size: int) -> None:
    make_segment(directory / PREPARED, size)
    assert (directory / PREPARED).read_bytes() == bytes(size)
    assert (directory / PREPARED).stat().st_mode & 0o777 == 0o600


def test_helper_whose_venue_has_ended_leaves_nothing(directory: Path) -> None:
    nobody = subprocess.Popen([sys.executable, "-c", ""])
    nobody.wait()
    with pytest.raises(ProcessLookupError):
        make_segment(directory / PREPARED, SMALL_SEGMENT, nobody.pid)
    assert list(directory.iterdir()) == []


def test_helper_left_over_from_a_killed_run_cannot_touch_what_the_next_run_uses(
    directory: Path, preparation: SegmentPreparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The left-over one is this process: it is overtaken where it has written but not finished."""
    finish = os.fsync
    taken = []

    def overtaken(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", finish)
        SegmentPreparation(directory, SMALL_SEGMENT).close()
        command = [sys.executable, "-m", module.__name__, str(directory / PREPARED)]
        subprocess.run([*command, str(SMALL_SEGMENT), str(os.getpid())], check=True)
        taken.append(preparation.take(directory / "segment", 100))
        os.pwrite(taken[0], b"a frame", 0)
        finish(descriptor)

    monkeypatch.setattr(os, "fsync", overtaken)
    with pytest.raises(FileNotFoundError):
        make_segment(directory / PREPARED, SMALL_SEGMENT)
    os.close(taken[0])
    assert (directory / "segment").read_bytes().rstrip(b"\0") == b"a frame"
    assert [path.name for path in directory.iterdir()] == ["segment"]
