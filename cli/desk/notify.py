"""`venue notify`: where a member is told of what. The notifier uses a change within seconds.

Parses, changes notifications.json, prints. An address may have secrets in it: it comes from the
terminal without echo, from a file or from stdin, and is printed without them.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from venue.admin.requests import MembersQuery
from venue.bus.alerts import Alert
from venue.cli.desk.channels import (
    backlogs_in,
    changing,
    channel_of,
    channels_in,
    row_of,
)
from venue.cli.desk.operator import ask
from venue.cli.json_output import print_json, print_rows
from venue.cli.options import (
    DataDirOption,
    JsonOption,
    YesOption,
    choice_of,
    console,
    data_dir_of,
    refuse,
    typed_password,
    wrong_use,
)
from venue.clock import Clock
from venue.domain.decimal_text import parse_money
from venue.notify.alert_of import CONSUMER
from venue.notify.channels import (
    NAME,
    NATS,
    OPERATOR,
    Channel,
    destination_of,
    masked,
    new_secret,
    wrong_with,
)
from venue.notify.delivery import NotDelivered, deliver
from venue.notify.kinds import (
    LEAST_PERCENT,
    LIMIT_PERCENT,
    MEANINGS,
    MOST_PERCENT,
    MOST_REJECTS,
    REJECTS,
    UNASKED,
    Kind,
)
from venue.notify.store import Backlog
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)

_MOST_ADDRESS_BYTES = 10_000
_OPERATOR = "_"
"""How the operator is said where a member is: his alerts are `alert._`."""
MemberArgument = Annotated[
    str, typer.Argument(metavar="MEMBER", help="For example ALPHA; _ is the operator.")
]
NameArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help=f"Of the channel; {NATS} is alert.MEMBER on NATS."),
]
KindsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="What to tell of; may be repeated. Else all but fill and order_done. "
        + "; ".join(f"{kind}: {meaning}" for kind, meaning in MEANINGS.items())
        + ".",
    ),
]


@app.callback()
def notify() -> None:
    """Where a member is told of what: fills, rejects, limits, disconnects, busts, secrets.

    By webhook, mail, a folder of mails, or a channel of apprise; on NATS everybody is.
    """


@app.command(
    epilog="Examples: venue notify add ALPHA desk --kind fill --fill-value 100000 | "
    "venue notify add ALPHA back --kind order_done --address-file address.txt"
)
def add(
    context: typer.Context,
    member: MemberArgument,
    name: NameArgument,
    kinds: KindsOption = None,
    fill_quantity: Annotated[
        str, typer.Option("--fill-quantity", metavar="Q", help="Least quantity of a trade.")
    ] = "",
    fill_value: Annotated[
        str, typer.Option("--fill-value", metavar="V", help="Least value of a trade.")
    ] = "",
    rejects: Annotated[
        int, typer.Option(min=1, max=MOST_REJECTS, help="Refused requests within a minute.")
    ] = REJECTS,
    limit_percent: Annotated[
        int, typer.Option(min=LEAST_PERCENT, max=MOST_PERCENT, help="Use of a limit.")
    ] = LIMIT_PERCENT,
    address_file: Annotated[
        Path | None,
        typer.Option("--address-file", metavar="FILE", help="Has the address in its first line."),
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Tell a member of what happens from now on; a channel of that name is replaced.

    The address is asked for without echo, else it is the first line of stdin: https://...,
    smtp(s)://USER:PASSWORD@HOST?from=A&to=B, maildir:///PATH, or one of apprise (slack://...). What
    goes to a webhook is signed; the secret for that is printed once.
    """
    place = data_dir_of(context, data_dir)
    for option, text in (("--fill-quantity", fill_quantity), ("--fill-value", fill_value)):
        if text and (parse_money(text) or 0) <= 0:
            wrong_use(f"{option}: {text!r} is no number above 0 with at most 8 decimals")
    chosen = _chosen(member, name, kinds or [])
    _ensure_known(place, member)
    url = "" if name == NATS else _address(name, address_file)
    channel = Channel(
        url=url,
        kinds=chosen,
        since_ns=Clock().now_ns(),
        secret=new_secret(url),
        fill_quantity=fill_quantity,
        fill_value=fill_value,
        rejects=rejects,
        limit_percent=limit_percent,
    )
    with changing(place) as members:
        members.setdefault(_key(member), {})[name] = channel
    row = row_of(place, _key(member), name, channel, Backlog())
    if as_json:
        print_json({**msgspec.to_builtins(row), "secret": channel.secret})
        return
    told = ", ".join(chosen) or "every alert"
    typer.echo(shown(f"{member} is told of {told} by {name}, {row.to}"))
    if channel.secret:
        typer.echo("the secret that signs, shown once:", err=True)
        typer.echo(channel.secret)


