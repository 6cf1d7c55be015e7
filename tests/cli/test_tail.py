"""`venue tail`: one line an event, the subject asked for, and what must not reach a terminal."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.tail import describe, tail
from tests.marketdata.events import accepted, order, traded
from tests.marketdata.scenario import publish
from venue.domain.codec import encode
from venue.domain.types import Side
from venue.servers import nats
from venue.servers.left_over import start_ticks
from venue.servers.nats import NatsServer
from venue.servers.runtime import RuntimeInfo, write_runtime

PROGRAM = "import typer; from cli.tail import tail; typer.run(tail)"

app = typer.Typer()
app.command()(tail)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """nats-server in a data directory that says a venue is running there."""
    data_dir = tmp_path_factory.mktemp("venue")
    server = nats.start(data_dir)
    ticks = start_ticks(os.getpid())
    assert ticks is not None
    write_runtime(
        data_dir,
        RuntimeInfo(
            fix="127.0.0.1:1",
            nats=server.url,
            database="",
            data_dir=str(data_dir),
            pid=os.getpid(),
            pid_start_ticks=ticks,
            started_ns=0,
        ),
    )
    yield server
    server.stop()


def follow(server: NatsServer, *arguments: str) -> tuple[str, str, int]:
    """Run `venue tail` in a process of its own while events are published again and again."""
    resting = accepted(1, order("O1", Side.BUY, "100", "5"))
    buy, sell = order("B", Side.BUY, "100", "0"), order("S", Side.SELL, "100", "0")
    trade = traded(2, "100.25", "7", buy, sell)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--data-dir", str(server.data_dir), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        # It cannot say when it has subscribed: publish until it has seen enough.
        while process.poll() is None:
            asyncio.run(publish(server.url, [resting, trade]))
        output, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    return output, errors, process.returncode


def test_events_come_as_one_line_each(server: NatsServer) -> None:
    output, errors, status = follow(server, "--count", "4")
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert len(lines) == 4
    (accepted_line, *_) = [line for line in lines if "OrderAccepted" in line]
    (trade_line, *_) = [line for line in lines if "TradeExecuted" in line]
    assert accepted_line.split()[:2] == ["22:13:20.000", "1"]
    assert "ACME" in accepted_line and "buy 1000000 @ 100 leaves 5" in accepted_line
    assert "7 @ 100.25" in trade_line and "match M2 aggressor buy" in trade_line


def test_json_is_the_event_as_it_came_and_the_subject_selects(server: NatsServer) -> None:
    output, _, status = follow(server, "venue.events.TradeExecuted.>", "--json", "--count", "2")
    assert status == 0
    events = [json.loads(line) for line in output.splitlines()]
    assert [event["type"] for event in events] == ["TradeExecuted", "TradeExecuted"]
    assert events[0]["last_px"] == "100.25"


def test_ctrl_c_ends_it_with_status_0(server: NatsServer) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--data-dir", str(server.data_dir), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        resting = accepted(1, order("O1", Side.BUY, "100", "5"))
        os.set_blocking(process.stdout.fileno(), False)
        while not process.stdout.readline():
            asyncio.run(publish(server.url, [resting]))
            assert process.poll() is None
        process.send_signal(2)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def test_without_a_venue_it_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--data-dir", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (1, f"no venue is running in {tmp_path}\n")


def test_a_wrong_subject_is_wrong_use(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["md. ACME"]).exit_code == 2


def test_unknown_events_are_described_by_their_fields() -> None:
    told = describe({"type": "SomethingNew", "event_seq": 4, "member": "ALPHA", "amount": "1.5"})
    assert told == "member ALPHA  amount 1.5"


def test_an_event_of_another_version_is_still_described() -> None:
    event = json.loads(encode(accepted(1, order("O1", Side.BUY, "100", "5"))))
    del event["order"]["terms"]["side"]
    assert describe(event) == ""
