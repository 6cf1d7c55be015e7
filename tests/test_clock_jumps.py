"""A system clock that is set back an hour and forth a day while the venue trades.

The venue's process has a wall clock of its own (set_clock.c), which QuickFIX sees as well.
"""

import struct
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fix_client import FixClient
from tests.fix_message import Message, new_order
from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from tests.two_brokers import STAYS
from venue.admin.client import call
from venue.clock import duration
from venue.engine.image.digest import state_digest
from venue.fix.encode import ReportEncoder
from venue.journal.record import decode_batch
from venue.replay.replay import replay_journal

BUY, SELL = "1", "2"
HOUR, DAY = 3600, 86_400
SOURCE = Path(__file__).with_name("set_clock.c")
SESSIONS = Path(__file__).parent.parent / "sessions.cfg"


class SetClock:
    """The wall clock of processes started with `environment`."""

    def __init__(self, offset: Path, library: Path) -> None:
        self._offset = offset
        offset.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(offset)}

    def set(self, seconds: int) -> None:
        """Let it differ so much from the true time."""
        with self._offset.open("r+b") as file:
            file.write(struct.pack("<q", seconds))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """set_clock.c, compiled."""
    built = tmp_path_factory.mktemp("clock") / "set_clock.so"
    options = ["-x", "c", "-shared", "-fPIC", "-O1"]
    subprocess.run(["c++", *options, "-o", str(built), str(SOURCE), "-ldl"], check=True)
    return built


@pytest.fixture
def clock(tmp_path: Path, library: Path) -> SetClock:
    return SetClock(tmp_path / "offset", library)


@pytest.fixture
def venue(tmp_path: Path, clock: SetClock) -> Iterator[RunningTrading]:
    """It takes messages whatever their SendingTime: the brokers' clocks are right."""
    sessions = tmp_path / "sessions.cfg"
    sessions.write_text(SESSIONS.read_text().replace("CheckLatency=Y", "CheckLatency=N"))
    settings = (f"fix.sessions_file={sessions}", "fix.logon_grace_seconds=1")
    running = RunningTrading(tmp_path / "venue", *settings, environment=clock.environment)
    with running:
        yield running


def in_hours(hours: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y%m%d-%H:%M:%S")


def come_back(venue: RunningTrading, client: FixClient) -> int:
    """Log on again; the first number that was missed."""
    client.address = venue.address
    missed = client.next_in
    client.logon(reset=False, extra=STAYS)
    client.request_resend(missed)
    return missed


def times(messages: list[Message]) -> list[str]:
    """TransactTimes of the reports, in the order in which they came first."""
    return [message[60] for message in messages if message.msg_type == "8" and 43 not in message]


def record_times(journal: Path) -> list[int]:
    return [
        record.timestamp_ns
        for frame in frames(journal)
        for record in decode_batch(frame.body).records
    ]


def test_trading_goes_on_whatever_the_clock_does(venue: RunningTrading, clock: SetClock) -> None:
    journal = venue.data_dir / "journal"
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    bravo.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "5", "100.00"))
    noted = alpha.expect_report("a1", "0")[60]
    # back by an hour: priority follows the sequence, sessions and times go on
    clock.set(-HOUR)
    alpha.send("D", new_order("a2", BUY, "5", "100.00"))
    assert alpha.expect_report("a2", "0")[60] >= noted
    bravo.send("D", new_order("b1", SELL, "5", "100.00"))
    bravo.expect_report("b1", "F")
    assert alpha.expect("8").get(11) == "a1"
    tif = [(126, in_hours(2))]
    alpha.send("D", new_order("g1", BUY, "5", "98.00", tif="6", extra=tif))
    alpha.expect_report("g1", "0")
    # ahead by a day: what has run out expires; silent for a day, the sessions are cut off
    clock.set(DAY)
    for client in (alpha, bravo):
        client.expect_disconnect()
        come_back(venue, client)
    alpha.expect_report("g1", "C")
    bravo.send("D", new_order("b2", SELL, "7", "100.00"))
    bravo.expect_report("b2", "F")
    alpha.expect_report("a2", "F")
    assert times(alpha.log) == sorted(times(alpha.log))
    # a crash, and a clock that is right again: a day behind the journal
    venue.kill()
    clock.set(0)
    last = max(record_times(journal))
    venue.start()
    come_back(venue, alpha)
    alpha.send("D", new_order("a3", BUY, "1", "100.00"))
    assert alpha.expect_report("a3", "F")[60] >= times(alpha.log)[-2]
    assert venue.stop() == 0
    assert record_times(journal) == sorted(record_times(journal))
    assert max(record_times(journal)) > last
    encoder = ReportEncoder()
    from_start = replay_journal(journal, encoder.reports, from_start=True)
    restored = replay_journal(journal, encoder.reports)
    assert restored.snapshot is not None
    assert state_digest(from_start.engine.state) == state_digest(restored.engine.state)


