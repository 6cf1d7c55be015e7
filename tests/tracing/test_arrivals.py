"""When requests came, by the log of messages, as trading writes it."""

from pathlib import Path

import pytest

from venue.data_directory import DataDirectory
from venue.fix import message_log
from venue.fix.message_log import MessageLog
from venue.tracer.arrivals import Arrivals, requests_in, search

SECOND = 1_000_000_000
NOON = 1_769_860_800 * SECOND
EVER = NOON * 2


def request(cl_ord_id: str, kind: str = "D") -> bytes:
    text = f"8=FIX.4.4|9=5|35={kind}|49=ALPHA|56=VENUE|34=2|11={cl_ord_id}|55=ACME|10=000|"
    return text.replace("|", "\x01").encode()


@pytest.fixture
def log(tmp_path: Path) -> MessageLog:
    return MessageLog(DataDirectory(tmp_path).session_logs)


def test_requests_are_found_as_they_are_logged(tmp_path: Path, log: MessageLog) -> None:
    arrivals = Arrivals(tmp_path)
    arrivals.read_on()
    assert arrivals.came_ns("ALPHA", "a", EVER) == 0
    for place, cl_ord_id in enumerate(("a", "b")):
        log.note_in("ALPHA", [request(cl_ord_id)], NOON + 1_500 * place)
        log.note_out("ALPHA", request(cl_ord_id, "8"), NOON + 5_000)
        log.flush()
        arrivals.read_on()
    assert arrivals.came_ns("ALPHA", "a", EVER) == NOON
    assert arrivals.came_ns("ALPHA", "b", EVER) == NOON + 1_000, "the log has microseconds"
    assert arrivals.came_ns("ALPHA", "b", NOON) == 0, "not before its record"
    assert arrivals.came_ns("BRAVO", "b", EVER) == 0
    arrivals.close()
    log.close()


def test_log_that_is_set_aside_is_read_to_its_end(
    tmp_path: Path, log: MessageLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_log, "ROTATE_BYTES", 1)
    arrivals = Arrivals(tmp_path)
    for cl_ord_id in ("a", "b", "c"):
        log.note_in("ALPHA", [request(cl_ord_id)], NOON)
        log.flush()
        if cl_ord_id != "b":
            arrivals.read_on()
    assert arrivals.came_ns("ALPHA", "a", EVER) == arrivals.came_ns("ALPHA", "c", EVER) == NOON
    assert search(tmp_path, "ALPHA", "b", EVER) == NOON
    arrivals.close()
    log.close()


def test_line_that_is_not_whole_waits_for_its_rest(tmp_path: Path, log: MessageLog) -> None:
    log.note_in("ALPHA", [request("a")], NOON)
    log.close()
    path = DataDirectory(tmp_path).session_log("ALPHA")
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    arrivals = Arrivals(tmp_path)
    arrivals.read_on()
    with path.open("ab") as file:
        file.write(whole[50:])
    arrivals.read_on()
    assert arrivals.came_ns("ALPHA", "a", EVER) == NOON
    arrivals.close()


def test_last_one_before_its_record_counts(tmp_path: Path, log: MessageLog) -> None:
    for seconds in (0, 5, 9):
        log.note_in("ALPHA", [request("again")], NOON + seconds * SECOND)
    log.close()
    assert search(tmp_path, "ALPHA", "again", NOON + 6 * SECOND) == NOON + 5 * SECOND
    assert search(tmp_path, "ALPHA", "never", EVER) == 0
    assert search(tmp_path, "BRAVO", "again", EVER) == 0


def test_reports_and_other_messages_are_no_requests() -> None:
    at = b"2026-01-31T12:00:00.000001Z"
    lines = b"%b out 8=F|35=D|11=a|\n%b in 8=F|35=0|11=b|\n%b in 8=F|35=F|41=x|11=c|\n"
    assert [name for name, _ in requests_in(lines % (at, at, at))] == ["c"]
