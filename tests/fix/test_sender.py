"""What the sender makes of a message: number, header, checksum; and whose numbers are whose."""

from dataclasses import dataclass, field

import pytest
import quickfix

from venue.domain.outgoing import Kept, Outgoing
from venue.fix.connection import Connection
from venue.fix.frame import Frame
from venue.fix.message_log import MessageLog
from venue.fix.sender import SessionSender, framed
from venue.fix.stage import Stage
from venue.peer import Peer

SENT_NS = 1_767_225_600_123_456_789  # 2026-01-01 00:00:00.123456789
REPORT = "35=8\x016=0\x0111=x\x0114=0\x01"


class Session:
    """What the sender asks of QuickFIX's session."""

    def __init__(self) -> None:
        self.next_in, self.next_out = 1, 5

    def getExpectedSenderNum(self) -> int:  # noqa: N802
        return self.next_out

    def getExpectedTargetNum(self) -> int:  # noqa: N802
        return self.next_in

    def setNextSenderMsgSeqNum(self, number: int) -> None:  # noqa: N802
        self.next_out = number


@dataclass
class TakesAll:
    """A client's end that takes all and confirms what it is told to."""

    peer: Peer = field(default_factory=lambda: Peer("127.0.0.1", 1))
    ended: str | None = None
    taken: bytearray = field(default_factory=bytearray)
    arrived: int = 0

    def fileno(self) -> int:
        return -1

    def receive(self, most: int = 0) -> bytes:
        return b""

    def send(self, data: bytearray) -> int:
        self.taken += data
        return len(data)

    def confirmed(self) -> int:
        return self.arrived

    def finish(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def sender_of(session: Session, decimals: int = 3) -> tuple[SessionSender, list[int]]:
    """The sender of ALPHA, and the numbers of QuickFIX's messages it has taken over."""
    taken_over: list[int] = []
    sessions: dict[str, quickfix.Session] = {"ALPHA": session}  # type: ignore[dict-item]
    sender = SessionSender(
        "VENUE", MessageLog(None), lambda connection, awaited: taken_over.append(awaited)
    )
    sender.configure(sessions, {"ALPHA": decimals})
    return sender, taken_over


def test_messages_have_their_number_header_and_checksum() -> None:
    session, link = Session(), TakesAll()
    sender, _ = sender_of(session)
    sender.attach("ALPHA", Connection(link, 0.0))
    sender.send(Outgoing("ALPHA", REPORT, "57=DESK\x01"), SENT_NS)
    sender.send(Outgoing("ALPHA", REPORT), SENT_NS, again=True)
    assert not link.taken, "nothing leaves before the flush"
    sender.flush()
    first, second, rest = [*bytes(link.taken).split(b"8=FIX.4.4")[1:], b""]
    frames = [Frame(b"8=FIX.4.4" + each) for each in (first, second)]
    assert not rest and all(each.fault is None for each in frames)
    assert [each.number for each in frames] == [5, 6]
    assert frames[0].fields["57"] == "DESK" and frames[1].fields["97"] == "Y"
    assert frames[0].fields["52"] == "20260101-00:00:00.123"
    assert all(quickfix.Message(each.text, True) for each in frames)
    assert session.next_out == 7, "QuickFIX goes on behind them"


@pytest.mark.parametrize(
    ("decimals", "time"),
    [(0, "00:00:00"), (1, "00:00:00.1"), (6, "00:00:00.123456"), (9, "00:00:00.123456789")],
)
def test_time_has_the_sessions_decimals(decimals: int, time: str) -> None:
    link = TakesAll()
    sender, _ = sender_of(Session(), decimals)
    sender.attach("ALPHA", Connection(link, 0.0))
    sender.send(Outgoing("ALPHA", REPORT), SENT_NS)
    sender.flush()
    assert Frame(bytes(link.taken)).fields["52"] == f"20260101-{time}"


@pytest.mark.parametrize("asked", ["next_out", "delivered", "next_in", "nothing"])
def test_what_quickfix_has_sent_leaves_before_what_is_numbered_behind_it(asked: str) -> None:
    session = Session()
    sender, taken_over = sender_of(session)
    sender.attach("ALPHA", Connection(TakesAll(), 0.0))
    sender.number_taken("ALPHA")  # it is about to use 5
    session.next_out = 6
    if asked != "nothing":
        getattr(sender, asked)("ALPHA")  # whoever asks for the numbers does not change the order
    sender.send(Outgoing("ALPHA", REPORT), SENT_NS)
    assert taken_over == [5] and sender.next_out("ALPHA") == 7


def test_session_that_is_out_gets_numbers_and_nothing_is_sent() -> None:
    session = Session()
    sender, _ = sender_of(session)
    sender.send(Outgoing("ALPHA", REPORT), SENT_NS)
    sender.send(Outgoing("NOBODY", REPORT), SENT_NS)
    sender.flush()
    assert session.next_out == 6 and sender.next_out("NOBODY") == 0


def test_unconfirmed_reports_are_known_by_their_first_number() -> None:
    session, link = Session(), TakesAll()
    sender, _ = sender_of(session)
    connection = Connection(link, 0.0)
    sender.attach("ALPHA", connection)
    for _ in range(3):
        sender.send(Outgoing("ALPHA", REPORT), SENT_NS)
    sender.flush()
    one = len(link.taken) // 3
    seen = []
    for link.arrived in (0, one - 1, one, 2 * one, 3 * one):
        seen.append(sender.delivered("ALPHA").unread_from)
    assert seen == [5, 5, 6, 7, 8]


def test_resend_has_its_first_time_and_gap_fills_lead_on() -> None:
    sender, _ = sender_of(Session())
    again = Frame(sender.resend("ALPHA", 3, Kept(REPORT, SENT_NS, "57=D\x01", True), SENT_NS * 2))
    assert (again.fields["43"], again.fields["97"], again.fields["57"]) == ("Y", "Y", "D")
    assert again.fields["122"] == "20260101-00:00:00.123" and again.number == 3
    fill = Frame(sender.gap_fill("ALPHA", 4, 9, SENT_NS))
    assert (fill.number, fill.fields["36"], fill.fields["123"]) == (4, "9", "Y")


def test_text_that_utf_8_has_not_does_not_stop_the_venue() -> None:
    assert framed("35=0\x0158=\udc80\x01").endswith(b"\x01")


def test_report_behind_a_logout_is_numbered_and_not_sent_and_counts_as_unread() -> None:
    link = TakesAll()
    connection = Connection(link, 0.0)
    sender, _ = sender_of(Session())
    sender.attach("ALPHA", connection)
    sender.send(Outgoing("ALPHA", REPORT), SENT_NS)
    sender.flush()
    connection.stage = Stage.ENDING  # QuickFIX's Logout is on its way
    before = len(link.taken)
    for _ in range(2):
        sender.send(Outgoing("ALPHA", REPORT), SENT_NS)
        sender.flush()
    assert len(link.taken) == before and sender.next_out("ALPHA") == 8
    assert sender.delivered("ALPHA").unread_from == 5
    link.arrived = before
    assert sender.delivered("ALPHA").unread_from == 6
