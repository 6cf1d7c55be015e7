"""Compressed segments: read as plain ones are, whatever happens while one is made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from venue.journal import compressed, segment
from venue.journal.closing import compress_segment, compressible_segments
from venue.journal.durable import forget_position
from venue.journal.places import place_of_event, place_of_record
from venue.journal.reader import JournalReader
from venue.journal.segment import JournalDamage, Segment, list_segments, open_segment
from venue.journal.stats import count
from venue.journal.verify import Verdict, verify_journal
from venue.journal.walk import JournalWalk
from venue.sequencer.writer import JournalWriter

from .builders import batch, frames, write

COUNTS = [3, 1, 20, 5, 9, 2, 30, 4, 4, 8]
EVENTS = sum(COUNTS)
STEPS = 10
"""At most so many places of a compression are passed, each of which a kill is tried at."""
_CHILD = """
import sys
from pathlib import Path
from venue.journal import closing
from venue.journal.closing import compress_segment
from venue.journal.segment import list_segments
closing.BLOCK_BYTES = 600
compress_segment(list_segments(Path(sys.argv[1]))[0])
"""


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few frames, so that a small segment has several."""
    monkeypatch.setattr("venue.journal.closing.BLOCK_BYTES", 600)


def compress_closed(directory: Path) -> list[Segment]:
    for each in compressible_segments(directory, 1 << 60):
        compress_segment(each)
    return list_segments(directory)


def events(directory: Path, first: int = 1) -> list[int]:
    reader = JournalReader(directory)
    try:
        reader.seek(first)
        return [each.event_seq for each in reader.read(1_000)]
    finally:
        reader.close()


def verified(directory: Path) -> Verdict:
    return verify_journal(directory, None, EVENTS, {})


def plain_bytes(directory: Path) -> list[bytes]:
    found = []
    for each in list_segments(directory):
        with open_segment(each) as file:
            found.append(file.read().rstrip(b"\0"))
    return found


def test_every_reader_reads_a_compressed_journal_as_the_plain_one(directory: Path) -> None:
    write(directory, COUNTS)
    before, bodies = plain_bytes(directory), [each.body for each in frames(directory)]
    verdict = verified(directory)
    segments = compress_closed(directory)
    assert [each.is_compressed for each in segments] == [True] * (len(segments) - 1) + [False]
    assert len(segments) > 2
    assert not list(directory.glob("*.draft"))
    assert plain_bytes(directory) == before
    assert [each.body for each in JournalWalk(directory).frames()] == bodies
    assert verified(directory) == verdict
    for first in range(1, EVENTS + 1):
        assert events(directory, first) == list(range(first, EVENTS + 1))
        found = JournalWalk(directory, place_of_event(directory, first)).frames()
        header = next(each.header for each in found if each.header.next_event_seq > first)
        assert header.first_event_seq <= first
    for seq in range(1, len(COUNTS) + 1):
        found = JournalWalk(directory, place_of_record(directory, seq)).frames()
        assert seq in [each.header.first_seq for each in found]
    counted = count(JournalWalk(directory).frames())
    assert counted.events == EVENTS
    assert [each.is_compressed for each in counted.segments] == [
        each.is_compressed for each in segments
    ]
    assert counted.segments[0].size < counted.segments[0].used


def test_only_what_is_read_and_closed_is_compressible(directory: Path) -> None:
    write(directory, COUNTS)
    first, second, *_ = list_segments(directory)
    assert compressible_segments(directory, second.first_seq - 2) == []
    assert compressible_segments(directory, second.first_seq - 1) == [first]
    assert len(compressible_segments(directory, 1 << 60)) == len(list_segments(directory)) - 1


def test_reader_goes_on_in_a_segment_that_is_compressed_under_it(directory: Path) -> None:
    write(directory, COUNTS)
    listed = list_segments(directory)
    reader, walk = JournalReader(directory), JournalWalk(directory)
    walked = walk.frames()
    read = [each.event_seq for each in reader.read(2)]
    seqs = [next(walked).header.first_seq]
    compress_closed(directory)
    read += [each.event_seq for each in reader.read(1_000)]
    reader.close()
    assert read == list(range(1, EVENTS + 1))
    assert seqs + [each.header.first_seq for each in walked] == list(range(1, len(COUNTS) + 1))
    with open_segment(listed[0]) as file:  # as it was listed before
        assert file.read(2) == b"VJ"


