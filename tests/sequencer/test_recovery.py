"""Opening a journal: a torn tail is cut wherever it is torn; every other damage stops the start."""

import shutil
from pathlib import Path

import pytest

from venue.journal.frame import build_frame
from venue.journal.reader import JournalReader
from venue.journal.record import Batch, decode_batch, encode_batch
from venue.journal.segment import (
    EMPTY_JOURNAL,
    JournalDamage,
    JournalPosition,
    Segment,
    list_segments,
    segment_name,
)
from venue.replay.recovery import Recovery

from ..journal.builders import SMALL_SEGMENT, event, frames, write

COUNTS = [2, 1, 3]


@pytest.fixture
def journal(directory: Path) -> Path:
    """The only segment of a journal of three frames."""
    write(directory, COUNTS)
    (segment,) = list_segments(directory)
    return segment.path


def recover(directory: Path, witness: int = 0) -> tuple[list[int], Recovery]:
    """Events of each frame found, and the pass itself."""
    recovery = Recovery(directory, witness)
    return [frame.header.events for frame in recovery.frames()], recovery


def refused(directory: Path, witness: int = 0) -> JournalDamage:
    """The damage for which the start is refused."""
    with pytest.raises(JournalDamage) as caught:
        recover(directory, witness)
    return caught.value


def test_sound_journal_is_read_whole(journal: Path) -> None:
    found, recovery = recover(journal.parent, witness=6)
    assert found == COUNTS
    assert recovery.cut is None
    assert recovery.position[3:] == (4, 7)


def test_missing_or_empty_journal_is_a_new_one(directory: Path) -> None:
    found, recovery = recover(directory)
    assert (found, recovery.position, recovery.cut) == ([], EMPTY_JOURNAL, None)


@pytest.mark.parametrize("torn", ["file ends", "zeros follow", "only the end was written"])
def test_tail_torn_at_any_byte_is_cut_and_the_frames_before_it_stay(
    journal: Path, torn: str
) -> None:
    whole = journal.read_bytes()
    last = frames(journal.parent)[-1]
    before = whole[: last.offset]
    for place in range(last.offset + 1, last.end):
        kept = whole[:place] if torn != "only the end was written" else before
        rest = b"" if torn == "file ends" else bytes(last.end - place)
        if torn == "only the end was written":
            rest = bytes(place - last.offset) + whole[place : last.end]
        tail = b"" if torn == "file ends" else bytes(100)
        journal.write_bytes(kept + rest + tail)
        found, recovery = recover(journal.parent, witness=3)
        assert found == COUNTS[:2], place
        assert recovery.cut is not None
        assert f"{journal.name} at offset {last.offset}, record 3: " in recovery.cut
        assert recovery.position[1] == last.offset and recovery.position[3:] == (3, 4)
        after = journal.read_bytes()
        assert after.rstrip(b"\x00") == before.rstrip(b"\x00")
        assert len(after) == len(kept + rest + tail)


def test_cut_journal_is_sound_at_the_next_start(journal: Path) -> None:
    last = frames(journal.parent)[-1]
    journal.write_bytes(journal.read_bytes()[: last.end - 1])
    recover(journal.parent)
    found, recovery = recover(journal.parent)
    assert (found, recovery.cut) == (COUNTS[:2], None)


def test_last_frame_that_is_wholly_absent_is_no_cut(journal: Path) -> None:
    last = frames(journal.parent)[-1]
    journal.write_bytes(journal.read_bytes()[: last.offset])
    found, recovery = recover(journal.parent)
    assert (found, recovery.cut) == (COUNTS[:2], None)


@pytest.mark.parametrize("shortened", [True, False])
def test_writing_goes_on_after_a_cut(journal: Path, shortened: bool) -> None:
    directory = journal.parent
    last = frames(directory)[-1]
    whole = journal.read_bytes()
    torn = whole[: last.end - 1]
    journal.write_bytes(torn if shortened else torn + bytes(len(whole) - len(torn)))
    _, recovery = recover(directory)
    write(directory, [4, 20, 1], position=recovery.position)
    found, again = recover(directory, witness=28)
    assert found == [2, 1, 4, 20, 1]
    assert again.position[3:] == (6, 29)
    reader = JournalReader(directory)
    assert [e.event_seq for e in reader.read(100)] == list(range(1, 29))
    reader.close()


@pytest.mark.parametrize("cut", [1, 60])
def test_torn_tail_that_was_received_by_somebody_is_refused(journal: Path, cut: int) -> None:
    last = frames(journal.parent)[-1]
    journal.write_bytes(journal.read_bytes()[: last.end - cut])
    damage = refused(journal.parent, witness=4)
    assert (damage.segment.path, damage.offset, damage.seq) == (journal, last.offset, 3)
    assert "event 4 was received already" in str(damage)
    assert journal.read_bytes()[last.offset :] != b"", "and nothing was cut"


@pytest.mark.parametrize("number", [0, 1])
def test_one_flipped_bit_in_an_earlier_frame_is_refused_by_name(journal: Path, number: int) -> None:
    whole = journal.read_bytes()
    frame = frames(journal.parent)[number]
    for place in range(frame.offset, frame.end):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place % 8)
        journal.write_bytes(flipped)
        damage = refused(journal.parent)
        text = f"{journal.name} at offset {frame.offset}, record {number + 1}: "
        assert str(damage).startswith(text) and "whole records follow" in str(damage)
        assert journal.read_bytes() == flipped, "nothing is repaired"


