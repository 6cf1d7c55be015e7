"""`venue audit`: is the audit trail what was written?

Parses, calls, prints; reads the data directory, whether the venue runs or not.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from venue.audit.position import CONSUMER
from venue.audit.verify import Verdict
from venue.audit.verify import verify as verify_trail
from venue.bus.position_file import read_position_file
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse
from venue.cli.progress import progress
from venue.data_directory import DataDirectory
from venue.journal.segment import JournalDamage

app = typer.Typer(help="The audit trail: hash-chained, with signed heads.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit trail: hash-chained, with signed heads."""


@app.command()
def verify(
    context: typer.Context,
    head: Annotated[
        Path | None,
        typer.Option("--head", metavar="FILE", help="A head, or several, that was kept elsewhere."),
    ] = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Read the whole trail; name the first entry that was changed, removed, swapped, truncated
    or rewritten. Exit status 0 only if there is none.

    Each entry is compared with the journal, where that is there. Only a head that was kept
    elsewhere (a copy of audit/head.json) shows that trail and heads were taken back together.

    Examples:

        venue audit verify

        venue audit verify --head /mnt/kept/head.json

        venue audit verify --json --data-dir /var/lib/venue
    """
    place = DataDirectory(data_dir_of(context, data_dir))
    directory = place.trail
    if not directory.is_dir():
        refuse(f"no audit trail in {place.path}")
    shown = read_position_file(place.position(CONSUMER))
    audited = shown.event_seq if shown is not None else 0
    try:
        with progress("verifying the trail", audited) as bar:
            verdict = verify_trail(
                directory,
                place.heads,
                kept=head,
                journal=place.journal if place.journal.is_dir() else None,
                audited=audited,
                tell=bar.at,
            )
    except OSError as error:
        refuse(f"the audit trail cannot be read: {error}")
    except JournalDamage as error:
        refuse(f"the journal cannot be read: {error}")
    if json:
        print_json({"ok": verdict.ok, **msgspec.structs.asdict(verdict)})
    elif verdict.ok:
        _print_whole(verdict)
    if verdict.problem is not None:
        refuse(str(verdict.problem))


def _print_whole(verdict: Verdict) -> None:
    unsigned = verdict.entries - verdict.signed_entries
    print(
        f"audit trail whole: {verdict.entries} entries up to event {verdict.event_seq}; "
        f"{verdict.heads} signed heads agree, {unsigned} entries not signed yet"
    )
    for note in verdict.notes:
        print(f"note: {note}")
