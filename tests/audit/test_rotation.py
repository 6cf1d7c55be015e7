"""A trail in several segments, by size and by day, some of them compressed: one chain."""

from pathlib import Path

import msgspec
import pytest

from venue.audit.chain import last_event, list_segments
from venue.audit.trail import AuditedEvent, Trail, TrailDamaged
from venue.audit.verify import ProblemKind, Verdict, verify
from venue.domain.codec import encode
from venue.journal.compressed import compress, compressed_path, plain_blocks

from .events import NANOSECONDS, audited, deposit

DAY_NS = 86_400 * 1_000_000_000
Places = tuple[Path, Path]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return tmp_path / "audit", tmp_path / "heads"


def written(places: Places, last: int, first: int = 1) -> None:
    trail = Trail(*places, segment_bytes=2_000)
    for seq in range(first, last + 1):
        trail.append(audited(seq, seq))
    trail.sign()
    trail.close()


def compress_closed(places: Places) -> list[Path]:
    for path in list_segments(places[0])[:-1]:
        if path.suffix != ".zst":
            compress(path, plain_blocks(path))
    return list_segments(places[0])


def verified(places: Places) -> Verdict:
    return verify(*places)


def test_chain_goes_on_over_compressed_segments(places: Places) -> None:
    written(places, 30)
    whole = verified(places)
    segments = compress_closed(places)
    assert len(segments) > 3
    assert [path.suffix for path in segments] == [".zst"] * (len(segments) - 1) + [".jsonl"]
    assert verified(places) == whole and whole.ok and whole.entries == 30
    written(places, 60, first=31)
    compress_closed(places)
    assert verified(places).entries == 60 and verified(places).ok


def test_each_day_has_segments_of_its_own(places: Places) -> None:
    trail = Trail(*places)
    for seq, day in enumerate([0, 0, 1, 1, 3], start=1):
        at_ns = NANOSECONDS + day * DAY_NS
        event = msgspec.structs.replace(deposit(seq), timestamp_ns=at_ns)
        trail.append([AuditedEvent(seq, at_ns, encode(event))])
        if seq == 3:  # also by a process that was started in between
            trail.sign()
            trail.close()
            trail = Trail(*places)
    trail.sign()
    trail.close()
    lines = [path.read_bytes().count(b"\n") for path in list_segments(places[0])]
    assert lines == [2, 2, 1]
    assert verified(places).ok


def test_compressed_segment_that_was_changed_or_torn_is_named(places: Places) -> None:
    written(places, 30)
    second = compress_closed(places)[1]
    whole = second.read_bytes()
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 16
        for data in (bytes(changed), whole[:place]):
            second.write_bytes(data)
            problem = verified(places).problem
            if problem is not None:
                assert (problem.kind, problem.file) == (ProblemKind.CHANGED, second.name)
            else:
                assert len(data) == len(whole)
    second.write_bytes(b"")
    assert not verified(places).ok


def test_segment_that_is_there_twice_counts_once(places: Places) -> None:
    written(places, 30)
    first = list_segments(places[0])[0]
    plain, whole = first.read_bytes(), verified(places)
    compress(first, plain_blocks(first))
    first.write_bytes(plain)  # as after a kill before the original went
    assert verified(places) == whole
    compress_closed(places)
    assert not first.exists() and compressed_path(first).exists()


def test_trail_goes_on_behind_a_compressed_last_segment(places: Places) -> None:
    written(places, 31)
    segments = list_segments(places[0])
    last = last_event(places[0])
    written_in_last = segments[-1].read_bytes().count(b"\n")
    compress(segments[-1], plain_blocks(segments[-1]))
    assert written_in_last and last_event(places[0]) == last
    written(places, 40, first=32)
    assert verified(places).ok and verified(places).entries == 40
    assert list_segments(places[0])[len(segments) - 1].suffix == ".zst"


def test_damaged_last_compressed_segment_stops_the_trail(places: Places) -> None:
    written(places, 30)
    compress_closed(places)
    before = list_segments(places[0])[-2]
    before.write_bytes(before.read_bytes()[:-1])
    with pytest.raises(TrailDamaged, match=before.name):
        Trail(*places)
