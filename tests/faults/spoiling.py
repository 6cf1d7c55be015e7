"""Copies of evidence with one thing changed: what plants are made of. Changes nothing in place."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from msgspec import structs

from tests.faults.findings import Evidence, MemberCopy
from tests.faults.stories import Delivered, Fields

T = TypeVar("T")
Place = tuple[str, int]
"""A session, and the place of one of its delivered reports."""


def with_client(evidence: Evidence, session: str, **changes: object) -> Evidence:
    """The story of one client changed."""
    story = replace(evidence.clients[session], **changes)  # type: ignore[arg-type]
    return replace(evidence, clients={**evidence.clients, session: story})


def with_journal(evidence: Evidence, **changes: object) -> Evidence:
    """The story of the journal changed."""
    return replace(evidence, journal=replace(evidence.journal, **changes))  # type: ignore[arg-type]


def with_delivered(evidence: Evidence, session: str, delivered: Sequence[Delivered]) -> Evidence:
    """What one client was told changed."""
    return with_client(evidence, session, delivered=list(delivered))


def with_due(evidence: Evidence, session: str, due: Sequence[Fields]) -> Evidence:
    """What the journal owes one session changed."""
    return with_journal(evidence, reports={**evidence.journal.reports, session: list(due)})


def delivered_at(evidence: Evidence, place: Place) -> Delivered:
    """The report at a place."""
    return evidence.clients[place[0]].delivered[place[1]]


def any_report(evidence: Evidence, draw: random.Random, suits: Callable[[Fields], bool]) -> Place:
    """Some report that suits. Raises IndexError if there is none: the load was too small."""
    places = [
        (session, place)
        for session, client in evidence.clients.items()
        for place, report in enumerate(client.delivered)
        if suits(report.fields)
    ]
    return draw.choice(places)


def amid(evidence: Evidence, suits: Callable[[Fields], bool]) -> Callable[[Fields], bool]:
    """Whether a report suits, and a later one tells of the same order again."""
    last = {fields["37"]: fields["17"] for fields in evidence.executions}

    def is_amid(fields: Fields) -> bool:
        return fields["35"] == "8" and last[fields["37"]] != fields["17"] and suits(fields)

    return is_amid


def is_fill(fields: Fields) -> bool:
    """ExecType(150)=F."""
    return fields.get("150") == "F"


def is_new(fields: Fields) -> bool:
    """ExecType(150)=0."""
    return fields.get("150") == "0"


def is_restated(fields: Fields) -> bool:
    """ExecType(150)=D."""
    return fields.get("150") == "D"


def without(items: Sequence[T], place: int) -> list[T]:
    """All but one."""
    return [*items[:place], *items[place + 1 :]]


def lost_by_client(evidence: Evidence, place: Place) -> Evidence:
    """A report that the client never had; what it had under later numbers stays."""
    session, at = place
    return with_delivered(evidence, session, without(evidence.clients[session].delivered, at))


def added_for_client(evidence: Evidence, session: str, fields: Fields) -> Evidence:
    """One more report at the end of what the client had."""
    delivered = evidence.clients[session].delivered
    last = delivered[-1]
    return with_delivered(
        evidence, session, [*delivered, Delivered(last.era, last.number + 1, fields)]
    )


def changed_everywhere(evidence: Evidence, place: Place, **changes: str) -> Evidence:
    """The venue itself is wrong: journal, client and drop copy agree on a report that says other.

    changes: tag with a `t` before it -> its value.
    """
    report = delivered_at(evidence, place)
    fields = {**report.fields, **{tag[1:]: value for tag, value in changes.items()}}
    session, _ = place
    delivered = [
        each._replace(fields=fields) if each.identity == report.identity else each
        for each in evidence.clients[session].delivered
    ]
    due = [fields if each == report.fields else each for each in evidence.journal.reports[session]]
    copies = [
        structs.replace(copy, exec_id=fields["17"]) if copy.exec_id == report.fields["17"] else copy
        for copy in evidence.member_copies[session]
    ]
    changed = with_due(with_delivered(evidence, session, delivered), session, due)
    return with_member_copies(changed, session, copies)


def taken_everywhere(evidence: Evidence, place: Place) -> Evidence:
    """The venue itself is wrong: neither journal nor client nor drop copies have a report."""
    report = delivered_at(evidence, place)
    session, _ = place
    delivered = evidence.clients[session].delivered
    kept = [each for each in delivered if each.identity != report.identity]
    due = [each for each in evidence.journal.reports[session] if each != report.fields]
    copies = [
        each for each in evidence.member_copies[session] if each.exec_id != report.fields["17"]
    ]
    taken = with_due(with_delivered(evidence, session, kept), session, due)
    return with_member_copies(taken, session, copies)


def added_everywhere(evidence: Evidence, session: str, fields: Fields) -> Evidence:
    """The venue itself is wrong: journal, client and drop copies agree on one more report."""
    due = [*evidence.journal.reports[session], fields]
    copies = evidence.member_copies[session]
    more = structs.replace(copies[-1], exec_id=fields["17"])
    added = with_due(added_for_client(evidence, session, fields), session, due)
    return with_member_copies(added, session, [*copies, more])


def with_member_copies(evidence: Evidence, member: str, copies: Sequence[MemberCopy]) -> Evidence:
    """A member's own stream changed, and numbered anew."""
    numbered = [structs.replace(copy, member_seq=place) for place, copy in enumerate(copies, 1)]
    return replace(evidence, member_copies={**evidence.member_copies, member: numbered})
