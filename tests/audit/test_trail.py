"""Appending to the audit trail: what is on disk, what a crash leaves, what may never be cut."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from venue.audit.chain import list_segments
from venue.audit.heads import HeadsDamaged, load_heads
from venue.audit.trail import Trail, TrailDamaged, TrailInUse
from venue.audit.verify import verify

from .events import audited


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "audit", tmp_path / "audit-heads"


def write(places: tuple[Path, Path], first: int, last: int, *, sign: bool = False) -> None:
    trail = Trail(*places)
    trail.append(audited(first, last))
    if sign:
        trail.sign()
    trail.close()


def last_segment(places: tuple[Path, Path]) -> Path:
    return list_segments(places[0])[-1]


def test_each_line_holds_the_event_unchanged_and_the_hash_of_the_line_before(
    places: tuple[Path, Path],
) -> None:
    write(places, 1, 3)
    lines = [json.loads(line) for line in last_segment(places).read_bytes().splitlines()]
    assert [line["event_seq"] for line in lines] == [1, 2, 3]
    assert [line["n"] for line in lines] == [1, 2, 3]
    assert [line["previous"] for line in lines[1:]] == [line["hash"] for line in lines[:-1]]
    assert lines[0]["previous"] == "0" * 64
    for line, event in zip(lines, audited(1, 3), strict=True):
        assert line["event"] == json.loads(event.payload)


def test_position_is_read_from_the_trail_itself(places: tuple[Path, Path]) -> None:
    write(places, 1, 5)
    trail = Trail(*places)
    assert (trail.event_seq, trail.count) == (5, 5)
    trail.append(audited(6, 9))
    trail.close()
    assert verify(*places).entries == 9


def test_trail_goes_on_over_segments(places: tuple[Path, Path]) -> None:
    trail = Trail(*places, segment_bytes=2_000)
    for seq in range(1, 41):
        trail.append(audited(seq, seq))
    trail.close()
    assert len(list_segments(places[0])) > 3
    trail = Trail(*places, segment_bytes=2_000)
    assert trail.event_seq == 40
    trail.append(audited(41, 41))
    trail.close()
    verdict = verify(*places)
    assert verdict.ok, verdict.problem
    assert verdict.entries == 41


def test_a_new_empty_segment_goes_on_where_the_one_before_ended(
    places: tuple[Path, Path],
) -> None:
    trail = Trail(*places, segment_bytes=1)
    trail.append(audited(1, 3))
    trail.close()
    assert last_segment(places).stat().st_size == 0
    write(places, 4, 4)
    assert verify(*places).entries == 4


def test_torn_tail_is_cut_at_every_byte_and_the_events_come_again(
    places: tuple[Path, Path],
) -> None:
    write(places, 1, 2)
    path = last_segment(places)
    whole = path.read_bytes()
    first_line = whole.index(b"\n") + 1
    for length in range(first_line, len(whole)):
        path.write_bytes(whole[:length])
        trail = Trail(*places)
        assert trail.event_seq == 1
        trail.append(audited(2, 2))
        trail.close()
        assert path.read_bytes() == whole


def test_garbage_of_a_crash_is_cut(places: tuple[Path, Path]) -> None:
    write(places, 1, 2)
    path = last_segment(places)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" * 4096 + b"\n" + whole[-300:])
    write(places, 3, 3)
    assert verify(*places).entries == 3


def test_signed_entries_are_never_cut(places: tuple[Path, Path]) -> None:
    write(places, 1, 4, sign=True)
    path = last_segment(places)
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(TrailDamaged, match="after entry 3"):
        Trail(*places)
    assert path.read_bytes() == whole[:-10]
    path.write_bytes(whole[: whole[:-1].rindex(b"\n") + 1])
    with pytest.raises(TrailDamaged, match="ends with entry 3 of 4 signed"):
        Trail(*places)
    path.unlink()
    with pytest.raises(TrailDamaged, match="all of 4 entries are missing"):
        Trail(*places)


def test_a_trail_without_its_heads_or_key_is_refused(places: tuple[Path, Path]) -> None:
    write(places, 1, 4, sign=True)
    (places[1] / "key").rename(places[1] / "away")
    with pytest.raises(HeadsDamaged, match="key is missing"):
        Trail(*places)
    (places[1] / "heads.jsonl").unlink()
    (places[0] / "head.json").unlink()
    with pytest.raises(TrailDamaged, match="without any signed head"):
        Trail(*places)


def test_heads_are_signed_at_both_places_whenever_enough_entries_have_come(
    places: tuple[Path, Path],
) -> None:
    trail = Trail(*places, head_entries=10)
    for seq in range(1, 26):
        trail.append(audited(seq, seq))
    assert trail.unsigned == 5
    trail.sign()
    trail.sign()
    trail.close()
    heads = load_heads(places[1]).signed
    assert [head.count for head in heads] == [0, 10, 20, 25]
    beside = json.loads((places[0] / "head.json").read_bytes())
    assert (beside["count"], beside["hash"]) == (25, heads[-1].hash)
    assert (places[1] / "key").stat().st_mode & 0o777 == 0o600


def test_a_half_written_head_is_dropped(places: tuple[Path, Path]) -> None:
    write(places, 1, 4, sign=True)
    with (places[1] / "heads.jsonl").open("ab") as file:
        file.write(b'{"count":')
    write(places, 5, 6, sign=True)
    assert [head.count for head in load_heads(places[1]).signed] == [0, 4, 6]
    assert verify(*places).ok


def test_two_writers_at_once_are_refused(places: tuple[Path, Path]) -> None:
    trail = Trail(*places)
    with pytest.raises(TrailInUse):
        Trail(*places)
    trail.close()
    Trail(*places).close()


def test_after_a_failed_fsync_nothing_is_appended_until_opened_anew(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = Trail(*places)
    trail.append(audited(1, 1))
    real: Callable[[int], None] = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        trail.append(audited(2, 2))
    monkeypatch.setattr(os, "fsync", real)
    assert trail.event_seq == 1
    with pytest.raises(ValueError, match="a write to it has failed"):
        trail.append(audited(2, 2))
    trail.close()
    again = Trail(*places)
    assert again.event_seq == 1  # what an fsync refused is written again
    again.append(audited(2, 3))
    again.close()
    assert verify(*places).entries == 3
