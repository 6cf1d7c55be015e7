"""What can be resent after a restart: everything, from memory or from the journal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.restart import STAYS, ask, crash, reports, resent, start_again
from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.two_brokers import reports_of

BUY, SELL = "1", "2"
WINDOW = 10


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own that keeps few reports."""
    with RunningTrading(tmp_path / "venue", f"fix.resend_window={WINDOW}") as running:
        yield running


def enter(client: FixClient, prefix: str, side: str, count: int) -> None:
    """So many orders of 1 at 100.00, and a message of the session's own behind each."""
    for number in range(count):
        client.send("D", new_order(f"{prefix}{number}", side, "1", "100.00"))
        client.expect_report(f"{prefix}{number}", "0")
        client.send("1", [(112, "?")])
        client.expect("0")


def go_on(client: FixClient) -> int:
    """Log on as if nothing had happened; MsgSeqNum of the venue's Logon."""
    return client.logon(reset=False, extra=STAYS).msg_seq_num


def test_resend_may_begin_and_end_before_the_window(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    enter(alpha, "a", BUY, 25)
    told = dict(reports(alpha.log))
    alpha.logout()
    assert venue.stop() == 0
    start_again(venue, alpha)
    last = go_on(alpha)
    newest = list(told)[-WINDOW]
    for begin in [1, 2, 3, 20, *range(newest - 3, last)]:
        for end in [begin, begin + 1, newest - 1, newest, last - 2, last - 1]:
            if begin <= end < last:
                expected = {n: exec_id for n, exec_id in told.items() if begin <= n <= end}
                assert resent(alpha, begin, end) == expected


def test_numbers_begin_anew_behind_a_window(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    enter(alpha, "a", BUY, 25)
    crash(venue, alpha)
    alpha.logon(extra=STAYS)
    enter(alpha, "b", BUY, 60)
    told = dict(reports(alpha.log[-120:]))
    assert resent(alpha, 1, max(told)) == told
    crash(venue, alpha)
    last = go_on(alpha)
    assert resent(alpha, 1, last - 1) == told


@pytest.mark.parametrize("again", [False, True], ids=["at once", "after a crash and a logon"])
def test_reports_that_fell_due_while_logged_out_are_all_kept(
    venue: RunningTrading, again: bool
) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon()
    enter(alpha, "a", BUY, 3 * WINDOW)
    alpha.logout()
    enter(bravo, "b", SELL, 3 * WINDOW)
    missed = alpha.next_in
    crash(venue, alpha)
    if again:
        go_on(alpha)
        venue.stop()
        start_again(venue, alpha)
    last = go_on(alpha)
    fills = resent(alpha, missed, last - 1)
    every = reports_of(venue.data_dir / "journal")["ALPHA"]
    assert list(fills.values()) == [exec_id for exec_id, what in every.items() if what == "F"]


def test_next_expected_number_at_logon_may_be_before_the_window(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    enter(alpha, "a", BUY, 25)
    told = reports(alpha.log)
    alpha.logout()
    assert venue.stop() == 0
    start_again(venue, alpha)
    alpha.next_in = 5
    alpha.logon(reset=False, extra=[*STAYS, (789, "5")])
    while max([0, *(m.msg_seq_num for m in alpha.log if m.get(43) == "Y")]) < max(told)[0]:
        ask(alpha)
    again = [m for m in alpha.log if m.get(43) == "Y"]
    assert again[0].msg_seq_num == 5
    assert reports(again) == [each for each in told if each[0] >= 5]
