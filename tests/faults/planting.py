"""Faults planted into sound evidence: what the checker must find before its silence means anything.

Each plant takes evidence and gives a copy with one thing wrong, and names the invariant it breaks.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple, TypeVar

from msgspec import structs

from tests.faults.checker import Evidence, MemberCopy, check
from tests.faults.stories import ClientStory, tags

T = TypeVar("T")
Change = Callable[[Evidence, random.Random], Evidence]


class Plant(NamedTuple):
    """A way to spoil evidence, and the invariant whose violation has to be told."""

    name: str
    invariant: str
    change: Change


def undetected(evidence: Evidence, seed: str) -> list[str]:
    """Names of the plants that the checker does not find in a copy of this evidence."""
    draw = random.Random(seed)
    return [
        plant.name
        for plant in PLANTS
        if not any(
            found.invariant == plant.invariant for found in check(plant.change(evidence, draw))
        )
    ]


def _client(evidence: Evidence, session: str, **changes: object) -> Evidence:
    story = replace(evidence.clients[session], **changes)  # type: ignore[arg-type]
    return replace(evidence, clients={**evidence.clients, session: story})


def _journal(evidence: Evidence, **changes: object) -> Evidence:
    return replace(evidence, journal=replace(evidence.journal, **changes))  # type: ignore[arg-type]


def _fill(evidence: Evidence, draw: random.Random) -> tuple[str, int, str]:
    """Session, MsgSeqNum and content of any fill that was seen."""
    session = draw.choice([name for name in evidence.clients if _fills(evidence.clients[name])])
    number, report = draw.choice(_fills(evidence.clients[session]))
    return session, number, report


def _fills(story: ClientStory) -> list[tuple[int, str]]:
    return [(n, text) for n, text in story.delivered.items() if "|150=F|" in text]


def _without(items: Sequence[T], place: int) -> list[T]:
    return [*items[:place], *items[place + 1 :]]


def _client_loses_fill(evidence: Evidence, draw: random.Random) -> Evidence:
    session, number, _ = _fill(evidence, draw)
    seen = dict(evidence.clients[session].delivered)
    del seen[number]
    return _client(evidence, session, delivered=seen)


def _client_sees_fill_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    session, _, report = _fill(evidence, draw)
    seen = evidence.clients[session].delivered
    return _client(evidence, session, delivered={**seen, max(seen) + 1: report})


def _client_sees_other_content(evidence: Evidence, draw: random.Random) -> Evidence:
    session, number, report = _fill(evidence, draw)
    other = report.replace("|31=", "|31=1")
    seen = {**evidence.clients[session].delivered, number: other}
    return _client(evidence, session, delivered=seen)


def _order_fills_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    """The venue itself does it: journal and client agree, the ExecID is new, the sums are not."""
    session, _, report = _fill(evidence, draw)
    again = report.replace(f"|17={tags(report)['17']}|", "|17=9999999999990|")
    last = max(evidence.clients[session].delivered) + 1
    told = {**evidence.journal.reports[session], last: again}
    reports = {**evidence.journal.reports, session: told}
    seen = {**evidence.clients[session].delivered, last: again}
    return _journal(_client(evidence, session, delivered=seen), reports=reports)


def _request_unanswered(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    seen, told = dict(evidence.clients[session].delivered), dict(evidence.journal.reports[session])
    number = draw.choice([n for n, text in seen.items() if "|150=0|" in text])
    del seen[number], told[number]
    reports = {**evidence.journal.reports, session: told}
    return _journal(_client(evidence, session, delivered=seen), reports=reports)


def _session_gap(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    return _client(evidence, session, faults=["MsgSeqNum 7 is too low, expected 9"])


def _client_stays_away(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    return replace(_client(evidence, session, logons_ns=[1]), crashes_ns=[2])


def _journal_loses_command(evidence: Evidence, draw: random.Random) -> Evidence:
    commands = dict(evidence.journal.commands)
    del commands[draw.choice(sorted(commands))]
    return _journal(evidence, commands=commands)


def _journal_repeats_command(evidence: Evidence, draw: random.Random) -> Evidence:
    commands = dict(evidence.journal.commands)
    key = draw.choice(sorted(commands))
    commands[key] = commands[key] * 2
    return _journal(evidence, commands=commands)


def _journal_loses_report(evidence: Evidence, draw: random.Random) -> Evidence:
    session, number, _ = _fill(evidence, draw)
    told = dict(evidence.journal.reports[session])
    del told[number]
    return _journal(evidence, reports={**evidence.journal.reports, session: told})


def _journal_loses_event(evidence: Evidence, draw: random.Random) -> Evidence:
    events = evidence.journal.events
    return _journal(evidence, events=_without(events, draw.randrange(len(events))))


def _journal_has_gap(evidence: Evidence, draw: random.Random) -> Evidence:
    return _journal(evidence, faults=["event 8 stands as 7"])


def _book_loses_level(evidence: Evidence, draw: random.Random) -> Evidence:
    book = dict(evidence.book)
    del book[draw.choice(sorted(book))]
    return replace(evidence, book=book)


def _replay_differs(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, digests=[*evidence.digests[:-1], "0" * 64])


def _copy_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, copies=_without(evidence.copies, draw.randrange(len(evidence.copies))))


def _copy_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    place = draw.randrange(len(evidence.copies))
    return replace(evidence, copies=[*evidence.copies[: place + 1], *evidence.copies[place:]])


def _copy_changed(evidence: Evidence, draw: random.Random) -> Evidence:
    place = draw.randrange(len(evidence.copies))
    copies = list(evidence.copies)
    copies[place] = (copies[place][0], bytes(8))
    return replace(evidence, copies=copies)


def _member_copy_gap(evidence: Evidence, draw: random.Random) -> Evidence:
    return _member(evidence, draw, lambda copies, place: _without(copies, place))


def _member_copy_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    return _member(
        evidence,
        draw,
        lambda copies, place: [*copies, structs.replace(copies[place], member_seq=len(copies) + 1)],
    )


def _member(
    evidence: Evidence,
    draw: random.Random,
    change: Callable[[Sequence[MemberCopy], int], Sequence[MemberCopy]],
) -> Evidence:
    member = draw.choice([name for name, copies in evidence.member_copies.items() if copies])
    copies = evidence.member_copies[member]
    changed = change(copies, draw.randrange(len(copies) - 1))
    return replace(evidence, member_copies={**evidence.member_copies, member: changed})


def _trade_unbooked(evidence: Evidence, draw: random.Random) -> Evidence:
    rows = evidence.ledger_trades
    return replace(evidence, ledger_trades=_without(rows, draw.randrange(len(rows))))


def _trade_booked_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    rows = evidence.ledger_trades
    return replace(evidence, ledger_trades=[*rows, draw.choice(rows)])


def _trade_booked_wrong(evidence: Evidence, draw: random.Random) -> Evidence:
    rows = list(evidence.ledger_trades)
    place = draw.randrange(len(rows))
    rows[place] = rows[place]._replace(price=rows[place].price + "1")
    return replace(evidence, ledger_trades=rows)


def _trade_not_journaled(evidence: Evidence, draw: random.Random) -> Evidence:
    trades = dict(evidence.journal.trades)
    del trades[draw.choice(sorted(trades))]
    return _journal(evidence, trades=trades)


def _ledger_off(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, ledger_sums={**evidence.ledger_sums, "USD": Decimal("0.00000001")})


def _entry_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, audit=_without(evidence.audit, draw.randrange(len(evidence.audit))))


def _entry_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, audit=[*evidence.audit, evidence.audit[-1]])


def _trail_damaged(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, audit_problem="trail-000001.jsonl:3 event 3: changed")


PLANTS = (
    Plant("client log: a fill is lost", "I1", _client_loses_fill),
    Plant("client log: a fill comes twice", "I2", _client_sees_fill_twice),
    Plant("client log: a fill has another price", "I1", _client_sees_other_content),
    Plant("client log: an order fills twice", "I2", _order_fills_twice),
    Plant("client log: a request stays unanswered", "I6", _request_unanswered),
    Plant("client log: a gap in the numbers", "I6", _session_gap),
    Plant("client log: no logon after a crash", "I6", _client_stays_away),
    Plant("journal: a command is lost", "I6", _journal_loses_command),
    Plant("journal: a command stands twice", "I2", _journal_repeats_command),
    Plant("journal: a report is lost", "I1", _journal_loses_report),
    Plant("journal: an event is lost", "I4", _journal_loses_event),
    Plant("journal: a gap in event_seq", "I1", _journal_has_gap),
    Plant("book: a level is lost", "I1", _book_loses_level),
    Plant("replay: another state", "I3", _replay_differs),
    Plant("drop copy: one is lost", "I4", _copy_lost),
    Plant("drop copy: one comes twice", "I4", _copy_twice),
    Plant("drop copy: one is changed", "I4", _copy_changed),
    Plant("member's drop copy: one is lost", "I4", _member_copy_gap),
    Plant(
        "member's drop copy: one comes twice, with a number of its own", "I4", _member_copy_twice
    ),
    Plant("ledger: a trade is lost", "I5", _trade_unbooked),
    Plant("ledger: a trade is booked twice", "I5", _trade_booked_twice),
    Plant("ledger: a trade has another price", "I5", _trade_booked_wrong),
    Plant("ledger: a trade that is not in the journal", "I5", _trade_not_journaled),
    Plant("ledger: an asset does not sum to zero", "I5", _ledger_off),
    Plant("audit: an entry is lost", "audit", _entry_lost),
    Plant("audit: an entry stands twice", "audit", _entry_twice),
    Plant("audit: the trail does not verify", "audit", _trail_damaged),
)
