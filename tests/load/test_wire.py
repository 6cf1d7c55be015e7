"""FIX bytes against the test client's own framing, cut anywhere on their way."""

from hypothesis import given
from hypothesis import strategies as st

from tests.fix_message import Message, unframe
from tests.fix_message import frame as frame_fields
from venue.load.wire import checksum, field, frame, split

BODIES = st.lists(
    st.tuples(st.integers(1, 9999), st.text("abc=8FIX.4|10", min_size=1)), max_size=20
)
REPORT = frame_fields([(35, "8"), (34, "7"), (11, "x-1"), (39, "0"), (58, "8=FIX.4.4"), (150, "0")])
RESET = frame_fields([(35, "A"), (34, "1"), (108, "30")])


@given(st.binary(max_size=600))
def test_checksum_is_the_sum_of_all_bytes(message: bytes) -> None:
    assert checksum(message) == sum(message) % 256


def test_longest_message_of_the_quick_checksum_is_still_right() -> None:
    assert checksum(b"\xff" * 256) == sum(b"\xff" * 256) % 256


@given(BODIES)
def test_frame_has_right_length_and_checksum(fields: list[tuple[int, str]]) -> None:
    body = "".join(f"{tag}={value}\x01" for tag, value in fields).encode()
    message = frame(b"ALPHA", b"D", 7, b"20260105-10:00:00.000", body)
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
        whole, rest = split(rest + stream[begin:end])
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
