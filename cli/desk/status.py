"""`venue status`: is it up, how far is each process, when was the last snapshot, who is logged on.

Parses, calls, prints.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from venue.admin.answers import RecoveryFacts, SnapshotPlace
from venue.cli.desk.listeners import listeners_table
from venue.cli.desk.session import sessions_table
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, running_in
from venue.domain.overview import Blocks
from venue.health import Health, ProcessHealth, health
from venue.health_told import health_told, snapshot_age
from venue.housekeeping.disk_use import StoreUse
from venue.printable import shown
from venue.servers.runtime import RuntimeInfo

if TYPE_CHECKING:
    from rich.table import Table

_NAMES_SHOWN = 10
_BLOCKS = {
    "killed_members": "members killed",
    "suspended_members": "members suspended",
    "unapproved_members": "members without KYC approval",
    "blocked_sessions": "sessions without entry",
    "disabled_sessions": "sessions disabled",
    "halted_instruments": "instruments halted",
    "disabled_instruments": "instruments disabled",
}
"""What `venue status` counts, in words."""


def status(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Processes with position and lag in events, last snapshot, last recovery, and sessions.

    Who does not answer is named within two seconds. Exit status 1 when no venue runs, its trading
    process does not answer, or a process halts, or nobody knows how far one is: up is not working.

    Example: venue status --json
    """
    directory = data_dir_of(context, data_dir)
    running = running_in(directory)
    found = health(directory, running)
    if as_json:
        print_json(health_told(found, running))
    else:
        _print(found, running)
    for line in found.unreachable:
        typer.echo(shown(f"unreachable: {line}"), err=True)
    for line in found.troubles:
        typer.echo(shown(f"trouble: {line}"), err=True)
    if found.trading is None or found.troubles:
        raise typer.Exit(1)


def _print(found: Health, running: RuntimeInfo) -> None:
    screen = console()
    trading = found.trading
    if trading is not None:
        typer.echo(
            f"trading day {trading.trading_day}, {trading.phase}, fix {running.fix}, "
            f"{running.core} core, up {trading.uptime_seconds} s, "
            f"event {_number(found.event_seq, '')}, {trading.open_orders} open orders"
        )
        typer.echo(_snapshot_line(trading.last_snapshot))
        typer.echo(_recovery_line(trading.recovery))
        for line in blocks_lines(trading.blocks):
            typer.echo(shown(line))
    screen.print(_processes_table(found))
    if running.elsewhere:
        typer.echo(f"elsewhere, asked where they run: {', '.join(running.elsewhere)}")
    if found.listeners:
        screen.print(listeners_table(found.listeners))
    screen.print(_disk_table(found))
    if trading is not None:
        screen.print(sessions_table(trading.sessions))


def _snapshot_line(last: SnapshotPlace | None) -> str:
    if last is None:
        return "no snapshot yet"
    age = snapshot_age(last)
    return f"last snapshot after record {last.seq}, event {last.event_seq}, {age:g} s old"


def _recovery_line(recovery: RecoveryFacts) -> str:
    cut = f"; torn tail cut: {recovery.cut}" if recovery.cut else ""
    cut += f"; {recovery.clock}" if recovery.clock else ""
    origin = f"; {recovery.origin}" if recovery.origin else ""
    return (
        f"recovered in {recovery.seconds:g} s: {recovery.commands:,} commands executed after "
        f"{recovery.snapshot or 'no snapshot'}{cut}{origin}"
    )


def blocks_lines(blocks: Blocks) -> Iterator[str]:
    """What is stopped, a line a kind, and how many commands wait; one line if nothing is so."""
    if blocks.all_killed:
        yield "ALL ARE KILLED: no order enters, venue revive all lifts it"
    if blocks.sessions_closed is not None:
        yield f"SESSIONS ARE CLOSED: {blocks.sessions_closed}; venue session open lets them log on"
    for key, words in _BLOCKS.items():
        names = list(getattr(blocks, key))
        if names:
            more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
            yield f"{len(names)} {words}: {', '.join(names[:_NAMES_SHOWN])}{more}"
    if blocks.held_commands:
        yield f"{blocks.held_commands} commands wait for a second operator: venue approvals"
    if blocks.are_none:
        yield "nothing is killed, suspended or halted, no command waits for approval"


def _processes_table(found: Health) -> "Table":
    from rich.table import Table  # here, for JSON needs no table
    from rich.text import Text

    table = Table("process", "in", "up")
    for heading in ("pid", "position", "lag", "restarts"):
        table.add_column(heading, justify="right")
    table.add_column("trouble")
    for process in found.processes:
        table.add_row(
            process.process,
            "" if process.runs_in == process.process else process.runs_in,
            _up(process.up),
            _number(process.pid, ""),
            _number(process.position),
            _number(process.lag),
            str(process.restarts),
            Text(shown(_trouble(process)), style="bold red"),
        )
    table.add_section()
    for server in found.servers:
        table.add_row(
            server.server,
            "",
            _up(server.up),
            _number(server.pid, ""),
            "",
            "",
            str(server.restarts),
            Text(shown(server.trouble or ""), style="bold red"),
        )
    return table


def _disk_table(found: Health) -> "Table":
    from rich.table import Table

    table = Table("store", caption=f"{size_text(found.free_bytes)} free", caption_justify="left")
    table.add_column("on disk", justify="right")
    table.add_column("a day like this", justify="right")
    table.add_column("kept")
    for each in found.disk:
        day = "" if each.day_bytes is None else size_text(each.day_bytes)
        table.add_row(each.store, size_text(each.bytes), day, _kept(each))
    return table


def _kept(use: StoreUse) -> str:
    days = f"{use.kept_days} days" if use.kept_days else ""
    gib = f"{use.kept_gib} GiB" if use.kept_gib else ""
    return ", ".join(filter(None, [days, gib])) or "all"


def size_text(size: int) -> str:
    """Bytes in the unit in which a person would say them."""
    number, units = float(size), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while number >= 1024 and len(units) > 1:
        number /= 1024
        units.pop(0)
    return (
        f"{number:.0f} {units[0]}"
        if number >= 10 or units[0] == "bytes"
        else f"{number:.1f} {units[0]}"
    )


def _trouble(process: ProcessHealth) -> str:
    halt = process.halted
    if halt is None:
        return process.trouble or ""
    where = f"event {halt.event_seq:,}" if halt.event_seq else "its store"
    return f"halted, {where}: {process.trouble}"


def _up(is_up: bool) -> str:
    return "up" if is_up else "[bold red]down[/]"


def _number(value: int | None, separator: str = ",") -> str:
    return "unknown" if value is None else f"{value:{separator}}"
