"""`venue dropcopy`: the stream of events refilled, a member's drop copies watched."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from tests.cli.bus import running_bus
from tests.confirmed import confirmed
from tests.dropcopy import processes
from tests.dropcopy.copies import (
    busy_events,
    copying,
    counts_of,
    expected,
    until_told,
    wipe_copies,
)
from tests.dropcopy.events import numbered_events, write_journal
from tests.dropcopy.list_journal import ListJournal
from tests.dropcopy.scenario import delete_stream, publish_all, stored, until
from venue.bus.publisher import Publisher
from venue.bus.refill import RefillStalled, wait_for_refill
from venue.bus.stream import wipe_stream
from venue.bus.subjects import drop_stream
from venue.cli.main import app
from venue.cli.text.drop_copy import drop_copy_line
from venue.domain.types import ExecType
from venue.dropcopy import worker
from venue.dropcopy.watch import Watch
from venue.journal.beginning import begin_at
from venue.journal.durable import forget_position
from venue.journal.segment import list_segments
from venue.servers.nats import NatsServer

COUNT = 6_000
EVENTS = busy_events()
LAST = len(EVENTS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    data_dir = tmp_path_factory.mktemp("venue")
    write_journal(data_dir / "journal", numbered_events(COUNT), per_batch=20)
    with running_bus(data_dir) as server:
        yield server
    forget_position(data_dir / "journal")


@pytest.fixture
def publisher(server: NatsServer) -> Iterator[None]:
    """A publisher beside it, which has filled the stream."""
    asyncio.run(delete_stream(server.url))
    process = processes.start(processes.PUBLISHER, server.data_dir, server.url)
    try:
        asyncio.run(wait_for_refill(server.url, COUNT, lambda at: None))
        yield
    finally:
        processes.kill(process)


def invoke(server: NatsServer, *arguments: str) -> Any:
    typed = confirmed(["dropcopy", *arguments])
    return CliRunner().invoke(app, ["--data-dir", str(server.data_dir), *typed])


def whole(server: NatsServer) -> bool:
    return [seq for seq, _ in asyncio.run(stored(server.url))] == list(range(1, COUNT + 1))


def test_refill_says_how_many_events_and_waits_for_them(
    server: NatsServer, publisher: None
) -> None:
    result = invoke(server, "refill")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("stream VENUE_EVENTS refilled in ")
    assert result.stdout.endswith(f": {COUNT} events, 1 to {COUNT}\n")
    assert whole(server)


def test_refill_in_json_and_without_waiting(server: NatsServer, publisher: None) -> None:
    told = {
        "ok": True,
        "stream": "VENUE_EVENTS",
        "events": COUNT,
        "first_event_seq": 1,
        "last_event_seq": COUNT,
    }
    dry = invoke(server, "refill", "--dry-run", "--json")
    assert json.loads(dry.stdout) == told | {"dry_run": True}
    assert whole(server), "a dry run wipes nothing"
    at_once = invoke(server, "refill", "--no-wait", "--json")
    assert json.loads(at_once.stdout) == told
    asyncio.run(wait_for_refill(server.url, COUNT, lambda at: None))
    waited = json.loads(invoke(server, "refill", "--json").stdout)
    assert waited.pop("seconds") > 0 and waited == told


def test_stream_of_another_journal_is_wiped_only_by_force(server: NatsServer) -> None:
    asyncio.run(delete_stream(server.url))
    theirs = ListJournal(numbered_events(30), "their-journal")
    asyncio.run(publish_all(Publisher(theirs, server.url), 30))
    refused = invoke(server, "refill", "--yes", "--no-wait")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "belongs to journal their-journal" in refused.stderr and "--force" in refused.stderr
    assert len(asyncio.run(stored(server.url))) == 30
    assert invoke(server, "refill", "--yes", "--no-wait", "--force").exit_code == 0
    assert asyncio.run(stored(server.url)) == []


def test_refill_of_a_pruned_journal_says_what_is_gone(
    server: NatsServer, publisher: None, tmp_path: Path
) -> None:
    gone, *rest = list_segments(server.data_dir / "journal")
    begin_at(server.data_dir / "journal", rest[0].number)
    kept_aside = gone.path.rename(tmp_path / gone.path.name)
    first = rest[0].first_event_seq
    try:
        result = invoke(server, "refill")
        assert result.exit_code == 0, result.stderr
        assert f": {COUNT - first + 1} events, {first} to {COUNT} " in result.stdout
        assert f"does not have events 1 to {first - 1} any more" in result.stdout
        seqs = [seq for seq, _ in asyncio.run(stored(server.url))]
        assert seqs == list(range(first, COUNT + 1))
    finally:
        kept_aside.rename(gone.path)


def test_a_refill_that_nobody_fills_is_noticed(server: NatsServer) -> None:
    asyncio.run(delete_stream(server.url))
    waiting = wait_for_refill(server.url, 9, lambda at: None, stalled_seconds=0.3)
    with pytest.raises(RefillStalled, match="stands at 0 of 9"):
        asyncio.run(waiting)


def test_both_say_that_no_venue_is_running(tmp_path: Path) -> None:
    for arguments in (["refill"], ["watch", "ALPHA"]):
        result = CliRunner().invoke(app, ["dropcopy", *arguments, "--data-dir", str(tmp_path)])
        assert (result.exit_code, result.stderr) == (1, f"no venue is running in {tmp_path}\n")


@pytest.fixture
def copied(
    server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ListJournal]:
    """Half of a busy day's drop copies in the streams; the journal, to go on with."""
    monkeypatch.setattr(worker, "KEEP_SECONDS", 0.05)
    monkeypatch.setattr(worker, "CHECK_SECONDS", 0.1)
    asyncio.run(delete_stream(server.url))
    asyncio.run(wipe_copies(server.url))
    journal = ListJournal(EVENTS)
    journal.durable = LAST // 2
    asyncio.run(copy_to(server, tmp_path, journal, LAST // 2))
    yield journal


async def copy_to(server: NatsServer, data_dir: Path, journal: ListJournal, last: int) -> None:
    journal.durable = last
    async with copying(server.url, data_dir, journal):
        await until_told(server.url, counts_of(EVENTS[:last]))


def watching(server: NatsServer, *arguments: str) -> subprocess.Popen[str]:
    command = ["--data-dir", str(server.data_dir), "dropcopy", "watch", *arguments]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "venue", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupted(process: subprocess.Popen[str], lines: int) -> list[str]:
    """Read so many lines, then press Ctrl-C: it ends with status 0 and says nothing else."""
    try:
        assert process.stdout is not None
        read = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, rest, errors) == (0, "", "")
    return read


def test_watch_shows_copies_from_a_number_on_until_ctrl_c(
    server: NatsServer, copied: ListJournal
) -> None:
    copies = expected(EVENTS[: copied.durable], "ALPHA")
    lines = interrupted(watching(server, "ALPHA", "--from", "1", "--json"), len(copies))
    assert [msgspec.json.decode(line, type=type(copies[0])) for line in lines] == copies
    last = invoke(server, "watch", "ALPHA", "--from", str(len(copies) - 2), "--count", "2")
    assert last.exit_code == 0
    assert last.stdout.splitlines() == [drop_copy_line(copy) for copy in copies[-3:-1]]


def test_watch_refuses_a_member_that_has_no_stream(server: NatsServer) -> None:
    refused = invoke(server, "watch", "NOBODY")
    assert refused.exit_code == 1
    assert refused.stderr == "there are no drop copies of a member NOBODY\n"
    assert invoke(server, "watch", "A.>").exit_code == 2


def test_watch_repeats_nothing_when_nats_is_killed_or_the_stream_wiped(
    server: NatsServer, copied: ListJournal, tmp_path: Path
) -> None:
    shown: list[int] = []
    said: list[str] = []
    before = counts_of(EVENTS[: copied.durable])["ALPHA"]
    total = counts_of(EVENTS)["ALPHA"]

    async def scenario() -> None:
        stop = asyncio.Event()
        watch = Watch(server.url, "ALPHA", before - 9, lambda n, _: shown.append(n), said.append)
        task = asyncio.create_task(watch.run(stop))
        await until(lambda: len(shown) == 10)
        server.stop()
        server.launch()
        server.wait_ready()
        await wipe_stream(server.url, drop_stream("ALPHA"))
        await copy_to(server, tmp_path, copied, LAST)
        await until(lambda: len(shown) == 10 + total - before)
        stop.set()
        await task

    asyncio.run(scenario())
    assert shown == list(range(before - 9, total + 1))
    assert said and all(line.startswith("NATS is away") for line in said)


def test_watch_without_a_number_shows_what_comes_from_now_on(
    server: NatsServer, copied: ListJournal, tmp_path: Path
) -> None:
    shown: list[int] = []
    before = counts_of(EVENTS[: copied.durable])["BRAVO"]
    total = counts_of(EVENTS)["BRAVO"]

    async def scenario() -> None:
        stop = asyncio.Event()
        watch = Watch(server.url, "BRAVO", None, lambda n, _: shown.append(n), pytest.fail)
        task = asyncio.create_task(watch.run(stop))
        await until(lambda: watch._next is not None)
        await copy_to(server, tmp_path, copied, LAST)
        await until(lambda: len(shown) >= total - before)
        stop.set()
        await task

    asyncio.run(scenario())
    assert shown == list(range(before + 1, total + 1))


def test_lines_say_what_happened_and_carry_no_control_characters() -> None:
    copies = [copy for member in ("ALPHA", "BRAVO") for copy in expected(EVENTS, member)]
    trade = next(copy for copy in copies if copy.exec_type is ExecType.TRADE)
    line = drop_copy_line(trade)
    assert f" trade         {trade.symbol:<8} " in line
    assert f"{trade.last_qty} @ {trade.last_px}, match {trade.match_id}" in line
    nasty = msgspec.structs.replace(trade, cl_ord_id="a\x1b[2Jb")
    assert "\x1b" not in drop_copy_line(nasty) and "a\\x1b[2Jb" in drop_copy_line(nasty)
