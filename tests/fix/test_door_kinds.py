"""Every length of a data field that lies, in every message type and place: the right answer, once.

The session goes on with the next number, others trade on, and the process has broken nowhere.
"""

from collections.abc import Iterator
from itertools import product

import pytest

from tests.fix.bystander import UNLIMITED, Bystander, assert_nothing_broke
from tests.fix.frames import LENGTHS, Field, message
from tests.fix.mutations import BODIES
from tests.fix_client import FixClient
from tests.fix_message import Message, sending_time
from tests.running import RunningTrading
from venue.admin.client import call

MISSING, UNDEFINED, WRONG, FORMAT, ORDER = "1", "2", "5", "6", "14"
MORE_BODIES = {
    "2": [(7, "1"), (16, "1")],
    "BE": [(923, "r"), (924, "2"), (553, "ALPHA")],
    "j": [(45, "1"), (372, "8"), (380, "0"), (58, "no")],
}
TYPES = ("D", "F", "G", "H", "q", "AF", "0", "1", "2", "3", "V", "BE", "j")
ENDING = ("4", "5")
"""Rejected by QuickFIX, a SequenceReset uses no number; taken, a Logout ends the session."""
PLACES = ("before the header's fields", "inside the header", "behind the header", "at the end")
HEADER_PAIRS = (b"90", b"212")


def pair(length: bytes, said: bytes, value: bytes = b"a\x01c") -> list[Field]:
    """A length field that says this, and its data."""
    return [(length, said), (LENGTHS[length], value)]


def lies(length: bytes) -> list[tuple[list[Field], tuple[str, str]]]:
    """Fields of each kind of lie, with SessionRejectReason and RefTagID of the right answer."""
    tag = length.decode()
    return [
        (pair(length, b"2", b"abc"), (WRONG, tag)),
        (pair(length, b"4", b"abc"), (WRONG, tag)),
        (pair(length, b"999999", b"abc"), (WRONG, tag)),
        (pair(length, b"0", b"abc"), (WRONG, tag)),
        (pair(length, b"x", b"abc"), (FORMAT, tag)),
        (pair(length, b"-3", b"abc"), (FORMAT, tag)),
        (pair(length, b"9" * 30, b"abc"), (FORMAT, tag)),
        ([(length, b"3")], (WRONG, tag)),
        ([(LENGTHS[length], b"abc")], (MISSING, tag)),
    ]


class Session:
    """ALPHA, who counts what it sends and what answers come to which number."""

    def __init__(self, client: FixClient) -> None:
        self.client = client
        client.logon(heartbeat=600)

    def build(self, msg_type: str, place: str, fields: list[Field]) -> tuple[int, bytes]:
        """A message of the next number with these fields in this place."""
        number = self.client.next_out
        self.client.next_out += 1
        body = (BODIES | MORE_BODIES)[msg_type]
        if msg_type == "4":
            body = [(123, "Y"), (36, str(number + 1))]
        header = [
            *[(b"35", msg_type.encode()), (b"49", b"ALPHA"), (b"56", b"VENUE")],
            *[(b"34", b"%d" % number), (b"52", sending_time().encode())],
        ]
        rest = [(b"%d" % tag, value.encode()) for tag, value in body]
        at = dict(zip(PLACES, (1, 3, 5, 5 + len(rest)), strict=True))[place]
        whole = [*header, *rest]
        return number, message(*whole[:at], *fields, *whole[at:], header=())

    def answers(self, sent: bytes) -> dict[int, Message]:
        """Send; the Reject of each number that got one. The session still answers afterwards."""
        self.client.send_raw(sent)
        self.client.send("1", [(112, "still there")])
        self.client.expect(lambda message: message.get(112) == "still there")
        self.client.receive_all(quiet=0.05)
        rejects = [each for each in self.client.log if each.msg_type == "3"]
        self.client.log.clear()
        by_number = {int(each[45]): each for each in rejects}
        assert len(by_number) == len(rejects), "a message was refused twice"
        return by_number


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A trading process that ends no session for its rate."""
    with RunningTrading(tmp_path_factory.mktemp("kinds") / "venue", *UNLIMITED) as running:
        yield running


@pytest.fixture(scope="module")
def bystander(venue: RunningTrading) -> Bystander:
    return Bystander(venue.client("BRAVO"))


@pytest.fixture(scope="module")
def session(venue: RunningTrading) -> Session:
    return Session(venue.client("ALPHA"))


def next_in(venue: RunningTrading) -> int:
    """MsgSeqNum that the venue expects next of ALPHA."""
    rows = call(venue.data_dir, {"query": "sessions"})["sessions"]
    return int(next(row["next_in"] for row in rows if row["session"] == "ALPHA"))


@pytest.mark.parametrize("msg_type", [*TYPES, *ENDING])
def test_length_that_lies_is_rejected_by_name(
    venue: RunningTrading, session: Session, bystander: Bystander, msg_type: str
) -> None:
    expected, sent = {}, b""
    for place, length in product(PLACES, sorted(LENGTHS)):
        for fields, answer in lies(length):
            number, raw = session.build(msg_type, place, fields)
            expected[number] = (*answer, msg_type)
            sent += raw
    rejects = session.answers(sent)
    assert {
        number: (reject[373], reject[371], reject[372]) for number, reject in rejects.items()
    } == expected
    bystander.trade()
    assert next_in(venue) == session.client.next_out
    assert_nothing_broke(venue, msg_type)


@pytest.mark.parametrize("msg_type", TYPES)
def test_right_length_is_taken_or_rejected_for_its_place_alone(
    venue: RunningTrading, session: Session, bystander: Bystander, msg_type: str
) -> None:
    """Data that holds a separator: in a header field of data it is taken in every message."""
    sent, places = b"", {}
    for place, length in product(PLACES, sorted(LENGTHS)):
        number, raw = session.build(msg_type, place, pair(length, b"3"))
        places[number] = (place, length)
        sent += raw
    rejects = session.answers(sent)
    for number, reject in rejects.items():
        place, length = places[number]
        assert reject[373] in (UNDEFINED, ORDER), reject
        assert length not in HEADER_PAIRS or place not in PLACES[:3], reject
    for number, (place, length) in places.items():
        if length not in HEADER_PAIRS and place in PLACES[:2]:
            assert rejects[number][373] == ORDER
    if msg_type in "DFG":
        taken = [
            number
            for number, (place, tag) in places.items()
            if tag == b"354" and place in PLACES[2:]
        ]
        assert not rejects.keys() & set(taken)
    bystander.trade()
    assert next_in(venue) == session.client.next_out
    assert_nothing_broke(venue, msg_type)
