"""The door over real sockets: who gets in, what an answer says, what nobody can do to another."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.door import BUY, fill_due, raw, row, unbroken
from tests.fix.restart import STAYS, resent
from tests.fix_client import Disconnected, LogonRefused
from tests.fix_message import frame, new_order, sending_time
from tests.running import RunningTrading
from tests.servers.conditions import wait_for


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, which has raised nothing."""
    with unbroken(tmp_path / "venue") as running:
        yield running


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
