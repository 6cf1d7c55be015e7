"""`venue bench load`: load on a running venue over FIX, and how long its answers take.

Parses and calls. Knows a venue by its FIX address only, and the settings for who may log on.
"""

import os
import ssl
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from venue.cli.broker.load_report import tell
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    data_dir_of,
    refuse,
    running_in,
    wrong_use,
)
from venue.clock import Clock, utc_timestamp
from venue.domain.instruments import Instrument
from venue.load.client import LoadClient
from venue.load.flow import Quote, quote_of
from venue.load.mix import Mix, MixError, parse_mix
from venue.load.native_client import run_natively
from venue.load.outcome import Outcome
from venue.load.program import NotBuilt, native_program
from venue.load.task import LoadError, Plan, Run, Task
from venue.settings.definitions import definition
from venue.settings.sections import DEMO_PASSWORD
from venue.settings.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Measure a running venue.")

PASSWORD_VARIABLE = "FIX_PASSWORD"
SESSIONS_MAX = 500
_DEFAULT_PORT = 9878
_WARM_UP_SHARE, _WARM_UP_MAX = 0.2, 5.0
_MIX = Mix()
_MIX_TEXT = _MIX.text()

RateOption = Annotated[
    str, typer.Option("--rate", metavar="R[,R]...", help="Messages/s in all: open loop.")
]
ClosedOption = Annotated[
    int, typer.Option("--closed", metavar="N", min=0, help="In flight a session: closed loop.")
]
SessionsOption = Annotated[
    int, typer.Option("--sessions", metavar="S", min=1, max=SESSIONS_MAX, help="How many.")
]
SecondsOption = Annotated[
    float, typer.Option("--seconds", metavar="T", min=0.1, help="Measured time of each rate.")
]
WarmUpOption = Annotated[
    float | None,
    typer.Option("--warm-up", metavar="T", min=0, help="Before that; 20 % of it, at most 5 s."),
]
MixOption = Annotated[
    str, typer.Option("--mix", metavar="SHARES", help="Percent of each kind of message.")
]
CrossOption = Annotated[
    int, typer.Option("--cross", metavar="PERCENT", help="New orders that are priced to trade.")
]
SymbolsOption = Annotated[
    str, typer.Option("--symbols", metavar="S[,S]...", help="Else all that are configured.")
]
HostOption = Annotated[
    str | None, typer.Option("--host", help="Of the FIX port, if not in --data-dir.")
]
CaOption = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE.pem", help="Speak TLS, as to a gate; who signs for it."),
]
PortOption = Annotated[int | None, typer.Option("--port", help="The venue's FIX port.")]
PrefixOption = Annotated[
    str, typer.Option("--user-prefix", metavar="P", help="Log on as P1, P2, ... PS.")
]
PasswordOption = Annotated[
    str | None,
    typer.Option("--password", help=f"Else {PASSWORD_VARIABLE}, or the configured ones."),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Instead of ./venue.toml.")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="Of what is sent.")]
PictureOption = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE.svg", help="Latency against rate.")
]


class ClientKind(StrEnum):
    """Which load client sends."""

    C = "c"
    PYTHON = "python"


ClientOption = Annotated[
    ClientKind | None,
    typer.Option("--client", help="Else c; python without a C compiler, and for TLS."),
]


@app.callback()
def bench() -> None:
    """Measure a running venue."""


