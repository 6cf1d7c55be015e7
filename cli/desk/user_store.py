"""What the commands about users of the gateway share: the store, a user as it is printed.

The gateway notices a change of the store at its next request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer

from venue.cli.json_output import print_json
from venue.cli.options import DataDirOption, data_dir_of, refuse
from venue.data_directory import DataDirectory
from venue.gateway.scopes import Scope
from venue.gateway.store import Store
from venue.gateway.users import State, User, UserRefused, Users
from venue.gateway.withdrawals import WithdrawalRefused
from venue.printable import shown

BY_HAND = "venue user"
"""What is noted as address where an operator has done it at the command line."""
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the user, such as dana.")]


class UserRow(msgspec.Struct, frozen=True):
    """A user of the gateway. member: `_` of an operator. demo: everybody knows his password."""

    user: str
    member: str
    scopes: tuple[Scope, ...]
    state: State
    legal_name: str = ""
    demo: bool = False


@contextmanager
def opened(context: typer.Context, data_dir: DataDirOption) -> Iterator[tuple[Store, Users]]:
    """The store and its users; ends the command where something cannot be done."""
    store = Store(DataDirectory(data_dir_of(context, data_dir)).gateway)
    try:
        yield store, Users(store)
    except (UserRefused, WithdrawalRefused) as error:
        refuse(str(error))
    finally:
        store.close()


def known(users: Users, name: str) -> User:
    """The user of this name. Raises UserRefused where there is none."""
    found = users.get(name)
    if found is None:
        raise UserRefused(f"there is no user {name}")
    return found


def row_of(found: User) -> UserRow:
    """A user as he is printed."""
    scopes = tuple(sorted(found.scopes))
    return UserRow(found.name, found.member, scopes, found.state, found.legal_name, found.is_demo)


def say(found: User, text: str, *, json: bool) -> None:
    """What was done, in a line or as JSON."""
    if json:
        print_json({"ok": True, **msgspec.structs.asdict(row_of(found))})
    else:
        print(shown(text))
