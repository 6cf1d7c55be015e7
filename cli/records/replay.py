"""`venue replay`: execute the journal again, compare every event, and say what state comes of it.

Parses, calls, prints; changes nothing, whether the venue runs or not.
"""

import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from venue.admin.answers import Refusal
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import DigestQuery
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, console, data_dir_of, refuse, wrong_use
from venue.cli.records.recorded import AtOption, ToOption, journal_directory, moment, replayed
from venue.cli.text.times import in_zone
from venue.clock import iso
from venue.engine.image.digest import state_digest
from venue.engine.state.engine_state import EngineState
from venue.engine.views.ladder import levels
from venue.servers.lock import is_held

DIGEST_SECONDS = 30.0


class Outcome(msgspec.Struct, frozen=True):
    """What a replay came to. snapshot: where it began, None for the first record.

    running_digest: that of the running venue after the same record, None where it was not asked.
    symbols: best bid and ask [price, quantity, orders] and number of open orders of each.
    """

    seq: int
    event_seq: int
    time: str
    snapshot: str | None
    commands: int
    seconds: float
    commands_per_second: int
    digest: str
    running_digest: str | None
    symbols: list[dict[str, Any]]


def replay(
    context: typer.Context,
    to_seq: ToOption = None,
    at: AtOption = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="From the first record, not from a snapshot.")
    ] = False,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Execute recorded commands again and compare every event with the one recorded.

    Without --to and --at it goes to the end; if the venue runs, its state is compared too. The
    first difference is named, with exit status 1.

    Examples:

        venue replay --verify

        venue replay --to 12345 --json

        venue replay --at 2026-01-31T09:30:00Z
    """
    if to_seq is not None and at is not None:
        wrong_use("of --to and --at only one can be")
    place = data_dir_of(context, data_dir)
    directory = journal_directory(place)
    to_ns = None if at is None else moment(place, at)
    running = _running_digest(place) if to_seq is None and at is None else None
    began = time.monotonic()
    result = replayed(directory, running[0] if running else to_seq, to_ns, whole=verify)
    seconds = time.monotonic() - began
    outcome = Outcome(
        result.seq,
        result.event_seq,
        iso(result.timestamp_ns),
        result.snapshot,
        result.commands,
        round(seconds, 3),
        int(result.commands / seconds),
        state_digest(result.engine.state),
        running[1] if running else None,
        _symbols(result.engine.state),
    )
    is_equal = outcome.running_digest in (None, outcome.digest)
    if json:
        print_json({"ok": is_equal, **msgspec.structs.asdict(outcome)})
    else:
        _print(outcome)
    if not is_equal:
        refuse(
            f"record {outcome.seq}: the running venue's state has digest "
            f"{outcome.running_digest}, replay gives {outcome.digest}"
        )


def _running_digest(data_dir: Path) -> tuple[int, str] | None:
    """Last record and state digest of the running venue; None if none answers."""
    try:
        answer = ask(data_dir, DigestQuery(), DIGEST_SECONDS)
    except VenueUnreachable as error:
        if is_held(data_dir):
            typer.echo(f"not compared with the running venue: {error}", err=True)
        return None
    if isinstance(answer, Refusal):
        refuse(answer.error)
    return answer.seq, answer.digest


def _symbols(state: EngineState) -> list[dict[str, Any]]:
    open_orders = Counter(
        order.instrument.definition.symbol for order in state.orders.values() if order.is_open
    )
    return [
        {
            "symbol": symbol,
            "bid": next(iter(levels(market.book.bids, market.instrument, 1)), None),
            "ask": next(iter(levels(market.book.asks, market.instrument, 1)), None),
            "open_orders": open_orders[symbol],
        }
        for symbol, market in sorted(state.markets.items())
    ]


def _print(outcome: Outcome) -> None:
    typer.echo(
        f"after record {outcome.seq}, event {outcome.event_seq}, {in_zone(outcome.time)}; "
        f"begun with {outcome.snapshot or 'the first record'}"
    )
    typer.echo(
        f"{outcome.commands:,} commands in {outcome.seconds:g} s, "
        f"{outcome.commands_per_second:,} a second; every event is as recorded"
    )
    same = "; the running venue has the same" if outcome.running_digest == outcome.digest else ""
    typer.echo(f"digest {outcome.digest}{same}")
    table = Table("symbol")
    for heading in ("bid qty", "bid", "ask", "ask qty", "open orders"):
        table.add_column(heading, justify="right")
    for each in outcome.symbols:
        bid_px, bid_qty, _ = each["bid"] or ("-", "", 0)
        ask_px, ask_qty, _ = each["ask"] or ("-", "", 0)
        table.add_row(each["symbol"], bid_qty, bid_px, ask_px, ask_qty, f"{each['open_orders']:,}")
    console().print(table)
