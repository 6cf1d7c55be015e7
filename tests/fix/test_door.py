"""The door over real sockets: who gets in, what an answer says, what nobody can do to another."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.restart import STAYS, crash, resent
from tests.fix_client import Disconnected, FixClient, LogonRefused
from tests.fix_message import Field, frame, new_order, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.admin.client import call

BUY, SELL = "1", "2"
FREE = ("fix.logons_per_minute=1000000", "fix.lockout_failures=1000000")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, which has raised nothing."""
    with RunningTrading(tmp_path / "venue", *FREE) as running:
        yield running
        assert running.is_running
        assert "Traceback" not in running.log()
        assert not (running.data_dir / "incidents").exists()


def raw(session: str, msg_type: str, number: int, body: list[Field], **header: str) -> bytes:
    """A message; `header` replaces or adds header fields by tag."""
    fields = {35: msg_type, 34: str(number), 49: session, 52: sending_time(), 56: "VENUE"}
    fields |= {int(name[1:]): value for name, value in header.items()}
    return frame([*((tag, value) for tag, value in fields.items() if value), *body])


def row(venue: RunningTrading, session: str) -> dict[str, object]:
    """What the operator is shown of a session."""
    rows = call(venue.data_dir, {"query": "sessions"})["sessions"]
    return next(each for each in rows if each["session"] == session)


