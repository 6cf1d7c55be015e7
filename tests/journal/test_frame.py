"""Frames: what is built is read back, and no changed bit of one goes unseen."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.journal.frame import (
    HEADER_BYTES,
    FrameError,
    build_frame,
    check_frame,
    parse_header,
)
from venue.journal.segment import Segment, frames_of, read_frame, valid_frame_follows

SEGMENT = Segment(1, 1, 1, Path("segment"))
FRAME, CRC = build_frame(b'{"records":[]}', 2, 3, 17, 42, 0xDEADBEEF)


def read(data: bytes, offset: int = 0) -> bytes | None:
    frame = read_frame(io.BytesIO(data), SEGMENT, offset)
    return None if frame is None else frame.body


@given(
    st.binary(max_size=300),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
)
def test_frame_is_read_back_as_built(
    body: bytes, records: int, events: int, seq: int, event_seq: int, previous: int
) -> None:
    data, crc = build_frame(body, records, events, seq, event_seq, previous)
    header = parse_header(data[:HEADER_BYTES])
    assert header == (len(body), records, events, seq, event_seq, previous, crc)
    assert data[HEADER_BYTES:] == body
    check_frame(header, data[:HEADER_BYTES], body)


def test_header_tells_what_comes_next() -> None:
    header = parse_header(FRAME[:HEADER_BYTES])
    assert header is not None
    assert (header.next_seq, header.next_event_seq) == (19, 45)


@pytest.mark.parametrize("bit", range(8))
def test_one_flipped_bit_anywhere_is_caught(bit: int) -> None:
    for place in range(len(FRAME)):
        flipped = bytearray(FRAME)
        flipped[place] ^= 1 << bit
        with pytest.raises(FrameError):
            read(bytes(flipped))


@given(st.integers(0, len(FRAME) - 1), st.binary(min_size=1, max_size=12))
def test_overwritten_bytes_are_caught(place: int, junk: bytes) -> None:
    damaged = (FRAME[:place] + junk + FRAME[place + len(junk) :])[: len(FRAME)]
    if damaged == FRAME:
        assert read(damaged) is not None
        return
    with pytest.raises(FrameError):
        read(damaged)


def test_frame_cut_anywhere_is_caught() -> None:
    for length in range(1, len(FRAME)):
        with pytest.raises(FrameError):
            read(FRAME[:length])


def test_place_where_nothing_was_written_is_no_frame_and_no_error() -> None:
    assert read(b"") is None
    assert read(bytes(10)) is None
    assert read(bytes(500)) is None


def test_frames_are_walked_to_the_first_unwritten_place() -> None:
    second, _ = build_frame(b"second", 1, 0, 19, 45, CRC)
    file = io.BytesIO(FRAME + second + bytes(200))
    found = list(frames_of(file, SEGMENT))
    assert [(frame.offset, frame.body) for frame in found] == [
        (0, b'{"records":[]}'),
        (len(FRAME), b"second"),
    ]
    assert found[1].end == len(FRAME) + len(second)


def test_whole_frame_behind_damage_is_found_wherever_it_begins() -> None:
    for gap in (0, 1, 7, 100):
        junk = b"VJ" * (gap // 2) + b"\xff" * (gap % 2)
        file = io.BytesIO(junk + FRAME + bytes(50))
        assert valid_frame_follows(file, SEGMENT, 0) == gap
        assert valid_frame_follows(file, SEGMENT, gap + 1) is None


def test_future_format_is_refused_by_its_version() -> None:
    newer = FRAME[:2] + b"\x02" + FRAME[3:]
    with pytest.raises(FrameError, match="format version 2 is not 1"):
        read(newer)
