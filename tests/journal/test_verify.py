"""Checking a journal: all that can be wrong with it is named by file, offset and record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from venue.journal.frame import build_frame
from venue.journal.record import Batch, Record, encode_batch
from venue.journal.segment import JournalPosition, list_segments
from venue.journal.verify import Verdict, verify_journal
from venue.replay.retention import remove_segments

from .builders import COMMAND, event, frames, write

COUNTS = [2, 1, 3]


@pytest.fixture
def journal(directory: Path) -> Path:
    """The only segment of a journal of three frames, with one record each."""
    write(directory, COUNTS)
    (segment,) = list_segments(directory)
    return segment.path


def verdict(
    directory: Path,
    durable_seq: int | None = None,
    witness: int = 0,
    snapshots: dict[str, JournalPosition] | None = None,
) -> Verdict:
    return verify_journal(directory, durable_seq, witness, snapshots or {})


def damage(directory: Path, witness: int = 0) -> str:
    """The one line of what is wrong."""
    found = verdict(directory, witness=witness)
    assert found.torn_tail is None
    assert found.damage is not None
    assert "\n" not in found.damage
    return found.damage


def rewrite(journal: Path, batches: list[tuple[Batch, int, int]]) -> None:
    """A segment of these batches, all checksums right, each with counts of records and events."""
    data, crc, seq, event_seq = b"", 0, 1, 1
    for batch, records, events in batches:
        frame, crc = build_frame(encode_batch(batch), records, events, seq, event_seq, crc)
        data += frame
        seq, event_seq = seq + records, event_seq + events
    journal.write_bytes(data + bytes(500))


def record(seq: int, timestamp_ns: int, *event_seqs: int) -> Record:
    return Record(seq, timestamp_ns, 1, 1, COMMAND, [event(number) for number in event_seqs])


def test_sound_journal_is_whole(journal: Path) -> None:
    assert verdict(journal.parent, witness=6) == Verdict(1, 3, 3, 6, 1, 3, 6, None, None)


def test_sound_journal_of_several_segments_is_whole(directory: Path) -> None:
    write(directory, [8] * 12)
    segments = len(list_segments(directory))
    assert segments >= 3
    assert verdict(directory) == Verdict(segments, 12, 12, 96, 1, 12, 96, None, None)


def test_one_flipped_bit_is_named_and_nothing_is_changed(journal: Path) -> None:
    whole = journal.read_bytes()
    for number, frame in enumerate(frames(journal.parent)):
        for place in range(frame.offset, frame.end):
            flipped = bytearray(whole)
            flipped[place] ^= 1 << (place % 8)
            journal.write_bytes(flipped)
            text = f"{journal.name} at offset {frame.offset}, record {number + 1}: "
            assert damage(journal.parent, witness=6).startswith(text)
            assert journal.read_bytes() == flipped


def test_flip_in_the_last_frame_that_nobody_has_is_a_torn_tail(journal: Path) -> None:
    last = frames(journal.parent)[-1]
    flipped = bytearray(journal.read_bytes())
    flipped[last.offset + 60] ^= 1
    journal.write_bytes(flipped)
    found = verdict(journal.parent, witness=3)
    assert found.damage is None and (found.seq, found.event_seq) == (2, 3)
    assert found.torn_tail is not None
    assert found.torn_tail.startswith(f"{journal.name} at offset {last.offset}, record 3: ")


@pytest.mark.parametrize("zeros", [0, 200])
def test_tail_cut_at_any_byte_is_named_and_no_damage_unless_somebody_has_it(
    journal: Path, zeros: int
) -> None:
    last = frames(journal.parent)[-1]
    whole = journal.read_bytes()
    for place in range(last.offset + 1, last.end):
        torn = whole[:place] + bytes(zeros)
        journal.write_bytes(torn)
        found = verdict(journal.parent, witness=3)
        assert (found.damage, found.frames, found.events) == (None, 2, 3), place
        assert found.torn_tail is not None and f"offset {last.offset}" in found.torn_tail
        assert f"at offset {last.offset}, record 3: " in damage(journal.parent, witness=4)
        assert journal.read_bytes() == torn


def test_frames_in_another_order_are_damage(journal: Path) -> None:
    first, second, third = frames(journal.parent)
    whole = journal.read_bytes()
    parts = [whole[frame.offset : frame.end] for frame in (first, third, second)]
    journal.write_bytes(b"".join(parts) + bytes(300))
    text = f"{journal.name} at offset {second.offset}, record 2: the frame does not follow"
    assert damage(journal.parent).startswith(text)


def test_frame_that_is_left_out_is_damage(journal: Path) -> None:
    _, second, _ = frames(journal.parent)
    whole = journal.read_bytes()
    journal.write_bytes(whole[: second.offset] + whole[second.end :])
    assert f"offset {second.offset}, record 2: the frame does not follow" in damage(journal.parent)


@pytest.mark.parametrize(
    ("batches", "why"),
    [
        ([(Batch([record(2, 5, 1)]), 1, 1)], "record 1: the record calls itself 2"),
        (
            [(Batch([record(1, 5, 1), record(3, 5, 2)]), 2, 2)],
            "record 2: the record calls itself 3",
        ),
        ([(Batch([record(1, 5, 1, 3)]), 1, 2)], "record 1: event 2 calls itself 3"),
        (
            [(Batch([record(1, 5, 1)]), 1, 1), (Batch([record(2, 4, 2)]), 1, 1)],
            "record 2: its time is before that of the record before it",
        ),
        ([(Batch([record(1, 5, 1)]), 2, 1)], "record 1: the frame counts 2 records and holds 1"),
        ([(Batch([record(1, 5, 1)]), 1, 2)], "record 1: the frame counts 2 events and holds 1"),
        ([(Batch([record(1, 5, 1, 2)]), 1, 1)], "record 1: the frame counts 1 events and holds 2"),
    ],
)
def test_contents_that_contradict_their_frame_are_damage_under_right_checksums(
    journal: Path, batches: list[tuple[Batch, int, int]], why: str
) -> None:
    rewrite(journal, batches)
    found = damage(journal.parent)
    assert found.startswith(f"{journal.name} at offset ") and found.endswith(why)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"records":[{"seq":1}]}', b'\xff{"records":[]}'])
def test_body_that_is_no_batch_is_damage(journal: Path, body: bytes) -> None:
    frame, _ = build_frame(body, 1, 1, 1, 1, 0)
    journal.write_bytes(frame + bytes(100))
    assert "offset 0, record 1: the body is no batch of records: " in damage(journal.parent)


@pytest.mark.parametrize(
    ("lost", "why"),
    [(0, "segments before are missing"), (1, "is missing"), (-1, "received already")],
)
def test_missing_segment_is_damage(directory: Path, lost: int, why: str) -> None:
    write(directory, [8] * 12)
    list_segments(directory)[lost].path.unlink()
    assert why in damage(directory, witness=96)


def test_emptied_journal_is_damage_when_somebody_has_of_it(journal: Path) -> None:
    journal.unlink()
    assert "ends before event 6, which was received already" in damage(journal.parent, witness=6)


def spoil_behind(place: int) -> Callable[[bytes], bytes]:
    return lambda whole: whole[:place] + b"being written" + whole[place + 13 :]


def test_nothing_behind_the_durable_record_is_looked_at(journal: Path) -> None:
    last = frames(journal.parent)[-1]
    journal.write_bytes(spoil_behind(last.offset)(journal.read_bytes()))
    found = verdict(journal.parent, durable_seq=2, witness=3)
    assert (found.damage, found.torn_tail) == (None, None)
    assert (found.frames, found.seq, found.event_seq) == (2, 2, 3)


def test_durable_record_that_is_missing_is_damage(journal: Path) -> None:
    last = frames(journal.parent)[-1]
    journal.write_bytes(journal.read_bytes()[: last.offset] + bytes(400))
    found = verdict(journal.parent, durable_seq=3)
    assert found.damage is not None and "record 3 was on disk and is missing" in found.damage


def test_torn_durable_record_is_damage_beside_a_running_venue(journal: Path) -> None:
    last = frames(journal.parent)[-1]
    journal.write_bytes(spoil_behind(last.offset)(journal.read_bytes()))
    found = verdict(journal.parent, durable_seq=3, witness=0)
    assert found.torn_tail is None
    assert found.damage is not None and f"offset {last.offset}, record 3: " in found.damage


def places(directory: Path) -> dict[str, JournalPosition]:
    """A snapshot after every frame."""
    return {f"snapshot-{frame.after.next_seq - 1}": frame.after for frame in frames(directory)}


def test_snapshots_taken_between_frames_are_met(directory: Path) -> None:
    write(directory, [8] * 12)
    assert verdict(directory, snapshots=places(directory)).damage is None


@pytest.mark.parametrize(
    "change", [{"offset": 7}, {"previous_crc": 7}, {"next_seq": 2}, {"next_event_seq": 2}]
)
def test_snapshot_of_another_history_is_named_with_its_place(
    journal: Path, change: dict[str, Any]
) -> None:
    known = places(journal.parent)
    known["snapshot-2"] = known["snapshot-2"]._replace(**change)
    found = verdict(journal.parent, snapshots=known).damage
    assert found is not None
    place = known["snapshot-2"]
    assert found.startswith(f"{journal.name} at offset {place.offset}, record {place.next_seq}: ")
    assert "snapshot-2 was taken at this place, but the journal does not lead to it" in found


def test_snapshot_of_what_came_since_is_not_looked_for_beside_a_running_venue(
    journal: Path,
) -> None:
    known = places(journal.parent)
    known["later"] = known["snapshot-3"]._replace(offset=4000, next_seq=9)
    assert verdict(journal.parent, durable_seq=3, snapshots=known).damage is None
    assert verdict(journal.parent, snapshots=known).damage is not None


def test_journal_whose_old_segments_were_removed_is_whole_from_there(directory: Path) -> None:
    write(directory, [8] * 12)
    known = places(directory)
    first, second, *_ = list_segments(directory)
    remove_segments(directory, [first])
    kept = {name: at for name, at in known.items() if at.segment != first}
    found = verdict(directory, witness=96, snapshots=kept)
    assert (found.damage, found.first_seq, found.seq) == (None, second.first_seq, 12)
    assert found.records == 12 - second.first_seq + 1


def test_removed_segments_without_a_snapshot_behind_them_are_damage(directory: Path) -> None:
    write(directory, [8] * 12)
    known = places(directory)
    first, *_ = list_segments(directory)
    remove_segments(directory, [first])
    old = {name: at for name, at in known.items() if at.segment == first}
    found = verdict(directory, snapshots=old).damage
    assert found is not None and "there is no snapshot to begin with" in found
