"""One message as the venue reads it: the fields that the standard says, or the fault that it names.

"One parser decides": QuickFIX reads the same fields out of whatever the venue shows it.
"""

import random

import pytest
import quickfix
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fix.frames import (
    BODY,
    HEADER,
    SOH,
    Field,
    damaged_frames,
    fault,
    framed,
    frames,
    joined,
    message,
    read,
    slowly_read,
)
from venue.fix.bounds import FIELDS
from venue.fix.fields import field_list
from venue.fix.frame import Frame, checksum, sequence_number

DICTIONARY = quickfix.DataDictionary("spec/FIX44.xml")
EXAMPLES = settings(max_examples=300, deadline=None)

MISSING, NO_VALUE, FORMAT, TWICE, ORDER, NO_TAG = 1, 4, 6, 13, 14, 0


def without(tag: bytes) -> list[Field]:
    return [field for field in HEADER if field[0] != tag]


@given(st.binary(max_size=2000))
def test_checksum_is_the_sum_of_all_bytes(data: bytes) -> None:
    assert checksum(data) == sum(data) % 256


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 511, 512, 513, 65_536])
def test_checksum_is_right_for_the_largest_bytes_at_every_seam(length: int) -> None:
    assert checksum(b"\xff" * length) == 255 * length % 256


@given(raw=frames())
@EXAMPLES
def test_fields_are_those_of_the_standard(raw: bytes) -> None:
    for frame in read(raw):
        if frame.fault is None:
            slow = slowly_read(raw)
            assert frame.fields == {
                tag.decode(): value.decode(errors="replace") for tag, value in reversed(slow)
            }
            assert frame.number == int(dict(slow)[b"34"])
            assert frame.raw == raw
            assert frame.text.encode(errors="surrogateescape") == raw


@given(raw=frames())
@EXAMPLES
def test_groups_are_read_from_the_same_fields(raw: bytes) -> None:
    for frame in read(raw):
        if frame.fault is None:
            expected = [(t.decode(), v.decode(errors="replace")) for t, v in slowly_read(raw)]
            assert field_list(frame.text) == expected


@given(raw=frames())
@example(message(*BODY, (b"354", b"3"), (b"355", b"a\x01b")))
@example(message(*BODY, (b"354", b"7"), (b"355", b"\x0110=999")))
@example(message(*BODY, (b"354", b"2"), (b"355", b"\xff\xfe")))
@example(message((b"90", b"3"), (b"91", b"\x01\x01\x01"), *BODY))
@example(message(*BODY, (b"93", b"3"), (b"89", b"a\x01b")))
@example(
    message(
        *BODY,
        *[(b"711", b"2"), (b"311", b"X"), (b"364", b"3"), (b"365", b"abc")],
        *[(b"311", b"Y"), (b"364", b"5"), (b"365", b"abc\x01e")],
    )
)
@EXAMPLES
def test_quickfix_reads_the_same_fields(raw: bytes) -> None:
    for frame in read(raw):
        if frame.fault is not None:
            continue
        shown = quickfix.Message(frame.shown.decode("utf-8"), DICTIONARY, True)
        seen = shown.toString().encode().split(SOH)
        expected = [
            tag + b"=" + value.translate(bytes(i if 32 <= i < 127 else 46 for i in range(256)))
            for tag, value in slowly_read(raw)
        ]
        if frame.shown == raw:
            expected = [tag + b"=" + value for tag, value in slowly_read(raw)]
        kept = [field for field in sorted(seen) if field[:3] not in (b"", b"10=")]
        assert kept == sorted(field for field in expected if field[:3] != b"10=")


@given(raw=st.one_of(frames(), damaged_frames()))
@EXAMPLES
def test_what_is_shown_has_no_separator_in_a_value_and_a_right_checksum(raw: bytes) -> None:
    for frame in read(raw):
        body, _, trailer = frame.shown.rpartition(b"10=")
        assert trailer == b"%03d\x01" % (sum(body) % 256)
        assert len(frame.shown) == len(frame.raw)
        if frame.fault is None:
            assert frame.shown.count(SOH) == len(slowly_read(frame.raw))


@given(raw=st.one_of(st.binary(max_size=200), damaged_frames()))
@settings(max_examples=800, deadline=None)
def test_nothing_is_raised_for_any_bytes(raw: bytes) -> None:
    for frame in read(raw):
        assert isinstance(frame.msg_type, str)
        assert frame.number >= 0


