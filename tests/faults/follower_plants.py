"""Faults planted into stream, drop copies, ledger and trail: at least one for each check."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from msgspec import structs

from tests.faults.findings import Evidence, MemberCopy
from tests.faults.plant import Plant
from tests.faults.spoiling import with_journal, with_member_copies, without

_OTHER = bytes(8)
"""Digest of no event."""


def _event_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    events = evidence.journal.events
    return with_journal(evidence, events=without(events, draw.randrange(len(events) - 1)))


def _copy_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    place = draw.randrange(len(evidence.copies) - 1)
    return replace(evidence, copies=without(evidence.copies, place))


def _copy_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    place = draw.randrange(len(evidence.copies))
    return replace(evidence, copies=[*evidence.copies[: place + 1], *evidence.copies[place:]])


def _copy_changed(evidence: Evidence, draw: random.Random) -> Evidence:
    place = draw.randrange(len(evidence.copies))
    copies = list(evidence.copies)
    copies[place] = (copies[place][0], _OTHER)
    return replace(evidence, copies=copies)


def _last_copy_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, copies=evidence.copies[:-1])


def _member(
    evidence: Evidence,
    draw: random.Random,
    change: Callable[[Sequence[MemberCopy], int], Sequence[MemberCopy]],
) -> Evidence:
    member = draw.choice([name for name, copies in evidence.member_copies.items() if copies])
    copies = evidence.member_copies[member]
    return with_member_copies(evidence, member, change(copies, draw.randrange(len(copies) - 1)))


def _member_copy_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    return _member(evidence, draw, without)


def _member_copy_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    return _member(evidence, draw, lambda copies, place: [*copies[: place + 1], *copies[place:]])


def _member_copies_swapped(evidence: Evidence, draw: random.Random) -> Evidence:
    return _member(
        evidence, draw, lambda copies, place: [*copies[place + 1 :], *copies[: place + 1]]
    )


def _member_copy_misnumbered(evidence: Evidence, draw: random.Random) -> Evidence:
    member = draw.choice([name for name, copies in evidence.member_copies.items() if copies])
    *others, last = evidence.member_copies[member]
    skipped = [*others, structs.replace(last, member_seq=last.member_seq + 1)]
    return replace(evidence, member_copies={**evidence.member_copies, member: skipped})


def _trade_unbooked(evidence: Evidence, draw: random.Random) -> Evidence:
    rows = evidence.ledger_trades
    return replace(evidence, ledger_trades=without(rows, draw.randrange(len(rows))))


def _trade_booked_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    rows = evidence.ledger_trades
    return replace(evidence, ledger_trades=[*rows, draw.choice(rows)])


def _trade_booked_wrong(evidence: Evidence, draw: random.Random) -> Evidence:
    rows = list(evidence.ledger_trades)
    place = draw.randrange(len(rows))
    rows[place] = rows[place]._replace(price=rows[place].price + "1")
    return replace(evidence, ledger_trades=rows)


def _trade_of_another_venue(evidence: Evidence, draw: random.Random) -> Evidence:
    rows = evidence.ledger_trades
    return replace(evidence, ledger_trades=[*rows, draw.choice(rows)._replace(match_id="M0")])


def _ledger_off(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, ledger_sums={**evidence.ledger_sums, "USD": Decimal("0.00000001")})


def _balance_off(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, ledger_unreconciled=1)


def _entry_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    place = draw.randrange(len(evidence.audit) - 1)
    return replace(evidence, audit=without(evidence.audit, place))


def _entry_changed(evidence: Evidence, draw: random.Random) -> Evidence:
    place = draw.randrange(len(evidence.audit))
    entries = list(evidence.audit)
    entries[place] = (entries[place][0], _OTHER)
    return replace(evidence, audit=entries)


def _last_entry_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, audit=evidence.audit[:-1])


def _entry_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, audit=[*evidence.audit, evidence.audit[-1]])


def _trail_damaged(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, audit_problem="trail-000001.jsonl:3 event 3: changed")


def _stores_differ(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, reconciled=["drop copies of ALPHA: event 7 is missing"])


FOLLOWER_PLANTS = (
    Plant("journal: an event is lost", "stream_has_the_journal_s_bytes", _event_lost),
    Plant("stream: an event is lost", "stream_has_each_event_in_its_place", _copy_lost),
    Plant("stream: an event twice", "stream_has_each_event_in_its_place", _copy_twice),
    Plant("stream: an event changed", "stream_has_the_journal_s_bytes", _copy_changed),
    Plant("stream: the last is lost", "stream_ends_where_the_journal_ends", _last_copy_lost),
    Plant("drop copy: one is lost", "members_copies_are_their_reports", _member_copy_lost),
    Plant("drop copy: one twice", "members_copies_are_their_reports", _member_copy_twice),
    Plant("drop copy: out of order", "members_copies_are_in_order", _member_copies_swapped),
    Plant("drop copy: number left out", "members_copies_are_numbered", _member_copy_misnumbered),
    Plant("ledger: a trade is lost", "no_trade_is_unbooked", _trade_unbooked),
    Plant("ledger: a trade twice", "no_trade_is_booked_twice", _trade_booked_twice),
    Plant("ledger: another price", "trades_are_booked_as_they_were", _trade_booked_wrong),
    Plant("ledger: a stranger's", "no_trade_is_booked_that_was_none", _trade_of_another_venue),
    Plant("ledger: no sum of zero", "ledger_sums_to_zero", _ledger_off),
    Plant("ledger: a balance is off", "balances_are_their_postings", _balance_off),
    Plant("trail: an entry is lost", "trail_has_each_event_in_its_place", _entry_lost),
    Plant("trail: an entry twice", "trail_has_each_event_in_its_place", _entry_twice),
    Plant("trail: an entry changed", "trail_has_the_journal_s_bytes", _entry_changed),
    Plant("trail: the last is lost", "trail_ends_where_the_journal_ends", _last_entry_lost),
    Plant("trail: it does not verify", "trail_verifies", _trail_damaged),
    Plant("stores: they differ", "all_stores_say_the_same", _stores_differ),
)
