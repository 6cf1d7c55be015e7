"""Clearing end to end on real servers: whatever is killed, every trade is booked exactly once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Engine

from tests.dropcopy.list_journal import ListJournal
from tests.dropcopy.scenario import published, running, until
from venue.bus.publisher import Publisher
from venue.clearing.database import ledger_engine
from venue.clearing.ledger import Ledger
from venue.clearing.postings import entries_of
from venue.clearing.repository import LedgerRepository
from venue.clearing.statements import trial_balance, unreconciled
from venue.clearing.worker import ClearingWorker
from venue.servers.nats import NatsServer
from venue.servers.postgres import PostgresServer

from .conftest import drop_ledger
from .test_repository import booked
from .trades import busy_day, trades_in


@asynccontextmanager
async def clearing(
    database_url: str, nats_url: str, owner_url: str | None = None
) -> AsyncIterator[None]:
    """The worker runs inside, on connections of its own."""
    engine, owner = ledger_engine(database_url), ledger_engine(owner_url or database_url)
    stop = asyncio.Event()
    worker = asyncio.create_task(ClearingWorker(engine, nats_url, None, None, owner).run(stop))
    try:
        yield
        assert not worker.done(), "it ended by itself"
    finally:
        stop.set()
        await asyncio.wait_for(worker, 20)
        engine.dispose()
        owner.dispose()


def position(engine: Engine) -> int:
    return trial_balance(engine)["position"]


def assert_booked_exactly(engine: Engine, journal: ListJournal, count: int) -> None:
    events = busy_day(count)
    ledger = Ledger()
    for event in events:
        for entry in entries_of(event):
            ledger.post(entry)
    balance = trial_balance(engine)
    assert balance["trades"] == trades_in(events)
    assert balance["position"] == count == len(journal.events)
    assert {totals["sum"] for totals in balance["assets"].values()} == {0}
    assert booked(engine) == dict(ledger.balances())
    assert unreconciled(engine) == []


async def booked_up_to(engine: Engine, event_seq: int) -> None:
    await until(lambda: position(engine) >= event_seq)


def stop_immediately(server: PostgresServer) -> None:
    """As `pg_ctl stop -m immediate`: no checkpoint, no goodbye; the next start recovers."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGQUIT)
    server.stop()


def start_again(server: PostgresServer) -> None:
    server.launch()
    server.wait_ready()


def test_postgresql_stopped_in_the_middle(
    postgres_server: PostgresServer, engine: Engine, database_url: str, nats_url: str
) -> None:
    LedgerRepository(engine).open()
    journal = ListJournal(busy_day(6_000))
    journal.durable = 2_000

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher), clearing(database_url, nats_url):
            for reached in (100, 2_500):
                await booked_up_to(engine, reached)
                stop_immediately(postgres_server)
                journal.durable = (journal.durable or 0) + 2_000
                await published(publisher, journal.durable)
                start_again(postgres_server)
            await booked_up_to(engine, 6_000)

    asyncio.run(scenario())
    assert_booked_exactly(engine, journal, 6_000)


def test_starts_before_postgresql_does(
    postgres_server: PostgresServer, engine: Engine, database_url: str, nats_url: str
) -> None:
    journal = ListJournal(busy_day(300))
    stop_immediately(postgres_server)

    async def scenario() -> None:
        async with running(Publisher(journal, nats_url)), clearing(database_url, nats_url):
            await asyncio.sleep(0.2)
            start_again(postgres_server)
            LedgerRepository(engine).open()
            await booked_up_to(engine, 300)

    asyncio.run(scenario())
    assert_booked_exactly(engine, journal, 300)


def test_clearing_restarted_again_and_again(
    engine: Engine, database_url: str, nats_url: str
) -> None:
    LedgerRepository(engine).open()
    journal = ListJournal(busy_day(4_000))

    async def scenario() -> None:
        async with running(Publisher(journal, nats_url)):
            for reached in (1, 700, 1_500, 4_000):
                async with clearing(database_url, nats_url):
                    await booked_up_to(engine, reached)

    asyncio.run(scenario())
    assert_booked_exactly(engine, journal, 4_000)


def test_a_ledger_that_was_wiped_is_rebuilt_while_clearing_runs(
    engine: Engine, role_urls: dict[str, str], nats_url: str
) -> None:
    owner_url = role_urls["database_owner_url"]
    journal = ListJournal(busy_day(1_000))
    journal.durable = 800

    async def scenario() -> None:
        async with (
            running(Publisher(journal, nats_url)),
            clearing(role_urls["database_url"], nats_url, owner_url),
        ):
            await booked_up_to(engine, 800)
            drop_ledger(owner_url)
            journal.durable = 1_000
            await booked_up_to(engine, 1_000)

    asyncio.run(scenario())
    assert_booked_exactly(engine, journal, 1_000)


def test_nats_killed_and_wiped_in_the_middle(
    nats_server: NatsServer, engine: Engine, database_url: str, nats_url: str
) -> None:
    LedgerRepository(engine).open()
    journal = ListJournal(busy_day(5_000))
    journal.durable = 2_500

    async def scenario() -> None:
        async with running(Publisher(journal, nats_url)), clearing(database_url, nats_url):
            await booked_up_to(engine, 1_000)
            assert nats_server.pid is not None
            os.kill(nats_server.pid, signal.SIGKILL)
            nats_server.stop()
            journal.durable = 5_000
            nats_server.launch()
            nats_server.wait_ready()
            await booked_up_to(engine, 5_000)

    asyncio.run(scenario())
    assert_booked_exactly(engine, journal, 5_000)
