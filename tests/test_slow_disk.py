"""A disk that takes 200 ms for every fdatasync: all is late, nothing is lost or out of order."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_client import FixClient, Timeout
from tests.fix_message import new_order
from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.two_brokers import STAYS, reports_of

SLOW = {"VENUE_FAULT": "between-write-and-fsync:1:delay=0.2"}
LOAD_SECONDS = 4
BURST = 30


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path / "venue", environment=SLOW) as running:
        yield running


def take(client: FixClient, seconds: float) -> None:
    """Read what comes in this time; heartbeats and answers keep the session alive."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            client.receive(left)
        except Timeout:
            return


def answered(client: FixClient) -> list[str]:
    """ClOrdIDs of the orders whose New has come, in the order in which they came."""
    return [m[11] for m in client.log if m.msg_type == "8" and m.get(150) == "0"]


class Idle:
    """A session that only keeps itself alive."""

    def __init__(self, client: FixClient) -> None:
        self.client = client
        self._due = 0.0

    def live(self) -> None:
        """Read what has come; send a heartbeat when it is time."""
        take(self.client, 0.001)
        if time.monotonic() >= self._due:
            self.client.send("0")
            self._due = time.monotonic() + 0.9


def test_all_is_answered_in_order_and_idle_sessions_live(venue: RunningTrading) -> None:
    busy, idle = venue.client("ALPHA"), Idle(venue.client("BRAVO"))
    busy.logon(heartbeat=1, extra=STAYS)
    idle.client.logon(heartbeat=1, extra=STAYS)
    began = time.monotonic()
    sent = 0
    while time.monotonic() - began < LOAD_SECONDS:
        for _ in range(BURST):
            busy.send("D", new_order(f"A{sent}", "1", "5", "99.00"))
            sent += 1
        take(busy, 0.02)
        idle.live()
    while len(answered(busy)) < sent:
        take(busy, 0.1)
        idle.live()
        assert time.monotonic() - began < 30, f"{len(answered(busy))} of {sent}"
    seconds = time.monotonic() - began
    # every order, in order, once
    assert answered(busy) == [f"A{number}" for number in range(sent)]
    numbers = [message.msg_seq_num for message in busy.log]
    assert numbers == list(range(1, len(numbers) + 1))
    journal = venue.data_dir / "journal"
    assert {m[17] for m in busy.log if m.msg_type == "8"} == set(reports_of(journal)["ALPHA"])
    # the idle session had its heartbeats
    assert sum(message.msg_type == "0" for message in idle.client.log) >= int(seconds / 2)
    assert {message.msg_type for message in idle.client.log} <= {"A", "0", "1"}
    # and what came while the disk was busy shared the next write
    assert max(frame.header.records for frame in frames(journal)) > 64


def test_orders_of_a_slow_disk_survive_a_kill(venue: RunningTrading) -> None:
    alpha = venue.client("ALPHA")
    alpha.logon(extra=STAYS)
    for number in range(300):
        alpha.send("D", new_order(f"A{number}", "1", "5", "99.00"))
    alpha.expect_report("A0", "0")
    venue.kill()
    alpha.receive_all()
    venue.environment.clear()
    venue.start()
    alpha.address = venue.address
    missed = alpha.next_in
    alpha.close()
    alpha.logon(reset=False, extra=STAYS)
    alpha.request_resend(missed)
    alpha.expect_report("A299", "0", timeout=10)
    found = answered(alpha)
    assert sorted(set(found), key=lambda name: int(name[1:])) == [f"A{n}" for n in range(300)]
    told = {m[17] for m in alpha.log if m.msg_type == "8"}
    assert told == set(reports_of(venue.data_dir / "journal")["ALPHA"])
