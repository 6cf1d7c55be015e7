"""`venue status` of a real venue: who is up, how far, what halts, and who does not answer."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from tests.dropcopy.scenario import stored_alerts
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue import health as health_module
from venue.bus.parking import Parked
from venue.cli.desk.status import status
from venue.health import ANSWER_SECONDS, health
from venue.journal.durable import position_path, read_position
from venue.processes import DATA_PROCESSES, NAMES, SINKS
from venue.servers.runtime import find_running

SERVING = [process.name for process in DATA_PROCESSES]
runner = CliRunner()
app = typer.Typer()
app.command()(status)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A running venue, whose consumers have done all that there is."""
    with RunningVenue(tmp_path_factory.mktemp("status") / "data") as venue:
        wait_for(lambda: is_whole(venue), 150)
        yield venue
        assert venue.stop() == 0


def is_whole(venue: RunningVenue) -> bool:
    """Everybody answers, and nobody is behind."""
    running = find_running(venue.data_dir)
    assert running is not None
    found = health(venue.data_dir, running)
    return not found.unreachable and not found.troubles and not any(p.lag for p in found.processes)


def run(venue: RunningVenue, *options: str) -> Result:
    """`venue status`, in this process."""
    return runner.invoke(app, [*options, "--data-dir", str(venue.data_dir)])


def told(venue: RunningVenue, *, healthy: bool = True) -> dict[str, Any]:
    result = run(venue, "--json")
    assert result.exit_code == (0 if healthy else 1), result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    assert answer["healthy"] == healthy
    return answer


def rows(venue: RunningVenue, *, healthy: bool = True) -> dict[str, dict[str, Any]]:
    return {row["process"]: row for row in told(venue, healthy=healthy)["processes"]}


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that takes no more turns."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_process_that_keeps_ending_is_named_for_all_that_it_hosts(venue: RunningVenue) -> None:
    running = find_running(venue.data_dir)
    assert running is not None
    said = "ended 5 times in a row, last with status 1: no such table"
    failing = {"publisher": "out", "followers": said}
    found = health(venue.data_dir, msgspec.structs.replace(running, failing=failing))
    assert found.troubles == ["publisher: out", *(f"{sink.name}: {said}" for sink in SINKS)]


def test_every_process_and_server_has_a_row(venue: RunningVenue) -> None:
    answer, runtime = told(venue), venue.runtime()
    assert [row["process"] for row in answer["processes"]] == [*NAMES, *SERVING]
    for row in answer["processes"]:
        assert row["pid"] == runtime["processes"][row["runs_in"]]
        hosted = row["process"] in [sink.name for sink in SINKS]
        assert row["runs_in"] == ("followers" if hosted else row["process"])
        at = (row["lag"], row["position"])
        assert (row["up"], *at, row["restarts"]) == (True, 0, answer["event_seq"], 0)
        assert row["halted"] is row["trouble"] is None
    assert answer["servers"] == [
        {
            "server": name,
            "up": True,
            "pid": runtime["servers"][name],
            "restarts": 0,
            "trouble": None,
        }
        for name in ("nats", "postgres")
    ]
    assert answer["unreachable"] == [] and answer["last_snapshot"] is None
    assert answer["recovery"] | {"seconds": 0} == {
        "seconds": 0,
        "commands": 0,
        "snapshot": None,
        "cut": None,
        "clock": None,
        "origin": None,
    }


def test_text_says_the_same_in_lines_and_tables(venue: RunningVenue) -> None:
    done = venue.command("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nrecovered in " in done.stdout
    assert " s: 0 commands executed after no snapshot\n" in done.stdout
    for name in (*NAMES, "nats", "postgres"):
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"│ {name} ")]
        _, host, up, *_ = [cell.strip() for cell in line.strip("│").split("│")]
        assert (host, up) == ("followers" if name in [s.name for s in SINKS] else "", "up")
    assert "ALPHA" in done.stdout


def test_what_is_stopped_is_counted_and_named(venue: RunningVenue) -> None:
    assert "nothing is killed, suspended or halted" in run(venue).stdout
    for typed in ("kill member ALPHA", "halt GLOBEX", "member suspend BRAVO"):
        assert venue.command(*typed.split()).returncode == 0
    blocks = told(venue)["blocks"]
    assert blocks["killed_members"] == ["ALPHA"] and blocks["halted_instruments"] == ["GLOBEX"]
    lines = run(venue).stdout.splitlines()
    assert "1 members killed: ALPHA" in lines and "1 members suspended: BRAVO" in lines
    assert "1 instruments halted: GLOBEX" in lines
    for typed in ("revive member ALPHA", "resume GLOBEX", "member resume BRAVO"):
        assert venue.command(*typed.split()).returncode == 0
    wait_for(lambda: not any(row["lag"] for row in rows(venue).values()), 30)


def test_last_snapshot_is_told_with_its_age(venue: RunningVenue) -> None:
    written = venue.json("journal", "snapshot")
    last = told(venue)["last_snapshot"]
    assert (last["seq"], last["event_seq"]) == (written["seq"], written["event_seq"])
    assert 0 <= last["age_seconds"] < 60
    text = run(venue).stdout
    assert f"last snapshot after record {last['seq']}, event {last['event_seq']}, " in text


def test_consumer_that_was_started_again_says_how_often(venue: RunningVenue) -> None:
    before = rows(venue)["audit"]
    os.kill(before["pid"], signal.SIGKILL)
    wait_for(lambda: rows(venue)["audit"]["restarts"] == 1, 20)
    after = rows(venue)["audit"]
    assert after["pid"] != before["pid"] and after["up"]
    again = rows(venue)
    assert again["publisher"]["restarts"] == again["replica"]["restarts"] == 0
    assert all(again[sink.name]["pid"] == after["pid"] for sink in SINKS)


