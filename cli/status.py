"""`venue status`: is it up, how far is each process, who is logged on."""

import json
from pathlib import Path
from typing import Any

import typer
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from cli.operator import ask
from cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse
from cli.session import sessions_table
from venue.clearing.database import ledger_engine
from venue.clearing.statements import trial_balance
from venue.dropcopy.position_file import position_file, read_position_file
from venue.servers.runtime import RuntimeInfo, find_running

CONSUMERS = ("publisher", "clearing", "audit", "marketdata")


def status(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Processes, their positions and lag in events, phase, and sessions.

    Example: venue status --json
    """
    directory = data_dir_of(context, data_dir)
    running = find_running(directory)
    if running is None:
        refuse(f"no venue is running in {directory}")
    trading = ask(directory, {"query": "status"})
    processes = _processes(directory, running, int(trading["event_seq"]))
    if as_json:
        del trading["ok"]
        typer.echo(json.dumps({**trading, "fix": running.fix, "processes": processes}))
        return
    screen = console()
    screen.print(
        f"trading day {trading['trading_day']}, {trading['phase']}, fix {running.fix}, "
        f"up {trading['uptime_seconds']} s, event {trading['event_seq']}, "
        f"{trading['open_orders']} open orders"
    )
    table = Table("process", "pid", "position", "lag")
    for row in processes:
        table.add_row(*(str(row[key]) for key in ("process", "pid", "position", "lag")))
    screen.print(table)
    screen.print(sessions_table(trading["sessions"]))


def _processes(directory: Path, running: RuntimeInfo, event_seq: int) -> list[dict[str, Any]]:
    """One row each: trading first, then the consumers with position and lag (None: not known)."""
    rows: list[dict[str, Any]] = [
        {
            "process": "trading",
            "pid": running.processes.get("trading"),
            "position": event_seq,
            "lag": 0,
        }
    ]
    for name in CONSUMERS:
        position = _position(directory, running, name)
        rows.append(
            {
                "process": name,
                "pid": running.processes.get(name),
                "position": position,
                "lag": None if position is None else max(event_seq - position, 0),
            }
        )
    return rows


def _position(directory: Path, running: RuntimeInfo, name: str) -> int | None:
    if name == "clearing":
        return _clearing_position(running.database)
    position = read_position_file(position_file(directory, name))
    return None if position is None else position.event_seq


def _clearing_position(database_url: str) -> int | None:
    engine = ledger_engine(database_url)
    try:
        return trial_balance(engine)["position"]
    except SQLAlchemyError:
        return None  # PostgreSQL is away: the row says that the position is not known
    finally:
        engine.dispose()
