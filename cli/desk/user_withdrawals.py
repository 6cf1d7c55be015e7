"""`venue user withdrawals|pay|refuse`: what users have asked to be paid out.

Parses, asks the venue for the Withdraw that `venue withdraw` makes, notes what came of it, prints.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from venue.admin import client
from venue.admin.answers import Refusal
from venue.admin.requests import ApprovalsQuery, Submit
from venue.cli.desk.operator import ask, held_as
from venue.cli.desk.user_store import BY_HAND, opened
from venue.cli.json_output import print_json, print_rows
from venue.cli.options import (
    HELD,
    DataDirOption,
    JsonOption,
    ReasonOption,
    YesOption,
    console,
    data_dir_of,
    refuse,
)
from venue.cli.text.times import shown_time
from venue.clock import Clock
from venue.domain.commands import Withdraw
from venue.gateway.withdrawals import Wish, Withdrawal, Withdrawals
from venue.printable import shown

IdArgument = Annotated[int, typer.Argument(metavar="ID", min=1, help="Of venue user withdrawals.")]
_WAITING = (Wish.REQUESTED, Wish.HELD)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for name, command in (("withdrawals", withdrawals), ("pay", pay), ("refuse", refuse_request)):
        app.command(name)(command)


def withdrawals(
    context: typer.Context, json: JsonOption = False, data_dir: DataDirOption = None
) -> None:
    """Withdrawals that users have asked for and nobody has decided, the oldest first.

    Example: venue user withdrawals
    """
    with opened(context, data_dir) as (store, _):
        found = Withdrawals(store).waiting()
    if json:
        print_rows("withdrawals", found)
        return
    table = Table("id", "asked", "user", "member", "account", "asset", "amount", "state")
    for each in found:
        cells = (shown_time(each.created_ns), each.user, each.member, each.account, each.asset)
        table.add_row(str(each.id), *map(shown, cells), each.amount, each.state)
    console().print(table)


def pay(
    context: typer.Context,
    number: IdArgument,
    reason: ReasonOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Book a withdrawal that was asked for, as `venue withdraw` does, once.

    Where a second operator has to approve it, say it again once he has.

    Example: venue user pay 7
    """
    place = data_dir_of(context, data_dir)
    with opened(context, data_dir) as (store, _):
        wishes = Withdrawals(store)
        wish = wishes.get(number)
        # first: from now on its user cannot take it back
        wishes.decide(number, _WAITING, Wish.HELD, wish.detail, Clock().now_ns())
        held = _withdraw(place, wishes, wish, reason)
        state = Wish.PAID if held is None else Wish.HELD
        told = wishes.decide(number, _WAITING, state, held or "", Clock().now_ns())
        store.note(f"withdrawal_{state}", wish.user, BY_HAND, str(number), Clock().now_ns())
    if held is None:
        _say(told, f"paid: {wish.amount} {wish.asset} of {wish.member}", json=json)
        return
    text = f"held as {held}: venue approve {held} by another operator, then this again"
    _say(told, text, json=json, held=held)
    raise typer.Exit(HELD)


def _withdraw(place: Path, wishes: Withdrawals, wish: Withdrawal, reason: str) -> str | None:
    """Have the venue book it; the id under which it is held, None if it is done.

    Ends the command where the venue does not: the request is then as it was. Where the venue has
    not answered it stays held, for whether it was paid is not known: paying again is safe.
    """
    try:
        answer = client.ask(place, Submit(_payment(wish, reason)))
    except client.VenueUnreachable as error:
        if isinstance(error.__cause__, TimeoutError):
            refuse(f"{error}; whether it was paid is not known: say it again")
        wishes.decide(wish.id, _WAITING, wish.state, wish.detail, Clock().now_ns())
        raise
    if isinstance(answer, Refusal):
        wishes.decide(wish.id, _WAITING, wish.state, wish.detail, Clock().now_ns())
        refuse(answer.error)
    return held_as(answer)


def _payment(wish: Withdrawal, reason: str) -> Withdraw:
    return Withdraw(
        member=wish.member,
        asset=wish.asset,
        amount=wish.amount,
        account=wish.account,
        reference=wish.reference,
        reason=reason or f"asked for by {wish.user}",
    )


def refuse_request(
    context: typer.Context,
    number: IdArgument,
    reason: ReasonOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Refuse a withdrawal that was asked for; its user is told the reason.

    Example: venue user refuse 7 --reason "the account is not yours"
    """
    place = data_dir_of(context, data_dir)
    with opened(context, data_dir) as (store, _):
        wishes = Withdrawals(store)
        wish = wishes.get(number)
        if wish.state is Wish.HELD and _was_paid(place, wish):
            wishes.decide(number, _WAITING, Wish.PAID, "", Clock().now_ns())
            refuse(f"request {number} is paid")
        told = wishes.decide(number, _WAITING, Wish.REFUSED, reason, Clock().now_ns())
        detail = f"{number} {reason}".rstrip()
        store.note("withdrawal_refused", told.user, BY_HAND, detail, Clock().now_ns())
    _say(told, f"refused: {told.amount} {told.asset} of {told.member}", json=json)


def _was_paid(place: Path, wish: Withdrawal) -> bool:
    """Whether the venue has booked it after all; ends the command where that waits still."""
    if wish.detail in {row.action_id for row in ask(place, ApprovalsQuery()).approvals}:
        refuse(f"it waits as {wish.detail}: venue decline {wish.detail} first")
    from venue.cli.desk.rehearsal import copy_of  # here, for it brings in the engine
    from venue.engine.control.payments import is_booked

    return is_booked(copy_of(place).engine.state, _payment(wish, ""))


def _say(told: Withdrawal, text: str, *, json: bool, held: str = "") -> None:
    if json:
        waits = {"held": [held]} if held else {}
        print_json({"ok": True, "withdrawal": told, **waits})
    else:
        print(shown(text))
