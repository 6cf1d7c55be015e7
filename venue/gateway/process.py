"""The process `gateway`: HTTP in front, FIX sessions, NATS and the ledger behind.

Knows the settings and the parts; decides nothing itself.
"""

import asyncio
import time

import structlog
import uvicorn
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
from venue.gateway.logins import Logins
from venue.gateway.markets import Markets
from venue.gateway.operating.ways import Operating
from venue.gateway.readings import Readings
from venue.gateway.secrets import session_secrets
from venue.gateway.sessions import Sessions
from venue.gateway.store import Store
from venue.gateway.switches import Switches
from venue.gateway.tokens import Tokens
from venue.gateway.trading_facts import TradingFacts
from venue.gateway.users import Users
from venue.gateway.withdrawals import Withdrawals
from venue.servers.open_files import allow_most_open_files
from venue.servers.runtime import find_running
from venue.settings.data_sections import GatewaySettings
from venue.settings.settings import Settings

_log = structlog.get_logger("gateway")
KEEP_ALIVE_SECONDS = 30
CONNECTIONS_MAX = 4_096


async def run(settings: Settings, nats_url: str, database_url: str) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError, ConfigurationError."""
    allow_most_open_files()
    store = Store(DataDirectory(settings.data_dir).gateway)
    engine = ledger_engine(database_url)
    gateway = _gateway(settings, nats_url, engine, store)
    app = application(gateway)
    add_desk(app, gateway, DataDirectory(settings.data_dir).marketdata_key)
    stop = stop_on_signals()
    server = uvicorn.Server(
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
        )
    )
    _log.info("gateway", address=f"{settings.gateway.host}:{settings.gateway.port}")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(gateway.sessions.run(stop))
            group.create_task(gateway.markets.run(stop))
            group.create_task(gateway.history.run(stop))
            group.create_task(gateway.logins.watch(stop))
            group.create_task(server._serve())
            await stop.wait()
            server.should_exit = True
    finally:
        gateway.switches.close()
        if gateway.operating is not None:
            gateway.operating.close()
        engine.dispose()
        store.close()


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
