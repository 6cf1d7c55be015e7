"""Session state over a kill -9 at named points: each report once, and nobody repairs anything."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fix.restart import STAYS, crash, read_to_the_end, reports, resent, start_again
from tests.fix_client import Disconnected, FixClient, LogonRefused
from tests.fix_message import Message, frame, new_order, sending_time
from tests.running import RunningTrading
from tests.two_brokers import reports_of
from venue.fixclient.message import encoded

BUY, SELL = "1", "2"


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, not started yet."""
    running = RunningTrading(tmp_path / "venue")
    yield running
    running.__exit__(None, None, None)


def started(venue: RunningTrading, fault: str = "") -> tuple[FixClient, FixClient]:
    """The venue started with this fault; ALPHA and BRAVO, logged on."""
    venue.environment["VENUE_FAULT"] = fault
    venue.start()
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon(extra=STAYS)
    return alpha, bravo


def message(session: str, number: int, msg_type: str, body: list[tuple[int, str]]) -> bytes:
    header = [(35, msg_type), (34, str(number)), (49, session), (52, sending_time()[:17])]
    return frame([*header, (56, "VENUE"), *body])


def send_at_once(client: FixClient, bodies: list[list[tuple[int, str]]]) -> None:
    """A few orders in one segment: the venue reads them at once, and they are one batch."""
    for body in bodies:
        client.session.send(b"D", encoded(body))
    client.flush()


def go_on(client: FixClient) -> Message:
    """Log on as if nothing had happened."""
    return client.logon(reset=False, extra=STAYS)


@pytest.mark.parametrize(
    "fault", ["after-fsync-before-send:4", "between-sends:3", "between-sends:10"]
)
def test_each_report_comes_once_under_one_number_when_the_venue_dies_sending(
    venue: RunningTrading, fault: str
) -> None:
    alpha, bravo = started(venue, f"{fault}:kill")
    accepted: list[Message] = []
    send_at_once(alpha, [new_order(f"a{n}", BUY, "1", "100.00") for n in range(5)])
    with suppress(Disconnected):
        for _ in range(5):
            accepted.append(alpha.expect("8"))
        send_at_once(bravo, [new_order(f"b{n}", SELL, "1", "100.00") for n in range(5)])
    seen = {
        alpha.sender: reports(accepted + read_to_the_end(alpha)),
        bravo.sender: reports(read_to_the_end(bravo)),
    }
    start_again(venue, alpha, bravo)
    for client in (alpha, bravo):
        missed = client.next_in
        last = go_on(client).msg_seq_num
        told = dict(seen[client.sender])
        assert not told or max(told) < missed
        rest = resent(client, missed, last - 1)
        assert not told.keys() & rest.keys()
        told |= rest
        expected = reports_of(venue.data_dir / "journal")[client.sender]
        assert list(told.values()) == list(expected), "each once, in the journal's order"
        assert list(told) == sorted(told)
        assert resent(client, 1, last - 1) == told, "under the same numbers"


@pytest.mark.parametrize("fault", ["after-receive:27", "before-journal-write:5"])
def test_orders_that_are_not_on_disk_are_asked_for_again(venue: RunningTrading, fault: str) -> None:
    """Five writes there are for sure: start, two logons, the first orders, the rest."""
    alpha, _ = started(venue, f"{fault}:kill")
    for number in range(5):
        alpha.send("D", new_order(f"a{number}", BUY, "1", "99.00"))
        alpha.send("0")
    first = [m[11] for m in alpha.receive_all() if m.msg_type == "8"]
    if alpha.is_connected and len(first) == 5:
        for number in range(5, 40):
            alpha.send("D", new_order(f"a{number}", BUY, "1", "99.00"))
    read_to_the_end(alpha)
    count = len(alpha.session.sent)
    start_again(venue, alpha)
    missed = alpha.next_in
    last = go_on(alpha).msg_seq_num
    alpha.expect("2")
    resent(alpha, missed, last - 1)
    alpha.send("D", new_order("last", BUY, "1", "99.00"))
    alpha.expect_report("last", "0")
    entered = [m[11] for m in alpha.log if m.msg_type == "8" and m[150] == "0"]
    assert entered == [f"a{number}" for number in range(count)] + ["last"]


def test_resend_may_begin_and_end_anywhere_after_a_crash(venue: RunningTrading) -> None:
    alpha, bravo = started(venue)
    for number in range(3):
        alpha.send("D", new_order(f"a{number}", BUY, "1", "100.00"))
        told = alpha.expect("8")
        alpha.send("1", [(112, "?")])
        alpha.expect("0")
        alpha.send("H", [(11, f"a{number}"), (55, "ACME"), (54, BUY)])
        alpha.expect_report(f"a{number}", "I")
    bravo.send("D", new_order("b", SELL, "2", "100.00"))
    first_fill, fill = alpha.expect_report("a0", "F"), alpha.expect_report("a1", "F")
    numbers = {m.msg_seq_num: m[17] for m in alpha.log if m.msg_type == "8" and m[150] != "I"}
    assert numbers[told.msg_seq_num] == told[17] and numbers[fill.msg_seq_num] == fill[17]
    assert list(numbers) == [2, 5, 8, 11, 12] and first_fill.msg_seq_num == 11
    crash(venue, alpha)
    last = go_on(alpha).msg_seq_num
    assert last > 100, "numbers are left out"
    for begin in [*range(1, 20), 60]:
        for end in {*range(begin, 16), *(end for end in (60, last - 1) if end >= begin)}:
            expected = {n: exec_id for n, exec_id in numbers.items() if begin <= n <= end}
            assert resent(alpha, begin, end) == expected


