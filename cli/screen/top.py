"""`venue top`: rates and lag of each process, live or once. Looks on only; no process is asked.

Parses, looks twice, prints.
"""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from venue.cli.desk.status import size_text
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, running_in
from venue.metrics.look import Watch
from venue.metrics.rates import Quantiles, Rates, TradingRates, rates
from venue.printable import shown

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

_UNKNOWN = "?"


def top(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Print it once and end.")] = False,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.2, max=60.0, help="Between two looks.")
    ] = 1.0,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Rates and lag of every process of the running venue, until Ctrl-C; the busiest sessions, too.

    Reads files and /proc only. Without metrics.enabled it knows nothing of batches, latency and
    sessions. With --json it prints once.

    Examples: venue top | venue top --once --json
    """
    place = data_dir_of(context, data_dir)
    running_in(place)
    watch = Watch(place)
    before = watch.look()
    if once or as_json:
        time.sleep(seconds)
        found = rates(before, watch.look())
        if as_json:
            print_json(found)
        else:
            console().print(_screen(found))
        return
    from rich.live import Live  # here, for JSON needs no screen

    screen = console()
    try:
        with Live(console=screen, screen=screen.is_terminal, auto_refresh=False) as live:
            while True:
                time.sleep(seconds)
                after = watch.look()
                live.update(_screen(rates(before, after)), refresh=True)
                before = after
    except KeyboardInterrupt:
        return


def _screen(found: Rates) -> "Group":
    from rich.console import Group

    line = _trading_line(found.event_seq, found.trading)
    sessions = [_sessions(found)] if found.sessions else []
    return Group(line, _processes(found), _followers(found), *sessions)


def _trading_line(event_seq: int | None, trading: TradingRates) -> str:
    said = f"event {_number(event_seq)}, {_number(trading.events_per_second)} events/s"
    if trading.commands_per_second is None:
        return f"{said}; batches, latency and sessions are known with metrics.enabled only"
    return (
        f"{said}, {_number(trading.commands_per_second)} commands/s in batches of "
        f"{_number(trading.batch)}, inbox at most {_number(trading.inbox_deepest)}, "
        f"{_number(trading.sessions_on)} sessions on, {_number(trading.open_orders)} open orders\n"
        f"to report {_times(trading.to_report)}, to disk {_times(trading.to_disk)}, "
        f"fdatasync {_times(trading.sync)}"
    )


def _times(found: Quantiles | None) -> str:
    return _UNKNOWN if found is None else f"p50 {found.p50_ms:g} p99 {found.p99_ms:g} ms"


def _processes(found: Rates) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("process")
    for heading in ("pid", "cpu %", "memory", "files", "restarts"):
        table.add_column(heading, justify="right")
    table.add_column("trouble")
    for each in found.processes:
        memory = _UNKNOWN if each.resident_bytes is None else size_text(each.resident_bytes)
        table.add_row(
            each.process, _number(each.pid, ""), _number(each.cpu_percent), memory,
            _number(each.open_files), str(each.restarts),
            Text(shown(each.trouble or ""), style="bold red"),
        )  # fmt: skip
    return table


def _followers(found: Rates) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("follower", "in")
    for heading in ("position", "events/s", "lag", "seconds"):
        table.add_column(heading, justify="right")
    table.add_column("halted")
    for each in found.followers:
        table.add_row(
            each.follower, "" if each.runs_in == each.follower else each.runs_in,
            _number(each.position), _number(each.events_per_second), _number(each.lag_events),
            _number(each.lag_seconds), Text(shown(each.halted or ""), style="bold red"),
        )  # fmt: skip
    return table


def _sessions(found: Rates) -> "Table":
    from rich.table import Table

    table = Table("session")
    for heading in ("in/s", "out/s", "unread"):
        table.add_column(heading, justify="right")
    for each in found.sessions:
        unread = size_text(each.unread_bytes)
        table.add_row(
            each.session, _number(each.in_per_second), _number(each.out_per_second), unread
        )
    return table


def _number(value: float | None, separator: str = ",") -> str:
    return _UNKNOWN if value is None else f"{value:{separator}}"
