"""`venue kill` and `venue revive`: stop entry of a member, a session or all; and let it go on."""

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
from venue.domain.commands import Kill, Revive

kill_app = typer.Typer(no_args_is_help=True)
revive_app = typer.Typer(no_args_is_help=True)

MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help="For example ALPHA.")]
SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="CompID of the session.")]


@kill_app.callback()
def kill() -> None:
    """Stop entry at once and cancel all open orders; who is killed may log on and read.

    The answer comes when the kill is on disk: from then on no order enters. Orders are canceled in
    slices of 256; the first is counted in the answer, the others come right behind it.
    """


@revive_app.callback()
def revive() -> None:
    """Take a kill back, also one by the repeated-execution throttle; no order comes back."""


@kill_app.command("member", epilog='Example: venue kill member ALPHA --reason "runaway algorithm"')
def kill_member(
    context: typer.Context,
    name: MemberArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Stop entry of a member, over all its sessions."""
    confirm(f"kill member {name}", yes or dry_run)
    wanted = body(Kill, operator, reason, scope="member", name=name)
    done = f"member {name} is killed"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


@kill_app.command("session", epilog="Example: venue kill session ALPHA --yes")
def kill_session(
    context: typer.Context,
    name: SessionArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Stop entry of one FIX session."""
    confirm(f"kill session {name}", yes or dry_run)
    wanted = body(Kill, operator, reason, scope="session", name=name)
    done = f"session {name} is killed"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


@kill_app.command("all", epilog='Example: venue kill all --reason "market disorder"')
def kill_all(
    context: typer.Context,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Stop entry of everybody."""
    confirm("kill ALL members", yes or dry_run)
    wanted = body(Kill, operator, reason, scope="all")
    command(data_dir_of(context, data_dir), wanted, "all are killed", dry_run, as_json)


@revive_app.command("member", epilog="Example: venue revive member ALPHA")
def revive_member(
    context: typer.Context,
    name: MemberArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Let a killed member enter orders again."""
    wanted = body(Revive, operator, reason, scope="member", name=name)
    done = f"member {name} may enter orders again"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


@revive_app.command("session", epilog="Example: venue revive session ALPHA")
def revive_session(
    context: typer.Context,
    name: SessionArgument,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Let a killed session, or one stopped for repeated executions, enter orders again."""
    wanted = body(Revive, operator, reason, scope="session", name=name)
    done = f"session {name} may enter orders again"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


@revive_app.command("all", epilog="Example: venue revive all")
def revive_all(
    context: typer.Context,
    operator: OperatorOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Lift the kill of everybody; members and sessions killed by name stay so."""
    wanted = body(Revive, operator, reason, scope="all")
    done = "entry is open again"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)
