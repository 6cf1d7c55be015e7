"""What client logs and the journal tell, in forms that can be compared number by number.

Plain folds; knows FIX tags, the log's lines and the journal's frames. Judges nothing.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, get_args

from tests.faults.client_log import NOTE, SEEN, Line
from venue.domain.commands import AnyCommand, TradingCommand
from venue.domain.events import AnyEvent, TradeExecuted
from venue.domain.outgoing import Outgoing
from venue.fix.fields import field_map
from venue.journal.record import SessionMark, decode_batch, decode_raw_batch
from venue.journal.segment import PlacedFrame

_NOT_CONTENT = ("8", "9", "10", "34", "43", "49", "52", "56", "97", "122")
_ADMIN = frozenset("01245A")
_REPORTS = frozenset("89")
Digest = bytes


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


def digest(payload: bytes) -> Digest:
    """What stands for an event's bytes."""
    return hashlib.blake2b(payload, digest_size=8).digest()


def content(text: str, separator: str = "|") -> str:
    """A message's fields, sorted, without session header and trailer: equal if it says the same."""
    parts = [p for p in text.split(separator) if p and p.split("=", 1)[0] not in _NOT_CONTENT]
    return "|".join(sorted(parts))


def tags(report: str) -> dict[str, str]:
    """Fields of a `content` by tag."""
    return dict(part.split("=", 1) for part in report.split("|"))


@dataclass
class ClientStory:
    """One session as its client lived it.

    delivered: MsgSeqNum -> content, of every report in order, each once. requests: ClOrdID -> its
    fields. faults: what a session may never do. logons_ns: when a Logon was answered by one.
    resent: how many reports came first by a resend, with PossDupFlag(43)=Y.
    """

    delivered: dict[int, str] = field(default_factory=dict)
    requests: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    logons_ns: list[int] = field(default_factory=list)
    resent: int = 0


def client_story(lines: Iterable[Line], stops: Sequence[tuple[int, int]] = ()) -> ClientStory:
    """Fold a client's log. stops: from when to when trading was stopping by request, in ns."""
    story = ClientStory()
    expected = 1
    for line in lines:
        if line.kind == NOTE:
            if not _is_in_order(line, stops):
                story.faults.append(line.text)
        elif line.kind == SEEN:
            expected = _see(story, line, expected)
        elif line.get(35) in ("D", "F", "G") and not line.is_poss_dup:
            fields = field_map(line.text.replace("|", "\x01"))
            if fields["11"] in story.requests:
                story.faults.append(f"the load itself used ClOrdID {fields['11']} twice")
            story.requests[fields["11"]] = fields
    return story


def _is_in_order(note: Line, stops: Sequence[tuple[int, int]]) -> bool:
    """A lost connection is in order, a venue that does not answer is not.

    A logon is refused only while the venue stops.
    """
    if note.text.startswith(("lost: the Logon", "lost: nothing heard")):
        return False
    if note.text.startswith("logout: LOGON_REFUSED"):
        return any(begin <= note.at_ns <= end for begin, end in stops)
    return note.text.startswith(("connected", "lost: ", "logout: the venue stops"))


def _see(story: ClientStory, line: Line, expected: int) -> int:
    """Take one message; MsgSeqNum expected next."""
    kind, number = line.get(35), line.number
    if kind == "A":
        story.logons_ns.append(line.at_ns)
    if kind == "4":
        return _see_sequence_reset(story, line, expected)
    if kind not in _ADMIN and kind not in _REPORTS:
        story.faults.append(f"MsgSeqNum {number} is no report: {line.text}")
    if number > expected:
        return expected
    if number < expected:
        _see_again(story, line)
        return expected
    if kind in _REPORTS:
        story.delivered[number] = content(line.text)
        story.resent += line.is_poss_dup
    return expected + 1


def _see_sequence_reset(story: ClientStory, line: Line, expected: int) -> int:
    new = int(line.get(36) or 0)
    if line.get(123) != "Y":
        story.faults.append(f"numbers were set to {new} by a SequenceReset without gap fill")
        return new
    if line.number > expected or (line.number < expected and line.is_poss_dup):
        return expected
    if line.number < expected or new <= expected:
        story.faults.append(f"gap fill {line.number} to {new}, expected {expected}")
    return max(new, expected)


def _see_again(story: ClientStory, line: Line) -> None:
    """A message with a number that has gone by: only the same again, with PossDupFlag."""
    known = story.delivered.get(line.number)
    if not line.is_poss_dup:
        story.faults.append(f"MsgSeqNum {line.number} came again without PossDupFlag(43)=Y")
    elif known is None:
        story.faults.append(f"MsgSeqNum {line.number}, filled as a gap before, came as a message")
    elif known != content(line.text):
        story.faults.append(f"MsgSeqNum {line.number} came again with other content: {line.text}")


@dataclass
class JournalStory:
    """What the journal says has happened.

    events: digest of each event's bytes, by event_seq from 1. reports: session -> MsgSeqNum ->
    content. commands: (session, ClOrdID) -> all commands under it. faults: numbers with holes.
    """

    events: list[Digest] = field(default_factory=list)
    reports: dict[str, dict[int, str]] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[AnyCommand]] = field(default_factory=dict)
    trades: dict[str, Trade] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    records: int = 0
    starts: int = 0


def journal_story(
    frames: Iterable[PlacedFrame], reports: Callable[[AnyEvent], Sequence[Outgoing]]
) -> JournalStory:
    """Fold a journal."""
    story = JournalStory()
    for frame in frames:
        batch = decode_batch(frame.body)
        messages: dict[str, list[str]] = {}
        for record, raw in zip(batch.records, decode_raw_batch(frame.body).records, strict=True):
            _fold_command(story, record.seq, record.command)
            for event, payload in zip(record.events, raw.events, strict=True):
                story.events.append(digest(bytes(payload)))
                if event.event_seq != len(story.events):
                    story.faults.append(f"event {event.event_seq} stands as {len(story.events)}")
                if isinstance(event, TradeExecuted):
                    story.trades[event.match_id] = _trade(event)
                for message in reports(event):
                    messages.setdefault(message.session, []).append(message.text)
        for session, mark in batch.sessions.items():
            _number(story.reports.setdefault(session, {}), mark, messages.get(session, []))
    return story


def _fold_command(story: JournalStory, seq: int, command: AnyCommand) -> None:
    story.records += 1
    if seq != story.records:
        story.faults.append(f"record {seq} stands as {story.records}")
    if isinstance(command, get_args(TradingCommand)):
        story.commands.setdefault((command.session, command.cl_ord_id), []).append(command)


def _number(numbered: dict[int, str], mark: SessionMark, texts: list[str]) -> None:
    reports = iter(texts)
    for place in range(mark.count):
        if place not in mark.answers:
            numbered[mark.first_out + place] = content(next(reports), "\x01")


def _trade(event: TradeExecuted) -> Trade:
    return Trade(
        event.match_id,
        event.event_seq,
        event.symbol,
        event.last_px,
        event.last_qty,
        event.amount,
        event.buy.order.terms.member,
        event.sell.order.terms.member,
    )
