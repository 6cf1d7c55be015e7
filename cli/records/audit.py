"""`venue audit`: is the audit trail what was written?

Parses, calls, prints; reads the data directory, whether the venue runs or not.
"""

import msgspec
import typer

from venue.audit.verify import Verdict
from venue.audit.verify import verify as verify_trail
from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, JsonOption, data_dir_of, refuse
from venue.data_directory import DataDirectory

app = typer.Typer(help="The audit trail: hash-chained, with signed heads.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit trail: hash-chained, with signed heads."""


@app.command()
def verify(
    context: typer.Context, data_dir: DataDirOption = None, json: JsonOption = False
) -> None:
    """Read the whole trail; name the first entry that was changed, removed, swapped, truncated
    or rewritten. Exit status 0 only if there is none.

    Examples:

        venue audit verify

        venue audit verify --json --data-dir /var/lib/venue
    """
    place = DataDirectory(data_dir_of(context, data_dir))
    directory = place.trail
    if not directory.is_dir():
        refuse(f"no audit trail in {place.path}")
    try:
        verdict = verify_trail(directory, place.heads)
    except OSError as error:
        refuse(f"the audit trail cannot be read: {error}")
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
