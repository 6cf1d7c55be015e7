"""How far a running venue is, asked in this process: who waits for it asks often.

It asks what `venue status` and `venue ledger trial-balance` ask, without starting a process each
time, which takes longer than what is waited for, and the processor from it.
"""

import json
from pathlib import Path
from typing import Any

import psycopg
from typer.testing import CliRunner

from venue.cli.main import app
from venue.health import health
from venue.processes import BY_NAME
from venue.servers.runtime import find_running

_FOLLOWING = {name for name, process in BY_NAME.items() if process.follows} | {"trading"}
_ANSWER_SECONDS = 5


def has_caught_up(data_dir: Path) -> bool:
    """Whether all that follow the journal are at its end; others have no position."""
    running = find_running(data_dir)
    rows = [] if running is None else health(data_dir, running).processes
    return bool(rows) and all(row.lag == 0 for row in rows if row.process in _FOLLOWING)


def asked(data_dir: Path, *arguments: str) -> dict[str, Any] | None:
    """What `venue ... --json` prints, whatever its status; None where it prints nothing."""
    ended = CliRunner().invoke(app, ["--data-dir", str(data_dir), *arguments, "--json"])
    found: dict[str, Any] | None = json.loads(ended.stdout) if ended.stdout else None
    return found


def booked_trades(data_dir: Path) -> int:
    """How many trades the ledger has; 0 while it does not answer, or has none of its tables."""
    running = find_running(data_dir)
    if running is None:
        return 0
    url = running.database.replace("postgresql+psycopg://", "postgresql://", 1)
    asked = "SELECT trades FROM clearing.entries ORDER BY event_seq DESC LIMIT 1"
    try:
        with psycopg.connect(url, connect_timeout=_ANSWER_SECONDS) as connection:
            row = connection.execute(asked).fetchone()
    except psycopg.Error:
        return 0
    return 0 if row is None else int(row[0])
