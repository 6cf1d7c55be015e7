"""`venue explain --trace`: the way of one order, from what the venue keeps anyway.

Calls and prints; reads the data directory, and asks NATS and the ledger of a venue that runs.
"""

from pathlib import Path

import msgspec
import typer

from venue.clearing.postings import BOOKED
from venue.cli.json_output import print_json
from venue.cli.options import refuse, wrong_use
from venue.cli.text.trace import trace_lines
from venue.clock import iso
from venue.data_directory import DataDirectory
from venue.domain.events import type_of
from venue.journal.identity import journal_identity
from venue.replay.order_search import FoundOrder
from venue.servers import ServerError
from venue.servers.runtime import find_running
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings
from venue.settings.urls import server_urls
from venue.tracer.steps import records_of, steps_of
from venue.tracer.stored import ledger_lines, stream_times, wanted_of
from venue.tracing.ids import Sampling


def print_trace(data_dir: Path, found: FoundOrder, *, as_json: bool) -> None:
    """Print the steps of an order. Raises JournalDamage."""
    journal = DataDirectory(data_dir).journal
    records = records_of(journal, found)
    events = [event for own in records for event in own.events]
    nats_url, database_url = _urls(data_dir)
    said = stream_times(nats_url, wanted_of(events, found.member))
    booked = [event.event_seq for event in events if type_of(event) in BOOKED]
    said |= ledger_lines(database_url, booked) if booked else {}
    steps = steps_of(data_dir, found, records, said)
    number = int(found.order_id) if found.order_id else -events[0].event_seq
    trace_id = f"{Sampling(journal_identity(journal), '1').trace_id(number):032x}"
    if as_json:
        told = [
            {**msgspec.to_builtins(step), "time": None if step.at_ns is None else iso(step.at_ns)}
            for step in steps
        ]
        print_json({"order_id": found.order_id or None, "trace_id": trace_id, "trace": told})
        return
    typer.echo(f"trace {trace_id}")
    for line in trace_lines(steps):
        typer.echo(line)


def _urls(data_dir: Path) -> tuple[str, str]:
    """Of NATS and the ledger, as the running venue has them, else the settings; empty: nowhere."""
    try:
        running = find_running(data_dir)
        if running is not None:
            return running.nats, running.database
        given = server_urls(load_settings(data_dir=data_dir))
    except ServerError as error:
        refuse(str(error))
    except ConfigurationError as error:
        wrong_use(str(error))
    return given["nats_url"], given["database_reader_url"]
