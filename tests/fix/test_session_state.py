"""Logon, sequence numbers, resend and crash: what a broker's FIX engine relies on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.restart import STAYS, crash
from tests.fix_client import LogonRefused
from tests.fix_message import Message, new_order, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.admin.client import call

BUY, SELL = "1", "2"


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own."""
    with RunningTrading(tmp_path / "venue") as running:
        yield running


def exec_ids(messages: list[Message]) -> list[str]:
    """ExecIDs of the execution reports among the messages."""
    return [message.get(17) for message in messages if message.msg_type == "8"]


@pytest.mark.parametrize(
    ("username", "password"), [("ALPHA", "wrong"), ("BRAVO", "demo"), ("ALPHA", "")]
)
def test_refused_logon_says_nothing_and_changes_nothing(
    venue: RunningTrading, username: str, password: str
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "10", "99.00"))
    first = alpha.expect_report("a1", "0")
    alpha.logout()
    stranger = venue.client("ALPHA")
    with pytest.raises(LogonRefused) as refused:
        stranger.logon(password, username, reset=True)
    assert refused.value.logout is not None
    assert refused.value.logout.get(58).startswith("LOGON_REFUSED")
    assert not {"553", "554", "assword"} & set(refused.value.logout.get(58).split())
    assert "logon refused" in venue.log()
    assert "wrong" not in venue.log().replace("is wrong", "")
    alpha.close()
    answer = alpha.logon(reset=False, extra=STAYS)
    assert answer.msg_seq_num == alpha.next_in - 1, "numbers are as they were"
    alpha.request_resend(1)
    again = alpha.expect_report("a1", "0")
    assert (again.get(43), again.get(17)) == ("Y", first.get(17))


def test_logon_that_is_no_valid_fix_is_answered_and_blocks_nobody(venue: RunningTrading) -> None:
    broken = venue.client("ALPHA")
    with pytest.raises(LogonRefused) as refused:
        broken.logon(extra=[(9999, "x")])
    assert refused.value.logout is not None
    assert refused.value.logout.get(58).startswith("LOGON_INVALID")
    venue.client("ALPHA").logon()


def test_unknown_comp_id_is_disconnected(venue: RunningTrading) -> None:
    with pytest.raises(LogonRefused):
        venue.client("NOBODY").logon()


def test_second_connection_of_a_session_is_not_accepted(venue: RunningTrading) -> None:
    with venue.client("ALPHA") as first:
        first.logon()
        with pytest.raises(LogonRefused):
            venue.client("ALPHA").logon()
        first.send("D", new_order("a1", BUY, "10", "99.00"))
        first.expect_report("a1", "0")


def test_orders_are_canceled_when_the_session_ends_unless_it_chose_otherwise(
    venue: RunningTrading,
) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon()
    bravo.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "10", "99.00"))
    bravo.send("D", new_order("b1", BUY, "10", "99.00"))
    alpha.expect_report("a1", "0")
    bravo.expect_report("b1", "0")
    alpha.kill()
    bravo.logout()
    alpha.logon()
    canceled = alpha.expect_report("a1", "4")
    assert (canceled.get(97), canceled.get(378)) == ("Y", "99")
    assert canceled.get(58).startswith("CANCEL_ON_DISCONNECT")
    bravo.logon(extra=STAYS)
    bravo.send("H", [(11, "b1"), (55, "ACME"), (54, BUY)])
    assert bravo.expect_report("b1", "I").get(39) == "0"


