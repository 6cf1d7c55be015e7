"""A data directory whose runtime.json says that a venue runs there: this process."""

import os
from pathlib import Path

from venue.servers.left_over import start_ticks
from venue.servers.runtime import RuntimeInfo, write_runtime

NOWHERE = "127.0.0.1:1"


def say_it_runs(
    data_dir: Path, *, fix: str = NOWHERE, nats: str = "", database: str = "", started_ns: int = 0
) -> None:
    """Write it: enough for commands that ask no more of a venue than what they are given here."""
    ticks = start_ticks(os.getpid())
    assert ticks is not None
    info = RuntimeInfo(
        fix=fix,
        nats=nats,
        database=database,
        data_dir=str(data_dir),
        pid=os.getpid(),
        pid_start_ticks=ticks,
        started_ns=started_ns,
    )
    write_runtime(data_dir, info)
