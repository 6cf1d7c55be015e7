"""Every sink of the fan-out behind one face, for what has to hold of each of them.

A sink runs on a data directory, on a NATS server and, where it has a ledger, on a database.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from venue.audit.worker import Auditor
from venue.bus.parking import Parking
from venue.bus.position_file import read_position_file
from venue.bus.publisher import Publisher
from venue.clearing.database import ledger_engine
from venue.clearing.worker import ClearingWorker
from venue.data_directory import DataDirectory
from venue.dropcopy.worker import DropCopier
from venue.journal.reader import JournalReader
from venue.marketdata.worker import MarketData
from venue.notify.worker import Notifier

PATIENCE_SECONDS = 30.0
Run = Callable[[asyncio.Event], Any]


def publisher(data_dir: Path, nats_url: str, database_url: str) -> Run:
    """Journal to stream."""

    async def run(stop: asyncio.Event) -> None:
        reader = JournalReader(data_dir / "journal")
        part = Publisher(
            reader,
            nats_url,
            position_file=DataDirectory(data_dir).position("publisher"),
            parking=Parking("publisher", nats_url, data_dir),
        )
        try:
            await part.run(stop)
        finally:
            reader.close()

    return run


def clearing(data_dir: Path, nats_url: str, database_url: str) -> Run:
    """Stream to ledger."""

    async def run(stop: asyncio.Event) -> None:
        engine = ledger_engine(database_url)
        try:
            await ClearingWorker(engine, nats_url, data_dir / "journal", data_dir).run(stop)
        finally:
            engine.dispose()

    return run


def audit(data_dir: Path, nats_url: str, database_url: str) -> Run:
    """Stream to trail."""
    return lambda stop: Auditor(data_dir).run(nats_url, stop)


def marketdata(data_dir: Path, nats_url: str, database_url: str) -> Run:
    """Stream to md.* and last values."""
    return MarketData(data_dir, nats_url).run


def dropcopy(data_dir: Path, nats_url: str, database_url: str) -> Run:
    """Stream to the members' streams."""
    return DropCopier(data_dir, nats_url).run


def notifier(data_dir: Path, nats_url: str, database_url: str) -> Run:
    """Stream to alerts of members; of events that are older than three days to none."""
    return Notifier(data_dir, nats_url).run


FOLLOWERS = {
    "clearing": clearing,
    "audit": audit,
    "marketdata": marketdata,
    "dropcopy": dropcopy,
    "notifier": notifier,
}


@asynccontextmanager
async def running(run: Run) -> AsyncIterator[None]:
    """It runs inside and is stopped cleanly at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop))
    try:
        yield
        assert not task.done(), "it ended by itself"
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_SECONDS)


def shown_at(data_dir: Path, name: str) -> int:
    """event_seq that a sink shows in its file; 0 where there is none."""
    position = read_position_file(DataDirectory(data_dir).position(name))
    return position.event_seq if position is not None else 0