@app.command()
def load(
    context: typer.Context,
    rate: RateOption = "",
    closed: ClosedOption = 0,
    sessions: SessionsOption = 4,
    seconds: SecondsOption = 10.0,
    warm_up: WarmUpOption = None,
    mix: MixOption = _MIX_TEXT,
    cross: CrossOption = _MIX.cross,
    symbols: SymbolsOption = "",
    host: HostOption = None,
    port: PortOption = None,
    ca: CaOption = None,
    user_prefix: PrefixOption = "",
    password: PasswordOption = None,
    config: ConfigOption = None,
    seed: SeedOption = 1,
    picture: PictureOption = None,
    client: ClientOption = None,
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send orders, cancels and replaces, and tell how long the answers take.

    With --rate a message counts from the moment it was due, even if it could not be sent then (no
    coordinated omission); with --closed every session keeps N messages unanswered, which shows the
    most that the venue answers. Sessions log on with 141=Y and 9001=N: what they leave in the book
    stays there. Ctrl-C ends it and tells what was measured so far. Exit status 1 then, and when
    something was not answered. The client is a C program, built once by this machine's compiler and
    kept in ~/.cache/venue; without a compiler, and for TLS, it is a Python one, which takes several
    times the processor.

    Examples:

        venue bench load --rate 5000 --seconds 30

        venue bench load --closed 64 --sessions 4

        venue bench load --rate 2000,5000,10000 --picture latency.svg

        venue bench load --closed 64 --sessions 20 --user-prefix LOAD --password secret
    """
    rates = _rates(rate, closed)
    if picture is not None and closed:
        wrong_use("--picture shows latency against --rate; --closed has none")
    shares = _mix(mix, cross)
    directory = data_dir_of(context, data_dir, config)
    settings = load_settings(config, (), directory)
    address = _address(directory, host, port)
    logins = _logins(settings, sessions, user_prefix, password)
    warm_up = min(seconds * _WARM_UP_SHARE, _WARM_UP_MAX) if warm_up is None else warm_up
    task = Task(address, logins, _plan(shares, _quotes(settings, symbols), seed))
    runs = [Run(each, None, seconds, warm_up) for each in rates]
    runs = runs or [Run(None, closed, seconds, warm_up)]
    tell(_outcomes(task, runs, client, ca), task, picture, as_json)


def _outcomes(
    task: Task, runs: Sequence[Run], client: ClientKind | None, ca: Path | None
) -> list[Outcome]:
    program = _program(client, ca)
    try:
        if program is not None:
            return run_natively(program, task, runs)
        with LoadClient(task, _tls(ca)) as load_client:
            return load_client.measure(runs)
    except LoadError as error:
        refuse(str(error))


def _program(client: ClientKind | None, ca: Path | None) -> Path | None:
    """The client in C, or None where the one in Python has to do; why goes to stderr."""
    if client is ClientKind.PYTHON:
        return None
    if ca is not None:
        if client is ClientKind.C:
            wrong_use("--client c speaks no TLS; leave it out, or --ca")
        return None
    try:
        return native_program()
    except NotBuilt as error:
        if client is ClientKind.C:
            refuse(str(error))
        typer.echo(f"{error}; the Python client is used, which takes more processor", err=True)
        return None


def _tls(ca: Path | None) -> ssl.SSLContext | None:
    if ca is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        wrong_use(f"--ca {ca}: {error}")


def _mix(text: str, cross: int) -> Mix:
    try:
        return parse_mix(text, cross)
    except MixError as error:
        wrong_use(f"--mix: {error}")


def _plan(mix: Mix, quotes: list[Quote], seed: int) -> Plan:
    """What is sent, with ClOrdIDs that differ from those of every earlier run."""
    now_ns = Clock().now_ns()
    return Plan(mix, quotes, seed, f"l{now_ns // 1_000_000:x}-", utc_timestamp(now_ns))


def _rates(text: str, closed: int) -> list[int]:
    if bool(text) == bool(closed):
        wrong_use("give either --rate or --closed")
    rates = [part.strip() for part in text.split(",")] if text else []
    if not all(part.isdecimal() and int(part) for part in rates):
        wrong_use(f"--rate {text}: not whole numbers of 1 or more")
    return [int(part) for part in rates]


def _address(data_dir: Path, host: str | None, port: int | None) -> tuple[str, int]:
    if host is not None or port is not None:
        return host or "127.0.0.1", port or _DEFAULT_PORT
    running = running_in(data_dir, "; start one, or give --host and --port")
    name, _, number = running.fix.rpartition(":")
    return name, int(number)


def _logins(
    settings: Settings, count: int, prefix: str, password: str | None
) -> list[tuple[str, str]]:
    """CompID and password of each session."""
    given = password or os.environ.get(PASSWORD_VARIABLE)
    if prefix:
        return [(f"{prefix}{number}", given or DEMO_PASSWORD) for number in range(1, count + 1)]
    configured = [settings.session(name) for name in settings.enabled_sessions()]
    if count > len(configured):
        refuse(
            f"the configuration has {len(configured)} sessions, not {count}; with --user-prefix P "
            "they are called P1, P2, ..."
        )
    used = configured[:count]
    unknown = [session.comp_id for session in used if not (given or session.has_demo_password)]
    if unknown:
        refuse(f"no password for {unknown[0]}: give --password or set {PASSWORD_VARIABLE}")
    return [(session.comp_id, given or DEMO_PASSWORD) for session in used]


def _quotes(settings: Settings, text: str) -> list[Quote]:
    symbols = [name.strip() for name in text.split(",")] if text else []
    known = {each.symbol: definition(each, settings.risk) for each in settings.instruments}
    for symbol in symbols:
        if symbol not in known:
            refuse(f"symbol {symbol} is not configured; there are {', '.join(known)}")
    return [quote_of(Instrument(known[symbol])) for symbol in symbols or known]
