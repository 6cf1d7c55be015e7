"""Trading when the disk fails: what was acknowledged is on it, what was not is asked for again."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.fix_client import FixClient, Timeout
from tests.fix_message import Message, cancel, new_order, replace
from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from tests.two_brokers import STAYS, TwoBrokers, limit_files, reports_of
from venue.admin.client import call
from venue.journal.record import decode_batch
from venue.journal.segment import list_segments

CANNOT_WRITE = "the venue stops: its journal cannot be written"
MIB = 1 << 20


def interrupted(venue: RunningTrading, fault: str, status: int) -> TwoBrokers:
    """Brokers of a venue that had this fault, and goes on without it."""
    venue.environment["VENUE_FAULT"] = fault
    venue.start()
    brokers = TwoBrokers(venue)
    brokers.trade_until_the_venue_goes_away()
    assert venue.wait() == status
    return brokers


def check_logouts(brokers: TwoBrokers) -> None:
    """Each got one but those whose report may be in the journal: it has the Logout's number."""
    told = ["BRAVO", "CHARLIE"] if brokers.unanswered else ["CHARLIE"]
    assert brokers.logouts == dict.fromkeys(told, CANNOT_WRITE)


def go_on(venue: RunningTrading, brokers: TwoBrokers) -> None:
    venue.environment.clear()
    venue.start()
    brokers.go_on()
    brokers.trade()
    brokers.check_told(venue.data_dir / "journal")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """Not started yet."""
    running = RunningTrading(tmp_path / "venue")
    with stopping(running):
        yield running


@contextmanager
def stopping(running: RunningTrading) -> Iterator[None]:
    try:
        yield
    finally:
        running.__exit__(None, None, None)


@pytest.mark.parametrize(
    "fault",
    [
        "after-receive:7:kill",
        "after-apply:7:kill",
        "before-journal-write:12:kill",
        "between-write-and-fsync:12:kill",
        "after-fsync-before-send:12:kill",
        "between-sends:5:kill",
    ],
)
def test_brokers_go_on_wherever_the_venue_was_killed(venue: RunningTrading, fault: str) -> None:
    brokers = interrupted(venue, fault, -signal.SIGKILL)
    go_on(venue, brokers)


def test_kill_while_a_segment_is_begun_costs_nothing(venue: RunningTrading) -> None:
    venue.environment["VENUE_FAULT"] = "before-segment-preparation:1:kill"
    assert "ready" not in venue.try_start()
    assert venue.wait() == -signal.SIGKILL
    venue.environment.clear()
    venue.start()
    brokers = TwoBrokers(venue)
    brokers.trade()
    brokers.check_told(venue.data_dir / "journal")


@pytest.mark.parametrize(
    "fault",
    [
        "before-journal-write:13:EIO",
        "between-write-and-fsync:12:EIO",
        "between-write-and-fsync:13:EIO",
    ],
)
def test_disk_error_is_told_acknowledges_nothing_and_loses_nothing(
    venue: RunningTrading, fault: str
) -> None:
    brokers = interrupted(venue, fault, 1)
    check_logouts(brokers)
    (critical,) = [line for line in venue.log().splitlines() if "[critical" in line]
    assert "nothing more is acknowledged" in critical and "Input/output error" in critical
    go_on(venue, brokers)


def test_short_write_is_cut_at_the_next_start(venue: RunningTrading) -> None:
    venue.start()
    brokers = TwoBrokers(venue)
    brokers.trade()
    end = frames(venue.data_dir / "journal")[-1].end
    limit_files(venue, end + 100)
    brokers.trade_until_the_venue_goes_away()
    assert venue.wait() == 1
    check_logouts(brokers)
    assert "100 of " in venue.log()
    go_on(venue, brokers)
    assert f"at offset {end}" in venue.log() and "cut as torn tail" in venue.log()


@contextmanager
def venue_on_a_full_disk(data_dir: Path) -> Iterator[RunningTrading]:
    """One segment of 1 MiB is there, and the kernel lets no file become as large as the next."""
    with RunningTrading(data_dir, "journal.segment_mib=1") as small:
        small.stop()
    venue = RunningTrading(data_dir, "journal.segment_mib=2")
    with stopping(venue):
        with files_up_to(MIB):
            venue.start()
        wait_for(lambda: bool(troubles(venue)), 60)  # it is known that no segment will follow
        yield venue


