"""What must be true of what clients asked for and were told: invariants I1, I2 and I6.

One function a check; each is needed (tests/faults/test_checker.py takes them away one by one).
"""

from collections import Counter
from collections.abc import Iterator

from tests.faults.findings import Evidence, Violation
from tests.faults.requests import same_request


def journal_has_no_holes(evidence: Evidence) -> Iterator[Violation]:
    """I1: records and events are numbered without gap, and time never goes back."""
    for fault in evidence.journal.faults:
        yield Violation("I1", f"journal: {fault}")


def no_report_is_lost(evidence: Evidence) -> Iterator[Violation]:
    """I1: each report that an event owes was delivered."""
    for session, due in evidence.journal.identified.items():
        seen = {report.identity for report in evidence.clients[session].delivered}
        for identity, fields in due.items():
            if identity not in seen:
                yield Violation("I1", f"{session} never saw {fields}")


def no_report_is_invented(evidence: Evidence) -> Iterator[Violation]:
    """I1: nothing was delivered that no event owes."""
    for session, client in evidence.clients.items():
        due = evidence.journal.identified.get(session, {})
        for report in client.delivered:
            if report.identity not in due:
                yield Violation("I1", f"{session} saw {report.fields}, the journal has no such")


def reports_say_what_has_happened(evidence: Evidence) -> Iterator[Violation]:
    """I1: what was delivered says, field by field, what the event tells."""
    for session, client in evidence.clients.items():
        due = evidence.journal.identified.get(session, {})
        for report in client.delivered:
            told = due.get(report.identity, report.fields)
            if told != report.fields:
                yield Violation("I1", f"{session} saw {report.fields}, due was {told}")


def reports_come_in_order(evidence: Evidence) -> Iterator[Violation]:
    """I1: in the order of events; those that come again after 141=Y by themselves."""
    for session, client in evidence.clients.items():
        due = evidence.journal.identified.get(session, {})
        places = {identity: place for place, identity in enumerate(due)}
        last: dict[tuple[int, bool], int] = {}
        for report in client.delivered:
            row = (report.era, report.resent)
            place = places.get(report.identity, last.get(row, -1) + 1)
            if place < last.get(row, -1):
                text = f"{session} MsgSeqNum {report.number} comes too late: {report.fields}"
                yield Violation("I1", text)
            last[row] = max(place, last.get(row, -1))


def no_report_comes_twice(evidence: Evidence) -> Iterator[Violation]:
    """I2: once, and once more with PossResend(97)=Y at most after numbers went back to 1."""
    for session, client in evidence.clients.items():
        eras: dict[tuple[str, str], set[int]] = {}
        for report in client.delivered:
            before = eras.setdefault(report.identity, set())
            if before and (report.era in before or not report.resent):
                text = f"{session} MsgSeqNum {report.number} is not the first: {report.fields}"
                yield Violation("I2", text)
            before.add(report.era)


def only_a_reset_makes_reports_come_anew(evidence: Evidence) -> Iterator[Violation]:
    """I2: PossResend(97)=Y only after a logon with 141=Y."""
    for session, client in evidence.clients.items():
        for report in client.delivered:
            if report.resent and report.era == 0:
                yield Violation("I2", f"{session} has reset nothing: 97=Y on {report.fields}")


def no_request_is_lost(evidence: Evidence) -> Iterator[Violation]:
    """I6: what a client has asked for is in the journal."""
    for session, client in evidence.clients.items():
        for cl_ord_id in client.requests:
            if (session, cl_ord_id) not in evidence.journal.commands:
                yield Violation("I6", f"{session} {cl_ord_id} was sent but never journaled")


def no_request_is_taken_twice(evidence: Evidence) -> Iterator[Violation]:
    """I2: a ClOrdID stands in the journal once."""
    for (session, cl_ord_id), found in evidence.journal.commands.items():
        if len(found) != 1:
            yield Violation("I2", f"{session} {cl_ord_id} is {len(found)} times in the journal")


def no_request_is_invented(evidence: Evidence) -> Iterator[Violation]:
    """I2: nothing is in the journal that nobody has asked for."""
    for session, cl_ord_id in evidence.journal.commands:
        client = evidence.clients.get(session)
        if client is None or cl_ord_id not in client.requests:
            yield Violation("I2", f"{session} {cl_ord_id} is in the journal but was never sent")


def requests_stand_as_they_were_sent(evidence: Evidence) -> Iterator[Violation]:
    """I1: the journal has what the message said, field by field."""
    for session, client in evidence.clients.items():
        for cl_ord_id, fields in client.requests.items():
            for command in evidence.journal.commands.get((session, cl_ord_id), ()):
                if not same_request(command, session, fields):
                    yield Violation("I1", f"{session} sent {fields}, the journal has {command}")


def requests_are_answered(evidence: Evidence) -> Iterator[Violation]:
    """I6: each one, in the end."""
    for session, client in evidence.clients.items():
        answered = {_answered(report.fields) for report in client.delivered}
        for cl_ord_id in client.requests:
            if cl_ord_id not in answered:
                yield Violation("I6", f"{session} {cl_ord_id} was never answered")


def requests_are_answered_once(evidence: Evidence) -> Iterator[Violation]:
    """I2: no request has two answers."""
    for session, client in evidence.clients.items():
        answers = Counter(_answered(report.fields) for report in client.distinct)
        for cl_ord_id, times in answers.items():
            if cl_ord_id is not None and times > 1:
                yield Violation("I2", f"{session} {cl_ord_id} was answered {times} times")


def sessions_keep_their_numbers(evidence: Evidence) -> Iterator[Violation]:
    """I6: no number out of order, no logon refused, nobody left without an answer."""
    for session, client in evidence.clients.items():
        for fault in client.faults:
            yield Violation("I6", f"{session}: {fault}")


def clients_come_back(evidence: Evidence) -> Iterator[Violation]:
    """I6: every client has logged on again after the last crash."""
    for session, client in evidence.clients.items():
        last = client.logons_ns[-1] if client.logons_ns else 0
        if evidence.crashes_ns and last < max(evidence.crashes_ns):
            yield Violation("I6", f"{session} did not log on again after the last crash")


def only_who_asked_for_it_is_canceled_on_disconnect(evidence: Evidence) -> Iterator[Violation]:
    """I1: no order of a session with 9001=N ends because its connection did."""
    for session in evidence.clients_keep:
        for report in evidence.clients[session].delivered:
            if report.fields.get("58", "").startswith("CANCEL_ON_DISCONNECT"):
                yield Violation("I1", f"{session} has 9001=N, but saw {report.fields}")


CLIENT_CHECKS = (
    journal_has_no_holes,
    no_report_is_lost,
    no_report_is_invented,
    reports_say_what_has_happened,
    reports_come_in_order,
    no_report_comes_twice,
    only_a_reset_makes_reports_come_anew,
    no_request_is_lost,
    no_request_is_taken_twice,
    no_request_is_invented,
    requests_stand_as_they_were_sent,
    requests_are_answered,
    requests_are_answered_once,
    sessions_keep_their_numbers,
    clients_come_back,
    only_who_asked_for_it_is_canceled_on_disconnect,
)


def _answered(fields: dict[str, str]) -> str | None:
    """ClOrdID of the request that a report answers; None where it tells of something else."""
    exec_type = fields.get("150")
    answers = (
        fields["35"] in ("9", "r")
        or exec_type in ("0", "5", "8")
        or (exec_type == "4" and "41" in fields)
    )
    return fields["11"] if answers else None
