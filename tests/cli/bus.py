"""A nats-server in a data directory that says a venue runs there: enough for some commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.said_to_run import say_it_runs
from venue.servers import nats
from venue.servers.nats import NatsServer


@contextmanager
def running_bus(data_dir: Path) -> Iterator[NatsServer]:
    """The server; runtime.json names this process as the venue."""
    server = nats.start(data_dir)
    say_it_runs(data_dir, nats=server.url)
    try:
        yield server
    finally:
        server.stop()