def test_full_disk_refuses_orders_takes_cancels_and_all_goes_on_once_there_is_room(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "venue"
    with venue_on_a_full_disk(data_dir) as venue:
        alpha = venue.client("ALPHA")
        alpha.logon(extra=STAYS)
        alpha.send("D", new_order("rest", "1", "5", "99.00"))
        alpha.expect_report("rest", "0")
        assert troubles(venue)[0].startswith("the next journal segment cannot be made: ")
        first = fill_until_refused(alpha)
        assert (first.get(39), first.get(103)) == ("8", "2")
        assert first.get(58) == "VENUE_STOPPING the disk is full"
        assert troubles(venue)[0] == "no orders are taken: the disk is full"
        alpha.send("G", replace("again", "rest", "1", "4", "99.00"))
        assert alpha.expect("9").get(58).startswith("VENUE_STOPPING")
        alpha.send("F", cancel("gone", "rest", "1"))
        alpha.expect_report("gone", "4")
        limit_files(venue, resource.RLIM_INFINITY)
        wait_for(lambda: not troubles(venue), 60)
        alpha.send("D", new_order("after", "1", "5", "99.00"))
        alpha.expect_report("after", "0")
        alpha.logout()
        assert venue.stop() == 0
        told = {m[17] for m in alpha.log if m.msg_type == "8"}
        assert told == set(reports_of(data_dir / "journal")["ALPHA"])


def troubles(venue: RunningTrading) -> list[str]:
    """What `venue status` says of trading that somebody has to look at."""
    lines: list[str] = call(venue.data_dir, {"query": "status"})["troubles"]
    return lines


def test_full_disk_whose_reserve_is_used_stops_trading_cleanly(tmp_path: Path) -> None:
    data_dir = tmp_path / "venue"
    with venue_on_a_full_disk(data_dir) as venue:
        alpha = venue.client("ALPHA")
        alpha.logon(extra=STAYS)
        fill_until_refused(alpha)
        assert refused_until_logout(alpha) == "the venue stops: the disk is full"
        alpha.send("5")
        assert venue.wait() == 1
        critical = [line for line in venue.log().splitlines() if "[critical" in line]
        assert "no orders are taken" in critical[0]
        assert "stopped because the disk is full" in critical[-1] and len(critical) == 2
        journal = data_dir / "journal"
        assert decode_batch(frames(journal)[-1].body).clean_stop
        check_refused_start(venue)
        venue.start()
        alpha.address = venue.address
        expected = alpha.next_in
        assert alpha.logon(reset=False, extra=STAYS).msg_seq_num >= expected, "no number is lost"
        alpha.send("D", new_order("after", "1", "5", "99.00"))
        alpha.expect_report("after", "0")
        assert len(list_segments(journal)) == 1


def refused_until_logout(client: FixClient) -> str | None:
    """Send orders, whose refusals use the reserve, until the venue logs the session out: why."""
    for first in range(0, 8_000, 200):
        for number in range(first, first + 200):
            client.send("D", new_order(f"more-{number}", "1", "1", "98.00"))
        with suppress(Timeout):
            return client.expect("5", 1).get(58)
    return None


def check_refused_start(venue: RunningTrading) -> None:
    """While there is still no space a start is refused in one line, and writes nothing."""
    journal = venue.data_dir / "journal"
    before = [segment.path.read_bytes() for segment in list_segments(journal)]
    with files_up_to(MIB):
        ready = venue.try_start()
    assert venue.wait() == 2
    assert ready["error"].startswith("the journal's next segment of 2 MiB cannot be made: ")
    assert "free some space, then start again" in ready["error"]
    assert ready["needs_bytes"] == 2 * MIB
    assert [segment.path.read_bytes() for segment in list_segments(journal)] == before


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Processes started meanwhile can make no file larger than that."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


def fill_until_refused(client: FixClient) -> Message:
    """Send orders, a hundred at a time, until one is refused; the refusal, all answers taken."""
    for burst in range(20):
        for number in range(100):
            client.send("D", new_order(f"{burst}-{number}", "1", "1", "98.00"))
        reports = [client.expect("8") for _ in range(100)]
        for report in reports:
            if report.get(39) == "8":
                return report
    raise AssertionError("no order was refused")


def test_disk_that_takes_no_message_log_stops_nobody(venue: RunningTrading) -> None:
    logs = venue.data_dir / "logs" / "fix"
    logs.mkdir(parents=True)
    (logs / "ALPHA.log").symlink_to("/dev/full")
    venue.start()
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon(extra=STAYS)
    for number in range(5):
        alpha.send("D", new_order(f"A{number}", "1", "5", "99.00"))
        alpha.expect_report(f"A{number}", "0")
    for client in (alpha, bravo):
        client.logout()
    assert venue.stop() == 0
    assert venue.log().count("the message log cannot be written") == 1
    assert "35=A" in (logs / "BRAVO.log").read_text()
