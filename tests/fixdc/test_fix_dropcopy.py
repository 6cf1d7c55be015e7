"""Drop copies over FIX from the real process: what each listener is told, and what it may ask."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import quickfix

from tests.fix.report_checker import allowed_tags
from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import Message, cancel, new_order, replace
from tests.servers.conditions import wait_for

from .running import FEW_OPEN_FILES, RunningDropCopies, exec_ids, reports, until_all

STOCK = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"
STAYS = [(9001, "N")]
PARTIES = [(453, "1"), (448, "T1"), (447, "D"), (452, "12")]


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDropCopies]:
    """A day: orders of all fates, trades, a bust and a correction."""
    with RunningDropCopies(tmp_path_factory.mktemp("fixdc")) as venue:
        day(venue)
        yield venue


def day(venue: RunningDropCopies) -> None:
    alpha, bravo = venue.trading.client("ALPHA"), venue.trading.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=STAYS)
    alpha.send("D", new_order("a1", "1", "10", "100.00", extra=[(1, "A1"), *PARTIES]))
    alpha.send("D", new_order("a2", "1", "5", "99.00"))
    alpha.send("G", replace("a3", "a2", "1", "7", "99.01"))
    alpha.send("F", cancel("a4", "a3", "1"))
    alpha.send("D", new_order("a5", "1", "5", "1.00"))  # refused: outside the collar
    alpha.send("D", new_order("a6", "1", "4", "98.00"))
    alpha.send("F", cancel("a7", "nothing", "1"))  # an OrderCancelReject: no copy
    alpha.expect("9")
    for number, quantity in enumerate(("4", "3", "3")):
        bravo.send("D", new_order(f"b{number}", "2", quantity, "100.00"))
        bravo.expect_report(f"b{number}", "F")
    matches = [each[527] for each in reports(bravo.log) if each[150] == "F"]
    for words in (
        ("trade", "bust", matches[0], "--reason", "wrong"),
        ("trade", "correct", matches[1], "--price", "99.50", "--reason", "agreed"),
    ):
        operate(venue, *words)
    alpha.expect(lambda m: m.get(150) == "G")
    bravo.expect(lambda m: m.get(150) == "G")
    for client in (alpha, bravo):
        client.logout()


def operate(venue: RunningDropCopies, *words: str) -> str:
    """Run a command of the operator; what it prints."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "venue", "--data-dir", str(venue.place.path), *words, "--yes"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rewind(venue: RunningDropCopies, session: str) -> None:
    """Set a listener back to the first copy; the process has done it on return."""
    operate(venue, "dropcopy", "rewind", session, "first")
    asked = venue.place.drop_copies / f"{session}.rewind"
    wait_for(lambda: not asked.exists(), 30)


@contextmanager
def listening(venue: RunningDropCopies, session: str, *members: str) -> Iterator[FixClient]:
    """A listener that has all copies of these members, from the first on."""
    rewind(venue, session)
    client = venue.client(session)
    client.logon()
    until_all(client, [copy.exec_id for copy in venue.copies(*members)])
    yield client
    client.logout()


def test_each_copy_is_the_report_of_the_order_session(venue: RunningDropCopies) -> None:
    with listening(venue, "RISK-DC", "ALPHA", "BRAVO") as listener:
        told = {each[17]: each for each in reports(listener.log)}
    wanted = {copy.exec_id: copy for copy in venue.copies("ALPHA", "BRAVO")}
    assert told.keys() == wanted.keys()
    for exec_id, message in told.items():
        copy = wanted[exec_id]
        assert (message[115], message[797]) == (copy.session, "Y")
        assert (message[49], message[56]) == ("VENUE", "RISK-DC")
        body = [each for each in message.fields if each[0] not in HEADER]
        assert body == Message(copy.text.encode()).fields[1:]
    kinds = {each[150] for each in told.values()}
    assert kinds >= {"0", "4", "5", "8", "F", "G", "H"}
    assert {each.get(448) for each in told.values() if each[11] == "a1"} == {"T1"}


HEADER = {8, 9, 10, 34, 35, 49, 52, 56, 97, 115}


