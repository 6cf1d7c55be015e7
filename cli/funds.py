"""`venue deposit` and `venue withdraw`: a member's money and securities, in and out."""

from typing import Annotated

import typer

from cli.operator import DryRunOption, OperatorOption, ReasonOption, command, operator_name
from cli.options import DataDirOption, JsonOption, data_dir_of

MemberArgument = Annotated[str, typer.Argument(help="Member, for example ALPHA.")]
AssetArgument = Annotated[str, typer.Argument(help="Currency or asset, for example USD.")]
AmountArgument = Annotated[str, typer.Argument(help="Exact amount, at most 8 decimals.")]


def deposit(
    context: typer.Context,
    member: MemberArgument,
    asset: AssetArgument,
    amount: AmountArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Credit a member's ledger account.

    Example: venue deposit ALPHA USD 250000.50 --reason "wire 4711"
    """
    _move("Deposit", context, member, asset, amount, operator, reason, dry_run, as_json, data_dir)


def withdraw(
    context: typer.Context,
    member: MemberArgument,
    asset: AssetArgument,
    amount: AmountArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Debit a member's ledger account, at most by what was deposited.

    Example: venue withdraw ALPHA USD 1000 --reason "requested by ALPHA"
    """
    _move("Withdraw", context, member, asset, amount, operator, reason, dry_run, as_json, data_dir)


def _move(
    kind: str,
    context: typer.Context,
    member: str,
    asset: str,
    amount: str,
    operator: str,
    reason: str,
    dry_run: bool,
    as_json: bool,
    data_dir: DataDirOption,
) -> None:
    body = {
        "type": kind,
        "member": member,
        "asset": asset,
        "amount": amount,
        "operator": operator_name(operator),
        "reason": reason,
    }
    done = f"{kind.lower()} of {amount} {asset}: {member}"
    command(data_dir_of(context, data_dir), body, done, dry_run, as_json)
