"""Asking the running venue, and what came of a command in one line.

Sends to the running venue over the admin socket and prints what came of it.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import typer

from venue.admin.client import VenueUnreachable, call
from venue.cli.options import ANSWER_SECONDS, refuse, said_when_slow

_CANCELS_ALL = ("EntryBlocked", "InstrumentDisabled")
_ENDED = {
    "OrderCanceled": ("order canceled", "orders canceled"),
    "OrderExpired": ("order expired", "orders expired"),
    "OrderRestated": ("order restated", "orders restated"),
    "TradeExecuted": ("trade", "trades"),
}
"""What may come of a command beside its own event, in words."""


def ask(data_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Reply of the running venue; ends with status 1 and its one line when it refuses.

    Says so on stderr when it has not answered within ANSWER_SECONDS, and waits on.
    """
    with said_when_slow(f"the venue in {data_dir} has not answered for {ANSWER_SECONDS:g} s yet"):
        try:
            reply = call(data_dir, request)
        except VenueUnreachable as error:
            if "command" in request and isinstance(error.__cause__, TimeoutError):
                refuse(f"{error}; it may be done later: venue journal show says whether it was")
            raise
    if not reply["ok"]:
        refuse(reply["error"])
    return reply


def known(data_dir: Path, what: str, dry_run: bool) -> list[dict[str, Any]]:
    """All "members" or "instruments" that there are; for a dry run as the journal has them."""
    if dry_run:
        from venue.cli.desk.rehearsal import known_then  # here, for it brings in the engine

        return known_then(data_dir, what)
    rows: list[dict[str, Any]] = ask(data_dir, {"query": what})[what]
    return rows


def print_done(done: str, reply: dict[str, Any], as_json: bool) -> None:
    """One line, or the reply as JSON."""
    typer.echo(json.dumps(reply) if as_json else done)


def command(
    data_dir: Path, wanted: dict[str, Any], done: str, dry_run: bool, as_json: bool
) -> None:
    """Submit one command of the operator and print what came of it; dry run: what would come."""
    if dry_run:
        from venue.cli.desk.rehearsal import print_rehearsal  # here, for it brings in the engine

        print_rehearsal(data_dir, [wanted], as_json)
        return
    reply = ask(data_dir, {"command": wanted})
    print_done(outcome(done, reply), reply, as_json)


def outcome(done: str, reply: dict[str, Any]) -> str:
    """What came of a command in one line: `done`, or that it is held, and what else happened.

    A block's first orders are canceled with it, the others right behind: both are counted.
    """
    events = reply["events"]
    held = next((each for each in events if each["type"] == "ActionHeld"), None)
    if held is not None:
        return (
            f"held as {held['action_id']}: another operator has to approve it, "
            f"venue approve {held['action_id']}"
        )
    counts = Counter(event["type"] for event in events[1:])  # the first is the command's own
    facts = [f"{counts[name]:,} {words[counts[name] != 1]}" for name, words in _ENDED.items()
             if counts[name]]  # fmt: skip
    left = reply.get("still_open")
    if left:
        facts.append(f"{left:,} more follow right behind")
    elif left == 0 and not facts and events[0]["type"] in _CANCELS_ALL:
        facts.append("no order was open")
    return f"{done}: {', '.join(facts)}" if facts else done
