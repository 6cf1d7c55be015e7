"""`venue user`: who may use the gateway. It notices a change at the next request.

Parses, changes the gateway's store, prints. A password comes from the terminal without echo, or
from the first line of stdin.
"""

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from venue.admin.requests import MembersQuery
from venue.cli.desk import user_standing, user_withdrawals
from venue.cli.desk.operator import ask
from venue.cli.desk.user_store import BY_HAND, NameArgument, known, opened, row_of, say
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
    typed_password,
    wrong_use,
)
from venue.cli.text.times import in_zone
from venue.clock import Clock, iso
from venue.gateway.lockouts import LockOuts
from venue.gateway.scopes import Scope, scopes_of, text_of
from venue.gateway.standing import Act, State
from venue.gateway.tokens import ACCESS_SECONDS, Tokens
from venue.gateway.users import VENUE
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)


class SecurityEvent(msgspec.Struct, frozen=True):
    """What was tried or done at the gateway's door."""

    time: str
    kind: str
    user: str
    address: str
    detail: str


@app.callback()
def user() -> None:
    """Users of the gateway: from application to end, passwords, logins, withdrawals, events."""


@app.command("add")
def add(
    context: typer.Context,
    name: NameArgument,
    member: Annotated[str, typer.Option("--member", metavar="M", help="Whose user it is.")] = "",
    operator: Annotated[
        bool, typer.Option("--operator", help="Of no member: he operates the venue.")
    ] = False,
    scopes: Annotated[
        str,
        typer.Option(
            "--scopes",
            help=f"With blanks between: {text_of(Scope)}. Else read and trade; of an operator "
            "read and operate.",
        ),
    ] = "",
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Add a user of a member, or an operator. The password is asked for.

    Examples:

        venue user add dana --member ALPHA --scopes "read trade operate"

        venue user add olga --operator
    """
    if operator == bool(member):
        wrong_use("give --member or --operator")
    if not operator:
        members = [
            row.member for row in ask(data_dir_of(context, data_dir), MembersQuery()).members
        ]
        if member not in members or member == VENUE:
            refuse(f"member {member} is unknown; there are {', '.join(members)}")
    usual = (Scope.READ, Scope.OPERATE) if operator else (Scope.READ, Scope.TRADE)
    try:
        wanted = scopes_of(scopes or text_of(usual))
    except ValueError as error:
        wrong_use(f"--scopes: {error}")
    if operator and Scope.OPERATE not in wanted:
        wrong_use("--operator goes with the scope operate")
    member = VENUE if operator else member
    password = typed_password(f"Password of {name}", twice=True)
    with opened(context, data_dir) as (store, users):
        made = users.add(name, member, wanted, password, Clock().now_ns())
        store.note("user_added", name, BY_HAND, f"{member}: {text_of(wanted)}", Clock().now_ns())
    say(made, f"user {name} of {member} may {text_of(wanted)}", json=json)


@app.command("list")
def list_users(
    context: typer.Context, json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """List the users.

    Example: venue user list --json
    """
    with opened(context, data_dir) as (_, users):
        found = users.all()
    if json:
        print_json({"ok": True, "users": [row_of(each) for each in found]})
        return
    table = Table(title="Users of the gateway")
    for heading in ("user", "member", "scopes", "state"):
        table.add_column(heading)
    for each in found:
        table.add_row(each.name, each.member, text_of(each.scopes), each.state)
    console().print(table)


@app.command("block")
def block(
    context: typer.Context,
    name: NameArgument,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Block a user: tokens and keys of his are not good from now on.

    Example: venue user block dana
    """
    _do(context, name, Act.BLOCK, json=json, data_dir=data_dir)


@app.command("unblock")
def unblock(
    context: typer.Context,
    name: NameArgument,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Let a blocked user in again.

    Example: venue user unblock dana
    """
    _do(context, name, Act.UNBLOCK, json=json, data_dir=data_dir)


@app.command("password")
def password(
    context: typer.Context,
    name: NameArgument,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Give a user another password, which is asked for; all his logins and lock-outs end.

    Example: venue user password dana
    """
    typed = typed_password(f"New password of {name}", twice=True)
    with opened(context, data_dir) as (store, users):
        users.set_password(name, typed)
        Tokens(store, users).end_all_of(name, Clock().now_ns())
        LockOuts(store).clear(name)
        store.note("password_set", name, BY_HAND, "", Clock().now_ns())
        found = known(users, name)
    say(found, f"user {name} has a new password", json=json)


@app.command("events")
def events(
    context: typer.Context,
    most: Annotated[int, typer.Option("--last", min=1, metavar="N", help="The last ones.")] = 50,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Who has tried and done what at the gateway's door, oldest first.

    Example: venue user events --last 20
    """
    with opened(context, data_dir) as (store, _):
        rows = store.rows("SELECT * FROM security_events ORDER BY number DESC LIMIT ?", (most,))
    found = [
        SecurityEvent(
            iso(row["timestamp_ns"]), row["kind"], row["user"], row["address"], row["detail"]
        )
        for row in reversed(rows)
    ]
    if json:
        print_json({"ok": True, "events": found})
        return
    for each in found:
        said = f"{in_zone(each.time)} {each.kind} {each.user} {each.address} {each.detail}"
        print(shown(said.rstrip()))


@app.command("logout")
def log_out(
    context: typer.Context,
    name: NameArgument,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """End all logins of a user at once; he may log in again. His API keys stay good.

    Example: venue user logout dana
    """
    with opened(context, data_dir) as (store, users):
        found = known(users, name)
        count = len(Tokens(store, users).end_all_of(name, Clock().now_ns()))
        store.note("logged_out", name, BY_HAND, f"{count} logins", Clock().now_ns())
    say(found, f"{count} logins of {name} have ended", json=json)


@app.command("rotate-keys")
def rotate_keys(
    context: typer.Context,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Sign access tokens with a new key from now on. The old one checks what it has signed until
    that has expired, so nobody has to log in again.

    Example: venue user rotate-keys
    """
    with opened(context, data_dir) as (store, users):
        tokens = Tokens(store, users)
        now_ns = Clock().now_ns()
        tokens.open(now_ns)
        kid = tokens.rotate(now_ns)
        store.note("signing_key_rotated", "", BY_HAND, kid, now_ns)
    if json:
        print_json({"ok": True, "kid": kid, "overlap_seconds": ACCESS_SECONDS})
    else:
        print(f"key {kid} signs now; the old one is taken for {ACCESS_SECONDS} s more")


def _do(
    context: typer.Context, name: str, act: Act, *, json: bool, data_dir: DataDirOption
) -> None:
    with opened(context, data_dir) as (store, users):
        found = users.act(name, act)
        if found.state is not State.ACTIVE:
            Tokens(store, users).end_all_of(name, Clock().now_ns())
        store.note(f"user_{found.state}", name, BY_HAND, "", Clock().now_ns())
    say(found, f"user {name} is {found.state}", json=json)


user_standing.add_to(app)
user_withdrawals.add_to(app)
