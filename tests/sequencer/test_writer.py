"""Appending: on disk before it returns, over segments, and final when the disk fails."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.journal.durable import (
    DurablePosition,
    forget_ended_position,
    position_path,
    read_position,
    shown_position,
)
from venue.journal.identity import JournalIsCopy
from venue.journal.record import Batch, decode_batch
from venue.journal.segment import EMPTY_JOURNAL, JournalPosition, list_segments
from venue.replay.recovery import Recovery
from venue.sequencer.writer import JournalWriteError, JournalWriter, reserve_bytes

from ..journal.builders import SMALL_SEGMENT, batch, frames, write
from ..servers.conditions import wait_for
from .blocked import PREPARED, Seconds, block


@pytest.fixture
def writer(directory: Path) -> Iterator[JournalWriter]:
    writer = JournalWriter(directory, SMALL_SEGMENT, EMPTY_JOURNAL)
    yield writer
    writer.close()


def test_appended_batch_is_in_the_file_and_shown_as_durable(
    directory: Path, writer: JournalWriter
) -> None:
    for count in (2, 0, 3):
        appended = batch(writer, count)
        writer.append(appended)
        assert decode_batch(frames(directory)[-1].body) == appended
        assert read_position(directory) == (writer.next_event_seq - 1, writer.next_seq - 1)
    assert (writer.next_event_seq, writer.next_seq) == (6, 4)


def test_position_is_where_recovery_says_that_writing_goes_on(
    directory: Path, writer: JournalWriter
) -> None:
    assert writer.position == EMPTY_JOURNAL
    for count in (1, 40, 3, 30):
        writer.append(batch(writer, count, records=2))
        recovery = Recovery(directory)
        assert len(list(recovery.frames())) > 0
        assert recovery.position == writer.position


def test_full_segment_is_followed_by_one_named_after_what_it_begins_with(
    directory: Path, writer: JournalWriter
) -> None:
    begun = []
    for _ in range(12):
        segments = len(list_segments(directory))
        seq, event_seq = writer.next_seq, writer.next_event_seq
        writer.append(batch(writer, 10))
        if len(list_segments(directory)) > segments:
            begun.append((segments + 1, seq, event_seq))
    assert len(begun) > 3
    assert [segment[:3] for segment in list_segments(directory)] == begun
    assert all(s.path.stat().st_size == SMALL_SEGMENT for s in list_segments(directory))


def test_frame_larger_than_a_segment_gets_one_of_its_own_size(
    directory: Path, writer: JournalWriter
) -> None:
    writer.append(batch(writer, 1))
    writer.append(batch(writer, 200))
    writer.append(batch(writer, 1))
    sizes = [segment.path.stat().st_size for segment in list_segments(directory)]
    assert [size > SMALL_SEGMENT for size in sizes] == [False, True, False]
    assert [frame.header.events for frame in frames(directory)] == [1, 200, 1]


def test_first_segment_is_the_prepared_one(directory: Path, writer: JournalWriter) -> None:
    prepared = (directory / PREPARED).stat().st_ino
    writer.append(batch(writer, 1))
    assert list_segments(directory)[0].path.stat().st_ino == prepared


def test_next_segment_is_prepared_full_of_zeros_and_used(
    directory: Path, writer: JournalWriter
) -> None:
    writer.append(batch(writer, 10))
    prepared = directory / PREPARED
    wait_for(prepared.exists, 60)
    assert prepared.read_bytes() == bytes(SMALL_SEGMENT)
    inode = prepared.stat().st_ino
    writer.append(batch(writer, 25))
    assert list_segments(directory)[1].path.stat().st_ino == inode


def test_prepared_segment_that_is_too_small_is_not_used(
    directory: Path, writer: JournalWriter
) -> None:
    writer.append(batch(writer, 200))
    (segment,) = list_segments(directory)
    assert segment.path.stat().st_size > SMALL_SEGMENT
    assert (directory / PREPARED).exists()


def test_writing_goes_on_in_the_same_segment_after_a_stop(directory: Path) -> None:
    position = write(directory, [1, 2])
    write(directory, [3], position=position)
    assert len(list_segments(directory)) == 1
    assert [frame.header.first_event_seq for frame in frames(directory)] == [1, 2, 4]


def test_batch_must_carry_the_next_seq(writer: JournalWriter) -> None:
    writer.append(batch(writer, 1))
    with pytest.raises(AssertionError):
        stale = batch(writer, 1)
        writer.append(stale)
        writer.append(stale)


@pytest.mark.parametrize("call", ["pwrite", "fdatasync"])
def test_disk_error_is_raised_and_nothing_is_shown_as_durable(
    directory: Path, writer: JournalWriter, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    writer.append(batch(writer, 2))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(JournalWriteError, match=r"cannot be written: .*No space left"):
        writer.append(batch(writer, 1))
    assert read_position(directory) == (2, 1)
    assert (writer.next_event_seq, writer.next_seq) == (3, 2)


def test_write_error_is_final(
    directory: Path, writer: JournalWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(JournalWriteError):
        writer.append(batch(writer, 1))
    monkeypatch.undo()
    with pytest.raises(JournalWriteError, match=r"before: .*Input/output error"):
        writer.append(batch(writer, 1))
    assert read_position(directory) == (0, 0)


def test_short_write_is_an_error_and_recovery_cuts_what_it_left(
    directory: Path, writer: JournalWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.append(batch(writer, 2))
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: whole(fd, data[:60], at))
    with pytest.raises(JournalWriteError, match="60 of"):
        writer.append(batch(writer, 1))
    monkeypatch.undo()
    recovery = Recovery(directory, witness=2)
    assert [frame.header.events for frame in recovery.frames()] == [2]
    assert recovery.cut is not None


def test_segment_that_cannot_be_made_is_an_error(
    directory: Path, writer: JournalWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(JournalWriteError, match="No space left"):
        writer.append(batch(writer, 200))
    assert read_position(directory) == (0, 0)


def test_files_of_the_journal_are_for_the_owner_only(
    directory: Path, writer: JournalWriter
) -> None:
    writer.append(batch(writer, 200))
    for path in [*directory.glob("*.segment"), *directory.glob("*.journal")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_room_is_what_is_left_of_the_segment(writer: JournalWriter, directory: Path) -> None:
    writer.append(batch(writer, 1))
    assert writer.room == SMALL_SEGMENT - frames(directory)[-1].end


def test_start_on_the_reserve_makes_sure_of_the_next_segment(directory: Path) -> None:
    position = filled(directory)
    writer = JournalWriter(directory, SMALL_SEGMENT, position)
    assert (directory / PREPARED).stat().st_size == SMALL_SEGMENT
    assert not writer.is_on_reserve
    writer.close()


def test_start_on_the_reserve_is_refused_while_there_is_no_space(directory: Path) -> None:
    position = filled(directory)
    block(directory)
    before = [path.read_bytes() for path in directory.glob("*.journal")]
    with pytest.raises(JournalWriteError, match=r"next segment .* cannot be made: Is a directory"):
        JournalWriter(directory, SMALL_SEGMENT, position)
    assert [path.read_bytes() for path in directory.glob("*.journal")] == before


def filled(directory: Path) -> JournalPosition:
    """The end of a journal whose only segment is full up to its reserve."""
    position = write(directory, [1])
    while position.offset <= SMALL_SEGMENT - reserve_bytes(SMALL_SEGMENT):
        position = write(directory, [1], position=position)
    (directory / PREPARED).unlink(missing_ok=True)
    return position


@pytest.mark.parametrize(
    ("segment_mib", "reserve_mib"), [(256, 32), (64, 8), (8, 1), (4, 1), (2, 0.5)]
)
def test_reserve_is_an_eighth_and_of_small_segments_no_more_than_a_quarter(
    segment_mib: int, reserve_mib: float
) -> None:
    assert reserve_bytes(segment_mib << 20) == int(reserve_mib * (1 << 20))


def test_end_that_was_never_confirmed_is_written_again_before_it_counts(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an fsync error its pages may look written and be lost: fsync alone leaves them out."""
    position = write(directory, [3, 2])
    read_back = [frame.end for frame in frames(directory)]
    DurablePosition(directory, 3, 1).close()
    done: list[tuple[int, int] | str] = []
    whole, sync = os.pwrite, os.fsync

    def pwrite(descriptor: int, data: bytes, at: int) -> int:
        done.append((at, at + len(data)))
        return whole(descriptor, data, at)

    def fsync(descriptor: int) -> None:
        done.append("fsync")
        sync(descriptor)

    monkeypatch.setattr(os, "pwrite", pwrite)
    monkeypatch.setattr(os, "fsync", fsync)
    JournalWriter(directory, SMALL_SEGMENT, position).close()
    assert done[:2] == [(0, read_back[-1]), "fsync"]
    assert read_position(directory) == (5, 2)
    assert list_segments(directory)[0].path.stat().st_size == SMALL_SEGMENT


