"""`venue sim` as a process, told what to do by `venue sim do` and by a script."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.fix_client import Disconnected, FixClient
from tests.fix_message import new_order
from tests.running import RunningTrading
from venue.cli.main import app
from venue.simulator import Control, Gap, NoSimulator

BUY = "1"
NEW, REJECTED = "0", "8"
STOP_SECONDS = 20


def typed(place: Path, *words: str) -> Result:
    """A command on this data directory."""
    return CliRunner().invoke(app, ["--data-dir", str(place), *words])


def told(place: Path, *words: str) -> dict[str, Any]:
    """What `venue sim ... --json` prints."""
    result = typed(place, "sim", *words, "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@contextmanager
def running(place: Path, venue: tuple[str, int], *words: str) -> Iterator[tuple[str, int]]:
    """`venue sim` as a process; its address. It ends well."""
    command = ["sim", "--to", f"{venue[0]}:{venue[1]}", "--listen", "127.0.0.1:0", *words]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "venue", "--data-dir", str(place), *command],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("sim ready fix=127.0.0.1:"), line
        yield "127.0.0.1", int(line.split()[2].rpartition(":")[2])
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        assert process.stdout.read() == ""
        assert not (place / "simulator.sock").exists()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def logged_on(address: tuple[str, int]) -> FixClient:
    """CHARLIE, through the simulator."""
    client = FixClient(address, "CHARLIE")
    client.logon(extra=[(9001, "N")])
    return client


def test_running_simulator_does_what_it_is_told(venue: RunningTrading, tmp_path: Path) -> None:
    with running(tmp_path, venue.address) as address, logged_on(address) as client:
        assert told(tmp_path, "status") == {
            "ok": True, "sessions": ["CHARLIE"], "steps": [], "problems": []
        }  # fmt: skip
        done = told(tmp_path, "do", "reject", "reason=3", "text=no more", "count=2")
        assert (done["steps"][0]["used"], done["steps"][0]["is_spent"]) == (0, False)
        client.send("D", new_order("c1", BUY, "1", "90"))
        assert client.expect_report("c1", REJECTED)[58] == "no more"
        shown = typed(tmp_path, "sim", "status")
        assert shown.stdout == "connected: CHARLIE\nreject: done 1, 1 left\n"
        assert told(tmp_path, "clear")["steps"] == []
        client.send("D", new_order("c2", BUY, "1", "90"))
        client.expect_report("c2", NEW)
        told(tmp_path, "do", "drop", "now=true", "session=CH*")
        with pytest.raises(Disconnected):
            client.expect("5")
        assert Control(tmp_path / "simulator.sock").do(Gap()).steps[0].behaviour == Gap()
        second = typed(tmp_path, "sim", "--to", "127.0.0.1:1")
        assert second.exit_code == 1 and "another simulator serves" in second.stderr
        assert typed(tmp_path, "sim", "do", "fill").exit_code == 1, "there is no --counter"


def test_script_is_armed_from_the_start_and_the_log_is_kept(
    venue: RunningTrading, tmp_path: Path
) -> None:
    script = tmp_path / "day.toml"
    script.write_text('[[step]]\ndo = "fill"\nparts = 4\non = {cl_ord_id = "f*"}\n')
    words = ["--script", str(script), "--counter", "DELTA", "--log", str(tmp_path / "log")]
    with running(tmp_path, venue.address, *words) as address, logged_on(address) as client:
        client.send("D", new_order("f1", BUY, "8", "101"))
        client.expect_report("f1", NEW)
        assert [client.expect_report("f1", "F")[32] for _ in range(4)] == ["2"] * 4
        client.logout()
    log = (tmp_path / "log" / "CHARLIE.log").read_text()
    assert "|554=***|" in log and "|11=f1|" in log


def test_socket_of_a_simulator_that_was_killed_is_replaced(
    venue: RunningTrading, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "simulator.sock"))
    with running(tmp_path, venue.address):
        assert told(tmp_path, "status")["sessions"] == []


def test_client_of_a_venue_that_is_away_is_closed_and_that_is_told(tmp_path: Path) -> None:
    with running(tmp_path, ("127.0.0.1", 1)) as address:
        client = FixClient(address, "CHARLIE").connect()
        client.expect_disconnect()
        (problem,) = told(tmp_path, "status")["problems"]
        assert problem.startswith("no venue at 127.0.0.1:1: ")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["do", "gap"], 1, "no simulator answers at"),
        (["do", "gapp"], 2, "did you mean gap?"),
        (["do", "delay"], 2, "missing required field `ms`"),
        (["--to", "nowhere"], 2, "'nowhere' is not HOST:PORT"),
        (["--to", "127.0.0.1:1", "--script", "none.toml"], 2, "No such file"),
        ([], 1, "no venue is running in"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    words: list[str], status: int, says: str, tmp_path: Path
) -> None:
    result = typed(tmp_path, "sim", *words)
    assert (result.exit_code, result.stderr.count("\n")) == (status, 1), result.output
    assert says in result.stderr


def test_nobody_at_a_socket_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(NoSimulator, match="no simulator answers"):
        Control(tmp_path / "none.sock").status()
