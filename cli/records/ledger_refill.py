"""`venue ledger refill`: wipes the stream of wallet events and has clearing fill it again."""

import asyncio

import typer
from nats.errors import Error as NatsError

from venue.bus.stream import wipe_stream
from venue.bus.subjects import LEDGER
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    YesOption,
    confirm,
    data_dir_of,
    refuse,
    running_in,
)
from venue.masking import mask_url


def refill(
    context: typer.Context,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Wipe the stream of the members' wallet events. Clearing fills it again, from the ledger's
    first line on and under the old numbers; readers pass over what they have.

    For a stream that is not the ledger's: `venue status` says so.

    Examples:

        venue ledger refill --yes
    """
    running = running_in(data_dir_of(context, data_dir))
    if dry_run:
        _tell({"stream": LEDGER, "dry_run": True}, f"{LEDGER} would be wiped", as_json)
        return
    confirm(f"wipe stream {LEDGER} and have clearing refill it", yes)
    try:
        wiped = asyncio.run(wipe_stream(running.nats, LEDGER))
    except (OSError, NatsError) as error:
        refuse(f"NATS at {mask_url(running.nats)} failed: {error or repr(error)}")
    what = (
        f"{LEDGER} is wiped; clearing refills it" if wiped else f"there is no stream {LEDGER} yet"
    )
    _tell({"stream": LEDGER, "wiped": wiped}, what, as_json)


def _tell(facts: dict[str, object], what: str, as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        typer.echo(what)
