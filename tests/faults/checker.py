"""The invariants I1 to I6 of the fault tests: evidence in, violations out, as plain values.

Knows evidence only, no process and no file. What it does not name it did not find.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import msgspec

from tests.faults.stories import ClientStory, Digest, JournalStory, Trade, tags
from venue.fix.decode import decode

Level = tuple[str, str, str]
"""Symbol, side (1 or 2), price."""


class MemberCopy(msgspec.Struct, frozen=True, gc=False):
    """What counts of a drop copy on a member's own stream."""

    member_seq: int
    event_seq: int
    exec_id: str


class Violation(NamedTuple):
    """What is wrong, under the name of the invariant it breaks."""

    invariant: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


@dataclass
class Evidence:
    """What was found after the load had stopped and everybody had caught up.

    book: level -> (quantity shown, orders), of the live venue. digests: of the live engine, then of
    each replay from the first record. copies: (event_seq, digest) of the stream, in its order.
    member_copies: of each member's own stream, in its order. crashes_ns: when trading died.
    """

    clients: Mapping[str, ClientStory]
    journal: JournalStory
    book: Mapping[Level, tuple[Decimal, int]]
    digests: Sequence[str]
    copies: Sequence[tuple[int, Digest]]
    ledger_trades: Sequence[Trade]
    ledger_sums: Mapping[str, Decimal]
    ledger_unreconciled: int
    audit: Sequence[tuple[int, Digest]]
    audit_problem: str | None
    member_copies: Mapping[str, Sequence[MemberCopy]]
    crashes_ns: Sequence[int]


def check(evidence: Evidence) -> Iterator[Violation]:
    """All violations, one after the other."""
    for invariant in _INVARIANTS:
        yield from invariant(evidence)


def _reports(evidence: Evidence) -> Iterator[Violation]:
    """I1: each report of the journal was delivered once, under its number, as it is there."""
    for fault in evidence.journal.faults:
        yield Violation("I1", f"journal: {fault}")
    for session, client in evidence.clients.items():
        told = evidence.journal.reports.get(session, {})
        for number in sorted(told.keys() | client.delivered.keys()):
            there, seen = told.get(number), client.delivered.get(number)
            if there == seen:
                continue
            if seen is None:
                text = f"the journal's report was never seen: {there}"
            elif there is None:
                text = f"was seen, but the journal does not have it: {seen}"
            else:
                text = f"was seen as {seen}, the journal has {there}"
            yield Violation("I1", f"{session} MsgSeqNum {number} {text}")


def _commands(evidence: Evidence) -> Iterator[Violation]:
    """I1, I2: what clients asked for is in the journal as they sent it, once, nothing else is."""
    commands = evidence.journal.commands
    for (session, cl_ord_id), found in commands.items():
        if len(found) != 1:
            yield Violation("I2", f"{session} {cl_ord_id} is {len(found)} times in the journal")
        if cl_ord_id not in evidence.clients[session].requests:
            yield Violation("I2", f"{session} {cl_ord_id} is in the journal but was never sent")
    for session, client in evidence.clients.items():
        for cl_ord_id, fields in client.requests.items():
            found = commands.get((session, cl_ord_id), [])
            if not found:
                yield Violation("I6", f"{session} {cl_ord_id} was sent but never journaled")
            elif found[0] != decode(session, "", fields):
                yield Violation("I1", f"{session} {cl_ord_id} stands in the journal as {found[0]}")


def _exec_ids(evidence: Evidence) -> Iterator[Violation]:
    """I2: an ExecID names one report."""
    known: dict[str, tuple[str, str]] = {}
    for session, client in evidence.clients.items():
        for report in client.delivered.values():
            exec_id = tags(report).get("17")
            if exec_id is None:
                continue
            before = known.setdefault(exec_id, (session, report))
            if before[1] is not report:
                same = "the same" if before[1] == report else "another"
                yield Violation(
                    "I2", f"ExecID {exec_id} came to {before[0]}, and in {same} report to {session}"
                )


def _fills(evidence: Evidence) -> Iterator[Violation]:
    """I2: CumQty is the sum of LastQty at every fill, and never more than OrderQty."""
    sums: dict[str, Decimal] = {}
    for client in evidence.clients.values():
        for report in client.delivered.values():
            fields = tags(report)
            order_id = fields["37"]
            if order_id == "NONE" or fields["35"] != "8":
                continue
            total = sums.get(order_id, Decimal(0))
            if fields["150"] == "F":
                total = sums[order_id] = total + Decimal(fields["32"])
            if Decimal(fields["14"]) != total or total > Decimal(fields["38"]):
                yield Violation(
                    "I2", f"order {order_id}: its fills come to {total}, the report says {report}"
                )


def expected_book(clients: Mapping[str, ClientStory]) -> dict[Level, tuple[Decimal, int]]:
    """The book as the last reports on every order describe it; an iceberg (111=1) shows 1."""
    last: dict[str, dict[str, str]] = {}
    for client in clients.values():
        for report in client.delivered.values():
            fields = tags(report)
            if fields["35"] == "8":
                last[fields["37"]] = fields
    levels: dict[Level, tuple[Decimal, int]] = {}
    for fields in last.values():
        if fields["39"] not in ("0", "1"):
            continue
        level = (fields["55"], fields["54"], fields["44"])
        quantity, orders = levels.get(level, (Decimal(0), 0))
        levels[level] = (quantity + Decimal(fields.get("111", fields["151"])), orders + 1)
    return levels


