"""The replica as a process: what it cannot go on with stands where the operator looks."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.journal.segment import frames_of, list_segments


def test_damage_found_while_following_is_parked_and_the_process_waits(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with RunningTrading(data_dir) as trading:
        client = trading.client("ALPHA")
        client.logon(extra=[(9001, "N")])
        client.send("D", new_order("A1", "1", "5", "100.00"))
        client.expect_report("A1", "0")
        (segment,) = list_segments(data_dir / "journal")
        with segment.path.open("r+b") as file:
            second = list(frames_of(file, segment))[1]
            file.seek(second.offset + 60)
            file.write(b"\xff")
        replica = subprocess.Popen(
            [sys.executable, "-P", "-m", "venue", "run", "replica", "--data-dir", str(data_dir)],
            env={**os.environ, "VENUE_NATS_URL": "nats://127.0.0.1:1"},
            stderr=subprocess.DEVNULL,
        )
        try:
            parked = data_dir / "parked" / "replica.json"
            wait_for(parked.exists)
            assert "checksum" in json.loads(parked.read_text())["error"]
            assert replica.poll() is None
        finally:
            replica.send_signal(signal.SIGTERM)
            assert replica.wait(10) == 0