def test_zeroed_frame_between_others_is_refused(journal: Path) -> None:
    whole = journal.read_bytes()
    frame = frames(journal.parent)[1]
    journal.write_bytes(
        whole[: frame.offset] + bytes(frame.end - frame.offset) + whole[frame.end :]
    )
    damage = refused(journal.parent)
    assert (damage.offset, damage.seq) == (frame.offset, 2)
    assert "whole records follow" in str(damage)


def test_frame_of_another_history_is_refused(journal: Path) -> None:
    whole = journal.read_bytes()
    frame = frames(journal.parent)[1]
    foreign, _ = build_frame(frame.body, 1, 1, 2, 3, frame.header.previous_crc ^ 1)
    journal.write_bytes(whole[: frame.offset] + foreign + whole[frame.end :])
    damage = refused(journal.parent)
    assert (damage.offset, damage.seq) == (frame.offset, 2)
    assert "does not follow the one before" in str(damage)


@pytest.mark.parametrize(("seq", "event_seq"), [(3, 3), (2, 4), (1, 3)])
def test_frame_with_wrong_numbers_is_refused(journal: Path, seq: int, event_seq: int) -> None:
    whole = journal.read_bytes()
    frame = frames(journal.parent)[1]
    wrong, _ = build_frame(frame.body, 1, 1, seq, event_seq, frame.header.previous_crc)
    journal.write_bytes(whole[: frame.offset] + wrong + whole[frame.end :])
    assert "does not follow the one before" in str(refused(journal.parent))


def test_journal_that_ends_before_the_witness_is_refused(journal: Path) -> None:
    assert recover(journal.parent, witness=6)[0] == COUNTS
    damage = refused(journal.parent, witness=7)
    assert "the journal ends before event 7, which was received already" in str(damage)
    assert damage.seq == 4


def test_lost_journal_is_refused_when_somebody_has_received_from_it(directory: Path) -> None:
    assert "before event 1" in str(refused(directory, witness=1))


@pytest.fixture
def segments(directory: Path) -> list[Segment]:
    """Segments of a journal that has several."""
    write(directory, [8] * 12)
    found = list_segments(directory)
    assert len(found) >= 3
    return found


def test_journal_of_several_segments_is_read_whole(
    directory: Path, segments: list[Segment]
) -> None:
    found, recovery = recover(directory, witness=96)
    assert found == [8] * 12
    assert recovery.position.segment == segments[-1]


def test_missing_segment_is_refused(directory: Path, segments: list[Segment]) -> None:
    segments[1].path.unlink()
    assert "segment 2 before it is missing" in str(refused(directory))


def test_missing_first_segment_is_refused(directory: Path, segments: list[Segment]) -> None:
    segments[0].path.unlink()
    damage = refused(directory)
    assert segments[1].path.name in str(damage) and "segments before are missing" in str(damage)


def test_missing_last_segment_is_refused_by_the_witness(
    directory: Path, segments: list[Segment]
) -> None:
    segments[-1].path.unlink()
    assert "was received already" in str(refused(directory, witness=96))


def test_segment_under_a_wrong_name_is_refused(directory: Path, segments: list[Segment]) -> None:
    number, seq, event_seq, path = segments[1]
    path.rename(directory / segment_name(number, seq + 1, event_seq))
    assert "does not go on where the one before ends" in str(refused(directory))


def test_torn_end_of_a_segment_that_is_not_the_last_is_refused(
    directory: Path, segments: list[Segment]
) -> None:
    last = [frame for frame in frames(directory) if frame.segment == segments[0]][-1]
    data = bytearray(segments[0].path.read_bytes())
    data[last.end - 1] = 0
    segments[0].path.write_bytes(data)
    damage = refused(directory)
    assert (damage.segment.path, damage.offset) == (segments[0].path, last.offset)


@pytest.mark.parametrize("size", [0, 10, SMALL_SEGMENT])
def test_crash_right_after_a_segment_was_begun_costs_nothing(directory: Path, size: int) -> None:
    position = write(directory, [2, 3])
    number, seq, event_seq = 2, position.next_seq, position.next_event_seq
    (directory / segment_name(number, seq, event_seq)).write_bytes(bytes(size))
    found, recovery = recover(directory, witness=5)
    assert (found, recovery.cut) == ([2, 3], None)
    write(directory, [1, 30], position=recovery.position)
    assert recover(directory, witness=36)[0] == [2, 3, 1, 30]
    reader = JournalReader(directory)
    assert [e.event_seq for e in reader.read(100)] == list(range(1, 37))
    reader.close()


def test_empty_frames_of_marks_are_part_of_the_chain(directory: Path) -> None:
    position = write(directory, [2, 0, 0, 1])
    assert position.next_event_seq == 4
    assert recover(directory)[0] == [2, 0, 0, 1]


def test_recovery_of_a_copy_reads_the_same(directory: Path, tmp_path: Path) -> None:
    write(directory, [8] * 12)
    copy = tmp_path / "copy"
    shutil.copytree(directory, copy, ignore=shutil.ignore_patterns("identity", "prepared*"))
    assert recover(copy)[0] == [8] * 12
    assert recover(copy)[1].position[1:] == recover(directory)[1].position[1:]


def test_bodies_are_handed_on_as_they_were_written(directory: Path) -> None:
    write(directory, [2])
    (frame,) = Recovery(directory).frames()
    body = decode_batch(frame.body)
    assert body.records[0].events == [event(1), event(2)]
    assert encode_batch(body) == frame.body
    assert isinstance(body, Batch) and isinstance(frame.segment, Segment)
    assert (
        JournalPosition(frame.segment, frame.end, frame.header.crc, 2, 3)
        == recover(directory)[1].position
    )
