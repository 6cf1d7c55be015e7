"""`venue reader`: who reads drop copies and market data on the venue's NATS, each with his own key.

Parses, changes, prints. A password is printed once, by the command that makes it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer

from venue.admin.requests import MembersQuery
from venue.bus.permissions import OPERATOR, SERVICES
from venue.bus.subjects import LEDGER, drop_stream, inbox_prefix
from venue.cli.desk.operator import ask
from venue.cli.json_output import print_json, print_rows
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    confirm,
    console,
    data_dir_of,
    refuse,
    running_in,
    wrong_use,
)
from venue.cli.text.times import in_zone
from venue.clock import iso
from venue.data_directory import DataDirectory
from venue.printable import shown
from venue.readers_file import Reader, read_readers
from venue.servers import ServerError
from venue.servers.nats_logins import accounts, permissions_of
from venue.servers.readers import ReaderRefused, Readers
from venue.servers.runtime import RuntimeInfo
from venue.settings.configuration_error import ConfigurationError

app = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the reader.")]
_PLACEHOLDER = "<password>"


class ReaderKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a reader connects with; nothing keeps its password. Empty: market data has none.

    stream: of drop copies. ledger_stream: of wallet events, with a consumer of the same name.
    """

    reader: str
    member: str
    url: str
    inbox_prefix: str
    subjects: list[str]
    stream: str = ""
    consumer: str = ""
    ledger_stream: str = ""


class ReaderRow(msgspec.Struct, frozen=True, kw_only=True):
    """A reader as it is listed. member: empty where it reads market data."""

    reader: str
    member: str
    since: str
    subjects: list[str]


@app.callback()
def reader() -> None:
    """Who reads on the venue's NATS from outside: drop copies of a member, or market data.

    Each has a password of its own, and may read what is his and nothing else.
    """


@app.command(
    epilog="Examples: venue reader add ALPHA-BACKOFFICE --member ALPHA | "
    "venue reader add SCREENS --public"
)
def add(
    context: typer.Context,
    name: NameArgument,
    member: Annotated[
        str | None,
        typer.Option(
            "--member", metavar="M", help="Whose drop copies, wallet and alerts it reads."
        ),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="It reads market data.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Add a reader and print its password, once. Nobody else is disconnected.

    A reader of a member has a consumer of its own in the member's stream, which keeps its place,
    and one of the same name in the stream of wallet events.
    """
    if (member is not None) == public:
        wrong_use("say either --member M or --public")
    place = data_dir_of(context, data_dir)
    if member is not None:
        known = [each.member for each in ask(place, MembersQuery()).members]
        if member not in known:
            wrong_use(f"there is no member {member}; there are {', '.join(known)}")
    running = running_in(place)
    with _refused_in_a_line():
        password = Readers(place, running).add(name, member or "")
    _print_key(running, name, member or "", password, as_json)


@app.command("list", epilog="Example: venue reader list --json")
def list_readers(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """The readers, what each may read, and since when its password is valid."""
    place = data_dir_of(context, data_dir)
    with _refused_in_a_line():
        readers = read_readers(DataDirectory(place).readers)
    rows = [_row(name, each) for name, each in readers.items()]
    if as_json:
        print_rows("readers", rows)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("reader", "reads", "password since", "subjects")
    for row in rows:
        what = f"drop copies of {row.member}" if row.member else "market data"
        cells = (row.reader, what, in_zone(row.since), " ".join(row.subjects))
        table.add_row(*(Text(shown(cell)) for cell in cells))
    console().print(table)


@app.command(epilog="Example: venue reader rotate ALPHA-BACKOFFICE")
def rotate(
    context: typer.Context,
    name: NameArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Give a reader another password and print it, once. Its connections end; its place stays."""
    place = data_dir_of(context, data_dir)
    confirm(f"end the connections of reader {name}", yes)
    running = running_in(place)
    with _refused_in_a_line():
        changed, password = Readers(place, running).rotate(name)
    _print_key(running, name, changed.member, password, as_json)


@app.command(epilog="Example: venue reader remove ALPHA-BACKOFFICE")
def remove(
    context: typer.Context,
    name: NameArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Remove a reader, its connections and its place in the stream."""
    place = data_dir_of(context, data_dir)
    confirm(f"remove reader {name}", yes)
    with _refused_in_a_line():
        removed = Readers(place, running_in(place)).remove(name)
    if as_json:
        print_json({"reader": name, "member": removed.member})
    else:
        typer.echo(shown(f"reader {name} is removed"))


@app.command(epilog="Example: venue reader permissions > accounts.conf")
def permissions(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Print the accounts of a NATS of your own (nats_url), as nats-server's configuration has them:
    the logins of each process and each reader, with their permissions. Passwords of the processes
    are yours to fill in; each takes its URL from VENUE_NATS_URL where it is run by itself.
    """
    place = data_dir_of(context, data_dir)
    with _refused_in_a_line():
        readers = read_readers(DataDirectory(place).readers)
    passwords = dict.fromkeys((OPERATOR, *SERVICES), _PLACEHOLDER)
    found = accounts(passwords, readers)
    if as_json:
        print_json({"accounts": found})
    else:
        typer.echo(f"accounts: {json.dumps(found, indent=2)}")


def _row(name: str, reader_: Reader) -> ReaderRow:
    subjects = _subjects(name, reader_)
    return ReaderRow(
        reader=name, member=reader_.member, since=iso(reader_.since_ns), subjects=subjects
    )


def _subjects(name: str, reader_: Reader) -> list[str]:
    own = f"{inbox_prefix(name)}."
    return [each for each in permissions_of(name, reader_).subscribe if not each.startswith(own)]


def _print_key(running: RuntimeInfo, name: str, member: str, password: str, as_json: bool) -> None:
    at = urlsplit(running.nats)
    key = ReaderKey(
        reader=name,
        member=member,
        url=f"nats://{name}:{password}@{at.hostname}:{at.port}",
        inbox_prefix=inbox_prefix(name),
        subjects=_subjects(name, Reader(member, "", 0)),
        stream=drop_stream(member) if member else "",
        consumer=name if member else "",
        ledger_stream=LEDGER if member else "",
    )
    if as_json:
        print_json(key)
        return
    typer.echo("shown once, and kept by nobody:", err=True)
    for what, value in msgspec.to_builtins(key).items():
        text = " ".join(value) if isinstance(value, list) else value
        typer.echo(shown(f"{what:<13} {text}"))


@contextmanager
def _refused_in_a_line() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        wrong_use(str(error))
    except (ReaderRefused, ServerError) as error:
        refuse(str(error))
