"""`venue sim`: a counterparty that misbehaves on demand, between a FIX client and a venue.

Parses and prints; what it does is venue/simulator's.
"""

import asyncio
import signal
import socket
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from venue import logs
from venue.cli.broker.by_fix import PASSWORD_VARIABLE, address_of, host_and_port, password_of
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse, wrong_use
from venue.data_directory import DataDirectory
from venue.printable import shown
from venue.simulator.behaviours import AnyBehaviour
from venue.simulator.control import Control, NoSimulator, listening_socket, serve_control
from venue.simulator.counter import Login
from venue.simulator.proxy import Proxy, Status
from venue.simulator.script import ScriptError, behaviour_of, ensure_can_fill, read_script

app = typer.Typer(invoke_without_command=True)

ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="HOST:PORT", help="The venue; else the one that runs here."),
]
ListenOption = Annotated[
    str, typer.Option("--listen", metavar="HOST:PORT", help="Where clients connect.")
]
ScriptOption = Annotated[
    Path | None, typer.Option("--script", metavar="FILE", help="Steps, as TOML or JSON.")
]
CounterOption = Annotated[
    str, typer.Option("--counter", metavar="COMPID", help="A free session, that `fill` needs.")
]
PasswordOption = Annotated[
    str | None, typer.Option("--password", help=f"Of that session; else {PASSWORD_VARIABLE}.")
]
LogOption = Annotated[
    Path | None,
    typer.Option("--log", metavar="DIR", help="Keep what clients send and get, by session."),
]
ControlOption = Annotated[
    Path | None,
    typer.Option("--control", metavar="FILE", help="Its socket; else one in the data directory."),
]


@app.callback()
def sim(
    context: typer.Context,
    to: ToOption = None,
    listen: ListenOption = "127.0.0.1:9890",
    script: ScriptOption = None,
    counter: CounterOption = "",
    password: PasswordOption = None,
    log: LogOption = None,
    control: ControlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Stand between a FIX client and a venue, and misbehave on demand, until Ctrl-C.

    Until it is told otherwise the client meets the venue itself. What it can do: docs/SIMULATOR.md.

    Examples:

        venue sim --to 127.0.0.1:9878 --listen 127.0.0.1:9890

        venue sim --script bad-day.toml --counter DELTA

        venue sim do reject count=3 reason=3 text="no more"

        venue sim do delay ms=500 count=0 session=ALPHA

        venue sim clear
    """
    if context.invoked_subcommand is not None:
        return
    logs.configure("sim", level="warning")
    place = data_dir_of(context, data_dir)
    venue, listens = address_of(to, place), host_and_port(listen)
    try:
        steps = () if script is None else read_script(script)
        ensure_can_fill(steps, has_counter=bool(counter))
    except ScriptError as error:
        wrong_use(str(error))
    login = Login(counter, password_of(place, counter, password)) if counter else None
    _serve(Proxy(venue, steps, login, log), listens, _control(place, control))


def _serve(proxy: Proxy, listen: tuple[str, int], control: Path) -> None:
    """Listen at both places until a signal comes."""
    try:
        control.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(listening_socket(control)) as listener:
            try:
                asyncio.run(_run(proxy, listen, listener, control))
            finally:
                control.unlink(missing_ok=True)
    except OSError as error:
        refuse(f"{listen[0]}:{listen[1]} or {control}: {error}")


@app.command(
    epilog="Examples: venue sim do drop now=true | venue sim do reject count=3 cl_ord_id='A*' | "
    "venue sim do gap msg_type=8 nth=2"
)
def do(
    context: typer.Context,
    behaviour: Annotated[str, typer.Argument(metavar="BEHAVIOUR", help="As in docs/SIMULATOR.md.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=VALUE]...", help="Its parameters; session, msg_type ..."),
    ] = None,
    control: ControlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell a running simulator to do something, from now on."""
    try:
        wanted = behaviour_of(behaviour, words or [])
    except ScriptError as error:
        wrong_use(str(error))
    _tell(context, data_dir, control, as_json, do=[wanted])


@app.command(epilog="Example: venue sim clear")
def clear(
    context: typer.Context,
    control: ControlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell a running simulator to do nothing any more."""
    _tell(context, data_dir, control, as_json, clear_first=True)


@app.command(epilog="Examples: venue sim status | venue sim status --json")
def status(
    context: typer.Context,
    control: ControlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who is connected to a running simulator, what it was told, and what became of it."""
    _tell(context, data_dir, control, as_json)


async def _run(proxy: Proxy, listen: tuple[str, int], listener: socket.socket, path: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    host, port = await proxy.start(*listen)
    server = await serve_control(listener, proxy)
    typer.echo(f"sim ready fix={host}:{port} control={path}")
    await stop.wait()
    server.close()
    await proxy.stop()


def _control(data_dir: Path, given: Path | None) -> Path:
    return given or DataDirectory(data_dir).simulator_socket


def _tell(
    context: typer.Context,
    data_dir: Path | None,
    given: Path | None,
    as_json: bool,
    *,
    do: Sequence[AnyBehaviour] = (),
    clear_first: bool = False,
) -> None:
    control = Control(_control(data_dir_of(context, data_dir), given))
    try:
        told = control.clear() if clear_first else control.do(*do)
    except (NoSimulator, ScriptError) as error:
        refuse(str(error))
    if as_json:
        print_json(told)
        return
    for line in _lines(told):
        typer.echo(shown(line))


def _lines(told: Status) -> list[str]:
    lines = [f"connected: {', '.join(told.sessions) or 'nobody'}"]
    for step in told.steps:
        on = step.behaviour.on
        left = "each" if not on.count else f"{on.count - step.used} left"
        lines.append(f"{type(step.behaviour).__struct_config__.tag}: done {step.used}, {left}")
    return [*lines, *(f"not done as asked: {problem}" for problem in told.problems)]
