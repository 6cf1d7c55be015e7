"""From `kill -9` of trading to the first acknowledgement of the one that follows it."""

import os
import signal
import sys
import time
from pathlib import Path

from bench.closed import IN_FLIGHT
from bench.fix_session import FixSession
from bench.load import run_load
from bench.machine import load_average
from bench.options import Options
from bench.running import Running, ready_child, trading_alone
from bench.table import Row
from venue.data_directory import DataDirectory
from venue.journal.reader import JournalReader

EVENTS = 100_000
SECONDS = 3.0
SESSIONS = 4
_LOAD_SECONDS = 2.0
_ORDER = "11=restart|55=SYM1|54=1|60=20260101-00:00:00|38=1|40=2|44=95.00|"


def rows(options: Options) -> list[Row]:
    """A journal of EVENTS events and more, no snapshot: all of them are executed again."""
    runs = [_restarted(options) for _ in range(options.engine_runs)]
    seconds = sorted(taken for taken, _ in runs)[(len(runs) - 1) // 2]
    return [
        Row(
            f"first acknowledgement after kill -9, {runs[0][1]:,} events behind the snapshot",
            f"{SECONDS:g} s",
            f"{seconds:.2f} s",
            SECONDS / seconds,
            seconds <= SECONDS,
            load_average(),
            [f"{taken:.2f} s with {events:,} events" for taken, events in runs],
        )
    ]


def _restarted(options: Options) -> tuple[float, int]:
    """Seconds from the kill on, and how many events were executed again."""
    with options.scratch("restart") as scratch:
        with trading_alone(scratch, SESSIONS) as running:
            _load(running, scratch)
            events = _events(running.data_dir)
            begin = time.perf_counter()
            os.kill(running.pid, signal.SIGKILL)
        argv = [sys.executable, "-P", "-m", "venue", "run", "trading"]
        argv += ["--config", str(running.config), "--data-dir", str(running.data_dir)]
        argv += ["--set", "fix.port=0"]
        with ready_child("trading", argv, scratch) as (_, ready):
            host, _, port = ready["fix"].rpartition(":")
            session = FixSession("LOAD1", (host, int(port)))
            session.send("D", _ORDER)
            session.socket.setblocking(True)
            heard = b""
            while b"\x0111=restart\x01" not in heard:
                heard += session.socket.recv(1 << 16)
            seconds = time.perf_counter() - begin
            session.socket.close()
    return seconds, events


def _load(running: Running, scratch: Path) -> None:
    """Load until the journal has so many events."""
    events = 0
    while events < EVENTS:
        run_load(running, scratch, SESSIONS, _LOAD_SECONDS, 0, "--closed", IN_FLIGHT)
        events = _events(running.data_dir)


def _events(data_dir: Path) -> int:
    reader = JournalReader(DataDirectory(data_dir).journal)
    try:
        return reader.durable_event_seq() or 0
    finally:
        reader.close()
