"""One real nats-server per test module, with no stream and no bucket at the beginning of a test."""

import asyncio
from collections.abc import Iterator

import pytest

from venue.servers import nats
from venue.servers.nats import NatsServer

from .scenario import wipe


@pytest.fixture(scope="module")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats.start(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


@pytest.fixture
def nats_url(nats_server: NatsServer) -> str:
    asyncio.run(wipe(nats_server.url))
    return nats_server.url
