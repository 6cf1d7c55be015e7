"""`venue operator`: who may operate the running venue, and logging in by password.

Parses, asks the running venue, prints. A password comes from the terminal without echo, or from
stdin; it is never an argument, never printed.
"""

from pathlib import Path
from typing import Annotated

import typer

from venue.accounts import account_id, account_name
from venue.admin.login_file import LoginUnreadable, forget_login, keep_login, login_file, login_of
from venue.admin.operator_requests import (
    AddOperator,
    OperatorChange,
    OperatorLogin,
    OperatorLogout,
    OperatorsQuery,
    RemoveOperator,
    SetOperatorPassword,
    SetOperatorRole,
)
from venue.cli.desk.operator import ask, print_done
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    confirm,
    console,
    data_dir_of,
    refuse,
    typed_password,
)
from venue.domain.role import Role
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the operator, such as ann.")]


@app.callback()
def operator() -> None:
    """Who may operate the venue: Unix accounts, or names with a password; and logging in.

    Roles, each with all that those before it may: viewer looks; operator runs the market; risk
    changes limits, funds and blocks; admin changes members, instruments, secrets and operators. The
    account that started the venue, and root, are admins unless they are added with another role.
    """


@app.command("list", epilog="Example: venue operator list --json")
def list_operators(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """The operators with their roles and accounts, and who you are."""
    answer = ask(data_dir_of(context, data_dir), OperatorsQuery())
    if as_json:
        print_json(answer)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("operator", "role", "Unix account", "password", "logins")
    for row in answer.operators:
        account = "" if row.uid is None else f"{account_name(row.uid)} ({row.uid})"
        password_is = "" if row.built_in else "set" if row.has_password else "none"
        cells = (row.name, row.role.value, account, password_is, str(row.logins or ""))
        table.add_row(*(Text(shown(cell)) for cell in cells))
    console().print(table)
    typer.echo(f"you are {answer.you}, {answer.role}")


@app.command(
    epilog="Examples: venue operator add bob --role operator --account bob | "
    "venue operator add ann --role risk < new-password"
)
def add(
    context: typer.Context,
    name: NameArgument,
    role: Annotated[Role, typer.Option("--role", help="What he may do.")],
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="USER", help="Unix account, by name or uid."),
    ] = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Add an operator: a Unix account, or without --account a name with a password.

    The password is asked for twice on a terminal, else it is the first line of stdin. A Unix
    account other than the venue's own has to be in control.operators_group to reach the venue.
    """
    uid = None if account is None else account_id(account)
    if account is not None and uid is None:
        refuse(f"there is no Unix account {account}")
    password_ = "" if account is not None else _new_password(name)
    request = AddOperator(name, role, uid, password_, reason=reason, dry_run=dry_run)
    _change(data_dir_of(context, data_dir), request, f"operator {name} is added: {role}", as_json)


@app.command(epilog='Example: venue operator remove bob --reason "has left"')
def remove(
    context: typer.Context,
    name: NameArgument,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Remove an operator; his logins end at once."""
    confirm(f"remove operator {name}", yes or dry_run)
    request = RemoveOperator(name, reason=reason, dry_run=dry_run)
    _change(data_dir_of(context, data_dir), request, f"operator {name} is removed", as_json)


@app.command(epilog="Example: venue operator role bob risk")
def role(
    context: typer.Context,
    name: NameArgument,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help=", ".join(Role))],
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Give an operator another role, at once."""
    request = SetOperatorRole(name, role, reason=reason, dry_run=dry_run)
    _change(data_dir_of(context, data_dir), request, f"operator {name} is {role}", as_json)


@app.command(epilog="Example: venue operator password ann < new-password")
def password(
    context: typer.Context,
    name: NameArgument,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Set an operator's password: your own, or as admin anybody's; his logins end."""
    request = SetOperatorPassword(name, _new_password(name), reason=reason, dry_run=dry_run)
    done = f"the password of operator {name} is set"
    _change(data_dir_of(context, data_dir), request, done, as_json)


@app.command(epilog="Example: venue operator login ann")
def login(
    context: typer.Context,
    name: NameArgument,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Log in by password: what this account asks of this venue is asked as NAME then, for 8 hours.

    The password is asked for on a terminal, else it is the first line of stdin. The login is kept
    in a file of your own, below XDG_STATE_HOME or ~/.local/state; it is good for this account.
    """
    directory = data_dir_of(context, data_dir)
    request = OperatorLogin(name, typed_password(f"Password of {name}", twice=False))
    answer = ask(directory, request)
    try:
        keep_login(directory, name, answer.token)
    except OSError as error:
        refuse(f"{login_file(directory)} cannot be written: {error.strerror}")
    facts = {"name": name, "until": answer.until}
    if as_json:
        print_json(facts)
        return
    typer.echo(f"you are {name} until {answer.until}")


@app.command(epilog="Example: venue operator logout")
def logout(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """End the login: what this account asks is asked as the account again."""
    from venue.admin import client
    from venue.admin.answers import Refusal

    directory = data_dir_of(context, data_dir)
    why = ""
    name = ""
    try:
        login = login_of(directory)
        if login is None:
            refuse("nobody is logged in here")
        name = login.name
        answer = client.ask(directory, OperatorLogout(name))
        why = answer.error if isinstance(answer, Refusal) else ""
    except (client.VenueUnreachable, LoginUnreadable) as error:
        why = str(error)
    try:
        forget_login(directory)
    except OSError as error:
        refuse(f"{login_file(directory)} cannot be removed: {error.strerror}")
    if as_json:
        print_json({"name": name, "ended": not why})
    else:
        typer.echo(f"the login is forgotten here; {why}" if why else f"{name} is logged out")


def _new_password(name: str) -> str:
    return typed_password(f"New password of operator {name}", twice=True)


def _change(data_dir: Path, request: OperatorChange, done: str, as_json: bool) -> None:
    told = f"would be: {done}\nnothing was changed" if request.dry_run else done
    print_done(told, ask(data_dir, request), as_json)
