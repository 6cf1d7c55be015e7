"""Data fields, whose value may hold the separator: taken by their length, or refused by name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fix.frames import BODY, HEADER, LENGTHS, fault, message, read
from venue.fix.tags import DATA_LENGTH_TAGS

MISSING, NO_VALUE, WRONG, FORMAT = 1, 4, 5, 6


@given(st.integers(1, 40), st.binary(min_size=1, max_size=60), st.sampled_from(sorted(LENGTHS)))
@settings(max_examples=300, deadline=None)
def test_data_field_is_taken_by_its_length(zeros: int, value: bytes, length: bytes) -> None:
    said = b"%0*d" % (min(zeros, 6), len(value))
    raw = message(*BODY, (length, said), (LENGTHS[length], value))
    (frame,) = read(raw)
    assert frame.fault is None
    assert frame.fields[LENGTHS[length].decode()] == value.decode(errors="replace")


def test_every_pair_of_the_standard_is_known() -> None:
    assert {k.encode(): v.encode() for k, v in DATA_LENGTH_TAGS.items()} == LENGTHS


@pytest.mark.parametrize("length", sorted(LENGTHS))
@pytest.mark.parametrize(
    ("said", "value", "reason", "is_about_the_length"),
    [
        (b"2", b"abc", WRONG, True),
        (b"4", b"abc", WRONG, True),
        (b"999999", b"abc", WRONG, True),
        (b"1000000", b"abc", FORMAT, True),
        (b"0", b"abc", WRONG, True),
        (b"-3", b"abc", FORMAT, True),
        (b"3.0", b"abc", FORMAT, True),
        (b"x", b"abc", FORMAT, True),
        (b"\xc2\xb2", b"ab", FORMAT, True),
        (b"", b"abc", NO_VALUE, True),
        (b"0", b"", NO_VALUE, False),
    ],
)
def test_lying_length_is_refused(
    length: bytes, said: bytes, value: bytes, reason: int, is_about_the_length: bool
) -> None:
    for raw in (
        message(*BODY, (length, said), (LENGTHS[length], value)),
        message((length, said), (LENGTHS[length], value), *BODY),
        message(*BODY, header=[HEADER[0], (length, said), (LENGTHS[length], value), *HEADER[1:]]),
    ):
        expected = length if is_about_the_length else LENGTHS[length]
        assert fault(raw) == (reason, int(expected))


@pytest.mark.parametrize("length", sorted(LENGTHS))
def test_data_without_its_length_before_it_is_refused(length: bytes) -> None:
    data = LENGTHS[length]
    alone = [(data, b"x")]
    assert fault(message(*BODY, *alone)) == (MISSING, int(length))
    assert fault(message(*BODY, (data, b"x" * 65))) == (MISSING, int(length))
    assert fault(message(*alone, *BODY)) == (MISSING, int(length))
    assert fault(message(*alone, (length, b"1"), *BODY)) == (MISSING, int(length))
    between = [(length, b"1"), (b"58", b"t"), (data, b"x")]
    assert fault(message(*BODY, *between)) == (WRONG, int(length))


@pytest.mark.parametrize("length", sorted(LENGTHS))
def test_length_without_its_data_behind_it_is_refused(length: bytes) -> None:
    for said in (b"1", b"0", b"7"):
        assert fault(message(*BODY, (length, said))) == (WRONG, int(length))
        assert fault(message((length, said), *BODY)) == (WRONG, int(length))


def test_data_that_would_reach_to_the_checksum_is_refused() -> None:
    assert fault(message(*BODY, (b"354", b"8"), (b"355", b"a"))) == (WRONG, 354)
    assert fault(message(*BODY, (b"354", b"5"), (b"355", b"a"))) == (WRONG, 354)
