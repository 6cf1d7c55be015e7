"""The process `followers`: its sinks leave what they leave apart, and each fails alone."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.clearing.conftest import drop_ledger
from tests.dropcopy.copies import busy_events, wipe_copies
from tests.dropcopy.events import write_journal
from tests.dropcopy.processes import run_until_it_dies, start, stop
from tests.dropcopy.scenario import delete_stream, publish_all
from tests.marketdata.scenario import wipe as wipe_streams
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from tests.sinks import FOLLOWERS, running, shown_at
from tests.test_sinks import what_is_there
from venue.audit.trail import Trail
from venue.bus.parking import read_parked
from venue.bus.publisher import Publisher
from venue.clearing.database import ledger_engine
from venue.data_directory import DataDirectory
from venue.journal.durable import forget_position
from venue.journal.reader import JournalReader
from venue.processes import SINKS
from venue.servers import nats, postgres
from venue.servers.nats import NatsServer
from venue.servers.postgres import PostgresServer

EVENTS = busy_events(seed=7, commands=900)
LAST = len(EVENTS)
MODULE = "venue.followers"
PATIENCE = 90.0
POSTINGS = """
    SELECT event_seq, line, kind, owner, sub_account, asset, amount
    FROM clearing.postings JOIN clearing.accounts USING (account_id) ORDER BY event_seq, line
