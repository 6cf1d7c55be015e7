"""`venue trade`: the operator undoes or corrects a trade."""

from typing import Annotated

import typer

from venue.cli.desk.operator import command
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    OperatorOption,
    ReasonOption,
    YesOption,
    body,
    confirm,
    data_dir_of,
)
from venue.domain.commands import BustTrade, CorrectTrade

app = typer.Typer(no_args_is_help=True, help="Bust and correct trades of the day.")

MatchArgument = Annotated[
    str, typer.Argument(metavar="MATCHID", help="SecondaryExecID(527) of its fills, such as M17.")
]


@app.callback()
def trade() -> None:
    """Bust and correct trades of the day."""


@app.command(epilog='Example: venue trade bust M17 --reason "erroneous price"')
def bust(
    context: typer.Context,
    match_id: MatchArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Undo a trade: both sides are told, the ledger is reversed."""
    confirm(f"bust trade {match_id}", yes or dry_run)
    wanted = body(BustTrade, operator, reason, match_id=match_id)
    done = f"trade {match_id} is busted"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


@app.command(epilog="Example: venue trade correct M17 --price 99.98 --quantity 5")
def correct(
    context: typer.Context,
    match_id: MatchArgument,
    price: Annotated[str, typer.Option("--price", metavar="P", help="What it should be.")],
    quantity: Annotated[
        str | None, typer.Option("--quantity", metavar="Q", help="Lower than it was.")
    ] = None,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Give a trade another price, or a lower quantity: both sides are told, the ledger follows."""
    confirm(f"correct trade {match_id} to {price}", yes or dry_run)
    terms = {"price": price} | ({} if quantity is None else {"quantity": quantity})
    wanted = body(CorrectTrade, operator, reason, match_id=match_id, **terms)
    done = f"trade {match_id} is at {price}"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)
