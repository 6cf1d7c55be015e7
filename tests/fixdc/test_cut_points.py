"""Wherever a connection or the process ends, a listener gets every copy of the journal.

On the wire of the real process; bytes that the client's machine had taken and its program had not
read count as lost.
"""

import random
import socket
import struct
from collections.abc import Iterator

import pytest

from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import Message, new_order, unframe
from tests.servers.conditions import wait_for

from .running import RunningDropCopies, exec_ids, reports, until_all

STAYS = [(9001, "N")]


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDropCopies]:
    with RunningDropCopies(tmp_path_factory.mktemp("cuts")) as venue:
        yield venue


def trade(venue: RunningDropCopies, *names: str) -> None:
    """A pair of orders for each name: three reports for each side."""
    alpha, bravo = venue.trading.client("ALPHA"), venue.trading.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=STAYS)
    for name in names:
        alpha.send("D", new_order(f"a{name}", "1", "2", "100.00"))
        alpha.expect_report(f"a{name}", "0")
        bravo.send("D", new_order(f"b{name}", "2", "2", "100.00"))
        bravo.expect_report(f"b{name}", "F")
    for client in (alpha, bravo):
        client.logout()


def read_bytes(connection: socket.socket, count: int) -> bytes:
    """Exactly so many bytes, fewer only at the end of the stream; then the connection breaks."""
    data = b""
    connection.settimeout(30)
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            break
        data += part
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return data


def whole_messages(data: bytes) -> list[Message]:
    """Messages that are whole; the torn one at the end is lost."""
    found: list[Message] = []
    while True:
        message, data = unframe(data)
        if not message:
            return found
        found.append(Message(message))


def log_on(client: FixClient, *, reset: bool) -> None:
    """Log on; the venue may not have seen yet that the connection before has broken."""

    def is_on() -> bool:
        try:
            client.logon(reset=reset, timeout=30)
        except LogonRefused as error:
            assert "ALREADY_LOGGED_ON" in str(error)
            return False
        return True

    wait_for(is_on, 30)


