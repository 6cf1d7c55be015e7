"""What one session may not do at the door: stop the venue, lock out, fall silent, flood a log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.bystander import Bystander, assert_nothing_broke
from tests.fix.frames import framed, joined
from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import Field, new_order, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for

BUY = "1"


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, in which nothing breaks."""
    with RunningTrading(tmp_path / "venue") as running:
        bystander = Bystander(running.client("BRAVO"))
        yield running
        bystander.trade()
        assert_nothing_broke(running, "at the end")


@pytest.fixture
def alpha(venue: RunningTrading) -> FixClient:
    client = venue.client("ALPHA")
    client.logon()
    return client


def is_alive(client: FixClient) -> None:
    """The session answers to the number that is its next."""
    client.send("1", [(112, "alive")])
    client.expect(lambda message: message.get(112) == "alive")


def send_again(client: FixClient, number: int, msg_type: str, body: list[Field]) -> None:
    """A message that was asked for again."""
    client.send(msg_type, body, t34=str(number), t43="Y", t122=sending_time())


@pytest.mark.parametrize("data", [b"\xff", b"a\x01b", b"\x0110=000", b"\x00\xfe\x01"])
def test_logon_with_data_of_any_bytes_is_taken(venue: RunningTrading, data: bytes) -> None:
    fields = [
        *[(b"35", b"A"), (b"49", b"ALPHA"), (b"56", b"VENUE"), (b"34", b"1")],
        *[(b"52", sending_time().encode()), (b"98", b"0"), (b"108", b"30"), (b"141", b"Y")],
        *[(b"553", b"ALPHA"), (b"554", b"demo"), (b"95", b"%d" % len(data)), (b"96", data)],
    ]
    alpha = venue.client("ALPHA").connect()
    alpha.send_raw(framed(joined(fields)))
    alpha.expect("A")


def test_logon_that_says_it_is_a_duplicate_locks_nobody_out(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    is_alive(alpha)
    alpha.logout()
    again = venue.client("ALPHA").connect()
    body = [(98, "0"), (108, "30"), (553, "ALPHA"), (554, "demo")]
    again.send("A", body, t34="1", t43="Y", t122=sending_time())
    assert "MsgSeqNum too low" in again.expect("5")[58]
    again.expect_disconnect()
    alpha.logon(reset=False)
    is_alive(alpha)


def test_message_that_is_rejected_inside_a_gap_does_not_silence_its_session(
    alpha: FixClient,
) -> None:
    """2 is lost, 3 is rejected at once; sent again it is taken, and so is what stands behind it."""
    alpha.resend = "never"
    alpha.send("D", new_order("a3", BUY, "1", "99.00", extra=[(126, "x")]), t34="3")
    assert alpha.expect("3")[45] == "3"
    alpha.send("D", new_order("a4", BUY, "1", "99.00"), t34="4")
    assert alpha.expect("2")[7] == "2"
    send_again(alpha, 2, "0", [])
    send_again(alpha, 3, "D", new_order("a3", BUY, "1", "99.00"))
    send_again(alpha, 4, "D", new_order("a4", BUY, "1", "99.00"))
    for name in ("a3", "a4"):
        alpha.expect_report(name, "0")
    alpha.next_out = 5
    is_alive(alpha)


def test_message_that_comes_twice_inside_a_gap_is_taken_once(alpha: FixClient) -> None:
    alpha.resend = "never"
    alpha.send("D", new_order("a3", BUY, "1", "99.00"), t34="3")
    send_again(alpha, 3, "D", new_order("a3", BUY, "1", "99.00"))
    send_again(alpha, 2, "0", [])
    alpha.expect_report("a3", "0")
    alpha.next_out = 4
    is_alive(alpha)
    assert not [message for message in alpha.inbox if message.msg_type == "8"]


def test_bytes_that_are_no_messages_end_the_session_in_few_words(
    venue: RunningTrading, alpha: FixClient
) -> None:
    alpha.send_raw(b"8=FIX" * 20_000)
    assert alpha.expect("5")[58] == "TOO_MANY_SESSION_MESSAGES"
    alpha.close()
    wait_for(lambda: "logged out" in venue.log())
    assert len([line for line in venue.log().splitlines() if "garbled" in line]) < 50


def test_refusal_of_a_stranger_without_a_name_has_no_empty_field(venue: RunningTrading) -> None:
    stranger = FixClient(venue.address, "ALPHA")
    with pytest.raises(LogonRefused) as refused:
        stranger.logon("wrong", username="ALPHA")
    assert refused.value.logout is not None
    nameless = FixClient(venue.address, "").connect()
    nameless.send("A", [(98, "0"), (108, "30")])
    nameless.expect_disconnect()
    assert not nameless.log