def _book(evidence: Evidence) -> Iterator[Violation]:
    """I1: what clients hold for open rests in the live book, and nothing else does."""
    expected = expected_book(evidence.clients)
    for level in sorted(expected.keys() | evidence.book.keys()):
        ours, theirs = expected.get(level), evidence.book.get(level)
        if ours != theirs:
            yield Violation("I1", f"book {level}: reports make {ours}, the venue has {theirs}")


def _digests(evidence: Evidence) -> Iterator[Violation]:
    """I3: live state and every replay are the same."""
    if len(evidence.digests) < 3 or len(set(evidence.digests)) != 1:
        yield Violation("I3", f"digests of live state and replays: {list(evidence.digests)}")


def _copies(evidence: Evidence) -> Iterator[Violation]:
    """I4: the stream has each event once, in order, byte for byte; so have the members' streams.

    A member's copies are numbered without gaps, and are its ExecutionReports, each once.
    """
    yield from _same_events("I4", "drop copy", evidence.copies, evidence.journal)
    for member, copies in evidence.member_copies.items():
        for due, copy in enumerate(copies, 1):
            if copy.member_seq != due:
                yield Violation("I4", f"{member}: member_seq {copy.member_seq} where {due} was due")
                break
        reports = map(tags, evidence.journal.reports[member].values())
        told = Counter(fields["17"] for fields in reports if fields["35"] == "8")
        found = Counter(copy.exec_id for copy in copies)
        for exec_id in sorted((told - found) | (found - told)):
            text = f"{found[exec_id]} drop copies for {told[exec_id]} reports"
            yield Violation("I4", f"{member}: ExecID {exec_id}: {text}")
        if list(copies) != sorted(copies, key=lambda copy: copy.event_seq):
            yield Violation("I4", f"{member}: copies are not in the order of their events")


def _audit(evidence: Evidence) -> Iterator[Violation]:
    """The trail verifies and has each event once, in order, byte for byte."""
    if evidence.audit_problem is not None:
        yield Violation("audit", evidence.audit_problem)
    yield from _same_events("audit", "trail", evidence.audit, evidence.journal)


def _same_events(
    invariant: str, what: str, found: Sequence[tuple[int, Digest]], journal: JournalStory
) -> Iterator[Violation]:
    """The first place where `found` is not the journal's events from 1 on."""
    for place, (event_seq, payload) in enumerate(found, 1):
        if event_seq != place:
            yield Violation(invariant, f"{what} {event_seq} comes where {place} was due")
            return
        if place > len(journal.events) or journal.events[place - 1] != payload:
            yield Violation(invariant, f"{what} {place} is not the journal's event {place}")
            return
    if len(found) != len(journal.events):
        yield Violation(
            invariant, f"{what} ends with {len(found)}, the journal with {len(journal.events)}"
        )


def _ledger(evidence: Evidence) -> Iterator[Violation]:
    """I5: zero per asset; trades in journal = trades in ledger, both ways."""
    for asset, total in evidence.ledger_sums.items():
        if total != 0:
            yield Violation("I5", f"{asset} sums to {total}")
    if evidence.ledger_unreconciled:
        count = evidence.ledger_unreconciled
        yield Violation("I5", f"{count} balances are not the sums of their postings")
    for match_id, times in Counter(row.match_id for row in evidence.ledger_trades).items():
        if times > 1:
            yield Violation("I5", f"match {match_id} is {times} times in the ledger")
    booked = {row.match_id: row for row in evidence.ledger_trades}
    for match_id in sorted(booked.keys() | evidence.journal.trades.keys()):
        there, here = evidence.journal.trades.get(match_id), booked.get(match_id)
        if there != here:
            yield Violation("I5", f"match {match_id}: journal {there}, ledger {here}")


def _sessions(evidence: Evidence) -> Iterator[Violation]:
    """I6: numbers were right, and every client was back after every crash before the next."""
    for session, client in evidence.clients.items():
        for fault in client.faults:
            yield Violation("I6", f"{session}: {fault}")
        last = client.logons_ns[-1] if client.logons_ns else 0
        if evidence.crashes_ns and last < max(evidence.crashes_ns):
            yield Violation("I6", f"{session} did not log on again after the last crash")


def _answers(evidence: Evidence) -> Iterator[Violation]:
    """I6: every request was answered in the end, once."""
    for session, client in evidence.clients.items():
        answers = Counter(filter(None, map(_answered, client.delivered.values())))
        for cl_ord_id in client.requests:
            if answers[cl_ord_id] != 1:
                text = f"{session} {cl_ord_id} was answered {answers[cl_ord_id]} times"
                yield Violation("I6", text)


def _answered(report: str) -> str | None:
    """ClOrdID of the request that a report answers; None where it tells of something else."""
    fields = tags(report)
    exec_type = fields.get("150")
    answers = (
        fields["35"] == "9" or exec_type in ("0", "5", "8") or (exec_type == "4" and "41" in fields)
    )
    return fields["11"] if answers else None


_INVARIANTS = (
    _digests,
    _copies,
    _ledger,
    _audit,
    _sessions,
    _reports,
    _commands,
    _exec_ids,
    _answers,
    _fills,
    _book,
)
