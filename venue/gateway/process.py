"""The process `gateway`: HTTP in front, FIX sessions, NATS and the ledger behind.

Knows the settings and the parts; decides nothing itself.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from limits import RateLimitItem, RateLimitItemPerSecond
from sqlalchemy import Engine

from venue.bus.connection import stop_on_signals
from venue.clearing.database import ledger_engine
from venue.clearing.documents.business_days import BusinessDays
from venue.clearing.portfolio.lots import Method
from venue.data_directory import DataDirectory
from venue.gateway.application import application
from venue.gateway.callers import OF_A_CALLER, OF_AN_ADDRESS, OF_ORDERS, Callers
from venue.gateway.context import Gateway
from venue.gateway.demo_users import add_demo_users
from venue.gateway.desk.serve import add_desk
from venue.gateway.history import History
from venue.gateway.holdings import HoldingsOfMembers
from venue.gateway.hub import Hub, Topic
from venue.gateway.idempotency import Idempotency
from venue.gateway.kraken.serving import serve as serve_kraken
from venue.gateway.logins import Logins
from venue.gateway.markets import Markets
from venue.gateway.news import News
from venue.gateway.operating.ways import Operating
from venue.gateway.readings import Readings
from venue.gateway.secrets import session_secrets
from venue.gateway.sessions import Sessions
from venue.gateway.store import Store
from venue.gateway.streams.opened import open_streams
from venue.gateway.streams.wire import Wire
from venue.gateway.switches import Switches
from venue.gateway.tokens import Tokens
from venue.gateway.trading_facts import TradingFacts
from venue.gateway.users import Users
from venue.gateway.withdrawals import Withdrawals
from venue.servers.open_files import allow_most_open_files
from venue.servers.runtime import find_running
from venue.servers.scheduling import ask_for_short_turns
from venue.settings.data_sections import GatewaySettings
from venue.settings.settings import Settings

_log = structlog.get_logger("gateway")
KEEP_ALIVE_SECONDS = 30
CONNECTIONS_MAX = 4_096
WEBSOCKET_BYTES_MAX = 1 << 20
_GC_THRESHOLDS = (4_000, 20, 50)


async def run(settings: Settings, nats_url: str, database_url: str) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError, ConfigurationError."""
    allow_most_open_files()
    ask_for_short_turns()
    store = Store(DataDirectory(settings.data_dir).gateway)
    engine = ledger_engine(database_url)
    gateway = _gateway(settings, nats_url, engine, store)
    news = News(nats_url, gateway.hub)
    streams = open_streams(gateway, news, settings.gateway)
    app = application(gateway, streams)
    kraken = serve_kraken(app, gateway, nats_url, settings)
    add_desk(app, gateway, DataDirectory(settings.data_dir).marketdata_key)
    _settle_once_up(app)
    stop = stop_on_signals()
    server = _server(settings, app)
    _log.info("gateway", address=f"{settings.gateway.host}:{settings.gateway.port}")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(gateway.sessions.run(stop))
            group.create_task(gateway.markets.run(stop))
            group.create_task(gateway.history.run(stop))
            group.create_task(gateway.logins.watch(stop))
            group.create_task(news.run(stop))
            group.create_task(streams.run(stop))
            group.create_task(server._serve())
            await stop.wait()
            server.should_exit = True
    finally:
        gateway.switches.close()
        if gateway.operating is not None:
            gateway.operating.close()
        if kraken is not None:
            kraken.close()
        engine.dispose()
        store.close()


def _settle_once_up(app: FastAPI) -> None:
    """Have the collector never look again at what has been made until the application is up.

    Those are some 200,000 objects, a pause of up to a quarter of a second. NiceGUI looks for one of
    them when it starts, so this comes behind it. Later garbage is collected a little at a time.
    """
    starting = app.router.lifespan_context

    @asynccontextmanager
    async def settled(app: Any) -> AsyncIterator[Any]:
        async with starting(app) as state:
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_GC_THRESHOLDS)
            yield state

    app.router.lifespan_context = settled


def _server(settings: Settings, app: FastAPI) -> uvicorn.Server:
    """Sockets go over Wire; their messages are not compressed, which it could not do."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.gateway.host,
            port=settings.gateway.port,
            log_config=None,
            access_log=False,
            lifespan="on",  # the desk's
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            limit_concurrency=CONNECTIONS_MAX,
            server_header=False,
            ws=Wire,
            ws_per_message_deflate=False,
            ws_max_size=WEBSOCKET_BYTES_MAX,
        )
    )


def _gateway(settings: Settings, nats_url: str, engine: Engine, store: Store) -> Gateway:
    """The parts, put together; none of them runs yet."""
    hub = Hub()
    users = Users(store, takes_demo=settings.gateway.demo_users)
    tokens = Tokens(store, users, lambda user, family: hub.tell(Topic.LOGINS, user, family))
    tokens.open(time.time_ns())
    own_sessions = session_secrets(settings)
    if settings.gateway.demo_users:
        add_demo_users(store, users, own_sessions, time.time_ns())
    sessions = Sessions(
        lambda: _venue(settings),
        own_sessions,
        lambda member, news: hub.tell(Topic.ORDERS, member, news),
        lambda member, trouble: hub.tell(Topic.LINES, member, trouble),
    )
    switches = Switches(sessions)
    markets = Markets(nats_url, lambda symbol, update: hub.tell(Topic.MARKET, symbol, update))
    readings, history = Readings(engine), History(nats_url)
    facts, logins = TradingFacts(settings.data_dir), Logins(store, users, tokens, hub)
    method, days = Method(settings.portfolio.method), BusinessDays(settings.timetable())
    return Gateway(
        store,
        users,
        tokens,
        Callers(store, users, tokens, _limits(settings.gateway)),
        sessions,
        switches,
        markets,
        readings,
        Idempotency(store),
        hub,
        logins,
        history,
        facts,
        HoldingsOfMembers(engine, readings, facts, method, days),
        Withdrawals(store),
        settings.gateway.registration,
        Operating(settings.data_dir, engine) if settings.gateway.operators else None,
    )


def _limits(section: GatewaySettings) -> dict[RateLimitItem, RateLimitItem]:
    """The limits as they are configured."""
    return {
        OF_A_CALLER: RateLimitItemPerSecond(section.requests_per_second),
        OF_ORDERS: RateLimitItemPerSecond(section.orders_per_second),
        OF_AN_ADDRESS: RateLimitItemPerSecond(section.address_requests_per_second),
    }


def _venue(settings: Settings) -> tuple[str, int]:
    """Where the venue takes orders now: of a free port the running venue knows which."""
    if settings.fix.port:
        return settings.fix.host, settings.fix.port
    running = find_running(settings.data_dir)
    if running is None or not running.fix:
        raise ConnectionError(f"no venue is running in {settings.data_dir}")
    host, _, port = running.fix.rpartition(":")
    return host, int(port)
