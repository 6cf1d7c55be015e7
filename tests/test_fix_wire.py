"""The FIX client's bytes: made, cut anywhere on their way, and looked into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fix_message import FixClientError, Message, frame, unframe
from venue.fixclient.session import Session
from venue.fixclient.wire import checksum, cut, field

BODIES = st.lists(
    st.tuples(st.integers(1, 9999), st.text("abc=8FIX.4|10", min_size=1)), max_size=20
)
REPORT = frame([(35, "8"), (34, "7"), (11, "x-1"), (39, "0"), (58, "8=FIX.4.4"), (150, "0")])
RESET = frame([(35, "A"), (34, "1"), (108, "30")])


@given(st.binary(max_size=600))
def test_checksum_is_the_sum_of_all_bytes(message: bytes) -> None:
    assert checksum(message) == sum(message) % 256


def test_longest_message_of_the_quick_checksum_is_still_right() -> None:
    assert checksum(b"\xff" * 256) == sum(b"\xff" * 256) % 256


@given(BODIES)
def test_frame_has_right_length_and_checksum(fields: list[tuple[int, str]]) -> None:
    body = "".join(f"{tag}={value}\x01" for tag, value in fields).encode()
    session = Session("ALPHA")
    session.next_out = 7
    session.send(b"D", body, b"20260105-10:00:00.000")
    message = bytes(session.out)
    whole, rest = unframe(message)
    assert (whole, rest) == (message, b"")
    assert message.endswith(b"10=%03d\x01" % (sum(message[:-7]) % 256))
    read = Message(message)
    assert (read.msg_type, read[34], read[49], read[56]) == ("D", "7", "ALPHA", "VENUE")


@given(st.lists(st.sampled_from([REPORT, RESET]), min_size=1, max_size=5), st.data())
def test_messages_come_whole_however_they_are_cut(
    messages: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    found: list[bytes] = []
    rest = b""
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        whole, rest = cut(rest + stream[begin:end])
        found += whole
    assert rest == b""
    assert [field(message, b"35") for message in found] == [
        field(message, b"35") for message in messages
    ]
    assert [field(message, b"150") for message in found] == [
        field(message, b"150") for message in messages
    ]


def test_fields_are_found_by_their_tag_alone() -> None:
    assert field(REPORT, b"11") == b"x-1"
    assert field(REPORT, b"58") == b"8=FIX.4.4"
    assert field(REPORT, b"1") == b""
    assert field(b"8=FIX.4.4\x019=5\x0135=0\x0111=end", b"11") == b"end"


@pytest.mark.parametrize("length", [b"x", b"-1", b"", b"1 "])
def test_length_that_is_no_number_is_an_error(length: bytes) -> None:
    with pytest.raises(FixClientError):
        cut(b"8=FIX.4.4\x019=" + length + b"\x0135=0\x0110=000\x01")


def test_session_under_load_keeps_nothing_that_it_has_sent() -> None:
    session = Session("ALPHA", keeps=False)
    for _ in range(3):
        session.send(b"D", b"11=a\x01")
    session.out.clear()
    session.resend(1)
    (gap,) = [Message(raw) for raw in cut(bytes(session.out))[0]]
    assert (gap.msg_type, gap[34], gap[36], gap[43]) == ("4", "1", "4", "Y")


def test_message_comes_again_with_the_time_at_which_it_was_sent() -> None:
    session = Session("ALPHA")
    session.send(b"D", b"11=a\x01", b"20260105-10:00:00.000")
    session.out.clear()
    session.resend(1, 1)
    (again,) = [Message(raw) for raw in cut(bytes(session.out))[0]]
    assert (again[34], again[43], again[122], again[11]) == ("1", "Y", "20260105-10:00:00.000", "a")
    assert again[52] != again[122]