def test_night_of_heartbeats_leaves_no_gap_to_repair(venue: RunningTrading) -> None:
    alpha, _ = started(venue)
    alpha.send("D", new_order("a1", BUY, "1", "99.00"))
    report = alpha.expect_report("a1", "0")
    for _ in range(230):
        alpha.send("1", [(112, "?")])
        alpha.send("0")
    for _ in range(230):
        last = alpha.expect("0")
    crash(venue, alpha)
    crash(venue, alpha)
    logon = go_on(alpha).msg_seq_num
    assert logon > last.msg_seq_num == 232
    assert int(alpha.expect("2")[7]) < alpha.next_out, "for what was not on disk"
    assert resent(alpha, 1, logon - 1) == {2: report[17]}
    assert resent(alpha, 150, logon - 1) == {}
    alpha.send("D", new_order("a2", BUY, "1", "99.00"))
    alpha.expect_report("a2", "0")


@pytest.mark.parametrize(
    ("fault", "on_disk"),
    [("before-journal-write:6:kill", False), ("after-fsync-before-send:6:kill", True), ("", True)],
)
def test_reset_just_before_the_crash(venue: RunningTrading, fault: str, on_disk: bool) -> None:
    """The Logon with 141=Y is the venue's sixth batch, behind start, logons, order, logout."""
    alpha, _ = started(venue, fault)
    alpha.send("D", new_order("a1", BUY, "1", "99.00"))
    alpha.expect_report("a1", "0")
    alpha.logout()
    if fault:
        with pytest.raises(LogonRefused):
            alpha.logon(extra=STAYS)
        start_again(venue, alpha)
    else:
        alpha.logon(extra=STAYS)
        crash(venue, alpha)
    if on_disk:
        answer = go_on(alpha)
        assert resent(alpha, 1, answer.msg_seq_num - 1) == {}
        assert "2" not in [m.msg_type for m in alpha.log[-3:]], "nothing is asked for"
    else:
        with pytest.raises(LogonRefused, match="MsgSeqNum too low"):
            go_on(alpha)
        assert alpha.logon(extra=STAYS).msg_seq_num == 1
    alpha.send("D", new_order("a2", BUY, "1", "99.00"))
    alpha.expect_report("a2", "0")


def test_refused_reset_changes_nothing_over_a_restart(venue: RunningTrading) -> None:
    alpha, bravo = started(venue)
    alpha.send("D", new_order("a1", BUY, "1", "100.00"))
    first = alpha.expect_report("a1", "0")
    alpha.logout()
    bravo.send("D", new_order("b1", SELL, "1", "100.00"))
    bravo.expect_report("b1", "F")
    stranger = venue.client("ALPHA")
    for password in ("wrong", ""):
        with pytest.raises(LogonRefused):
            stranger.logon(password, reset=True)
    crash(venue, alpha)
    with pytest.raises(LogonRefused):
        venue.client("ALPHA").logon("wrong", reset=True)
    missed = alpha.next_in
    last = go_on(alpha).msg_seq_num
    fill = resent(alpha, missed, last - 1)
    assert len(fill) == 1
    assert resent(alpha, 1, last - 1) == {2: first[17], **fill}


def test_crash_in_the_middle_of_a_resend(venue: RunningTrading) -> None:
    alpha, bravo = started(venue)
    send_at_once(alpha, [new_order(f"a{n}", BUY, "1", "100.00") for n in range(50)])
    told = dict(reports([alpha.expect("8") for _ in range(50)]))
    alpha.close()
    bravo.send("D", new_order("b", SELL, "30", "100.00"))
    for _ in range(31):
        bravo.expect("8")
    missed = alpha.next_in
    go_on(alpha)
    alpha.request_resend(missed)
    for _ in range(10):
        message = alpha.expect("8")
        told[message.msg_seq_num] = message[17]
    crash(venue, alpha)
    alpha.inbox.clear()  # the client has died too
    last = go_on(alpha).msg_seq_num
    told |= resent(alpha, max(told) + 1, last - 1)
    assert list(told.values()) == list(reports_of(venue.data_dir / "journal")["ALPHA"])
    assert list(told) == sorted(told)


def test_numbers_of_a_burst_of_session_messages_are_not_used_again(venue: RunningTrading) -> None:
    alpha, _ = started(venue, "before-journal-write:4:kill")
    for first in (2, 42):
        requests = (message("ALPHA", n, "1", [(112, "1")]) for n in range(first, first + 40))
        alpha.send_raw(b"".join(requests))
        for _ in range(40 if first == 2 else 0):
            alpha.expect("0")
    alpha.send_raw(b"".join(message("ALPHA", n, "1", [(112, "1")]) for n in range(82, 200)))
    alpha.next_out = 200
    seen = [m.msg_seq_num for m in read_to_the_end(alpha)]
    start_again(venue, alpha)
    assert go_on(alpha).msg_seq_num > max(seen, default=0)