def test_client_goes_on_after_kill_9_without_resetting(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon(extra=STAYS)
    for number in range(5):
        alpha.send("D", new_order(f"a{number}", BUY, "10", "100.00"))
    before = exec_ids([alpha.expect("8") for _ in range(5)])
    numbers = alpha.next_out
    crash(venue, alpha, bravo)
    alpha.logon(reset=False, extra=STAYS)
    bravo.logon(reset=False, extra=STAYS)
    bravo.send("D", new_order("b1", SELL, "25", "100.00"))
    fills = [alpha.expect("8") for _ in range(3)]
    assert [fill.get(11) for fill in fills] == ["a0", "a1", "a2"]
    assert alpha.next_out == numbers + 1, "only the Logon was sent"
    alpha.request_resend(1)
    resent = [message for message in alpha.receive_all() if message.get(43) == "Y"]
    assert exec_ids(resent) == before + exec_ids(fills)


def test_orders_entered_before_a_crash_are_in_the_book_and_their_ids_are_known(
    venue: RunningTrading,
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    order_id = alpha.expect_report("a1", "0").get(37)
    crash(venue, alpha)
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    assert alpha.expect_report("a1", "8").get(103) == "6"
    alpha.send("H", [(11, "a1"), (55, "ACME"), (54, BUY)])
    assert alpha.expect_report("a1", "I").get(37) == order_id


def test_reports_due_while_logged_out_come_once_by_resend(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon()
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    alpha.expect_report("a1", "0")
    alpha.logout()
    bravo.send("D", new_order("b1", SELL, "10", "100.00"))
    fill = bravo.expect_report("b1", "F")
    crash(venue, alpha, bravo)
    missed = alpha.next_in
    alpha.logon(reset=False, extra=STAYS)
    alpha.request_resend(missed)
    resent = alpha.expect_report("a1", "F")
    assert resent.get(43) == "Y" and resent.get(527) == fill.get(527)
    assert exec_ids(alpha.receive_all()) == []


def test_reports_due_while_logged_out_come_anew_after_a_reset(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon()
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    alpha.expect_report("a1", "0")
    alpha.logout()
    bravo.send("D", new_order("b1", SELL, "10", "100.00"))
    bravo.expect_report("b1", "F")
    alpha.logon(reset=True, extra=STAYS)
    again = alpha.expect_report("a1", "F")
    assert (again.get(97), again.get(34)) == ("Y", "2")
    crash(venue, alpha, bravo)
    alpha.logon(reset=False, extra=STAYS)
    alpha.request_resend(1)
    resent = [m for m in alpha.receive_all() if m.get(43) == "Y" and m.msg_type == "8"]
    assert [(m.get(34), m.get(17)) for m in resent] == [("2", again.get(17))]


def test_clean_stop_and_start_leave_no_gap_in_the_numbers(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    alpha.expect_report("a1", "0")
    alpha.logout()
    assert venue.stop() == 0
    venue.start()
    alpha.address = venue.address
    answer = alpha.logon(reset=False, extra=STAYS)
    assert answer.get(34) == "4", "Logon 1, report 2, Logout 3, then this Logon"


def test_grace_after_a_crash_ends_with_cancel_on_disconnect(tmp_path: Path) -> None:
    with RunningTrading(tmp_path / "venue", "fix.logon_grace_seconds=1") as venue:
        alpha = venue.client("ALPHA")
        alpha.logon()
        alpha.send("D", new_order("a1", BUY, "10", "99.00"))
        alpha.expect_report("a1", "0")
        crash(venue, alpha)
        wait_for(lambda: call(venue.data_dir, {"query": "book", "symbol": "ACME"})["bids"] == [])
        alpha.logon(reset=True)
        assert alpha.expect_report("a1", "4").get(58).startswith("CANCEL_ON_DISCONNECT")


def test_second_process_on_the_same_data_is_refused_in_one_line(venue: RunningTrading) -> None:
    second = RunningTrading(venue.data_dir)
    ready = second.try_start()
    assert second.wait() == 2
    assert "in use by a running venue" in ready["error"] and "\n" not in ready["error"]


def test_taken_port_is_refused_in_one_line(venue: RunningTrading, tmp_path: Path) -> None:
    second = RunningTrading(tmp_path / "other", f"fix.port={venue.address[1]}")
    ready = second.try_start()
    assert second.wait() == 2
    assert str(venue.address[1]) in ready["error"] and "\n" not in ready["error"]


def test_nothing_follows_a_logout_and_what_was_not_sent_comes_after_a_reset(
    venue: RunningTrading,
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    names = {f"a{n}" for n in range(1000)}  # canceled in slices, the Logout between two of them
    for name in sorted(names):
        alpha.send("D", new_order(name, BUY, "1", "99.00"))
    for name in names:
        alpha.expect_report(name, "0", 20)
    alpha.send("q", [(11, "all"), (530, "7"), (60, sending_time())])
    first = alpha.expect(lambda m: m.get(150) == "4", 20)
    alpha.send("5")
    alpha.expect_disconnect(20)
    told = list(alpha.inbox)
    alpha.inbox.clear()
    numbers = [message.msg_seq_num for message in told]
    assert told[-1].msg_type == "5" and numbers == sorted(numbers)
    canceled = {message[11] for message in [first, *told] if message.get(150) == "4"}
    alpha.logon(reset=True, extra=STAYS)
    while canceled != names:
        canceled.add(alpha.expect(lambda m: m.get(150) == "4", 20)[11])
