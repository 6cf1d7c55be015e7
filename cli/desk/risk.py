"""`venue risk`: limits and what is used of them; what an order, or other limits, would lead to.

Parses, calls, prints.
"""

from typing import Annotated

import typer

from venue.admin.requests import RiskQuery
from venue.cli.desk.operator import ask, command
from venue.cli.json_output import print_rows
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    console,
    data_dir_of,
    member_and_account,
    wrong_use,
)
from venue.cli.order_terms import (
    AccountOption,
    PriceOption,
    QtyArgument,
    SideArgument,
    SymbolArgument,
    TagOption,
    TifOption,
    TimeInForceName,
    TypeOption,
    new_order,
)
from venue.domain.commands import SetLimits
from venue.domain.overview import ScopeRow
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)

WhoseArgument = Annotated[
    str, typer.Argument(metavar="MEMBER[/ACCOUNT]", help="For example ALPHA, or ALPHA/A1.")
]


@app.callback()
def risk() -> None:
    """Limits and what is used of them; what an order, or other limits, would lead to."""


@app.command(epilog="Examples: venue risk show | venue risk show ALPHA | venue risk show ALPHA/A1")
def show(
    context: typer.Context,
    whose: Annotated[
        str, typer.Argument(metavar="[MEMBER[/ACCOUNT]]", help="All that are set, without it.")
    ] = "",
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Limits, what is used of each, and what is left; with a member also its funds."""
    query = RiskQuery(*member_and_account(whose)) if whose else RiskQuery()
    scopes = ask(data_dir_of(context, data_dir), query).risk
    if as_json:
        print_rows("risk", scopes)
        return
    from rich.table import Table

    table = Table("member", "account", "limit")
    for heading in ("value", "used", "left"):
        table.add_column(heading, justify="right")
    for scope in scopes:
        for each in scope.limits:
            if whose or each.value is not None:
                of = f" {each.of}" if each.of else ""
                numbers = (each.value or "none", f"{each.used or ''}{of}", each.left or "")
                name = (scope.member, scope.account or "-", each.limit)
                table.add_row(*map(shown, (*name, *numbers)))
    console().print(table)
    if whose:
        _print_funds(scopes)


def _print_funds(scopes: list[ScopeRow]) -> None:
    from rich.table import Table

    table = Table("member", "account", "asset")
    for heading in ("balance", "reserved", "free", "pending", "withdrawable"):
        table.add_column(heading, justify="right")
    for purse in scopes[0].funds:
        kept = (purse.pending, purse.withdrawable)
        numbers = (purse.balance, purse.reserved, purse.free, *kept)
        name = (scopes[0].member, purse.account or "-", purse.asset)
        table.add_row(*map(shown, (*name, *numbers)))
    console().print(table)


@app.command(
    "set",
    epilog="Examples: venue risk set ALPHA credit_limit=5000000 max_position=none | "
    "venue risk set ALPHA/A1 max_open_orders=50 --reason 'new desk'",
)
def set_limits(
    context: typer.Context,
    whose: WhoseArgument,
    limits: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help="none takes a limit away.")
    ],
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Change limits of a member, or of one of its accounts; not below what is used now.

    In currency: credit_limit (open orders, and what was bought net today), max_gross_notional,
    max_net_notional (positions and open orders at reference prices), max_daily_loss. In units of
    one instrument: max_position. max_open_orders. restricted: symbols that must not be traded, such
    as "ACME GLOBEX:sell". Of a member only, and only an alert: order_to_trade_ratio.
    """
    member, account = member_and_account(whose)
    values = dict(_limit(text) for text in limits)
    wanted = SetLimits(member=member, account=account, limits=values, reason=reason)
    set_to = ", ".join(f"{name} {value or 'none'}" for name, value in values.items())
    done = f"limits of {whose}: {set_to}"
    command(data_dir_of(context, data_dir), wanted, done, dry_run, as_json)


def _limit(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        wrong_use(f"{text!r} is not NAME=VALUE")
    return name, None if value in ("", "none") else value


@app.command("dry-run", context_settings={"ignore_unknown_options": True})  # a quantity of -5
def dry_run_order(
    context: typer.Context,
    symbol: SymbolArgument,
    side: SideArgument,
    qty: QtyArgument,
    price: PriceOption = None,
    type_: TypeOption = None,
    tags: TagOption = None,
    tif: TifOption = TimeInForceName.DAY,
    session: Annotated[
        str, typer.Option("--session", metavar="COMPID", help="That would enter it.")
    ] = "ALPHA",
    account: AccountOption = "",
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """What would come of an order now: the check that refuses it and why, or its events.

    Tried on a copy of the venue's state; nobody is told and nothing changes. Status 1 if refused.

    Examples:

        venue risk dry-run ACME buy 100 --price 99.50

        venue risk dry-run ACME sell 10 --type market --session BRAVO --json

        venue risk dry-run ACME buy 500 --price 99.50 --tag 111=100
    """
    intent = new_order(symbol, side, qty, price, type_, tif, tags)
    from venue.cli.desk.order_rehearsal import (
        print_order_rehearsal,  # here, for it brings in the engine
    )

    print_order_rehearsal(data_dir_of(context, data_dir), intent, session, account, as_json)


@app.command()
def replay(
    context: typer.Context,
    limits: Annotated[
        list[str],
        typer.Option("--set", metavar="[WHOSE:]NAME=VALUE", help="One limit; may be repeated."),
    ],
    from_seq: Annotated[
        int, typer.Option("--from", min=1, metavar="SEQ", help="First record to run again.")
    ],
    to_seq: Annotated[
        int | None, typer.Option("--to", min=1, metavar="SEQ", help="Last one; else to the end.")
    ] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run recorded orders again under other limits: what would have been refused, by which check.

    WHOSE is a member, MEMBER/ACCOUNT, a symbol (max_quantity, max_value, price_collar_percent,
    dynamic_collar_percent) or a session (messages_per_second, repeated_executions); all without it.
    The members send what they sent, whatever became of it.

    Examples:

        venue risk replay --set ALPHA:credit_limit=1000000 --from 1

        venue risk replay --set ACME:max_quantity=500 --set max_open_orders=10 --from 4711 --json
    """
    overrides = []
    for text in limits:
        named, value = _limit(text)
        whose, _, name = named.rpartition(":")
        overrides.append((whose, name, value))
    if to_seq is not None and to_seq < from_seq:
        wrong_use(f"--to {to_seq} is before --from {from_seq}")
    from venue.cli.desk.what_if import print_what_if  # here, for it brings in the engine

    print_what_if(data_dir_of(context, data_dir), overrides, from_seq, to_seq, as_json)
