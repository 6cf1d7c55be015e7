"""A nats-server in a data directory that says a venue runs there: enough for some commands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from venue.servers import nats
from venue.servers.left_over import start_ticks
from venue.servers.nats import NatsServer
from venue.servers.runtime import RuntimeInfo, write_runtime


@contextmanager
def running_bus(data_dir: Path) -> Iterator[NatsServer]:
    """The server; runtime.json names this process as the venue."""
    server = nats.start(data_dir)
    ticks = start_ticks(os.getpid())
    assert ticks is not None
    info = RuntimeInfo(
        fix="127.0.0.1:1",
        nats=server.url,
        database="",
        data_dir=str(data_dir),
        pid=os.getpid(),
        pid_start_ticks=ticks,
        started_ns=0,
    )
    write_runtime(data_dir, info)
    try:
        yield server
    finally:
        server.stop()