def test_it_may_have_as_many_connections_as_the_system_allows(venue: RunningDropCopies) -> None:
    soft, hard = venue.open_files()
    assert soft == hard > FEW_OPEN_FILES


def test_order_session_and_listener_are_told_the_same(venue: RunningDropCopies) -> None:
    """What ALPHA's client has been sent on the wire, field by field."""

    def sent() -> list[Message]:
        log = venue.place.session_log("ALPHA").read_text()
        lines = [line.partition("8=FIX")[2] for line in log.splitlines() if "|35=8|" in line]
        return [Message(f"8=FIX{line}".replace("|", "\x01").encode()) for line in lines]

    with listening(venue, "DESK-DC", "ALPHA") as listener:
        told = {each[17]: each for each in reports(listener.log)}
    assert len(told) > 8
    wait_for(lambda: {message[17] for message in sent()} >= told.keys(), 30)  # written now and then
    extra = {797, 880}
    for message in sent():
        mine = [each for each in message.fields if each[0] not in HEADER]
        copy = told[message[17]].fields
        assert [each for each in copy if each[0] not in HEADER | extra] == mine
    assert all((880 in each) == (each[150] == "F") for each in told.values()), "dialect venue"


def test_levels_and_accounts(venue: RunningDropCopies) -> None:
    for session, member, meets in (
        ("FILLS-DC", "BRAVO", lambda copy: copy.is_trade),
        ("STATES-DC", "BRAVO", lambda copy: not copy.is_trade),
        ("A1-DC", "ALPHA", lambda copy: copy.account == "A1"),
    ):
        rewind(venue, session)
        client = venue.client(session)
        client.logon()
        wanted = [copy.exec_id for copy in venue.copies(member) if meets(copy)]
        until_all(client, wanted)
        client.receive_all()
        assert exec_ids(client.log) == wanted != []
        client.logout()


def test_orders_are_refused(venue: RunningDropCopies) -> None:
    client = venue.client("ALPHA-DC")
    client.logon()
    for msg_type, body in (
        ("D", new_order("x", "1", "1", "100.00")),
        ("F", cancel("x", "y", "1")),
        ("G", replace("x", "y", "1", "1", "100.00")),
    ):
        client.send(msg_type, body)
        refused = client.expect("j")
        assert (refused[372], refused[380]) == (msg_type, "6")
    wanted = [(267, "1"), (269, "0"), (146, "1"), (55, "ACME")]
    client.send("V", [(262, "1"), (263, "0"), (264, "0"), *wanted])
    assert client.expect("j")[380] == "3"
    client.logout()


def test_drop_copy_session_has_no_business_at_the_port_of_orders(venue: RunningDropCopies) -> None:
    client = venue.trading.client("ALPHA-DC")
    with pytest.raises(LogonRefused, match="WRONG_PORT"):
        client.logon()


def test_everything_that_a_stock_session_is_sent_is_in_the_stock_dictionary(
    venue: RunningDropCopies,
) -> None:
    stock = quickfix.DataDictionary(str(STOCK))
    with listening(venue, "RISK-DC", "ALPHA", "BRAVO") as client:
        client.send("AD", [(568, "R1"), (569, "0")])
        client.expect(lambda m: m.msg_type == "AQ" and m[750] == "1", 30)
        client.send("AF", [(584, "S1"), (585, "7")])
        client.expect(lambda m: m.get(912) == "Y", 30)
        client.send("AF", [(584, "S2"), (585, "7"), (55, "NOPE")])
        client.expect(lambda m: m.get(912) == "Y", 30)
        client.send("U1", [(21001, "10"), (21002, "last")])
        assert client.expect("j")[58].startswith("DIALECT_UNSUPPORTED")
        for message in client.log:
            try:
                stock.validate(quickfix.Message(message.raw.decode(), stock, True))
            except quickfix.FIXException as error:
                pytest.fail(f"{error}: {message}")
            if message.msg_type == "8":
                assert {tag for tag, _ in message.fields} <= allowed_tags("8")
        assert {each.msg_type for each in client.log} >= set("8Aj") | {"AE", "AQ"}


