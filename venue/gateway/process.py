"""The process `gateway`: HTTP in front, FIX sessions, NATS and the ledger behind.

Knows the settings and the parts; decides nothing itself.
"""

import asyncio
import time

import structlog
import uvicorn

from venue.bus.connection import stop_on_signals
from venue.clearing.database import ledger_engine
from venue.data_directory import DataDirectory
from venue.gateway.application import application
from venue.gateway.callers import Callers
from venue.gateway.context import Gateway
from venue.gateway.hub import Hub, Topic
from venue.gateway.idempotency import Idempotency
from venue.gateway.kraken.serving import serve as serve_kraken
from venue.gateway.markets import Markets
from venue.gateway.readings import Readings
from venue.gateway.secrets import session_secrets
from venue.gateway.sessions import Sessions
from venue.gateway.store import Store
from venue.gateway.switches import Switches
from venue.gateway.tokens import Tokens
from venue.gateway.users import Users
from venue.servers.open_files import allow_most_open_files
from venue.servers.runtime import find_running
from venue.settings.settings import Settings

_log = structlog.get_logger("gateway")
KEEP_ALIVE_SECONDS = 30
CONNECTIONS_MAX = 4_096


async def run(settings: Settings, nats_url: str, database_url: str) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError, ConfigurationError."""
    allow_most_open_files()
    store = Store(DataDirectory(settings.data_dir).gateway)
    users = Users(store)
    tokens = Tokens(store, users)
    tokens.open(time.time_ns())
    engine = ledger_engine(database_url)
    hub = Hub()
    sessions = Sessions(
        lambda: _venue(settings),
        session_secrets(settings),
        lambda member, news: hub.tell(Topic.ORDERS, member, news),
        lambda member, trouble: hub.tell(Topic.LINES, member, trouble),
    )
    switches = Switches(sessions)
    markets = Markets(nats_url, lambda symbol, update: hub.tell(Topic.MARKET, symbol, update))
    gateway = Gateway(
        store,
        users,
        tokens,
        Callers(store, users, tokens),
        sessions,
        switches,
        markets,
        Readings(engine),
        Idempotency(store),
        hub,
    )
    stop = stop_on_signals()
    served = application(gateway)
    kraken = serve_kraken(served, gateway, nats_url, settings)
    server = uvicorn.Server(
        uvicorn.Config(
            served,
            host=settings.gateway.host,
            port=settings.gateway.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            limit_concurrency=CONNECTIONS_MAX,
            server_header=False,
        )
    )
    _log.info("gateway", address=f"{settings.gateway.host}:{settings.gateway.port}")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(sessions.run(stop))
            group.create_task(markets.run(stop))
            group.create_task(server._serve())
            await stop.wait()
            server.should_exit = True
    finally:
        switches.close()
        if kraken is not None:
            kraken.close()
        engine.dispose()
        store.close()


def _venue(settings: Settings) -> tuple[str, int]:
    """Where the venue takes orders now: of a free port the running venue knows which."""
    if settings.fix.port:
        return settings.fix.host, settings.fix.port
    running = find_running(settings.data_dir)
    if running is None or not running.fix:
        raise ConnectionError(f"no venue is running in {settings.data_dir}")
    host, _, port = running.fix.rpartition(":")
    return host, int(port)
