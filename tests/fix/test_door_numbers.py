"""Numbers over real sockets: what was missed comes again, and what nobody sent is not given."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.door import BUY, SELL, fill_due, raw, row, unbroken
from tests.fix.restart import STAYS, crash, resent
from tests.fix_message import new_order, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, which has raised nothing."""
    with unbroken(tmp_path / "venue") as running:
        yield running


def test_unconfirmed_fill_of_a_broken_line_comes_again_after_a_reset(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.receive_buffer = 2048
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "1000000", "100.00"))
    alpha.expect_report("a1", "0")
    bravo.logon()
    fills = 0
    while fills < 20_000:  # until ALPHA's machine takes no more
        for _ in range(100):
            fills += 1
            bravo.send("D", new_order(f"b{fills}", SELL, "1", "100.00"))
        bravo.expect_report(f"b{fills}", "F", 20)
        bravo.inbox.clear()
        bravo.log.clear()
        connection = row(venue, "ALPHA")["connection"]
        if isinstance(connection, dict) and connection["bytes_unread"]:
            break
    taken = alpha.detach()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    taken.close()  # by RST: what its machine had not confirmed is lost
    wait_for(lambda: not row(venue, "ALPHA")["logged_on"])
    alpha.logon(extra=STAYS)
    again = [alpha.expect("8", 10)]
    while int(again[-1][14]) < fills:
        again.append(alpha.expect("8", 10))
    assert all(m[97] == "Y" and m[150] == "F" for m in again)
    cumulated = [int(m[14]) for m in again]
    assert cumulated == list(range(cumulated[0], fills + 1))


def test_fill_that_fell_due_survives_a_logon_that_came_to_nothing(venue: RunningTrading) -> None:
    alpha = fill_due(venue)
    alpha.resend = "never"
    alpha.next_in = 2
    alpha.logon(reset=False, extra=STAYS)  # a gap, which it does not ask for
    alpha.kill()
    wait_for(lambda: not row(venue, "ALPHA")["logged_on"])
    alpha.logon(extra=STAYS)
    fill = alpha.expect_report("a1", "F")
    assert (fill[97], fill[32]) == ("Y", "4")


@pytest.mark.parametrize("how", ["clean", "crash"])
def test_numbers_of_a_session_logged_out_cleanly_are_exact_after_a_crash(
    venue: RunningTrading, how: str
) -> None:
    alpha = fill_due(venue)
    missed = alpha.next_in
    if how == "crash":
        crash(venue, alpha)
    answer = alpha.logon(reset=False, extra=STAYS)
    assert answer.msg_seq_num == missed + 1, "one fill fell due, and no number is left out"
    assert len(resent(alpha, missed, missed)) == 1


def test_gap_that_stands_is_asked_for_again(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    alpha.resend = "never"
    alpha.next_out = 5
    alpha.send("D", new_order("a5", BUY, "1", "99.00"))
    first = alpha.expect("2")
    second = alpha.expect("2", 10)
    assert (first[7], second[7], second[16]) == ("2", "2", "0")
    alpha.send_raw(raw("ALPHA", "4", 2, [(123, "Y"), (36, "5")], t43="Y", t122=sending_time()))
    alpha.expect_report("a5", "0")


@pytest.mark.parametrize(
    ("begin", "end", "tag"),
    [("0", "0", "7"), ("5", "3", "16"), ("500", "0", "7"), (str(10**12), "0", "7")],
)
def test_resend_request_for_what_was_not_sent_is_rejected(
    venue: RunningTrading, begin: str, end: str, tag: str
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    for number in range(5):
        alpha.send("D", new_order(f"a{number}", BUY, "1", "99.00"))
    alpha.expect_report("a4", "0")
    number = alpha.send("2", [(7, begin), (16, end)])
    reject = alpha.expect("3")
    assert (reject[45], reject[371], reject[372], reject[373]) == (str(number), tag, "2", "5")
    alpha.send("1", [(112, "on")])
    assert alpha.expect("0")[112] == "on"


@pytest.mark.parametrize(
    ("orig", "reason"), [(None, "1"), ("20990101-00:00:00", "10")], ids=["missing", "after 52"]
)
def test_poss_dup_with_the_expected_number_needs_its_first_time(
    venue: RunningTrading, orig: str | None, reason: str
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    more = {"t43": "Y"} if orig is None else {"t43": "Y", "t122": orig}
    alpha.send("D", new_order("a1", BUY, "1", "99.00"), **more)
    reject = alpha.expect("3")
    assert (reject[371], reject[373]) == ("122", reason)
    alpha.send("D", new_order("a2", BUY, "1", "99.00"), t43="Y", t122=sending_time())
    alpha.expect_report("a2", "0")
    assert not any(m.get(11) == "a1" for m in alpha.log)
