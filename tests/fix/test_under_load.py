"""Other sessions while one floods the venue: heartbeats in time, questions answered."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.flood import flood
from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.admin.client import call

HEARTBEAT_SECONDS = 1


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own, with small socket buffers."""
    sessions = (Path(__file__).parents[2] / "sessions.cfg").read_text()
    file = tmp_path / "sessions.cfg"
    file.write_text(sessions.replace("[DEFAULT]\n", "[DEFAULT]\nSocketSendBufferSize=4096\n"))
    settings = (
        f"fix.sessions_file={file}",
        "log_level=warning",
    )
    with RunningTrading(tmp_path / "venue", *settings) as running:
        yield running


def taken(venue: RunningTrading, session: str) -> int:
    """How many messages the venue has taken from a session."""
    rows = call(venue.data_dir, {"query": "sessions"})["sessions"]
    return next(int(row["next_in"]) for row in rows if row["session"] == session)


def test_heartbeats_are_in_time_and_test_requests_answered_under_a_flood(
    venue: RunningTrading,
) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(heartbeat=HEARTBEAT_SECONDS)
    with flood(venue, "BRAVO"):
        before, began = taken(venue, "BRAVO"), time.monotonic()
        last = began
        for _ in range(3):
            alpha.expect("0", 5 * HEARTBEAT_SECONDS)
            now = time.monotonic()
            assert now - last < 1.2 * HEARTBEAT_SECONDS + 0.3
            last = now
            alpha.send("1", [(112, "there?")])
            assert alpha.expect("0", HEARTBEAT_SECONDS).get(112) == "there?"
        rate = (taken(venue, "BRAVO") - before) / (time.monotonic() - began)
        assert rate > 100, "the venue was busy all the time"


def test_long_resend_comes_to_its_end_under_a_flood(venue: RunningTrading) -> None:
    alpha, count = venue.client("ALPHA"), 400
    alpha.logon()
    for number in range(count):
        alpha.send("D", new_order(f"a{number}", "1", "1", "98.00"))
    for number in range(count):
        alpha.expect_report(f"a{number}", "0")
    with flood(venue, "BRAVO"):
        before = taken(venue, "BRAVO")
        wait_for(lambda: taken(venue, "BRAVO") > before + 5000)
        alpha.request_resend(1)
        assert alpha.expect_report(f"a{count - 1}", "0", 10).get(43) == "Y"