def fill_due(venue: RunningTrading) -> FixClient:
    """ALPHA, logged out cleanly, whose order is filled afterwards."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    alpha.expect_report("a1", "0")
    alpha.logout()
    bravo.logon()
    bravo.send("D", new_order("b1", SELL, "4", "100.00"))
    bravo.expect_report("b1", "F")
    return alpha


def test_strangers_that_loop_never_meet_a_members_session(venue: RunningTrading) -> None:
    delta = venue.client("DELTA")
    delta.logon()
    for number in range(400):
        stranger = socket.create_connection(venue.address)
        stranger.sendall(raw("ALPHA", "A", 1, [(98, "0"), (108, "30"), (553, "ALPHA"), (554, "x")]))
        stranger.close()
        if number % 40 == 0:
            delta.send("D", new_order(f"d{number}", BUY, "1", "99.00"))
            assert delta.expect_report(f"d{number}", "0")[56] == "DELTA"
    assert row(venue, "DELTA")["logged_on"] and not row(venue, "ALPHA")["logged_on"]
    numbers = [m.msg_seq_num for m in delta.log]
    assert numbers == list(range(1, len(numbers) + 1))


def test_logon_with_a_tag_that_quickfix_reads_otherwise_reaches_nobody(
    venue: RunningTrading,
) -> None:
    alpha = fill_due(venue)
    before = row(venue, "ALPHA")
    stranger = venue.client("ALPHA").connect()
    forged = raw("ALPHA", "A", 1, [(98, "0"), (108, "30"), (141, "Y"), (553, "ALPHA"), (554, "x")])
    body = forged[forged.index(b"35=") : forged.rindex(b"10=")].replace(b"35=", b"035=", 1)
    head = b"8=FIX.4.4\x019=%d\x01" % len(body) + body
    stranger.send_raw(head + b"10=%03d\x01" % (sum(head) % 256))
    stranger.expect_disconnect()
    after = row(venue, "ALPHA")
    assert (after["next_in"], after["next_out"]) == (before["next_in"], before["next_out"])
    last = alpha.logon(reset=False, extra=STAYS).msg_seq_num
    assert len(resent(alpha, last - 1, last - 1)) == 1


def test_only_the_venue_listens(venue: RunningTrading) -> None:
    """QuickFIX has no port: the process listens on the FIX port alone."""
    inodes = {
        entry.readlink().name.removeprefix("socket:[").removesuffix("]")
        for entry in Path(f"/proc/{venue.pid}/fd").iterdir()
        if entry.readlink().name.startswith("socket:[")
    }
    listening = [
        int(fields[1].rpartition(":")[2], 16)
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if (fields := line.split())[3] == "0A" and fields[9] in inodes
    ]
    assert listening == [venue.address[1]]
    named = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    abstract = [fields for fields in named if fields[6] in inodes and fields[7:8] == ["@"]]
    assert abstract == []


def test_address_that_is_not_listed_is_refused_before_anything(tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[2] / "sessions.cfg").read_text()
    file = tmp_path / "sessions.cfg"
    file.write_text(
        shipped.replace("=ALPHA\n", "=ALPHA\nAllowedRemoteAddresses=127.0.0.2,10.0.0.0/8\n")
    )
    with RunningTrading(tmp_path / "venue", f"fix.sessions_file={file}") as venue:
        before = row(venue, "ALPHA")
        with pytest.raises(LogonRefused, match="LOGON_REFUSED"):
            venue.client("ALPHA").logon()
        assert row(venue, "ALPHA") == before
        assert "may not come from this address" in venue.log() and "127.0.0.1:" in venue.log()
        alpha = venue.client("ALPHA")
        alpha.source = "127.0.0.2"
        alpha.logon()
        connection = row(venue, "ALPHA")["connection"]
        assert isinstance(connection, dict) and connection["address"].startswith("127.0.0.2:")
        alpha.logout()


def test_flood_of_session_messages_ends_that_session_and_nobody_waits(
    venue: RunningTrading,
) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon()
    bravo.logon()
    alpha.send_raw(b"".join(raw("ALPHA", "1", n, [(112, "x")]) for n in range(2, 3002)))
    waits = []
    for number in range(20):
        began = time.monotonic()
        bravo.send("D", new_order(f"b{number}", BUY, "1", "99.00"))
        bravo.expect_report(f"b{number}", "0")
        waits.append(time.monotonic() - began)
    assert alpha.expect("5", 10)[58] == "TOO_MANY_SESSION_MESSAGES"
    assert sorted(waits)[10] < 0.5


def test_too_many_resends_at_once_end_the_session(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    for number in range(2, 202):
        alpha.send("D", new_order(f"a{number}", BUY, "1", "99.00"))
    alpha.expect_report("a201", "0")
    alpha.send_raw(b"".join(raw("ALPHA", "2", n, [(7, "1"), (16, "0")]) for n in range(202, 1500)))
    assert alpha.expect("5", 20)[58].startswith("TOO_MANY_")
    assert venue.is_running


def test_nothing_is_taken_behind_the_venues_logout(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    late = raw("ALPHA", "D", 2, new_order("bad", BUY, "1", "99.00"), t52="20200101-00:00:00")
    behind = [raw("ALPHA", "D", n, new_order(f"a{n}", BUY, "1", "99.00")) for n in range(3, 23)]
    alpha.send_raw(late + b"".join(behind))
    assert alpha.expect("3")[373] == "10"
    alpha.expect("5")
    began = time.monotonic()
    with pytest.raises(Disconnected):
        for number in range(23, 10_000):
            alpha.send_raw(raw("ALPHA", "D", number, new_order(f"a{number}", BUY, "1", "99.00")))
            time.sleep(0.02)  # a client that does not answer and sends on, at its pace
    assert time.monotonic() - began < 6
    assert [m.msg_type for m in alpha.receive_all() if m.msg_type == "8"] == []
    assert row(venue, "ALPHA")["open_orders"] == 0
    assert row(venue, "ALPHA")["next_in"] == 3, "what was not taken is asked for again"
    alpha.close()
    alpha.next_out = 30
    alpha.logon(reset=False, extra=STAYS)
    assert alpha.expect("2")[7] == "3"


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
    ("change", "said"),
    [
        ({108: "-1"}, "108"),
        ({108: "0"}, "108"),
        ({108: "3601"}, "108"),
        ({98: "1"}, "98"),
        ({789: "0"}, "789"),
        ({789: "77"}, "789"),
        ({34: ""}, "34"),
        ({34: "abc"}, "34"),
        ({9999: "x"}, "9999"),
        ({11: "x"}, "11"),
        ({141: "Q"}, "141"),
    ],
)
def test_logon_that_is_not_in_order_is_told_by_its_tag_to_the_member_alone(
    venue: RunningTrading, change: dict[int, str], said: str
) -> None:
    before = row(venue, "ALPHA")
    for password, expected in (("demo", said), ("x", "LOGON_REFUSED")):
        fields = {
            35: "A",
            34: "1",
            49: "ALPHA",
            52: sending_time(),
            56: "VENUE",
            98: "0",
            108: "30",
        }
        fields |= {553: "ALPHA", 554: password} | change
        client = venue.client("ALPHA").connect()
        client.send_raw(frame([(tag, value) for tag, value in fields.items() if value]))
        text = client.expect("5")[58]
        assert expected in text
        client.expect_disconnect()
    assert row(venue, "ALPHA") == before


def test_second_logon_in_session_is_answered_and_a_second_connection_refused(
    venue: RunningTrading,
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    with pytest.raises(LogonRefused, match="ALREADY_LOGGED_ON"):
        venue.client("ALPHA").logon(reset=True)
    alpha.send("A", [(98, "0"), (108, "30"), (553, "ALPHA"), (554, "demo")])
    assert alpha.expect("5")[58].startswith("LOGON_UNEXPECTED 35=A")


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


def test_unknown_names_are_refused_like_wrong_passwords_and_in_the_same_time(
    venue: RunningTrading,
) -> None:
    took: dict[str, list[float]] = {"ALPHA": [], "NOBODY": []}
    for _ in range(3):
        for name, times in took.items():
            client = venue.client(name)
            began = time.monotonic()
            with pytest.raises(LogonRefused, match="LOGON_REFUSED the logon is not accepted"):
                client.logon("wrong")
            times.append(time.monotonic() - began)
    assert min(min(times) for times in took.values()) >= 0.24


def test_operator_sees_where_a_session_comes_from_and_when_it_was_heard(
    venue: RunningTrading,
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon()
    shown = row(venue, "ALPHA")["connection"]
    assert isinstance(shown, dict)
    assert shown["address"].startswith("127.0.0.1:")
    assert shown["since"] <= shown["last_message"]
    alpha.logout()
    wait_for(lambda: "logged out" in venue.log())
    for line in ("logged on", "logged out"):
        (said,) = [each for each in venue.log().splitlines() if line in each]
        assert shown["address"] in said
