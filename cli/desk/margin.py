"""`venue margin`: what each account is covered with; calling for what lacks, releasing what is met.

Asks the running venue for balances, prices and rules, reckons, prints, and sends the calls.
"""

import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from venue.admin.requests import DefaultsQuery, InstrumentsQuery, MembersQuery, RiskQuery, Submit
from venue.clearing.margin.requirement import AccountMargin, Balance, Mark, deficits, margin_of
from venue.cli.desk.operator import ask, held_as, outcome
from venue.cli.desk.verb import add_verbs
from venue.cli.json_output import print_json, print_rows
from venue.cli.options import (
    HELD,
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
)
from venue.domain.decimal_text import format_scaled, parse_money
from venue.domain.margin_rules import MarginRules
from venue.domain.overview import InstrumentRow, MemberRow
from venue.domain.verbs.margin import CallMargin, ReleaseMargin
from venue.printable import shown

app = typer.Typer(no_args_is_help=True)

_MINUTE_NS = 60 * 10**9
_OFF = "there is no margin: venue.toml has no section [margin]"


class MarginRow(msgspec.Struct, frozen=True):
    """Margin of an account, in the currency of margin. unpriced: assets that have no price.

    margin_call and margin_due_ns: of its member; empty and 0: nothing is called for.
    """

    member: str
    account: str
    currency: str
    equity: str
    required: str
    deficit: str
    unpriced: tuple[str, ...]
    margin_call: str
    margin_due_ns: int


@app.callback()
def margin() -> None:
    """Margin: what accounts are covered with; call for what lacks, release what is met."""


@app.command(epilog="Examples: venue margin status | venue margin status ALPHA --json")
def status(
    context: typer.Context,
    member: Annotated[str, typer.Argument(metavar="[MEMBER]", help="All, without it.")] = "",
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Equity, initial margin and what lacks, of each account, at the last prices."""
    place = data_dir_of(context, data_dir)
    rules = _rules(place)
    members = {row.member: row for row in ask(place, MembersQuery()).members}
    if member and member not in members:
        refuse(f"member {member} is unknown")
    rows = [_row(each, rules, members[each.member]) for each in _reckoned(place, rules, member)]
    if as_json:
        print_rows("margin", rows)
        return
    from rich.table import Table

    table = Table("member", "account")
    for heading in ("equity", "required", "lacks", "called for"):
        table.add_column(heading, justify="right")
    for row in rows:
        numbers = (row.equity, row.required, row.deficit, row.margin_call or "-")
        table.add_row(*map(shown, (row.member, row.account or "-", *numbers)))
        for asset in row.unpriced:
            table.add_row("", shown(f"{asset} has no price in {row.currency}"))
    console().print(table)


@app.command(epilog='Example: venue margin run --reason "noon"')
def run(
    context: typer.Context,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Call each member whose accounts lack margin, and release the calls of who lacks none.

    Said twice a day, by cron, it is the mark to market. A call that stands keeps its time.
    """
    place = data_dir_of(context, data_dir)
    rules = _rules(place)
    lacking = deficits(_reckoned(place, rules, ""))
    now_ns = time.time_ns()
    wanted = [
        order
        for row in ask(place, MembersQuery()).members
        for order in _orders(row, lacking.get(row.member, Decimal(0)), rules, now_ns, reason)
    ]
    if dry_run:
        from venue.cli.desk.rehearsal import print_rehearsal  # here, for it brings in the engine

        print_rehearsal(place, wanted, as_json)
        return
    _send(place, wanted, as_json)


def _send(place: Path, wanted: list[CallMargin | ReleaseMargin], as_json: bool) -> None:
    events, held = [], []
    for each in wanted:
        answer = ask(place, Submit(each))
        waits = held_as(answer)
        if waits is not None:
            held.append(waits)
        events += answer.events
        if not as_json:
            typer.echo(shown(outcome(_said(each), answer)))
    if as_json:
        told = {"events": msgspec.to_builtins(events), "still_open": None}
        print_json({**told, "held": held} if held else told)
    elif not wanted:
        typer.echo("nobody lacks margin, and no call is met that stands")
    if held:
        raise typer.Exit(HELD)


def _orders(
    row: MemberRow, lacking: Decimal, rules: MarginRules, now_ns: int, reason: str
) -> list[CallMargin | ReleaseMargin]:
    """What there is to order for a member: nothing where its call stands as it should."""
    if not lacking:
        return [ReleaseMargin(row.member, reason=reason)] if row.margin_due_ns else []
    amount = _text(lacking)
    if row.margin_call == f"{amount} {rules.currency}":
        return []
    due_ns = now_ns + rules.due_minutes * _MINUTE_NS
    return [CallMargin(row.member, amount, rules.currency, due_ns, reason=reason)]


def _said(order: CallMargin | ReleaseMargin) -> str:
    if isinstance(order, ReleaseMargin):
        return f"margin call of {order.member} is released"
    return f"{order.member} is called for {order.amount} {order.currency} of margin"


def _rules(place: Path) -> MarginRules:
    """Rules of the running venue; ends with status 1 where it has none."""
    rules = ask(place, DefaultsQuery()).margin
    if rules is None:
        refuse(_OFF)
    return rules


def _reckoned(place: Path, rules: MarginRules, member: str) -> list[AccountMargin]:
    scopes = ask(place, RiskQuery(member) if member else RiskQuery()).risk
    balances = [
        Balance(scope.member, purse.account, purse.asset, Decimal(purse.balance))
        for scope in scopes
        if not scope.account
        for purse in scope.funds
    ]
    return margin_of(balances, _marks(ask(place, InstrumentsQuery()).instruments, rules), rules)


def _marks(instruments: list[InstrumentRow], rules: MarginRules) -> dict[str, Mark]:
    """Price of each asset: the last one, else the reference price, of its first instrument that is
    paid in the currency of margin."""
    marks: dict[str, Mark] = {}
    for row in instruments:
        if row.currency == rules.currency:
            price = Decimal(row.last_px or row.reference_price)
            marks.setdefault(row.asset, Mark(row.symbol, price))
    return marks


def _row(each: AccountMargin, rules: MarginRules, member: MemberRow) -> MarginRow:
    return MarginRow(
        each.member,
        each.account,
        rules.currency,
        _text(each.equity),
        _text(each.required),
        _text(each.deficit),
        each.unpriced,
        member.margin_call,
        member.margin_due_ns,
    )


def _text(number: Decimal) -> str:
    """Shortest decimal text, exact, without an exponent; of an amount as the venue writes it."""
    units = parse_money(f"{number:f}")
    if units is not None:
        return format_scaled(units, 8)
    return f"{number:f}".rstrip("0").rstrip(".")


add_verbs(app, "margin")
