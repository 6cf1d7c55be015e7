"""One real PostgreSQL and one real nats-server for the clearing tests; each test starts empty."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from tests.dropcopy.scenario import delete_stream
from venue.clearing.database import ledger_engine
from venue.servers import nats, postgres
from venue.servers.nats import NatsServer
from venue.servers.postgres import PostgresServer


@pytest.fixture(scope="package")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = postgres.start(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> str:
    drop_ledger(postgres_server.url)
    return postgres_server.url


@pytest.fixture
def role_urls(postgres_server: PostgresServer, database_url: str) -> dict[str, str]:
    """URLs of the ledger's roles, by setting; the ledger is empty."""
    return postgres_server.urls


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = ledger_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="package")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats.start(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


@pytest.fixture
def nats_url(nats_server: NatsServer) -> str:
    asyncio.run(delete_stream(nats_server.url))
    return nats_server.url


def drop_ledger(database_url: str) -> None:
    engine = ledger_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS clearing CASCADE"))
    engine.dispose()
