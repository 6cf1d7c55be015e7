"""The one reader of bytes: whole messages come out however they come in, and nothing else does."""

import random
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fix.frames import BODY, SOH, damaged_frames, framed, frames, message
from venue.fix.bounds import LOGON_BYTES, MESSAGE_BYTES
from venue.fix.reader import Reader

EXAMPLES = settings(max_examples=300, deadline=None)
ONE, TWO = message(*BODY), message((b"11", b"b"), *BODY[1:])
READ_BYTES = 8192
REASONS = 4


def taken(chunks: list[bytes], limit: int = MESSAGE_BYTES) -> list[bytes]:
    """Messages that come out when the bytes come in these chunks."""
    reader = Reader(limit)
    return [frame.raw for chunk in chunks for frame in reader.take(chunk)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The bytes, cut at these places."""
    ends = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[begin:end] for begin, end in pairwise(ends)]


def padded(zeros: int) -> bytes:
    """A frame with zeros before its BodyLength."""
    content = ONE.partition(b"\x019=")[2].partition(SOH)[2].rpartition(b"10=")[0]
    return framed(content, length=b"0" * zeros + b"%d" % len(content))


_noise = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [b"8=FIX", b"8=FIX.4.4\x01", b"8=FIX.4.4\x019=", b"8=FIX.4.4\x019=5\x0135", b"\x018=FIX."]
    ),
    st.sampled_from([b"\r\n", b"8", b"8=", b"GET / HTTP/1.1\r\n", b"10=123\x01", padded(12)[:30]]),
    damaged_frames(),
)
_streams = st.lists(st.one_of(frames(), _noise), max_size=5).map(b"".join)


@given(data=_streams, places=st.lists(st.integers(0, 1500), max_size=12))
@example(data=padded(30), places=[30])
@example(data=padded(40) + ONE, places=list(range(200)))
@example(data=padded(7) + ONE, places=list(range(200)))
@example(data=b"8=FI" + ONE, places=[4])
@example(data=b"8=FIX.4.4\x019=9999999999999999999999\x0135=D\x01" + ONE, places=[26, 40])
@EXAMPLES
def test_bytes_cut_anywhere_give_the_same_messages(data: bytes, places: list[int]) -> None:
    whole = taken([data])
    assert taken(cut(data, places)) == whole
    assert taken([data[at : at + 1] for at in range(len(data))]) == whole


def test_every_single_cut_gives_the_same_messages() -> None:
    data = b"\r\n" + padded(6) + b"junk8=FIX" + TWO + b"8=FIX.4.4\x019=x\x01" + ONE + ONE[:20]
    whole = taken([data])
    assert whole == [padded(6), TWO, ONE]
    for place in range(len(data)):
        assert taken(cut(data, [place])) == whole


@given(raws=st.lists(frames(), min_size=1, max_size=4))
@EXAMPLES
def test_messages_in_a_row_come_out_whole_and_in_order(raws: list[bytes]) -> None:
    assert taken([b"".join(raws)]) == raws


@given(raws=st.lists(st.tuples(st.binary(max_size=40), frames()), min_size=1, max_size=4))
@example(raws=[(b"8=FIX.4.4\x019=20", ONE), (b"8=FIX.4.4\x01", TWO)])
@EXAMPLES
def test_messages_are_found_between_what_is_none(raws: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(noise + raw for noise, raw in raws)
    assert taken([data]) == [raw for _, raw in raws]


@given(data=st.one_of(st.binary(max_size=400), _streams), limit=st.integers(1, 300))
@EXAMPLES
def test_nothing_is_raised_and_no_more_than_the_limit_is_kept(data: bytes, limit: int) -> None:
    reader = Reader(limit)
    for chunk in cut(data, [50, 120]):
        assert all(len(frame.raw) <= limit for frame in reader.take(chunk))
        assert len(reader._rest) <= max(limit, 64)
    reader.give_up_waiting()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "do not begin it"),
        (ONE.replace(b"8=FIX", b"8=fix"), "do not begin it"),
        (b"9=5\x018=FIX.4.4\x0135=D\x0110=000\x01", "do not begin it"),
        (ONE.replace(b"\x019=", b"\x019=-"), "do not begin it"),
        (ONE.replace(b"\x019=", b"\x019="), ""),
        (ONE.replace(b"\x0135=", b"\x01035="), "do not begin it"),
        (ONE.replace(b"\x0135=D\x01", b"\x01"), "do not begin it"),
        (ONE.replace(b"FIX.4.4", b"FIX.4"), "do not begin it"),
        (ONE[:-4] + b"%03d\x01" % ((int(ONE[-4:-1]) + 1) % 256), "CheckSum(10) is wrong"),
        (framed(b"35=D\x0111=a\x01", length=b"5") + ONE[:0], "is not its length"),
        (framed(b"35=D\x01", length=b"0"), "is not its length"),
        (framed(b"35=D\x01", length=b"65536"), "longer than"),
        (framed(b"35=D\x01", length=b"999999999"), "longer than"),
        (framed(b"35=D\x01", length=b"9999999999"), "do not begin it"),
    ],
)
def test_garbled_message_is_left_out_and_the_next_one_is_found(raw: bytes, why: str) -> None:
    reader = Reader(MESSAGE_BYTES)
    found = [frame.raw for frame in reader.take(raw + TWO)]
    assert found == ([TWO] if why else [raw, TWO])
    assert why in " ".join(reader.garbled)
    assert bool(why) == bool(reader.garbled)
    assert not reader.waits


def test_body_length_that_is_too_large_is_given_up_at_the_next_message() -> None:
    reader = Reader(MESSAGE_BYTES)
    lie = framed(b"35=D\x0111=a\x01", length=b"5000")
    assert reader.take(lie + ONE + TWO) == []
    assert reader.waits
    assert [frame.raw for frame in reader.give_up_waiting()] == [ONE, TWO]
    assert reader.garbled == {"BodyLength(9) is larger than the message": 1}
    assert not reader.waits
    assert reader.take(lie) == reader.give_up_waiting() == []
    assert reader.waits


def test_no_more_messages_are_taken_than_asked_for() -> None:
    reader = Reader(MESSAGE_BYTES)
    assert [frame.raw for frame in reader.take(ONE + TWO + ONE[:9], most=1)] == [ONE]
    assert [frame.raw for frame in reader.take(b"")] == [TWO]
    assert [frame.raw for frame in reader.take(ONE[9:])] == [ONE]


def test_limit_is_the_longest_message_and_may_be_raised() -> None:
    reader = Reader(len(ONE))
    longer = message(*BODY, (b"58", b"x"))
    assert [frame.raw for frame in reader.take(longer + ONE)] == [ONE]
    assert reader.garbled == {f"it is longer than {len(ONE)} bytes": 1}
    reader.limit = MESSAGE_BYTES
    assert [frame.raw for frame in reader.take(longer)] == [longer]


LIES = {
    "a length and no end": b"8=FIX.4.4\x019=65000\x0135=D\x0158=" + b"x" * 60_000,
    "a length beyond the limit": b"8=FIX.4.4\x019=999999999\x0135=D\x0158=" + b"x" * 60_000,
    "digits without end": b"8=FIX.4.4\x019=" + b"0" * 60_000,
    "beginnings": b"8=FIX" * 12_000,
    "heads": b"8=FIX.4.4\x019=65000\x0135=" * 2_500,
    "separators": b"\x01" * 60_000,
    "no message": b"x" * 60_000,
    "anything": random.Random("lies").randbytes(60_000),
}

DENSE = ("beginnings", "heads")
"""A lie every few bytes: 2 MiB of these take as long."""


@pytest.mark.parametrize("limit", [LOGON_BYTES, MESSAGE_BYTES])
@pytest.mark.parametrize("lie", sorted(LIES))
def test_memory_is_bounded_however_much_is_a_lie(lie: str, limit: int) -> None:
    reader, sent = Reader(limit), 0
    much = 2 << 20 if lie in DENSE else 100 << 20
    chunks = [LIES[lie][at : at + READ_BYTES] for at in range(0, len(LIES[lie]), READ_BYTES)]
    while sent < much:
        for chunk in chunks:
            reader.take(chunk)
            sent += len(chunk)
            assert len(reader._rest) <= limit
            assert len(reader.garbled) <= REASONS
