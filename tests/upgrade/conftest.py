"""A data directory with a real journal, and real servers for who asks them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clearing.conftest import database_url as database_url
from tests.clearing.conftest import nats_url as nats_url
from tests.sequencer.builders import Trading
from tests.settings_example import write_configuration
from venue.data_directory import DataDirectory
from venue.journal.durable import forget_position
from venue.servers import nats, postgres
from venue.servers.nats import NatsServer
from venue.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = postgres.start(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats.start(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataDirectory]:
    """A data directory with a configuration beside it, in the working directory."""
    write_configuration(tmp_path, monkeypatch)
    place = DataDirectory(tmp_path / "data")
    place.journal.mkdir(parents=True, mode=0o700)
    yield place
    forget_position(place.journal)


@pytest.fixture
def trading(place: DataDirectory) -> Iterator[Trading]:
    trading = Trading(place.journal)
    yield trading
    trading.writer.close()
