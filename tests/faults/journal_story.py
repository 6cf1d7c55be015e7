"""What a journal tells, read as JSON: events, requests, trades, and the reports that were due.

Uses the venue's reader for frames and checksums only; what an event means is read here.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from tests.faults.due_reports import due_reports
from tests.faults.stories import Fields, identity
from venue.journal.segment import PlacedFrame

Digest = bytes
Command = dict[str, Any]
_REQUESTS = frozenset({"EnterOrder", "CancelOrder", "ReplaceOrder", "MassCancel"})


class Trade(NamedTuple):
    """One match, as text of exact decimals without closing zeros."""

    match_id: str
    event_seq: int
    symbol: str
    price: str
    quantity: str
    amount: str
    buyer: str
    seller: str


class _Record(msgspec.Struct):
    seq: int
    timestamp_ns: int
    command: Command
    events: list[msgspec.Raw]


class _Body(msgspec.Struct):
    records: list[_Record]


@dataclass
class JournalStory:
    """What the journal says has happened.

    events: digest of each event's bytes, by event_seq from 1. reports: session -> the reports that
    it was due, in order. commands: (session, ClOrdID) -> all requests under it. faults: numbers
    with holes, and time that goes back.
    """

    events: list[Digest] = field(default_factory=list)
    reports: dict[str, list[Fields]] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Command]] = field(default_factory=dict)
    trades: dict[str, Trade] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    records: int = 0
    timestamp_ns: int = 0

    @cached_property
    def identified(self) -> dict[str, dict[tuple[str, str], Fields]]:
        """Reports of each session by what no other of its reports has, in their order."""
        return {
            session: {identity(fields): fields for fields in due}
            for session, due in self.reports.items()
        }


def digest(payload: bytes) -> Digest:
    """What stands for an event's bytes."""
    return hashlib.blake2b(payload, digest_size=8).digest()


def journal_story(frames: Iterable[PlacedFrame]) -> JournalStory:
    """Fold a journal."""
    story = JournalStory()
    body = msgspec.json.Decoder(_Body)
    for frame in frames:
        for record in body.decode(frame.body).records:
            _fold(story, record)
    return story


def _fold(story: JournalStory, record: _Record) -> None:
    story.records += 1
    if record.seq != story.records:
        story.faults.append(f"record {record.seq} stands as {story.records}")
    if record.timestamp_ns < story.timestamp_ns:
        story.faults.append(f"time goes back at record {record.seq}")
    story.timestamp_ns = record.timestamp_ns
    command = record.command
    if command["type"] in _REQUESTS:
        story.commands.setdefault((command["session"], command["cl_ord_id"]), []).append(command)
    for payload in record.events:
        story.events.append(digest(bytes(payload)))
        event = msgspec.json.decode(payload)
        if event["event_seq"] != len(story.events):
            story.faults.append(f"event {event['event_seq']} stands as {len(story.events)}")
        if event["type"] == "TradeExecuted":
            story.trades[event["match_id"]] = _trade(event)
        for session, fields in due_reports(event):
            story.reports.setdefault(session, []).append(fields)


def _trade(event: dict[str, Any]) -> Trade:
    return Trade(
        event["match_id"],
        event["event_seq"],
        event["symbol"],
        exact(event["last_px"]),
        exact(event["last_qty"]),
        exact(event["amount"]),
        event["buy"]["order"]["terms"]["member"],
        event["sell"]["order"]["terms"]["member"],
    )


def exact(number: str | Decimal) -> str:
    """Shortest decimal text: no exponent, no zeros behind the point."""
    text = f"{Decimal(number):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
