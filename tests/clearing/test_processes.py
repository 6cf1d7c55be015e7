"""Publisher and clearing as processes of their own: from a real journal into the ledger."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine

from tests.dropcopy.events import write_journal
from tests.dropcopy.scenario import until
from venue.clearing.repository import LedgerRepository
from venue.clearing.statements import trial_balance
from venue.dropcopy.position_file import Position, position_file, read_position_file
from venue.journal.durable import forget_position

from .trades import busy_day, trades_in

RUN = """
import asyncio, importlib, pathlib, sys
from venue.settings import load_settings
module, data_dir, *urls = sys.argv[1:]
settings = load_settings(data_dir=pathlib.Path(data_dir))
asyncio.run(importlib.import_module(module).run(settings, *urls))
"""


def start(module: str, data_dir: Path, *urls: str) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-c", RUN, module, str(data_dir), *urls]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL)


def test_both_processes_do_their_part_and_end_on_sigterm(
    engine: Engine, database_url: str, nats_url: str, tmp_path: Path
) -> None:
    events = busy_day(1_500)
    write_journal(tmp_path / "journal", events)
    LedgerRepository(engine).open()
    processes = [
        start("venue.dropcopy.publisher", tmp_path, nats_url),
        start("venue.clearing.worker", tmp_path, nats_url, database_url),
    ]
    try:
        asyncio.run(until(lambda: trial_balance(engine)["position"] == 1_500))
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        statuses = [process.wait(20) for process in processes]
        forget_position(tmp_path / "journal")
    assert statuses == [0, 0]
    assert trial_balance(engine)["trades"] == trades_in(events)
    assert read_position_file(position_file(tmp_path, "publisher")) == Position(1_500, 1_500)
