"""`venue deposit` and `venue withdraw`: a member's money and securities, in and out."""

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
    member_and_account,
)
from venue.domain.commands import Deposit, Withdraw

MemberArgument = Annotated[
    str, typer.Argument(metavar="MEMBER[/ACCOUNT]", help="For example ALPHA, or ALPHA/A1.")
]
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
    """Credit a member, or one of its accounts.

    Example: venue deposit ALPHA USD 250000.50 --reason "wire 4711"
    """
    name, account = member_and_account(member)
    funds = {"member": name, "account": account, "asset": asset, "amount": amount}
    wanted = body(Deposit, operator, reason, **funds)
    done = f"deposit of {amount} {asset}: {member}"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


def withdraw(
    context: typer.Context,
    member: MemberArgument,
    asset: AssetArgument,
    amount: AmountArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Debit a member, or one of its accounts: at most what is there and not reserved.

    Example: venue withdraw ALPHA/A1 USD 1000 --reason "requested by ALPHA"
    """
    confirm(f"withdraw {amount} {asset} of {member}", yes or dry_run)
    name, account = member_and_account(member)
    funds = {"member": name, "account": account, "asset": asset, "amount": amount}
    wanted = body(Withdraw, operator, reason, **funds)
    done = f"withdrawal of {amount} {asset}: {member}"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)