"""
BEFORE, AFTER = "before-consumer-commit", "after-consumer-commit"


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[NatsServer, PostgresServer]]:
    bus = nats.start(tmp_path_factory.mktemp("nats"))
    database = postgres.start(tmp_path_factory.mktemp("postgres"))
    yield bus, database
    bus.stop()
    database.stop()


def wipe(urls: tuple[str, str]) -> None:
    """Nothing is in NATS or in the database."""
    nats_url, database_url = urls
    asyncio.run(wipe_streams(nats_url))
    asyncio.run(wipe_copies(nats_url))
    asyncio.run(delete_stream(nats_url))
    drop_ledger(database_url)


@pytest.fixture
def urls(servers: tuple[NatsServer, PostgresServer]) -> tuple[str, str]:
    bus, database = servers
    wipe((bus.url, database.url))
    return bus.url, database.url


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """With a journal of a busy day."""
    write_journal(tmp_path / "journal", list(EVENTS))
    yield tmp_path
    forget_position(tmp_path / "journal")


async def publish(data_dir: Path, nats_url: str) -> None:
    """The whole journal is in the stream."""
    reader = JournalReader(data_dir / "journal")
    try:
        await publish_all(Publisher(reader, nats_url), LAST)
    finally:
        reader.close()


@contextmanager
def followers(data_dir: Path, urls: tuple[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """The process; it has to end well when it is asked to."""
    process = start(MODULE, data_dir, urls[0], urls[1], urls[1])
    try:
        yield process
        assert process.poll() is None, "it ended by itself"
    finally:
        status = stop(process)
    assert status == 0


def have_all(data_dir: Path, *names: str) -> Callable[[], bool]:
    return lambda: all(shown_at(data_dir, name) == LAST for name in names)


def booked(database_url: str) -> list[Any]:
    engine = ledger_engine(database_url)
    try:
        with engine.connect() as connection:
            return [
                list(map(tuple, connection.execute(text(query))))
                for query in (POSTINGS, "SELECT * FROM clearing.trades ORDER BY event_seq")
            ]
    finally:
        engine.dispose()


async def left_by_each(data_dir: Path, urls: tuple[str, str]) -> dict[str, Any]:
    left = {name: await what_is_there(name, data_dir, urls) for name in FOLLOWERS}
    left["clearing"] = booked(urls[1])  # which number an account has depends on batches
    said = left["marketdata"] = {
        key: value for key, value in left["marketdata"].items() if not key.endswith(".l3")
    }
    for value in said.values():  # as of which event it is said depends on batches
        for field in ("event_seq", "timestamp_ns", "seq", "update", "checksum"):
            value.pop(field, None)
    return left


async def follow_apart(data_dir: Path, urls: tuple[str, str]) -> dict[str, Any]:
    """What the sinks leave when each of them runs by itself."""
    await publish(data_dir, urls[0])
    for name, sink in FOLLOWERS.items():
        async with running(sink(data_dir, *urls)):
            while shown_at(data_dir, name) != LAST:
                await asyncio.sleep(0.02)
    return await left_by_each(data_dir, urls)


def forget(data_dir: Path) -> None:
    """No sink has done anything."""
    for name in ("positions", "parked", "audit", "audit-heads", "marketdata"):
        shutil.rmtree(data_dir / name, ignore_errors=True)
    for path in data_dir.glob("notifier.db*"):
        path.unlink()


@pytest.mark.timeout(300)
def test_killed_anywhere_they_leave_what_they_leave_apart(
    data_dir: Path, urls: tuple[str, str]
) -> None:
    apart = asyncio.run(follow_apart(data_dir, urls))
    wipe(urls)
    forget(data_dir)
    asyncio.run(publish(data_dir, urls[0]))
    for point, passing in ((BEFORE, 1), (AFTER, 1), (BEFORE, 2), (AFTER, 3)):
        fault = f"{point}:{passing}:kill"
        run_until_it_dies(MODULE, data_dir, urls[0], urls[1], urls[1], fault=fault)
    with followers(data_dir, urls):
        wait_for(have_all(data_dir, *FOLLOWERS), PATIENCE)
    together = asyncio.run(left_by_each(data_dir, urls))
    assert together == apart
    assert read_parked(data_dir) == []


@pytest.mark.timeout(300)
def test_sink_that_fails_is_parked_and_started_again_while_the_others_go_on(
    data_dir: Path, urls: tuple[str, str]
) -> None:
    place = DataDirectory(data_dir)
    trail = Trail(place.trail, place.heads)  # nobody else may append meanwhile
    asyncio.run(publish(data_dir, urls[0]))
    with followers(data_dir, urls):
        wait_for(have_all(data_dir, "clearing", "marketdata", "dropcopy", "notifier"), PATIENCE)
        wait_for(lambda: read_parked(data_dir) != [], PATIENCE)
        (parked,) = read_parked(data_dir)
        assert (parked.consumer, parked.event_seq) == ("audit", 0)
        assert parked.error.endswith("another process appends to this trail")
        trail.close()
        wait_for(have_all(data_dir, "audit"), PATIENCE)
        wait_for(lambda: read_parked(data_dir) == [], PATIENCE)


@pytest.mark.timeout(300)
def test_database_that_is_away_holds_up_clearing_alone(
    data_dir: Path, urls: tuple[str, str], servers: tuple[NatsServer, PostgresServer]
) -> None:
    _, database = servers
    database.stop()
    try:
        asyncio.run(publish(data_dir, urls[0]))
        with followers(data_dir, urls):
            wait_for(have_all(data_dir, "audit", "marketdata", "dropcopy", "notifier"), PATIENCE)
            assert shown_at(data_dir, "clearing") == 0
            database.launch()
            database.wait_ready()
            wait_for(have_all(data_dir, "clearing"), PATIENCE)
    finally:
        database.launch()
        database.wait_ready()


@pytest.mark.timeout(300)
def test_venue_runs_them_apart_where_its_configuration_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENUE_PROCESSES__FOLLOWERS", "apart")
    with RunningVenue(tmp_path / "data") as venue:
        info = venue.runtime()
        assert info["hosts"] == {}
        assert {sink.name for sink in SINKS} < set(info["processes"])
        told = json.loads(venue.command("status", "--json").stdout)  # 1 where somebody is slow
        rows = {row["process"]: row for row in told["processes"]}
        assert all(rows[sink.name]["runs_in"] == sink.name for sink in SINKS)
