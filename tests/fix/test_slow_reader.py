"""A client that does not read what it is sent: its session ends, nothing is lost, nobody waits."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.restart import STAYS, reports
from tests.fix_client import FixClient
from tests.fix_message import Message, new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.admin.client import call

BUY, SELL = "1", "2"
EACH = 100


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process with small socket buffers."""
    sessions = (Path(__file__).parents[2] / "sessions.cfg").read_text()
    file = tmp_path / "sessions.cfg"
    file.write_text(sessions.replace("[DEFAULT]\n", "[DEFAULT]\nSocketSendBufferSize=32768\n"))
    with RunningTrading(tmp_path / "venue", f"fix.sessions_file={file}") as running:
        yield running
        assert running.is_running
        assert "Traceback" not in running.log()


def is_logged_on(venue: RunningTrading, session: str) -> bool:
    rows = call(venue.data_dir, {"query": "sessions"})["sessions"]
    return any(row["logged_on"] for row in rows if row["session"] == session)


def rss_mib(venue: RunningTrading) -> float:
    """Memory of the trading process."""
    status = Path(f"/proc/{venue.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def resting_order(alpha: FixClient) -> Message:
    """ALPHA buys more than anybody will sell in a test."""
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a", BUY, "100000", "100.00"))
    return alpha.expect_report("a", "0")


def sell(bravo: FixClient, first: int, count: int) -> None:
    """BRAVO, which reads in time, sells 1 so many times; each gives ALPHA a report."""
    for begin in range(first, first + count, 20):
        numbers = range(begin, min(begin + 20, first + count))
        for number in numbers:
            bravo.send("D", new_order(f"b{number}", SELL, "1", "100.00"))
        for number in numbers:
            bravo.expect_report(f"b{number}", "F")
        bravo.inbox.clear()


def test_client_that_stops_reading_is_logged_out_and_gets_everything_later(
    venue: RunningTrading,
) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    resting_order(alpha)
    bravo.logon()
    sold = 20 * EACH
    sell(bravo, 0, sold)
    wait_for(lambda: not is_logged_on(venue, "ALPHA"), 30)
    assert "does not read" in venue.log()
    sell(bravo, sold, EACH)
    sold += EACH
    alpha.expect_disconnect()
    first = [m for m in alpha.receive_all() if m.msg_type == "8"]
    asked = alpha.next_in
    alpha.logon(reset=False, extra=STAYS)
    alpha.request_resend(asked)
    rest = [alpha.expect("8") for _ in range(sold - len(first))]
    numbers = [number for number, _ in reports(first + rest)]
    assert numbers == sorted(set(numbers))
    assert len({exec_id for _, exec_id in reports(first + rest)}) == sold
    sell(bravo, sold, 1)
    assert alpha.expect("8").get(14) == str(sold + 1)


def test_client_that_reads_and_never_answers_goes_on(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.answer_test_requests = False
    resting_order(alpha)
    bravo.logon()
    for lot in range(8):
        sell(bravo, lot * EACH, EACH)
        for _ in range(EACH):
            alpha.expect("8")
    assert is_logged_on(venue, "ALPHA")


def test_resends_that_nobody_reads_do_not_pile_up(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    resting_order(alpha)
    bravo.logon()
    for lot in range(10):
        sell(bravo, lot * EACH, EACH)
        alpha.receive_all(quiet=0.01)
    before = rss_mib(venue)
    for _ in range(3):
        alpha.request_resend(1)
    wait_for(lambda: not is_logged_on(venue, "ALPHA"), 30)
    assert rss_mib(venue) - before < 20
    sell(bravo, 10 * EACH, 1)


def test_client_that_pauses_gets_the_rest_as_fast_as_it_reads(venue: RunningTrading) -> None:
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    resting_order(alpha)
    bravo.logon()
    for lot in range(30):
        sell(bravo, lot * EACH, EACH)
        alpha.receive_all(quiet=0.01)
    alpha.request_resend(1)
    for number in range(10):
        sell(bravo, 30 * EACH + number, 1)
    began = time.monotonic()
    alpha.expect(lambda m: m.get(14) == str(30 * EACH) and m.get(43) == "Y")
    assert time.monotonic() - began < 1.5
