"""`venue user`: who may use the gateway. It notices a change at the next request.

Parses, changes the gateway's store, prints. A password comes from the terminal without echo, or
from the first line of stdin.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from venue.admin.requests import MembersQuery
from venue.cli.desk.operator import ask
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
from venue.clock import Clock, iso
from venue.data_directory import DataDirectory
from venue.gateway.scopes import Scope, scopes_of, text_of
from venue.gateway.store import Store
from venue.gateway.users import State, User, UserRefused, Users
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the user, such as dana.")]
_BY_HAND = "venue user"


class UserRow(msgspec.Struct, frozen=True):
    """A user of the gateway."""

    user: str
    member: str
    scopes: tuple[Scope, ...]
    state: State


class SecurityEvent(msgspec.Struct, frozen=True):
    """What was tried or done at the gateway's door."""

    time: str
    kind: str
    user: str
    address: str
    detail: str


@app.callback()
def user() -> None:
    """Users of the gateway: add, list, block, unblock, password, events."""


@app.command("add")
def add(
    context: typer.Context,
    name: NameArgument,
    member: Annotated[str, typer.Option("--member", metavar="M", help="Whose user it is.")],
    scopes: Annotated[
        str, typer.Option("--scopes", help=f"With blanks between: {text_of(Scope)}.")
    ] = f"{Scope.READ} {Scope.TRADE}",
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Add a user of a member. The password is asked for.

    Example: venue user add dana --member ALPHA --scopes "read trade operate"
    """
    place = data_dir_of(context, data_dir)
    known = [row.member for row in ask(place, MembersQuery()).members]
    if member not in known:
        refuse(f"member {member} is unknown; there are {', '.join(known)}")
    try:
        wanted = scopes_of(scopes)
    except ValueError as error:
        wrong_use(f"--scopes: {error}")
    password = typed_password(f"Password of {name}", twice=True)
    with _users(context, data_dir) as (store, users):
        made = users.add(name, member, wanted, password, Clock().now_ns())
        store.note("user_added", name, _BY_HAND, f"{member}: {text_of(wanted)}", Clock().now_ns())
    _say(made, f"user {name} of {member} may {text_of(wanted)}", json=json)


@app.command("list")
def list_users(
    context: typer.Context, json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """List the users.

    Example: venue user list --json
    """
    with _users(context, data_dir) as (_, users):
        found = users.all()
    if json:
        print_json({"ok": True, "users": [_row(each) for each in found]})
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
    _set_state(context, name, State.BLOCKED, json=json, data_dir=data_dir)


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
    _set_state(context, name, State.ACTIVE, json=json, data_dir=data_dir)


@app.command("password")
def password(
    context: typer.Context,
    name: NameArgument,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Give a user another password, which is asked for.

    Example: venue user password dana
    """
    typed = typed_password(f"New password of {name}", twice=True)
    with _users(context, data_dir) as (store, users):
        users.set_password(name, typed)
        store.note("password_set", name, _BY_HAND, "", Clock().now_ns())
        found = users.get(name)
    assert found is not None
    _say(found, f"user {name} has a new password", json=json)


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
    with _users(context, data_dir) as (store, _):
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
        said = f"{each.time} {each.kind} {each.user} {each.address} {each.detail}"
        print(shown(said.rstrip()))


def _set_state(
    context: typer.Context, name: str, state: State, *, json: bool, data_dir: DataDirOption
) -> None:
    with _users(context, data_dir) as (store, users):
        users.set_state(name, state)
        store.note(f"user_{state}", name, _BY_HAND, "", Clock().now_ns())
        found = users.get(name)
    assert found is not None
    _say(found, f"user {name} is {state}", json=json)


@contextmanager
def _users(context: typer.Context, data_dir: DataDirOption) -> Iterator[tuple[Store, Users]]:
    """The store and its users; ends the command where something cannot be done."""
    store = Store(DataDirectory(data_dir_of(context, data_dir)).gateway)
    try:
        yield store, Users(store)
    except UserRefused as error:
        refuse(str(error))
    finally:
        store.close()


def _row(found: User) -> UserRow:
    return UserRow(found.name, found.member, tuple(sorted(found.scopes)), found.state)


def _say(found: User, text: str, *, json: bool) -> None:
    if json:
        print_json({"ok": True, **msgspec.structs.asdict(_row(found))})
    else:
        print(shown(text))