@app.command("list", epilog="Example: venue notify list ALPHA --json")
def list_channels(
    context: typer.Context,
    member: Annotated[str | None, typer.Argument(metavar="MEMBER", help="Only this one's.")] = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """The channels, what each tells of, what waits for it and why."""
    place = data_dir_of(context, data_dir)
    backlogs = backlogs_in(place)
    rows = [
        row_of(place, each, name, channel, backlogs.get(destination_of(each, name), Backlog()))
        for each, channels in channels_in(place).items()
        if member is None or each == _key(member)
        for name, channel in channels.items()
    ]
    if as_json:
        print_rows("notifications", rows)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("member", "channel", "to", "kinds", "waiting", "lost", "trouble")
    for row in rows:
        told = (row.to, " ".join(row.kinds), str(row.waiting), str(row.lost), row.trouble)
        table.add_row(*(Text(shown(cell)) for cell in (row.member, row.channel, *told)))
    console().print(table)


@app.command(epilog="Example: venue notify remove ALPHA desk")
def remove(
    context: typer.Context,
    member: MemberArgument,
    name: NameArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Tell a member nothing more there; what waits for it is forgotten."""
    place = data_dir_of(context, data_dir)
    with changing(place) as members:
        channel_of(members, _key(member), name)
        del members[_key(member)][name]
    if as_json:
        print_json({"member": member, "channel": name})
    else:
        typer.echo(shown(f"{member} is told nothing more by {name}"))


@app.command(epilog="Example: venue notify test ALPHA desk")
def test(
    context: typer.Context,
    member: MemberArgument,
    name: NameArgument,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Send a message of the type `test` there now, once. Status 1 where it is not taken."""
    place = data_dir_of(context, data_dir)
    channel = channel_of(channels_in(place), _key(member), name)
    if name == NATS:
        refuse(f"{NATS} has no address: nats sub, or an example of the venue, reads alert.{member}")
    now_ns = Clock().now_ns()
    alert = Alert(
        type="test",
        timestamp_ns=now_ns,
        consumer=CONSUMER,
        event_seq=0,
        error=f"a test of {name}, which tells {member} of {', '.join(channel.kinds) or 'all'}",
        id=f"{now_ns}-test-{member}",
        member=member,
    )
    try:
        deliver(channel, alert)
    except NotDelivered as error:
        refuse(str(error))
    if as_json:
        print_json({"member": member, "channel": name, "id": alert.id})
    else:
        typer.echo(shown(f"{masked(channel.url)} has taken {alert.id}"))


def _chosen(member: str, name: str, kinds: list[str]) -> tuple[Kind, ...]:
    """The kinds of a channel; ends with status 2 where there can be none of that name or kind."""
    if not NAME.fullmatch(name):
        wrong_use(f"{name!r} is no name of a channel: letters, digits, - and _, at most 32")
    if member != _OPERATOR:
        return tuple(dict.fromkeys(map(choice_of(Kind), kinds or sorted(UNASKED))))
    if kinds or name == NATS:
        wrong_use(f"{_OPERATOR} is the operator: he is told of every alert, on NATS too")
    return ()


def _key(member: str) -> str:
    """A member's name in the file."""
    return OPERATOR if member == _OPERATOR else member


def _ensure_known(data_dir: Path, member: str) -> None:
    if member == _OPERATOR:
        return
    known = [each.member for each in ask(data_dir, MembersQuery()).members]
    if member not in known:
        wrong_use(f"there is no member {member}; there are {', '.join(known)}")


def _address(name: str, file: Path | None) -> str:
    """The address that was given; ends with status 2 for one that cannot be used."""
    if file is None:
        text = typed_password(f"Address of {name}", twice=False, what="address")
    else:
        try:
            with file.open(encoding="utf-8") as opened:
                text = opened.readline(_MOST_ADDRESS_BYTES)
        except (OSError, UnicodeDecodeError) as error:
            refuse(f"{file}: {getattr(error, 'strerror', None) or 'no text'}")
    url = text.strip()
    wrong = wrong_with(url)
    if wrong:
        wrong_use(f"address of {name}: {wrong}")
    return url
