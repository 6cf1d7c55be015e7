"""`venue demo`: a scratch venue, simulated counterparties for a while, and whether it all adds up.

Parses, calls, prints. Compares what the parties were told with what the ledger has.
"""

import dataclasses
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from sqlalchemy import Engine, func, select

from venue.admin.answers import StatusAnswer
from venue.admin.client import ask
from venue.admin.requests import StatusQuery
from venue.clearing.database import ledger_engine
from venue.clearing.schema import trades
from venue.clearing.statements import TrialBalance, exact_text, trial_balance
from venue.cli.json_output import print_json
from venue.cli.options import JsonOption, console, refuse
from venue.settings.files import find_config
from venue.sim.parties import definitions_of, parties_of
from venue.sim.summary import ScenarioError, Summary
from venue.testing import Part, RunningVenue, VenueNotReady, running_venue

if TYPE_CHECKING:
    from venue.sim.scenario import Scenario

_CLEARING_SECONDS = 30.0
_POLL_SECONDS = 0.1
_PROGRESS_SECONDS = 1.0
_PARTS = (Part.MARKETDATA, Part.DROPCOPY)
_SETTINGS = ("journal.segment_mib=16",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the parties say, what the ledger says, and in `failures` what is not as it must be."""

    seconds: int
    told: Summary
    ledger_trades: int
    ledger_value: dict[str, str]
    ledger_balanced: bool
    failures: list[str]


def demo(
    seconds: Annotated[
        int, typer.Option("--seconds", min=1, metavar="N", help="How long to trade.")
    ],
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="Of the counterparties' decisions.")
    ] = 1,
    rate: Annotated[
        int,
        typer.Option("--rate", min=1, max=2000, metavar="R", help="Requests/s of each session."),
    ] = 50,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Instead of ./venue.toml.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a whole venue in a scratch directory, with four counterparties that trade over FIX.

    Ends with a summary; the exit status is 0 only if every request was answered, every trade is in
    the ledger with its value, and the ledger sums to zero.

    Examples:

        venue demo --seconds 20

        venue demo --seconds 60 --rate 50 --json
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    _say("starting a venue in a scratch directory")
    try:
        with running_venue(_PARTS, config=find_config(config), settings=_SETTINGS) as venue:
            outcome = _trade(venue, seconds, seed, rate)
            _say("stopping the venue")
            if venue.stop() != 0:
                outcome.failures.append("the venue did not stop cleanly")
    except (VenueNotReady, ScenarioError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        refuse("interrupted")
    if as_json:
        print_json(_as_object(outcome))
    else:
        console().print(_as_table(outcome))
    if outcome.failures:
        refuse("; ".join(outcome.failures))


def _trade(venue: RunningVenue, seconds: int, seed: int, rate: int) -> Outcome:
    from venue.sim.scenario import Scenario  # here, for it brings in QuickFIX

    settings = venue.settings
    scenario = Scenario(
        venue.address, parties_of(settings), definitions_of(settings), seed=seed, rate=rate
    )
    told = _run(scenario, seconds)
    status = ask(venue.data_dir, StatusQuery())
    assert isinstance(status, StatusAnswer)
    event_seq = status.event_seq
    _say(f"waiting for clearing to reach event {event_seq}")
    engine = ledger_engine(venue.runtime.database)
    try:
        return _compare(engine, seconds, told, event_seq)
    finally:
        engine.dispose()


def _run(scenario: "Scenario", seconds: int) -> Summary:
    """Run it in a thread of its own, with progress on stderr; Ctrl-C ends it early."""
    stop = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        run: Future[Summary] = executor.submit(scenario.run, stop, float(seconds))
        try:
            while not run.done():
                wait_for([run], _PROGRESS_SECONDS)
                at = scenario.summary()
                _say(f"{at.requests} requests, {at.reports} reports, {at.trades} trades")
        finally:
            stop.set()
    return run.result()


def _compare(engine: Engine, seconds: int, told: Summary, event_seq: int) -> Outcome:
    deadline = time.monotonic() + _CLEARING_SECONDS
    balance = trial_balance(engine)
    while balance["position"] < event_seq and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        balance = trial_balance(engine)
    return judge(seconds, told, balance, _ledger_value(engine), event_seq)


def judge(
    seconds: int,
    told: Summary,
    balance: TrialBalance,
    ledger_value: dict[str, str],
    event_seq: int,
) -> Outcome:
    """Whether the ledger, at `event_seq`, says to the last digit what the parties were told."""
    unbalanced = [asset for asset, totals in balance["assets"].items() if totals["sum"] != 0]
    failures = []
    if balance["position"] < event_seq:
        failures.append(f"clearing is at event {balance['position']} of {event_seq}")
    if told.unanswered or told.session_rejects:
        failures.append(f"{told.unanswered} unanswered, {told.session_rejects} session rejects")
    if balance["trades"] != told.trades:
        failures.append(f"{told.trades} trades reported, {balance['trades']} in the ledger")
    if ledger_value != told.traded_value:
        failures.append(f"reported value {told.traded_value} is not the ledger's {ledger_value}")
    if unbalanced:
        failures.append(f"the ledger does not balance in {', '.join(unbalanced)}")
    if not told.trades:
        failures.append("nothing was traded")
    return Outcome(seconds, told, balance["trades"], ledger_value, not unbalanced, failures)


def _ledger_value(engine: Engine) -> dict[str, str]:
    """Value of all trades in the ledger, by currency."""
    total = func.sum(trades.c.amount)
    with engine.connect() as connection:
        rows = connection.execute(select(trades.c.currency, total).group_by(trades.c.currency))
        return {currency: exact_text(amount) for currency, amount in rows}


def _as_object(outcome: Outcome) -> dict[str, object]:
    return {
        "ok": not outcome.failures,
        "seconds": outcome.seconds,
        **dataclasses.asdict(outcome.told),
        "ledger_trades": outcome.ledger_trades,
        "ledger_value": outcome.ledger_value,
        "ledger_balanced": outcome.ledger_balanced,
        "failures": outcome.failures,
    }


def _as_table(outcome: Outcome) -> Table:
    told = outcome.told
    table = Table(title=f"{outcome.seconds} s of trading", show_header=False)
    rows = {
        "orders": f"{told.orders:,}",
        "requests (with cancels and replaces)": f"{told.requests:,}",
        "reports": f"{told.reports:,}",
        "unanswered": str(told.unanswered),
        "refused as they should be": f"{told.refused:,}",
        "trades in the reports": f"{told.trades:,}",
        "trades in the ledger": f"{outcome.ledger_trades:,}",
        "traded value in the reports": _amounts(told.traded_value),
        "traded value in the ledger": _amounts(outcome.ledger_value),
        "ledger balanced": "yes" if outcome.ledger_balanced else "no",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _amounts(amounts: dict[str, str]) -> str:
    return ", ".join(f"{amount} {currency}" for currency, amount in amounts.items()) or "0"


def _say(text: str) -> None:
    typer.echo(text, err=True)
