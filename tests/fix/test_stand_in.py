"""What QuickFIX is shown in place of a faulty message: a Heartbeat in which nothing is at fault."""

import pytest

from tests.fix.frames import BODY, HEADER, message, read
from venue.fix.frame import Frame
from venue.fix.refusals import poss_dup_fault
from venue.fix.stand_in import stand_in

NOW_NS = 1_764_000_000_000_000_000
NOW, SENT = b"20251124-16:00:00.000", b"20261128-10:00:00.000"


def shown(raw: bytes) -> Frame:
    """The Heartbeat, read like any message."""
    (frame,) = read(raw)
    if frame.fault is None and frame.fields.get("43") == "Y":
        frame.fault = poss_dup_fault(frame)
    (found,) = read(stand_in(frame, "ALPHA", "VENUE", NOW_NS))
    assert found.fault is None
    assert found.msg_type == "0"
    assert found.number == frame.number
    return found


def with_header(tag: bytes, *values: bytes) -> bytes:
    """A message whose header has these values of a tag, and no other."""
    rest = [field for field in HEADER if field[0] != tag]
    return message(*BODY, header=[*rest, *((tag, value) for value in values)])


def test_header_of_the_message_is_kept() -> None:
    """QuickFIX is to refuse who it is from and when it was sent, if these are wrong."""
    found = shown(message((b"58", b""), header=[HEADER[0], (b"49", b"BRAVO"), *HEADER[2:]]))
    assert (found.fields["49"], found.fields["56"]) == ("BRAVO", "VENUE")
    assert found.fields["52"] == SENT.decode()


@pytest.mark.parametrize(("tag", "right"), [(b"49", b"ALPHA"), (b"56", b"VENUE"), (b"52", NOW)])
@pytest.mark.parametrize(
    "values", [(), (b"",), (b"a", b"b"), (b"\xff",), (b"a\nb",), (b"x" * 600,)]
)
def test_what_is_missing_or_at_fault_is_put_right(
    tag: bytes, right: bytes, values: tuple[bytes, ...]
) -> None:
    assert shown(with_header(tag, *values)).fields[tag.decode()] == right.decode()


@pytest.mark.parametrize("orig", [None, b"", b"\xff", b"99999999-99:99:99"])
def test_duplicate_has_its_first_time_whatever_it_said(orig: bytes | None) -> None:
    more = [(b"43", b"Y")] + ([] if orig is None else [(b"122", orig)])
    found = shown(message(header=[*HEADER, *more]))
    assert (found.fields["43"], found.fields["122"]) == ("Y", SENT.decode())
