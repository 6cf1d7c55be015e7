"""`venue bench load`: load on a running venue over FIX, and how long its answers take.

Parses, calls, prints. Knows a venue by its FIX address only, and the settings for who may log on.
"""

import os
import ssl
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
    wrong_use,
)
from venue.clock import Clock, utc_timestamp
from venue.domain.instruments import Instrument
from venue.load.client import ANSWER_SECONDS, LoadClient
from venue.load.flow import Flow, Quote, quote_of
from venue.load.mix import Mix, MixError, parse_mix
from venue.load.outcome import Outcome, quantiles_us
from venue.load.picture import latency_picture
from venue.load.session import LoadError
from venue.printable import shown
from venue.servers import ServerError
from venue.servers.runtime import find_running
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
    yes: YesOption = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send orders, cancels and replaces, and tell how long the answers take.

    With --rate a message counts from the moment it was due, even if it could not be sent then (no
    coordinated omission); with --closed every session keeps N messages unanswered, which shows the
    most that the venue answers. Sessions log on with 141=Y and 9001=N: what they leave in the book
    stays there. Exit status 1 when something was not answered.

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
    flow = _flow(shares, _quotes(settings, symbols), seed)
    warm_up = min(seconds * _WARM_UP_SHARE, _WARM_UP_MAX) if warm_up is None else warm_up
    try:
        with LoadClient(address, logins, flow, _tls(ca)) as client:
            outcomes = _outcomes(client, rates, closed, seconds, warm_up)
    except LoadError as error:
        refuse(str(error))
    _print(outcomes, shares, as_json)
    if picture is not None:
        _draw(picture, outcomes, shares)
    unanswered = outcomes[-1].unanswered
    if unanswered:
        refuse(f"{unanswered} messages were not answered within {ANSWER_SECONDS:g} s")


def _tls(ca: Path | None) -> ssl.SSLContext | None:
    if ca is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        wrong_use(f"--ca {ca}: {error}")


def _outcomes(
    client: LoadClient, rates: list[int], closed: int, seconds: float, warm_up: float
) -> list[Outcome]:
    """One run, or one a rate; the last is the first that leaves something unanswered."""
    if closed:
        return [client.closed_loop(closed, seconds, warm_up)]
    outcomes: list[Outcome] = []
    for rate in rates:
        outcomes.append(client.open_loop(rate, seconds, warm_up))
        if outcomes[-1].unanswered:
            break
    return outcomes


def _mix(text: str, cross: int) -> Mix:
    try:
        return parse_mix(text, cross)
    except MixError as error:
        wrong_use(f"--mix: {error}")


def _flow(mix: Mix, quotes: list[Quote], seed: int) -> Callable[[int], Flow]:
    """What session n sends, with ClOrdIDs that differ from those of every earlier run."""
    now_ns = Clock().now_ns()
    prefix = f"l{now_ns // 1_000_000:x}-"

    def flow(number: int) -> Flow:
        random = Random(f"{seed}/{number}").random
        return Flow(mix, quotes, random, prefix, utc_timestamp(now_ns))

    return flow


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
    try:
        running = find_running(data_dir)
    except ServerError as error:
        refuse(str(error))
    if running is None:
        refuse(f"no venue is running in {data_dir}; start one, or give --host and --port")
    name, _, number = running.fix.rpartition(":")
    return name, int(number)


def _logins(
    settings: Settings, count: int, prefix: str, password: str | None
) -> list[tuple[str, str]]:
    """CompID and password of each session."""
    given = password or os.environ.get(PASSWORD_VARIABLE)
    if prefix:
        return [(f"{prefix}{number}", given or DEMO_PASSWORD) for number in range(1, count + 1)]
    configured = [session for session in settings.sessions if session.enabled]
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


def _print(outcomes: list[Outcome], mix: Mix, as_json: bool) -> None:
    if as_json:
        runs = [outcome.as_object() for outcome in outcomes]
        print_json({"ok": not outcomes[-1].unanswered, "runs": runs})
        return
    for outcome in outcomes:
        console().print(_as_table(outcome, mix))


def _draw(file: Path, outcomes: list[Outcome], mix: Mix) -> None:
    points = [(outcome.offered or 0, quantiles_us(outcome.latency)) for outcome in outcomes]
    how = f"{outcomes[0].sessions} sessions, {mix.text()}, {mix.cross} % cross"
    file.write_text(latency_picture(points, f"Latency from the moment due; {how}"))


def _as_table(outcome: Outcome, mix: Mix) -> Table:
    how = f"{outcome.offered:,}/s" if outcome.offered else f"{outcome.in_flight} in flight each"
    table = Table(
        title=f"{how}, {outcome.sessions} sessions, {outcome.seconds:.1f} s", show_header=False
    )
    table.add_row("mix", f"{mix.text()}, {mix.cross} % of the new cross")
    table.add_row("acknowledged a second", f"{outcome.acknowledged_per_second:,}")
    table.add_row("fills", f"{outcome.fills:,}")
    since = "when due" if outcome.offered else "when sent"
    for name, value in quantiles_us(outcome.latency).items():
        table.add_row(f"answered {since}, {name.replace('_', '.')}", f"{value / 1000:.3f} ms")
    if outcome.offered:
        late = quantiles_us(outcome.late)["p99"]
        table.add_row("of that late in the client, p99", f"{late / 1000:.3f} ms")
    table.add_row("client's CPU a message", f"{outcome.client_us:.1f} us")
    for reason, count in outcome.rejects.items():
        table.add_row(Text(shown(f"rejected: {reason}")), f"{count:,}")
    table.add_row("unanswered", f"{outcome.unanswered:,}")
    return table
