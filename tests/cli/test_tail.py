"""`venue tail`: one line an event, the subject asked for, and what must not reach a terminal."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from tests.cli.bus import running_bus
from tests.marketdata.events import (
    accepted,
    busted,
    corrected,
    day_ended,
    expired,
    order,
    restated,
    traded,
)
from tests.marketdata.scenario import publish
from venue.bus.alerts import Alert, send_alert
from venue.cli.screen.tail import tail
from venue.cli.text.tail import describe
from venue.domain.codec import encode
from venue.domain.events import AnyEvent, DayStatistics, MassCancelReported, OrderReplaced
from venue.domain.types import Side
from venue.marketdata.feed import Feed
from venue.servers.nats import NatsServer

PROGRAM = "import typer; from venue.cli.screen.tail import tail; typer.run(tail)"

app = typer.Typer()
app.command()(tail)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with running_bus(tmp_path_factory.mktemp("venue")) as server:
        yield server


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


def test_alerts_are_shown_by_their_subject(server: NatsServer) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            PROGRAM,
            "alert.>",
            "--data-dir",
            str(server.data_dir),
            "--count",
            "1",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    alert = Alert(
        type="consumer_halted", timestamp_ns=1, consumer="clearing", event_seq=9, error="no account"
    )
    stop = asyncio.Event()
    stop.set()
    try:
        while process.poll() is None:  # it cannot say when it has subscribed
            asyncio.run(send_alert(server.url, alert, stop))
            alert = msgspec.structs.replace(alert, timestamp_ns=alert.timestamp_ns + 1)
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert " ".join(output.split()[1:]) == "9 consumer_halted consumer clearing error no account"


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
    unknown = {"type": "SomethingNew", "event_seq": 4, "member": "ALPHA", "amount": "1.5"}
    assert describe(unknown) == "member ALPHA  amount 1.5"


def test_an_event_of_another_version_is_still_described() -> None:
    event = json.loads(encode(accepted(1, order("O1", Side.BUY, "100", "5"))))
    del event["order"]["terms"]["side"]
    assert describe(event) == ""


def told(event: AnyEvent) -> str:
    text = describe(json.loads(encode(event)))
    return text.replace("SECRET-MEMBER", "ALPHA").replace("SECRET-", "").replace(" SECRET", "")


def test_orders_tell_what_is_special_of_them() -> None:
    stop = order("7", Side.BUY, "100", "5", ord_type="4", waiting=True)
    stop = msgspec.structs.replace(stop, stop_px="99.5")
    assert told(accepted(1, stop)) == (
        "ALPHA buy 1000000 @ 100 stop 99.5 leaves 5 waits  order 7 7"
    )
    iceberg = order("8", Side.SELL, "100", "50", max_floor="10", displayed="3")
    replaced = OrderReplaced(
        event_seq=1, timestamp_ns=1, symbol="ACME", order=iceberg, orig_cl_ord_id="1",
        requested_by="ALPHA2",
    )  # fmt: skip
    assert told(replaced) == (
        "ALPHA sell 1000000 @ 100 leaves 50 shows 3  order 8 8  asked by ALPHA2"
    )


def test_expiry_and_restatement_say_why() -> None:
    ended = order("7", Side.BUY, "100", "0")
    assert told(expired(1, ended)).endswith("leaves 0  order 7 7  EXPIRED")
    assert told(restated(1, ended)).endswith("leaves 0  order 7 7  STOP_TRIGGERED")


def test_a_mass_cancel_says_what_was_asked_and_done() -> None:
    report = MassCancelReported(
        event_seq=1, timestamp_ns=1, session="A1", member="ALPHA", cl_ord_id="m1", order_id="9",
        request_type="7", response="7", affected=3,
    )  # fmt: skip
    assert told(report) == "ALPHA m1  mass cancel of all: 3 orders"
    narrow = msgspec.structs.replace(report, requested_symbol="ACME", side="1")
    assert told(narrow) == "ALPHA m1  mass cancel of ACME buy: 3 orders"
    refused = msgspec.structs.replace(
        narrow, response="0", reject_reason="1", text="UNKNOWN_SYMBOL 55=ACME is not traded here"
    )
    assert told(refused) == (
        "ALPHA m1  mass cancel of ACME buy refused  UNKNOWN_SYMBOL 55=ACME is not traded here"
    )


def test_busts_and_corrections_say_what_was_and_is_privately_and_publicly() -> None:
    buy, sell = order("B", Side.BUY, "100", "0"), order("S", Side.SELL, "100", "0")
    trade = traded(2, "100.25", "7", buy, sell)
    correction = corrected(3, trade, "100", "6", "600", buy, sell)
    bust = busted(4, trade, buy, sell)
    assert told(correction) == (
        "6 @ 100 was 7 @ 100.25  ALPHA buys from ALPHA  match M2 corrected by OPERATOR: REASON"
    )
    assert told(bust) == "7 @ 100.25  ALPHA buys from ALPHA  match M2 busted by OPERATOR: REASON"
    feed = Feed()
    for event in (trade, correction, bust):
        feed.apply(event)
    public = [json.loads(p.payload) for p in feed.take() if p.kind == "trade"]
    assert [describe(payload) for payload in public[1:]] == [
        "6 @ 100 was 7 @ 100.25  match M2 corrected",
        "7 @ 100.25  match M2 busted",
    ]


def test_the_end_of_a_day_says_what_was_traded() -> None:
    assert told(day_ended(1)) == "2026-01-05 CLOSED"
    totals = DayStatistics("ACME", "100", "102", "99", "101.5", "70", "7000", 4)
    ended = msgspec.structs.replace(day_ended(1), statistics=(totals,))
    assert told(ended) == "2026-01-05 CLOSED  ACME 70 in 4 trades, last 101.5"
