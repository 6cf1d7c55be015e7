"""Commands pay for what they need only: which modules each of the frequent ones imports."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import RunningTrading
from tests.said_to_run import say_it_runs

HEAVY = ("sqlalchemy", "quickfix", "nats", "pydantic_settings", "venue.engine.engine")
LIGHT = ("rich", "psycopg", "asyncio")
_PROGRAM = """
import sys
from venue.cli.main import main
status = 0
try:
    main()
except SystemExit as end:
    status = end.code
found = [name for name in sys.argv.pop().split() if name in sys.modules]
print(status or 0, *found, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Trading runs, and runtime.json says that it is a whole venue without a database."""
    with RunningTrading(tmp_path_factory.mktemp("light")) as running:
        host, port = running.address
        say_it_runs(
            running.data_dir,
            fix=f"{host}:{port}",
            nats="nats://127.0.0.1:1",
            database="postgresql://nobody@127.0.0.1:1/venue",
            started_ns=time.time_ns(),
        )
        yield running.data_dir


@pytest.mark.parametrize(
    ("typed", "status", "besides"),
    [
        ("--help", 0, LIGHT),
        ("kill --help", 0, LIGHT),
        ("status --json", 1, ()),  # its processes do not run
        ("status", 1, ()),
        ("kill member DELTA", 0, LIGHT),
        ("revive member DELTA", 0, LIGHT),
        ("halt ACME", 0, LIGHT),
        ("resume ACME", 0, LIGHT),
        ("order list", 0, LIGHT),
        ("order list --member NOSUCH", 2, LIGHT),
        ("order cancel-all --member DELTA", 0, LIGHT),
        ("session list --json", 0, LIGHT),
        ("day status", 0, LIGHT),
        ("settle status", 0, LIGHT),
        ("settle fails", 0, LIGHT),
        ("settle calendar --json", 0, LIGHT),
        ("settle run --date 2026-12-02 --yes --no-wait", 0, LIGHT),
    ],
)
def test_frequent_command_loads_nothing_that_it_has_no_use_for(
    data_dir: Path, typed: str, status: int, besides: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.replace("sys.argv.pop()", repr(" ".join(HEAVY + besides))),
         "--data-dir", str(data_dir), *typed.split()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == str(status), done.stderr