@pytest.mark.parametrize("reset", [True, False], ids=["141=Y", "numbers go on"])
def test_cut_after_any_byte(venue: RunningDropCopies, reset: bool) -> None:
    """Nothing is ever proven to be read, so each logon begins with the first copy again."""
    trade(venue, *(f"{reset}{number}" for number in range(5)))
    session = "DESK-DC" if reset else "ALPHA-DC"
    wanted = {copy.exec_id for copy in venue.copies("ALPHA")}
    whole = venue.client(session, answers=False)
    whole.logon()
    until_all(whole, wanted)
    lengths = [len(message.raw) for message in reports(whole.log)]
    whole.kill()
    chance, edges = random.Random(7), [sum(lengths[:at]) for at in range(1, len(lengths), 4)]
    cuts = {edge + off for edge in edges for off in (-1, 0, 1)}
    cuts |= {chance.randrange(sum(lengths)) for _ in range(10)}
    client = venue.client(session, answers=False)
    client.next_in, client.next_out = whole.next_in, whole.next_out
    for cut in sorted(cuts):
        log_on(client, reset=reset)
        known, rest = set(exec_ids(client.log)), client.session._rest
        came = len(rest) + sum(len(message.raw) for message in reports(client.log))
        client.log.clear()
        client.inbox.clear()
        read = whole_messages(rest + read_bytes(client.detach(), max(0, cut - came)))
        known |= set(exec_ids(read))
        if read and not reset:
            client.next_in = max([client.next_in, *(each.msg_seq_num + 1 for each in read)])
        log_on(client, reset=reset)
        until_all(client, wanted, known)
        assert known | set(exec_ids(client.log)) == wanted
        again = [each for each in reports(client.log) if each.get(43) != "Y"]
        assert all(each.get(97) == "Y" for each in again), "all of it was sent before"
        client.log.clear()
        client.inbox.clear()
        client.kill()
    assert venue.place_of(session).event_seq < min(int(each) // 10 for each in wanted)


def test_proven_copies_never_come_again(venue: RunningDropCopies) -> None:
    trade(venue, "p1")
    client = venue.client("BRAVO-DC")
    client.logon()
    until_all(client, [copy.exec_id for copy in venue.copies("BRAVO")])
    last = max(int(copy.exec_id) // 10 for copy in venue.copies("BRAVO"))

    def proven() -> bool:
        client.receive_all(quiet=0.05)
        return venue.place_of("BRAVO-DC").event_seq >= last

    wait_for(proven, 30)
    client.kill()
    trade(venue, "p2")
    again = venue.client("BRAVO-DC")
    log_on(again, reset=True)
    new = [copy.exec_id for copy in venue.copies("BRAVO") if int(copy.exec_id) // 10 > last]
    until_all(again, new)
    assert exec_ids(again.log) == new
    assert not any(97 in each for each in reports(again.log))


def test_resend_has_poss_dup_and_the_first_sending_time(venue: RunningDropCopies) -> None:
    trade(venue, "r1", "r2")
    client = venue.client("CHARLIE-DC")
    client.logon()
    desk = venue.client("RISK-DC")
    desk.logon()
    until_all(desk, [copy.exec_id for copy in venue.copies("ALPHA", "BRAVO")])
    first = {each.msg_seq_num: each for each in reports(desk.log)}
    begin, end = min(first), max(first)
    seen = len(desk.log)
    desk.request_resend(begin, end)
    desk.expect(lambda m: m.get(43) == "Y" and m.msg_seq_num == end, 30)
    again = {each.msg_seq_num: each for each in desk.log[seen:] if each.get(43) == "Y"}
    assert first.keys() <= again.keys()
    for number, message in first.items():
        twice = again[number]
        assert twice[122] == message[52], "the time when it was sent first"
        header = {8, 9, 10, 34, 43, 52, 122}
        assert [f for f in twice.fields if f[0] not in header] == [
            f for f in message.fields if f[0] not in header
        ]
    others = again.keys() - first.keys()
    assert all(again[number].msg_type == "4" for number in others), "TestRequests are gap-filled"


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_9_at_random_moments(venue: RunningDropCopies, seed: int) -> None:
    chance = random.Random(seed)
    session = "DELTA-DC" if seed == 1 else "FILLS-DC"
    member = "DELTA" if seed == 1 else "BRAVO"
    known: set[str] = set()
    alpha, other = venue.trading.client("ALPHA"), venue.trading.client(member)
    for client in (alpha, other):
        client.logon(extra=STAYS)
    for number in range(6):
        client = venue.client(session)
        log_on(client, reset=chance.random() < 0.5)
        for pair in range(chance.randint(1, 4)):
            name = f"{seed}-{number}-{pair}"
            alpha.send("D", new_order(f"k{name}", "1", "1", "100.00"))
            other.send("D", new_order(f"k{name}", "2", "1", "100.00"))
            other.expect_report(f"k{name}", "F")
        for _ in range(chance.randint(0, 12)):
            client.receive_all(quiet=0.001, timeout=0.01)
        venue.kill()
        client.receive_all()
        known |= set(exec_ids(client.log))
        client.close()
        venue.start()
        wait_for(lambda: venue.place_of(session).logged_on is False, 30)
    client = venue.client(session)
    client.logon()
    copies = [copy for copy in venue.copies(member) if seed == 1 or copy.is_trade]
    until_all(client, [copy.exec_id for copy in copies], known)
    assert known | set(exec_ids(client.log)) == {copy.exec_id for copy in copies}
    for client in (alpha, other):
        client.logout()


def test_client_that_does_not_read_costs_itself_only(venue: RunningDropCopies) -> None:
    slow = venue.client("STATES-DC")
    slow.receive_buffer = 4096
    slow.logon()
    fast = venue.client("A1-DC")
    fast.logon()
    alpha, bravo = venue.trading.client("ALPHA"), venue.trading.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=STAYS)
    for number in range(150):
        bravo.send("D", new_order(f"s{number}", "2", "1", "101.00"))
        alpha.send("D", new_order(f"s{number}", "1", "1", "99.00", extra=[(1, "A1")]))
    wanted = [f"s{number}" for number in range(150)]
    for name in wanted:
        alpha.expect_report(name, "0", 30)
    copies = [copy.exec_id for copy in venue.copies("ALPHA") if copy.account == "A1"]
    assert len(copies) >= 150
    until_all(fast, copies)
    bravo.expect_report("s149", "0", 30)
    states = [copy.exec_id for copy in venue.copies("BRAVO") if not copy.is_trade]
    until_all(slow, states)
    for client in (alpha, bravo):
        client.logout()