@pytest.mark.parametrize("tag", [b"34", b"49", b"52", b"56"])
def test_field_of_the_header_stands_once_and_in_it(tag: bytes) -> None:
    (own,) = [field for field in HEADER if field[0] == tag]
    assert fault(message(*BODY, header=without(tag))) == (MISSING, int(tag))
    assert fault(message(*BODY, own, header=without(tag))) == (ORDER, int(tag))
    for doubled in (message(own, *BODY), message(*BODY, own), message(*BODY, (tag, b"2"))):
        assert fault(doubled) == (TWICE, int(tag))
    empty = [(tag, b"") if field[0] == tag else field for field in HEADER]
    assert fault(message(*BODY, header=empty)) == (NO_VALUE, int(tag))


@pytest.mark.parametrize("tag", [b"8", b"9", b"35", b"10"])
def test_field_that_frames_a_message_stands_nowhere_else(tag: bytes) -> None:
    """QuickFIX would leave such a message out without a word, and its number would never come."""
    for value in (b"FIX.4.4", b"5", b"D", b"000"):
        assert fault(message((tag, value), *BODY)) == (TWICE, int(tag))
        assert fault(message(*BODY, (tag, value))) == (TWICE, int(tag))


@pytest.mark.parametrize(
    ("field", "tag"),
    [
        (b"035=D", 35),
        (b"0=x", 0),
        (b"-58=x", -58),
        (b"+58=x", None),
        (b" 58=x", None),
        (b"58 =x", None),
        (b"5a=x", None),
        (b"=x", None),
        (b"", None),
        (b"58", 58),
        (b"x", None),
        (b"100000=x", 100_000),
        (b"99999999999=x", None),
        (b"\xc2\xb2=x", None),
        (b"5\xb38=x", None),
        (b"00058=x", 58),
    ],
)
@pytest.mark.parametrize("place", [1, 3, 5, 7])
def test_what_is_no_tag_is_refused(field: bytes, tag: int | None, place: int) -> None:
    fields = [joined([each]) for each in (*HEADER, *BODY)]
    raw = framed(b"".join([*fields[:place], field + SOH, *fields[place:]]))
    assert fault(raw) == (NO_TAG, tag)


@pytest.mark.parametrize("tag", [b"58", b"11", b"43", b"1", b"9999"])
def test_field_without_a_value_is_refused(tag: bytes) -> None:
    assert fault(message(*BODY, (tag, b""))) == (NO_VALUE, int(tag))


def test_message_type_without_a_value_is_refused() -> None:
    raw = message(*BODY, header=[(b"35", b""), *HEADER[1:]])
    assert fault(raw) == (NO_VALUE, 35)


@pytest.mark.parametrize("value", [b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\xc0\x80"])
def test_value_that_is_no_utf_8_is_refused_outside_data(value: bytes) -> None:
    for tag in (b"58", b"11", b"55", b"9999"):
        assert fault(message(*BODY[3:], (tag, value))) == (FORMAT, int(tag))
    (frame,) = read(message(*BODY, (b"354", b"%d" % len(value)), (b"355", value)))
    assert frame.fault is None
    assert frame.shown.isascii()


@pytest.mark.parametrize(
    ("number", "read_as"),
    [
        (b"7", 7),
        (b"0007", 7),
        (b"0", 0),
        (b"9" * 15, 10**15 - 1),
        (b"x", 0),
        (b"-1", 0),
        (b"1.0", 0),
        (b"1" * 31, 0),
        (b"\xc2\xb2", 0),
    ],
)
def test_number_is_read_or_0(number: bytes, read_as: int) -> None:
    header = [(b"34", number) if field[0] == b"34" else field for field in HEADER]
    (frame,) = read(message(*BODY, header=header))
    assert frame.number == read_as


def test_zeros_before_a_number_do_not_count() -> None:
    assert [sequence_number(text) for text in ("0", "000", "0012", "12")] == [0, 0, 12, 12]


def test_plain_messages_are_read_like_all_others() -> None:
    """The short way for plain messages and the long way agree, for 20,000 of them."""
    rng = random.Random("plain")
    for _ in range(20_000):
        fields = [*HEADER, *BODY, (b"58", b"text"), (b"44", b"99.5")]
        for _ in range(rng.randrange(4)):
            field = fields[rng.randrange(len(fields))]
            kind, place = rng.randrange(3), rng.randrange(1, len(fields))
            if kind == 0 and len(fields) > 2:
                fields.pop(place)
            elif kind == 1:
                fields.insert(place, field)
            else:
                fields[place] = (field[0], rng.choice([b"1", b"x" * 65, b"A B", b"y" * 64]))
        raw = framed(joined(fields))
        frame, long = Frame(raw), Frame(raw)
        long.fault, long.shown = None, raw
        long._take_all(FIELDS)
        assert (frame.fields, frame.fault, frame.shown) == (long.fields, long.fault, long.shown)