def test_consumer_that_halts_says_where_and_why(venue: RunningVenue) -> None:
    path = venue.data_dir / "parked" / "marketdata.json"
    path.parent.mkdir(exist_ok=True)
    parked = Parked("marketdata", 1234, "cannot \x1b[2J", "{}", 5)
    path.write_bytes(msgspec.json.encode(parked))
    try:
        found = rows(venue, healthy=False)
        halted = {name: row["halted"] for name, row in found.items() if row["halted"]}
        assert halted == {"marketdata": {**msgspec.to_builtins(parked), "payload": {}}}
        done = run(venue)
        assert r"halted, event 1,234: cannot \x1b[2J" in done.stdout
        assert done.stderr == "trouble: marketdata: cannot \\x1b[2J\n"
    finally:
        path.unlink()


def test_postgresql_that_hangs_is_named_and_holds_nobody_up(
    venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = find_running(venue.data_dir)
    assert running is not None
    monkeypatch.setattr(health_module, "BEGINNING_SECONDS", 0.0)
    with stopped(running.servers["postgres"]):
        began = time.monotonic()
        found = health(venue.data_dir, running)
        assert time.monotonic() - began < ANSWER_SECONDS + 1
        done = run(venue)
    (clearing,) = [each for each in found.processes if each.process == "clearing"]
    assert (clearing.up, clearing.position, clearing.lag) == (True, None, None)
    assert found.unreachable == ["PostgreSQL: it did not answer in time"]
    assert done.exit_code == 1 and done.stderr.splitlines() == [
        f"unreachable: {found.unreachable[0]}",
        "trouble: clearing: how far it is is not known",
    ]
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("│ clearing ")]
    assert row.replace("│", " ").split()[4:6] == ["unknown", "unknown"]


def test_trading_that_hangs_is_named_and_the_rest_is_told(venue: RunningVenue) -> None:
    with stopped(venue.runtime()["processes"]["trading"]):
        done, text = run(venue, "--json"), run(venue)
    answer = json.loads(done.stdout)
    assert done.exit_code == text.exit_code == 1
    assert done.stderr.startswith("unreachable: trading: the venue in ")
    assert done.stderr.count("\n") == 1
    assert answer["event_seq"] == read_position(venue.data_dir / "journal")[0] > 0
    rows_told = {row["process"]: row["position"] for row in answer["processes"]}
    assert rows_told == dict.fromkeys([*NAMES, *SERVING], answer["event_seq"])
    assert "│ publisher " in text.stdout


UNKNOWN = {"position": None, "lag": None}


@pytest.mark.parametrize(
    ("content", "row", "trouble"),
    [
        (b"{", UNKNOWN, "how far it is is not known"),
        (
            b'{"event_seq":7,"journal":"0123"}',
            {"position": 7, "lag": None},
            "it is at event 7 of another journal, 0123",
        ),
        (
            b'{"event_seq":999999}',
            {"position": 999_999, "lag": None},
            "it is at event 999999, the journal ends at ",
        ),
    ],
)
def test_lag_that_is_not_known_is_never_zero(
    venue: RunningVenue,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    row: dict[str, int | None],
    trouble: str,
) -> None:
    monkeypatch.setattr(health_module, "BEGINNING_SECONDS", 0.0)
    path = venue.data_dir / "positions" / "audit.json"
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        found = rows(venue, healthy=False)["audit"]
        done = run(venue)
    finally:
        path.write_bytes(before)
    assert {name: found[name] for name in row} == row and found["up"]
    assert found["trouble"].startswith(trouble)
    assert done.exit_code == 1 and done.stderr.startswith(f"trouble: audit: {trouble}")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("│ audit ")]
    assert "unknown" in line and trouble in line
    assert rows(venue)["audit"]["lag"] == 0


def test_process_that_was_just_started_need_not_have_said_how_far_it_is(
    venue: RunningVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_module, "BEGINNING_SECONDS", 3_600.0)
    path = venue.data_dir / "positions" / "audit.json"
    before = path.read_bytes()
    path.unlink()
    try:
        row = rows(venue)["audit"]
    finally:
        path.write_bytes(before)
    assert (row["position"], row["lag"], row["trouble"]) == (None, None, None)


def test_position_taken_away_from_a_running_venue_is_said_and_put_back(
    venue: RunningVenue,
) -> None:
    path = position_path(venue.data_dir / "journal")
    with stopped(venue.runtime()["processes"]["trading"]):  # so that it cannot put it back yet
        path.unlink()
        answer = json.loads(run(venue, "--json").stdout)
        assert answer["event_seq"] is None and not answer["healthy"]
        assert {row["lag"] for row in answer["processes"]} == {None}
        parked = venue.data_dir / "parked" / "publisher.json"
        wait_for(parked.exists, 20)
    wait_for(path.exists, 20)
    wait_for(lambda: not parked.exists(), 20)
    assert not any(row["lag"] for row in rows(venue).values())
    said = (venue.data_dir / "logs" / "trading.log").read_text()
    assert "was removed or replaced while the venue runs" in said and str(path) in said
    (alert,) = asyncio.run(stored_alerts(venue.runtime()["nats"]))
    assert (alert["consumer"], alert["event_seq"]) == ("publisher", 0)
    assert "is not shown" in alert["error"]


def test_postgresql_that_is_away_is_named(tmp_path: Path, venue: RunningVenue) -> None:
    running = find_running(venue.data_dir)
    assert running is not None
    nowhere = msgspec.structs.replace(running, database="postgresql://venue@127.0.0.1:1/venue")
    (line,) = health(venue.data_dir, nowhere).unreachable
    assert line.startswith("PostgreSQL: ") and "refused" in line