def test_position_taken_away_while_it_runs_is_put_back_within_a_second(directory: Path) -> None:
    seconds = Seconds()
    writer = JournalWriter(directory, SMALL_SEGMENT, EMPTY_JOURNAL, seconds)
    try:
        writer.append(batch(writer, 2))
        writer.look_ahead()
        position_path(directory).unlink()
        writer.append(batch(writer, 1))
        writer.look_ahead()
        assert shown_position(directory) is None
        seconds.now += 1.0
        writer.look_ahead()
        assert shown_position(directory) == (3, 2)
    finally:
        writer.close()


@pytest.mark.parametrize("clean", [True, False])
def test_position_goes_with_a_clean_stop_alone(directory: Path, clean: bool) -> None:
    writer = JournalWriter(directory, SMALL_SEGMENT, EMPTY_JOURNAL)
    for is_last in (True, False) if not clean else (False, True):
        writer.append(Batch(batch(writer, 1).records, clean_stop=is_last))
    writer.close()
    assert shown_position(directory) == (2, 2)
    forget_ended_position(directory)
    assert (shown_position(directory) is None) == clean


def test_copy_of_a_journal_is_not_written(directory: Path) -> None:
    end = write(directory, [2, 1])
    copy = directory.with_name("copy")
    shutil.copytree(directory, copy)
    with pytest.raises(JournalIsCopy):
        JournalWriter(copy, SMALL_SEGMENT, end._replace(segment=list_segments(copy)[-1]))
