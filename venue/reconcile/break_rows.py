"""Breaks with their history, as operators are shown them."""

import msgspec

from venue.clock import iso
from venue.reconcile.breaks import Break, Kind, State
from venue.reconcile.difference import Difference


class ActRow(msgspec.Struct, frozen=True):
    """What has happened to a break. by: empty where it was the reconciler."""

    time: str
    act: Kind
    by: str
    note: str


class BreakRow(msgspec.Struct, frozen=True, kw_only=True):
    """A break with its history. since: when it was opened last."""

    break_id: str
    state: State
    owner: str
    since: str
    difference: Difference
    history: list[ActRow]


def break_row(found: Break) -> BreakRow:
    """The break for somebody to read."""
    return BreakRow(
        break_id=found.break_id,
        state=found.state,
        owner=found.owner,
        since=iso(found.since_ns),
        difference=found.difference,
        history=[
            ActRow(iso(act.timestamp_ns), act.kind, act.by, act.note) for act in found.history
        ],
    )