def test_range_of_exec_ids_over_the_wire(venue: RunningDropCopies) -> None:
    wanted = [copy.exec_id for copy in venue.copies("ALPHA")]
    with listening(venue, "DESK-DC", "ALPHA") as client:
        seen = len(client.log)
        client.send("U1", [(21001, wanted[2]), (21002, "last")])
        done = client.expect("U2", 30)
        told = reports(client.log[seen:])
        assert [each[17] for each in told] == wanted[2:]
        assert all(each.get(97) == "Y" for each in told)
        assert (done[21003], done[21004]) == (str(len(told)), "Y")
        for fields in ([(21001, wanted[2])], [(21002, "last")]):
            client.send("U1", fields)
            assert client.expect("3")[373] == "1"
        client.send("U1", [(21001, "nothing"), (21002, "last")])
        assert client.expect("j")[58].startswith("EXEC_ID_RANGE_INVALID ")


def test_open_orders_and_trades_over_the_wire(venue: RunningDropCopies) -> None:
    with listening(venue, "RISK-DC", "ALPHA", "BRAVO") as client:
        client.send("AF", [(584, "S1"), (585, "7")])
        last = client.expect(lambda m: m.get(912) == "Y", 30)
        told = [each for each in client.log if each.get(584) == "S1"]
        open_now = {}
        for copy in venue.copies("ALPHA", "BRAVO"):
            if copy.order is not None:
                open_now[copy.order.terms.order_id] = copy.order.leaves_qty != "0"
        assert {each[37] for each in told} == {
            each for each, is_open in open_now.items() if is_open
        }
        assert "a6" in {each[11] for each in told}
        assert (last[911], last[150], last[115]) == (str(len(told)), "I", "ALPHA")
        client.send("AD", [(568, "R1"), (569, "1"), (55, "ACME"), (263, "1")])
        client.expect(lambda m: m.msg_type == "AE" and m.get(912) == "Y", 30)
        captured = [each for each in client.log if each.msg_type == "AE"]
        trades = [copy for copy in venue.copies("ALPHA", "BRAVO") if copy.is_trade]
        assert [each[17] for each in captured] == [copy.exec_id for copy in trades]
        assert {each[150] for each in captured} == {"F", "G", "H"}
        alpha, bravo = venue.trading.client("CHARLIE"), venue.trading.client("BRAVO")
        alpha.logon(extra=STAYS)
        bravo.logon(extra=STAYS)
        alpha.send("D", new_order("sub", "1", "1", "100.00"))
        bravo.send("D", new_order("sub", "2", "1", "100.00"))
        live = client.expect(lambda m: m.msg_type == "AE" and m.get(11) == "sub", 30)
        assert (live[568], live[115], live.get(912)) == ("R1", "BRAVO", "")
        client.send("AD", [(568, "R1"), (569, "1"), (263, "2")])
        assert client.expect(lambda m: m.msg_type == "AQ" and m[750] == "1", 30)[749] == "0"


def test_example_has_each_copy_once_through_kills(venue: RunningDropCopies, tmp_path: Path) -> None:
    rewind(venue, "ALPHA-DC")
    file = tmp_path / "copies.jsonl"
    example = Path(__file__).resolve().parents[2] / "examples" / "drop_copies_fix.py"
    arguments = [sys.executable, str(example), venue.address, "ALPHA-DC", "demo", str(file)]

    def known() -> list[str]:
        text = file.read_text() if file.exists() else ""
        whole = text[: text.rfind("\n") + 1].splitlines()
        return [line.partition('"exec_id": "')[2].partition('"')[0] for line in whole]

    def has_all() -> bool:
        return set(known()) >= {copy.exec_id for copy in venue.copies("ALPHA")}

    for number in range(3):
        process = subprocess.Popen(arguments)
        wait_for(has_all, 30)
        if number == 1:
            venue.kill()
            venue.start()
        process.kill()
        process.wait()
    assert sorted(known(), key=int) == sorted(set(known()), key=int)
    assert set(known()) == {copy.exec_id for copy in venue.copies("ALPHA")}
