"""A process beside trading that ends by an exception has said so where an operator looks."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.dropcopy.events import numbered_events, write_journal
from tests.dropcopy.scenario import stored_alerts, until
from venue import workers
from venue.audit.trail import Trail
from venue.bus.parking import read_parked
from venue.bus.position_file import (
    Position,
    least_position,
    read_position_file,
    write_position,
)
from venue.clearing.database import ledger_engine
from venue.clearing.repository import LedgerRepository
from venue.clearing.worker import ClearingWorker
from venue.data_directory import DataDirectory
from venue.fix.arrivals import ListenError
from venue.journal.durable import forget_position
from venue.journal.identity import journal_identity
from venue.processes import BY_NAME
from venue.replay.replica import Replica
from venue.servers import nats, postgres
from venue.settings.settings import Settings, load_settings

NOWHERE = "nats://127.0.0.1:1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path)


def test_process_that_cannot_go_on_is_parked_and_ends_with_status_one(settings: Settings) -> None:
    trail = Trail(DataDirectory(settings.data_dir).trail, DataDirectory(settings.data_dir).heads)
    for _ in range(2):
        assert workers.run_process(BY_NAME["audit"], settings, NOWHERE) == 1
    trail.close()
    (parked,) = read_parked(settings.data_dir)
    assert (parked.consumer, parked.event_seq) == ("audit", 0)
    assert parked.error.endswith("another process appends to this trail")


def test_process_with_a_port_parks_nothing_and_its_supervisor_starts_it_again(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = load_settings(data_dir=tmp_path, overrides=[f"fix_marketdata.port={port}"])
        with pytest.raises(ListenError, match="Address already in use"):
            workers.run_process(BY_NAME["fix-marketdata"], settings, NOWHERE)
    assert read_parked(tmp_path) == []


@pytest.fixture
def urls(tmp_path: Path) -> Iterator[tuple[str, str]]:
    bus, database = nats.start(tmp_path / "given"), postgres.start(tmp_path / "given")
    yield bus.url, database.url
    bus.stop()
    database.stop()


def test_ledger_of_a_newer_version_is_named_and_alerted(
    settings: Settings, urls: tuple[str, str]
) -> None:
    nats_url, database_url = urls
    engine = ledger_engine(database_url)
    LedgerRepository(engine).open()
    with engine.begin() as connection:
        connection.execute(text("UPDATE clearing.schema_version SET version_num = '9999'"))

    async def halt() -> None:
        worker = ClearingWorker(engine, nats_url, None, settings.data_dir)
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(stop))
        await until(lambda: bool(read_parked(settings.data_dir)))
        assert not task.done(), "it is not started again and again"
        stop.set()
        await task

    asyncio.run(halt())
    engine.dispose()
    (parked,) = read_parked(settings.data_dir)
    assert "schema version 9999, this venue knows up to 0" in parked.error
    assert "\n" not in parked.error
    (alert,) = asyncio.run(stored_alerts(nats_url))
    assert (alert["consumer"], alert["error"]) == ("clearing", parked.error)


def test_replica_that_fails_ends_and_is_parked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = settings.data_dir / "journal"
    write_journal(journal, numbered_events(5))

    def fail(*_: object) -> int:
        raise KeyError("a mistake")

    monkeypatch.setattr(Replica, "follow", fail)
    try:
        assert workers.run_process(BY_NAME["replica"], settings, NOWHERE) == 1
    finally:
        forget_position(journal)
    (parked,) = read_parked(settings.data_dir)
    assert parked.consumer == "replica" and "a mistake" in parked.error


def test_what_is_consumed_is_what_every_sink_of_this_journal_has(tmp_path: Path) -> None:
    assert least_position(tmp_path, "replica", "mine") == 0
    for name, event_seq in (("audit", 7), ("clearing", 5), ("replica", 1)):
        write_position(DataDirectory(tmp_path).position(name), Position(event_seq, journal="mine"))
    assert least_position(tmp_path, "replica", "mine") == 5
    for trouble in (b"", b"{", b'{"event_seq":9,"journal":"another"}'):
        DataDirectory(tmp_path).position("clearing").write_bytes(trouble)
        assert least_position(tmp_path, "replica", "mine") == 0, "nothing may be removed"
    assert read_position_file(DataDirectory(tmp_path).position("audit")) == Position(
        7, journal="mine"
    )
    assert journal_identity(tmp_path) == ""