def test_place_in_a_segment_is_found_without_reading_what_lies_before(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(directory, [5] * 200, segment_bytes=1 << 18)
    write_one_more_segment(directory)
    compress_closed(directory)
    read: list[int] = []
    original = segment.read_frame

    def noted(file: object, of: Segment, offset: int) -> object:
        read.append(offset)
        return original(file, of, offset)  # type: ignore[arg-type]

    monkeypatch.setattr(segment, "read_frame", noted)
    place_of_event(directory, 990)
    assert 0 < len(read) < 15


def write_one_more_segment(directory: Path) -> None:
    """Let a segment of which nothing was written yet follow, as trading does."""
    last = list_segments(directory)[-1]
    name = segment.segment_name(last.number + 1, 201, 1001)
    (directory / name).write_bytes(bytes(4096))


@pytest.mark.parametrize("passing", range(1, STEPS + 1))
def test_kill_at_any_step_leaves_one_journal(directory: Path, passing: int) -> None:
    write(directory, COUNTS)
    before, verdict = plain_bytes(directory), verified(directory)
    environment = {**os.environ, "VENUE_FAULT": f"inside-compression:{passing}:kill"}
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, str(directory)], env=environment, check=False
    )
    assert ended.returncode in (-9, 0)
    assert ended.returncode == -9 or passing > 5
    assert plain_bytes(directory) == before
    assert verified(directory) == verdict
    assert events(directory) == list(range(1, EVENTS + 1))
    compressed.remove_drafts(directory)
    segments = compress_closed(directory)
    assert [each.is_compressed for each in segments[:-1]] == [True] * (len(segments) - 1)
    assert not [each for each in segments if len([p for p in each.places if p.exists()]) != 1]
    assert plain_bytes(directory) == before
    assert verified(directory) == verdict


def test_every_step_of_a_compression_is_one_that_a_kill_was_tried_at(directory: Path) -> None:
    write(directory, COUNTS)
    environment = {**os.environ, "VENUE_FAULT": f"inside-compression:{STEPS + 1}:kill"}
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, str(directory)], env=environment, check=False
    )
    assert ended.returncode == 0


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("passing", [1, 2])
def test_disk_that_takes_nothing_leaves_the_segment(
    directory: Path, error: str, passing: int
) -> None:
    write(directory, COUNTS)
    names = sorted(each.name for each in directory.iterdir())
    environment = {**os.environ, "VENUE_FAULT": f"inside-compression:{passing}:{error}"}
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, str(directory)],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 1
    assert sorted(each.name for each in directory.iterdir()) == names


def test_flipped_bit_anywhere_is_damage_by_name(directory: Path) -> None:
    write(directory, COUNTS)
    first = compress_closed(directory)[0].path
    whole, before = first.read_bytes(), plain_bytes(directory)
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place % 8)
        first.write_bytes(flipped)
        damage = verified(directory).damage
        if damage is None:  # a bit that the format does not use
            assert plain_bytes(directory) == before, place
        else:
            assert damage.startswith(f"{first.name} at offset "), place
    first.write_bytes(whole)
    assert verified(directory).damage is None


def test_file_torn_anywhere_is_damage_and_no_torn_tail(directory: Path) -> None:
    write(directory, COUNTS)
    segments = compress_closed(directory)
    for later in segments[1:]:
        later.path.unlink()
    whole = segments[0].path.read_bytes()
    for length in range(0, len(whole), 7):
        segments[0].path.write_bytes(whole[:length])
        verdict = verify_journal(directory, None, 0, {})
        assert verdict.damage is not None and verdict.torn_tail is None
        assert verdict.damage.startswith(segments[0].path.name)
        with pytest.raises(JournalDamage):
            place_of_event(directory, 1)


def test_damaged_segment_is_not_compressed(directory: Path) -> None:
    write(directory, COUNTS)
    first = list_segments(directory)[0]
    whole = bytearray(first.path.read_bytes())
    whole[100] ^= 4
    first.path.write_bytes(whole)
    with pytest.raises(JournalDamage, match=first.name):
        compress_segment(first)
    assert first.path.read_bytes() == whole
    assert not list(directory.glob("*.zst*"))


def test_writing_goes_on_behind_a_compressed_last_segment(directory: Path) -> None:
    write(directory, [3])
    write(directory, [30], position=end_of(directory))
    compress_segment(list_segments(directory)[0])
    for later in list_segments(directory)[1:]:
        later.path.unlink()
    forget_position(directory)
    compressed_file = list_segments(directory)[0].path
    before, place = compressed_file.read_bytes(), end_of(directory)
    writer = JournalWriter(directory, 4096, place)
    assert writer.position == place
    writer.append(batch(writer, 2))
    writer.close()
    assert compressed_file.read_bytes() == before
    assert [each.is_compressed for each in list_segments(directory)] == [True, False]
    assert verify_journal(directory, None, 0, {}).damage is None


def end_of(directory: Path) -> segment.JournalPosition:
    walk = JournalWalk(directory)
    for _ in walk.frames():
        pass
    return walk.position


def test_zstd_reads_it_too(directory: Path, tmp_path: Path) -> None:
    zstd = shutil.which("zstd")
    if zstd is None:
        pytest.skip("no zstd on this machine")
    write(directory, COUNTS)
    before = plain_bytes(directory)[0]
    first = compress_closed(directory)[0].path
    target = tmp_path / "plain"
    subprocess.run([zstd, "-q", "-d", str(first), "-o", str(target)], check=True)
    assert target.read_bytes() == before
