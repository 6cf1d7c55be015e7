"""How long a start takes with many events behind the newest snapshot, to the first new answer.

Builds the journal in this process, then starts the real trading process on it.
"""

import os
import time
from pathlib import Path
from typing import NamedTuple

from tests.faults.built import BuiltJournal
from tests.faults.load import SESSIONS
from tests.faults.processes import VenueProcess
from tests.fix_client import FixClient
from tests.fix_message import new_order
from venue.journal.durable import forget_position
from venue.servers import plan
from venue.settings.settings import load_settings

EVENTS = 100_000
_EVENTS_BEFORE = 5_000
_SEGMENT_BYTES = 64 << 20
_FRAME_REQUESTS = 100
_READY_SECONDS = 120.0


class Restart(NamedTuple):
    """seconds: from the start of the process to the report of a new order; cpu_seconds: of it.

    On a machine with nothing else to do the two are about the same.
    """

    events: int
    seconds: float
    cpu_seconds: float


def measure_restart(directory: Path, events: int, seed: str) -> Restart:
    """Start trading with so many events behind its newest snapshot; log on as a broker goes on."""
    journal = directory / "journal"
    journal.mkdir(parents=True)
    seeds = load_settings(None, (), directory).seed_commands()
    built = BuiltJournal(journal, seeds, segment_bytes=_SEGMENT_BYTES, name=seed)
    built.add(_EVENTS_BEFORE)
    built.take_snapshot()
    before = built.event_seq
    built.add(events, _FRAME_REQUESTS)
    added = built.event_seq - before
    built.close()
    name = SESSIONS[0]
    program = plan.programs(directory, None, ("fix.port=0",), {})[0]
    process = VenueProcess(program, directory / "trading.log")
    began = time.monotonic()
    process.start()
    try:
        host, port = process.wait_ready(_READY_SECONDS)["fix"].split(":")
        client = FixClient((host, int(port)), name)
        client.next_out = built.port.next_in(name)
        client.next_in = built.port.next_out(name)
        client.logon(reset=False, extra=[(9001, "N")])
        client.send("D", new_order("first", "1", "1", "90.00"))
        client.expect_report("first", "0")
        seconds = time.monotonic() - began
        cpu_seconds = _cpu_seconds(process)
        client.close()
    finally:
        process.end()
        forget_position(journal)
    return Restart(added, seconds, cpu_seconds)


def _cpu_seconds(process: VenueProcess) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
