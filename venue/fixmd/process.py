"""The process fix-marketdata: books that follow the venue's on NATS, and sessions that read them.

Knows the settings and the parts; decides nothing itself. A flood of its clients never touches
trading: it is told of the market by NATS only.
"""

import asyncio

import structlog

from venue.bus.connection import stop_on_signals
from venue.fix.arrivals import bind
from venue.fixdata.edge import DataEdge
from venue.fixdata.serving import serve
from venue.fixdata.status import StatusFile
from venue.fixmd.core import MarketDataCore
from venue.fixmd.reader import Bounds
from venue.marketdata.followed import FollowedBooks
from venue.marketdata.followed_book import Update
from venue.processes import FIX_MARKETDATA
from venue.servers.open_files import allow_most_open_files
from venue.settings.settings import Settings

_log = structlog.get_logger("fix")


async def run(settings: Settings, nats_url: str) -> None:
    """Serve until SIGTERM or SIGINT. Raises ListenError, ConfigurationError."""
    allow_most_open_files()
    section, name = settings.fix_marketdata, FIX_MARKETDATA.name
    listener = bind(section.host, section.port, settings.buffer_bytes())
    address = "{}:{}".format(*listener.getsockname())
    edge = DataEdge(settings, "marketdata", name, listener)

    def changed(symbol: str, update: Update) -> None:
        core.changed(symbol, update)

    books = FollowedBooks(nats_url, changed, name=name, sounds=True)
    bounds = Bounds(
        section.queue_kib << 10,
        section.most_queue_kib << 10,
        section.slow_seconds,
        section.subscriptions,
    )
    core = MarketDataCore(
        edge,
        books,
        bounds,
        lambda: edge.settings.venue_dialect_sessions(),
        asyncio.get_running_loop().call_soon,
    )
    edge.serve(core)
    status = StatusFile(
        settings.data_dir, name, address, edge, core.describe, lambda: books.position
    )
    stop = stop_on_signals()
    _log.info("market data over FIX", address=address)
    async with asyncio.TaskGroup() as group:
        group.create_task(books.run(stop))
        group.create_task(serve(edge, status, stop, core.tick))


__all__ = ["run"]