def test_grace_ends_though_the_clock_is_behind_the_journal(
    venue: RunningTrading, clock: SetClock
) -> None:
    bravo = venue.client("BRAVO")
    bravo.logon(extra=[(9001, "Y")])
    bravo.send("D", new_order("b1", SELL, "5", "101.00"))
    bravo.expect_report("b1", "0")
    venue.kill()
    clock.set(-HOUR)
    venue.start()

    def open_orders() -> int:
        status = call(venue.data_dir, {"query": "status"})
        return int(status["open_orders"])

    assert open_orders() == 1
    wait_for(lambda: open_orders() == 0, 20)


def test_message_from_another_time_is_refused_as_inaccurate(
    tmp_path: Path, clock: SetClock
) -> None:
    with RunningTrading(tmp_path / "strict", environment=clock.environment) as strict:
        alpha = strict.client("ALPHA")
        alpha.logon(extra=STAYS)
        clock.set(-HOUR)
        alpha.send("D", new_order("a1", BUY, "5", "100.00"))
        assert alpha.expect("3").get(373) == "10"
        alpha.expect("5")
        clock.set(0)
        alpha.send("5")
        alpha.expect_disconnect()
        alpha.logon(extra=STAYS)
        alpha.send("D", new_order("a1", BUY, "5", "100.00"))
        alpha.expect_report("a1", "0")


def test_clock_that_is_far_from_the_journal_is_said_at_the_start_and_until_it_is_over(
    venue: RunningTrading, clock: SetClock
) -> None:
    def status() -> dict[str, Any]:
        return call(venue.data_dir, {"query": "status"})

    assert (status()["troubles"], status()["recovery"]["clock"]) == ([], None)
    assert venue.stop() == 0
    clock.set(DAY)
    venue.start()
    assert "the journal had ended 1 d 0 h before the clock" in status()["recovery"]["clock"]
    assert status()["troubles"] == [], "a venue may have been off so long"
    assert venue.stop() == 0
    clock.set(0)
    venue.start()
    said = status()["recovery"]["clock"]
    assert said.startswith("the clock is ") and "behind the journal's last time" in said
    (trouble,) = status()["troubles"]
    assert trouble.startswith("the system's clock is 23 h") or " 1 d 0 h " in trouble
    warned = [line for line in venue.log().splitlines() if "clock may be wrong" in line]
    assert len(warned) == 2
    clock.set(DAY + HOUR)
    assert status()["troubles"] == []
    venue.kill()
    clock.set(2 * DAY)
    venue.start()
    assert "before the clock" in status()["recovery"]["clock"]


def test_length_of_time_is_read_at_a_glance() -> None:
    lengths = {9: "9 s", 60: "60 s", 7260: "2 h 1 min", 90_000: "1 d 1 h"}
    for seconds, text in lengths.items():
        assert duration(seconds * 10**9) == text
