"""What a client's log tells: each report as it came, and everything that a session may not do.

A plain fold over the log's lines; knows FIX tags, nothing of the venue. Compares nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tests.faults.client_log import NOTE, SEEN, Line

Fields = dict[str, str]
"""Of one message: tag -> value. No message of the load has a repeating group."""

_OF_THE_SESSION = ("8", "9", "10", "34", "43", "49", "52", "56", "97", "122")
_ADMIN = frozenset("01245A")
_REPORTS = frozenset("89r")


class Delivered(NamedTuple):
    """A report as it was received. era: how often numbers had gone back to 1 before.

    fields: without header and trailer. resent: PossResend(97)=Y.
    """

    era: int
    number: int
    fields: Fields
    resent: bool = False

    @property
    def identity(self) -> tuple[str, str]:
        """What no other report of the session has: ExecID(17), or the request it answers."""
        return identity(self.fields)


def identity(fields: Fields) -> tuple[str, str]:
    """MsgType with ExecID(17), or with ClOrdID(11) where a report has no ExecID."""
    return fields["35"], fields["17"] if fields["35"] == "8" else fields["11"]


def exec_number(fields: Fields) -> int:
    """ExecID(17) of an ExecutionReport, which grows with time."""
    return int(fields["17"])


def fields_of(text: str, separator: str = "|") -> Fields:
    """All fields of a message."""
    return dict(part.split("=", 1) for part in text.split(separator) if part)


@dataclass
class ClientStory:
    """One session as its client lived it.

    delivered: every report once, as it came first under its number, in order. requests: ClOrdID ->
    its fields. faults: what a session may never do. logons_ns: when a Logon was answered by one.
    caught_up: how many reports came first by a resend, with PossDupFlag(43)=Y.
    """

    delivered: list[Delivered] = field(default_factory=list)
    requests: dict[str, Fields] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    logons_ns: list[int] = field(default_factory=list)
    caught_up: int = 0
    resets: int = 0

    @cached_property
    def distinct(self) -> list[Delivered]:
        """Every report once, as it came first."""
        first: dict[tuple[str, str], Delivered] = {}
        for report in self.delivered:
            first.setdefault(report.identity, report)
        return list(first.values())

    @cached_property
    def executions(self) -> list[Fields]:
        """ExecutionReports, each once, in the order of their ExecIDs."""
        reports = (report.fields for report in self.distinct if report.fields["35"] == "8")
        return sorted(reports, key=exec_number)


class _Reader:
    """Folds the lines of one log into a story."""

    def __init__(self) -> None:
        self.story = ClientStory()
        self._expected = 1
        self._highest = 0  # of what came for the first time since the logon
        self._awaits_logon = False
        self._numbered: dict[int, Fields] = {}  # of the present era

    def take(self, line: Line) -> None:
        """One line."""
        if line.kind == NOTE:
            if not _is_in_order(line):
                self.story.faults.append(line.text)
        elif line.kind == SEEN:
            self._see(line)
        elif line.get(35) == "A":
            self._awaits_logon = True
        elif line.get(35) in ("D", "F", "G", "q") and not line.is_poss_dup:
            self._ask(fields_of(line.text))

    def _ask(self, fields: Fields) -> None:
        if fields["11"] in self.story.requests:
            self.story.faults.append(f"the load itself used ClOrdID {fields['11']} twice")
        self.story.requests[fields["11"]] = fields

    def _see(self, line: Line) -> None:
        """Take one message; a gap is waited for, the client asks for what is in it."""
        kind, number = line.get(35), line.number
        if kind == "5" and self._awaits_logon:  # a refusal, which QuickFIX counts, too
            self._awaits_logon = False
            self._expected += 1
            return
        if kind == "A":
            self._awaits_logon = False
            self._highest = 0
            self.story.logons_ns.append(line.at_ns)
            if line.get(141) == "Y":
                self.story.resets += 1
                self._expected = 1
                self._numbered = {}
        if not line.is_poss_dup:
            if number < self._highest:
                self.story.faults.append(f"MsgSeqNum {number} left behind {self._highest}")
            self._highest = max(number, self._highest)
        if kind == "4":
            self._see_sequence_reset(line)
            return
        if kind not in _ADMIN and kind not in _REPORTS:
            self.story.faults.append(f"MsgSeqNum {number} is no report: {line.text}")
        if number < self._expected:
            self._see_again(line)
        elif number == self._expected:
            self._expected += 1
            if kind in _REPORTS:
                self._deliver(line)

    def _deliver(self, line: Line) -> None:
        fields = fields_of(line.text)
        resent = fields.get("97") == "Y"
        for tag in _OF_THE_SESSION:
            fields.pop(tag, None)
        self._numbered[line.number] = fields
        story = self.story
        story.delivered.append(Delivered(story.resets, line.number, fields, resent))
        story.caught_up += line.is_poss_dup

    def _see_sequence_reset(self, line: Line) -> None:
        new = int(line.get(36) or 0)
        if line.get(123) != "Y":
            text = f"numbers were set to {new} by a SequenceReset without gap fill"
            self.story.faults.append(text)
            self._expected = new
            return
        if line.number > self._expected or (line.number < self._expected and line.is_poss_dup):
            return
        if line.number < self._expected or new <= self._expected:
            text = f"gap fill {line.number} to {new}, expected {self._expected}"
            self.story.faults.append(text)
        self._expected = max(new, self._expected)

    def _see_again(self, line: Line) -> None:
        """A message with a number that has gone by: only the same again, with PossDupFlag."""
        number, faults = line.number, self.story.faults
        known = self._numbered.get(number)
        again = fields_of(line.text)
        if not line.is_poss_dup:
            faults.append(f"MsgSeqNum {number} came again without PossDupFlag(43)=Y")
        elif known is None:
            faults.append(f"MsgSeqNum {number}, filled as a gap before, came as a message")
        elif known != {tag: again[tag] for tag in again if tag not in _OF_THE_SESSION}:
            faults.append(f"MsgSeqNum {number} came again with other content: {line.text}")


def client_story(lines: Iterable[Line]) -> ClientStory:
    """Fold a client's log."""
    reader = _Reader()
    for line in lines:
        reader.take(line)
    return reader.story


def _is_in_order(note: Line) -> bool:
    """A lost connection is in order; a venue that does not answer, or refuses a logon, is not."""
    if note.text.startswith(("lost: the Logon", "lost: nothing heard")):
        return False
    return note.text.startswith(("connected", "lost: ", "logout: the venue stops"))
