"""`venue member`: trading members, their KYC, and who is suspended."""

from enum import StrEnum
from typing import Annotated

import typer

from venue.admin.requests import MembersQuery
from venue.cli.desk.operator import ask, command, defaults, known_members
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_rows
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
)
from venue.domain.commands import AddMember
from venue.domain.overview import MemberRow
from venue.domain.verbs.onboarding import APPROVED, PENDING
from venue.printable import shown

app = typer.Typer(no_args_is_help=True, help="Members: add, suspend, resume, default, list, KYC.")

MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help="For example ALPHA.")]
LegalNameOption = Annotated[
    str, typer.Option("--legal-name", metavar="NAME", help="Compared with the sanctions list.")
]


class Funding(StrEnum):
    """Whether orders reserve what they could cost."""

    CREDIT = "credit"
    PREFUNDED = "prefunded"


@app.callback()
def member() -> None:
    """Members: add, suspend, resume, default, list, KYC."""


@app.command("list", epilog="Example: venue member list --json")
def list_members(
    context: typer.Context, as_json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Members with KYC state, blocks, funding, accounts, sessions and open orders."""
    rows = ask(data_dir_of(context, data_dir), MembersQuery()).members
    if as_json:
        print_rows("members", rows)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("member", "legal name", "KYC", "entry", "funding", "accounts", "sessions")
    table.add_column("open orders", justify="right")
    for row in rows:
        cells = (row.member, row.legal_name, row.kyc, _entry(row), row.funding)
        lists = (", ".join(row.accounts) or "any", ", ".join(row.sessions))
        texts = [Text(shown(each)) for each in (*cells, *lists)]
        table.add_row(*texts, f"{row.open_orders:,}")
    console().print(table)


def _entry(row: MemberRow) -> str:
    blocks = {
        "killed": row.killed,
        "suspended": row.suspended and not row.in_default,
        "in default": row.in_default,
    }
    words = ", ".join(word for word, is_so in blocks.items() if is_so)
    return words or ("open" if row.kyc == APPROVED else "closed")


@app.command(epilog="Example: venue member add ECHO --legal-name 'Echo Capital' --account E1")
def add(
    context: typer.Context,
    name: MemberArgument,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="A", help="Its orders may name; repeat it. None: any."),
    ] = None,
    funding: Annotated[
        Funding | None,
        typer.Option("--funding", help="prefunded: orders reserve what they could cost."),
    ] = None,
    credit_limit: Annotated[
        str | None,
        typer.Option("--credit-limit", metavar="X", help="In currency; risk.credit_limit."),
    ] = None,
    max_open_orders: Annotated[
        int | None,
        typer.Option(
            "--max-open-orders", metavar="N", help="At most so many at once; risk.max_open_orders."
        ),
    ] = None,
    legal_name: LegalNameOption = "",
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Add a member, whose KYC is pending: it trades once that is approved.

    What is not given is as in [risk] of the venue's configuration.
    Its FIX sessions come from sessions.cfg and venue.toml, with `venue config apply`.
    """
    directory = data_dir_of(context, data_dir)
    if any(row.member == name for row in known_members(directory, dry_run)):
        refuse(_KNOWN.format(name))
    usual = defaults(directory, dry_run).member
    wanted = AddMember(
        reason=reason,
        member=name,
        accounts=tuple(account or ()),
        credit_limit=usual.credit_limit if credit_limit is None else credit_limit,
        max_open_orders=usual.max_open_orders if max_open_orders is None else max_open_orders,
        funding=usual.funding if funding is None else funding.value,
        legal_name=legal_name,
        kyc=PENDING,
    )
    done = (
        f"member {name} is added, its KYC is pending: venue member kyc {name} approved; "
        "a FIX session for it needs sessions.cfg, venue.toml and venue config apply"
    )
    command(directory, wanted, done, dry_run, as_json)


_KNOWN = "there is a member {0} already; venue risk set {0} changes its limits"


add_verbs(app, "member")
