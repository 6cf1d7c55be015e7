"""Asking the running venue, and what came of a command in one line.

Sends to the running venue over the admin socket and prints what came of it.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from venue.admin import client
from venue.admin.answers import Answer, DefaultsAnswer, Done, Refusal
from venue.admin.requests import (
    A,
    DefaultsQuery,
    InstrumentsQuery,
    MembersQuery,
    Request,
    Submit,
)
from venue.cli.json_output import print_json
from venue.cli.options import ANSWER_SECONDS, HELD, refuse, said_when_slow
from venue.domain.commands import AdminCommand
from venue.domain.event import Event
from venue.domain.events import (
    ActionHeld,
    EntryBlocked,
    FundsRepeated,
    InstrumentDisabled,
    MassCancelOrdered,
    OrderCanceled,
    OrderExpired,
    OrderRestated,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.overview import InstrumentRow, MemberRow

_CANCELS_ALL = (EntryBlocked, InstrumentDisabled, MassCancelOrdered)
_ENDED: dict[type[Event], tuple[str, str]] = {
    OrderCanceled: ("order canceled", "orders canceled"),
    OrderExpired: ("order expired", "orders expired"),
    OrderRestated: ("order restated", "orders restated"),
    TradeExecuted: ("trade", "trades"),
}
"""What may come of a command beside its own event, in words."""


def ask(data_dir: Path, request: Request[A]) -> A:
    """Answer of the running venue; ends with status 1 and its one line when it refuses.

    Says so on stderr when it has not answered within ANSWER_SECONDS, and waits on.
    """
    with said_when_slow(f"the venue in {data_dir} has not answered for {ANSWER_SECONDS:g} s yet"):
        try:
            answer = client.ask(data_dir, request)
        except client.VenueUnreachable as error:
            if isinstance(request, Submit) and isinstance(error.__cause__, TimeoutError):
                refuse(f"{error}; it may be done later: venue journal show says whether it was")
            raise
    if isinstance(answer, Refusal):
        refuse(answer.error)
    return answer


def known_members(data_dir: Path, dry_run: bool) -> Sequence[MemberRow]:
    """All members that there are; for a dry run as the journal has them."""
    if dry_run:
        from venue.cli.desk.rehearsal import members_then  # here, for it brings in the engine

        return members_then(data_dir)
    return ask(data_dir, MembersQuery()).members


def known_instruments(data_dir: Path, dry_run: bool) -> Sequence[InstrumentRow]:
    """All instruments that there are; for a dry run as the journal has them."""
    if dry_run:
        from venue.cli.desk.rehearsal import instruments_then  # here, for it brings in the engine

        return instruments_then(data_dir)
    return ask(data_dir, InstrumentsQuery()).instruments


def defaults(data_dir: Path, dry_run: bool) -> DefaultsAnswer:
    """What the venue gives to what is added without saying it.

    For a dry run that no venue answers: what the configuration would give that is found now.
    """
    try:
        return ask(data_dir, DefaultsQuery())
    except client.VenueUnreachable:
        if not dry_run:
            raise
    from venue.settings.definitions import new_instrument, new_member
    from venue.settings.settings import load_settings  # here, for most commands need none

    risk = load_settings(data_dir=data_dir).risk
    return DefaultsAnswer(instrument=new_instrument(risk), member=new_member(risk))


def print_done(done: str, answer: Answer, as_json: bool) -> None:
    """One line, or the answer as JSON."""
    if as_json:
        print_json(answer)
    else:
        typer.echo(done)


def command(data_dir: Path, wanted: AdminCommand, done: str, dry_run: bool, as_json: bool) -> None:
    """Submit one command of the operator and print what came of it; dry run: what would come.

    Ends with status HELD, and names the id in the JSON, if it waits for approval.
    """
    if dry_run:
        from venue.cli.desk.rehearsal import print_rehearsal  # here, for it brings in the engine

        print_rehearsal(data_dir, [wanted], as_json)
        return
    print_outcome(done, ask(data_dir, Submit(wanted)), as_json)


def print_outcome(done: str, answer: Done, as_json: bool) -> None:
    """Print what came of a command; ends with status HELD if it waits for approval."""
    held = held_as(answer)
    if as_json:
        waits = {} if held is None else {"held": [held]}
        print_json({**msgspec.to_builtins(answer), **waits})
    else:
        typer.echo(outcome(done, answer))
    if held is not None:
        raise typer.Exit(HELD)


def held_as(answer: Done) -> str | None:
    """Id under which a command waits for another operator's approval; None if it was executed."""
    return next((each.action_id for each in answer.events if isinstance(each, ActionHeld)), None)


def outcome(done: str, answer: Done) -> str:
    """What came of a command in one line: `done`, or that it is held, and what else happened.

    A block's first orders are canceled with it, the others right behind: both are counted.
    """
    events, left = answer.events, answer.still_open
    held = held_as(answer)
    if held is not None:
        return f"held as {held}: another operator has to approve it, venue approve {held}"
    if isinstance(events[0], FundsRepeated):
        return f"{done}: booked before, by event {events[0].first_event_seq}; not booked again"
    counts = Counter(map(type, events[1:]))  # the first is the command's own
    facts = _terms(events[0])
    facts += [f"{counts[kind]:,} {words[counts[kind] != 1]}" for kind, words in _ENDED.items()
              if counts[kind]]  # fmt: skip
    if left:
        facts.append(f"{left:,} more follow right behind")
    elif left == 0 and not facts and isinstance(events[0], _CANCELS_ALL):
        facts.append("no order was open")
    return f"{done}: {', '.join(facts)}" if facts else done


def _terms(event: Event) -> list[str]:
    """What a changed trade is, was, and between whom; of anything else nothing."""
    if not isinstance(event, TradeBusted | TradeCorrected):
        return []
    from venue.cli.text.tail import changed_terms  # here, for hardly a command changes a trade

    return [changed_terms(msgspec.to_builtins(event))]
