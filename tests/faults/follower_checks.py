"""What must be true of all that follows the journal: stream, drop copies, ledger, audit trail.

One function a check; each is needed (tests/faults/test_checker.py takes them away one by one).
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.faults.findings import Evidence, Violation
from tests.faults.journal_story import Digest

Entries = Sequence[tuple[int, Digest]]


def stream_has_each_event_in_its_place(evidence: Evidence) -> Iterator[Violation]:
    """I4: numbered 1, 2, 3 ... in the order in which they are stored."""
    yield from _in_their_places("I4", "stream", evidence.copies)


def stream_has_the_journal_s_bytes(evidence: Evidence) -> Iterator[Violation]:
    """I4: each event byte for byte."""
    yield from _same_bytes("I4", "stream", evidence.copies, evidence.journal.events)


def stream_ends_where_the_journal_ends(evidence: Evidence) -> Iterator[Violation]:
    """I4: the last event of both has one number."""
    yield from _same_end("I4", "stream", evidence.copies, evidence.journal.events)


def members_copies_are_numbered(evidence: Evidence) -> Iterator[Violation]:
    """I4: member_seq is 1, 2, 3 ... on each member's own stream."""
    for member, copies in evidence.member_copies.items():
        for due, copy in enumerate(copies, 1):
            if copy.member_seq != due:
                yield Violation("I4", f"{member}: member_seq {copy.member_seq} where {due} was due")
                break


def members_copies_are_their_reports(evidence: Evidence) -> Iterator[Violation]:
    """I4: each member's ExecutionReports, each once."""
    for member, copies in evidence.member_copies.items():
        reports = evidence.journal.reports.get(member, [])
        told = Counter(fields["17"] for fields in reports if fields["35"] == "8")
        found = Counter(copy.exec_id for copy in copies if copy.exec_id)
        for exec_id in sorted((told - found) | (found - told)):
            text = f"{found[exec_id]} drop copies for {told[exec_id]} reports"
            yield Violation("I4", f"{member}: ExecID {exec_id}: {text}")


def members_copies_are_in_order(evidence: Evidence) -> Iterator[Violation]:
    """I4: in the order of events."""
    for member, copies in evidence.member_copies.items():
        if list(copies) != sorted(copies, key=lambda copy: copy.event_seq):
            yield Violation("I4", f"{member}: copies are not in the order of their events")


def ledger_sums_to_zero(evidence: Evidence) -> Iterator[Violation]:
    """I5: in every asset."""
    for asset, total in evidence.ledger_sums.items():
        if total != 0:
            yield Violation("I5", f"{asset} sums to {total}")


def balances_are_their_postings(evidence: Evidence) -> Iterator[Violation]:
    """I5: a balance is the sum of what was posted."""
    if evidence.ledger_unreconciled:
        count = evidence.ledger_unreconciled
        yield Violation("I5", f"{count} balances are not the sums of their postings")


def no_trade_is_booked_twice(evidence: Evidence) -> Iterator[Violation]:
    """I5: a match stands in the ledger once."""
    for match_id, times in Counter(row.match_id for row in evidence.ledger_trades).items():
        if times > 1:
            yield Violation("I5", f"match {match_id} is {times} times in the ledger")


def no_trade_is_unbooked(evidence: Evidence) -> Iterator[Violation]:
    """I5: every trade of the journal is in the ledger."""
    booked = {row.match_id for row in evidence.ledger_trades}
    for match_id in sorted(evidence.journal.trades.keys() - booked):
        yield Violation("I5", f"match {match_id} is not in the ledger")


def no_trade_is_booked_that_was_none(evidence: Evidence) -> Iterator[Violation]:
    """I5: every trade of the ledger is in the journal."""
    for row in evidence.ledger_trades:
        if row.match_id not in evidence.journal.trades:
            yield Violation("I5", f"the journal has no match {row.match_id}")


def trades_are_booked_as_they_were(evidence: Evidence) -> Iterator[Violation]:
    """I5: with their price, quantity, amount and parties."""
    for row in evidence.ledger_trades:
        trade = evidence.journal.trades.get(row.match_id, row)
        if trade != row:
            yield Violation("I5", f"match {row.match_id}: journal {trade}, ledger {row}")


def trail_verifies(evidence: Evidence) -> Iterator[Violation]:
    """`venue audit verify` finds nothing."""
    if evidence.audit_problem is not None:
        yield Violation("audit", evidence.audit_problem)


def trail_has_each_event_in_its_place(evidence: Evidence) -> Iterator[Violation]:
    """Numbered 1, 2, 3 ..."""
    yield from _in_their_places("audit", "trail", evidence.audit)


def trail_has_the_journal_s_bytes(evidence: Evidence) -> Iterator[Violation]:
    """Each event byte for byte."""
    yield from _same_bytes("audit", "trail", evidence.audit, evidence.journal.events)


def trail_ends_where_the_journal_ends(evidence: Evidence) -> Iterator[Violation]:
    """The last event of both has one number."""
    yield from _same_end("audit", "trail", evidence.audit, evidence.journal.events)


def all_stores_say_the_same(evidence: Evidence) -> Iterator[Violation]:
    """`venue reconcile` finds nothing."""
    for line in evidence.reconciled:
        yield Violation("reconcile", line)


FOLLOWER_CHECKS = (
    all_stores_say_the_same,
    stream_has_each_event_in_its_place,
    stream_has_the_journal_s_bytes,
    stream_ends_where_the_journal_ends,
    members_copies_are_numbered,
    members_copies_are_their_reports,
    members_copies_are_in_order,
    ledger_sums_to_zero,
    balances_are_their_postings,
    no_trade_is_booked_twice,
    no_trade_is_unbooked,
    no_trade_is_booked_that_was_none,
    trades_are_booked_as_they_were,
    trail_verifies,
    trail_has_each_event_in_its_place,
    trail_has_the_journal_s_bytes,
    trail_ends_where_the_journal_ends,
)


def _in_their_places(invariant: str, what: str, found: Entries) -> Iterator[Violation]:
    for place, (event_seq, _) in enumerate(found, 1):
        if event_seq != place:
            yield Violation(invariant, f"{what}: {event_seq} comes where {place} was due")
            return


def _same_bytes(
    invariant: str, what: str, found: Entries, events: Sequence[Digest]
) -> Iterator[Violation]:
    for event_seq, payload in found:
        if 1 <= event_seq <= len(events) and events[event_seq - 1] != payload:
            yield Violation(invariant, f"{what}: event {event_seq} is not the journal's")
            return


def _same_end(
    invariant: str, what: str, found: Entries, events: Sequence[Digest]
) -> Iterator[Violation]:
    last = found[-1][0] if found else 0
    if last != len(events):
        yield Violation(invariant, f"{what} ends with {last}, the journal with {len(events)}")
