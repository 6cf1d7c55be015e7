"""Verifies an audit trail: its own chain, its signed heads, and the journal where that is there.

May know the trail's files, the heads and the journal. It only reads, and names the first thing that
is wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from venue.audit.chain import (
    GENESIS,
    Entry,
    Unreadable,
    beginning_of,
    decode_entry,
    event_in,
    list_segments,
    read_lines,
    segment_name,
)
from venue.audit.heads import (
    Head,
    HeadsDamaged,
    ensure_beside,
    load_heads,
    load_kept_heads,
    load_last_head,
)
from venue.audit.journaled import JournaledEvents
from venue.journal.compressed import CompressionDamage


class ProblemKind(StrEnum):
    """What has happened to an entry."""

    CHANGED = "changed"
    REMOVED = "removed"
    SWAPPED = "swapped"
    REPEATED = "repeated"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    HEADS = "heads"
    """The trail cannot be proved: its signed heads are missing, damaged or forged."""


class Problem(msgspec.Struct, frozen=True):
    """The first thing wrong: file name, line from 1 and the event_seq concerned, where known."""

    kind: ProblemKind
    file: str
    line: int
    event_seq: int
    detail: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} event {self.event_seq}: {self.kind}: {self.detail}"


class Verdict(msgspec.Struct, frozen=True):
    """How many entries check, their last event_seq, how many a head proves, and the problem."""

    entries: int
    event_seq: int
    signed_entries: int
    heads: int
    problem: Problem | None = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


class _Line(NamedTuple):
    """A place in the trail and what stands there: an entry, or why it is none."""

    file: str
    number: int
    entry: Entry | None
    fault: str
    ended: bool
    raw: bytes = b""


class _Damage(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


_START = _Line(segment_name(1), 0, Entry(0, 0, 0, GENESIS, GENESIS), "", True)


def verify(
    directory: Path,
    heads_directory: Path,
    *,
    kept: Path | None = None,
    journal: Path | None = None,
    audited: int = 0,
    tell: Callable[[int], None] = lambda event_seq: None,
) -> Verdict:
    """Read the whole trail; the verdict names the first problem. Raises OSError, JournalDamage.

    kept: file with a head, or several, that was kept elsewhere. journal: its directory. audited:
    event_seq that the audit has said it has reached; a trail that ends before it was cut. tell:
    gets the event of each good entry.
    """
    # The heads are read first: lines that are appended meanwhile are then merely unsigned.
    try:
        beside = load_last_head(directory, heads_directory)
        heads = load_heads(heads_directory)
        ensure_beside(beside, heads)
        elsewhere = [] if kept is None else load_kept_heads(kept, heads_directory)
    except HeadsDamaged as error:
        return Verdict(0, 0, 0, 0, Problem(ProblemKind.HEADS, "heads", 0, 0, str(error)))
    signed = list(heads.signed)
    if beside is not None and beside not in signed[-1:]:
        # It may be older or newer, after a crash between the two writes or a restored copy.
        signed = [*signed, beside]
    signed = sorted([*signed, *elsewhere], key=lambda head: head.count)
    events = JournaledEvents(journal) if journal is not None else None
    verification = _Verification(directory, signed, events, audited)
    try:
        verification.run(tell)
    except _Damage as damage:
        return verification.verdict(damage.problem)
    return verification.verdict(None)


class _Verification:
    """One pass over the trail: the last good line, and the heads still to come."""

    def __init__(
        self,
        directory: Path,
        signed: Sequence[Head],
        journaled: JournaledEvents | None,
        audited: int,
    ) -> None:
        self._directory = directory
        self._journaled = journaled
        self._audited = audited
        self._signed = signed
        self._passed = 0
        self._good = _START
        self._notes: list[str] = []

    def _begin(self) -> None:
        """Begin behind what retention has removed; its heads have nothing to be compared with."""
        try:
            begins = beginning_of(self._directory)
        except Unreadable as error:
            raise self._damage(ProblemKind.REMOVED, _START, str(error)) from error
        if begins is None:
            return
        entry = Entry(begins.n, begins.event_seq, begins.timestamp_ns, GENESIS, begins.hash)
        self._good = _Line(segment_name(begins.segment), 0, entry, "", True)
        self._passed = sum(head.count < begins.n for head in self._signed)
        self._notes.append(f"entries 1 to {begins.n} were removed by retention")

    def verdict(self, problem: Problem | None) -> Verdict:
        entry = _entry(self._good)
        proved = self._signed[self._passed - 1].count if self._passed else 0
        return Verdict(
            entry.n, entry.event_seq, proved, len(self._signed), problem, tuple(self._notes)
        )

    def run(self, tell: Callable[[int], None]) -> None:
        """Raises _Damage at the first problem."""
        self._begin()
        segments = list_segments(self._directory)
        if not self._signed and any(segment.stat().st_size for segment in segments):
            raise self._damage(ProblemKind.HEADS, _START, "a trail without any signed head")
        self._pass_heads()
        for line in _lines(segments):
            is_tail = not line.ended and line.file == segments[-1].name
            if is_tail and self._good_count >= self._signed_count:
                self._notes.append(f"{line.file}:{line.number} is half-written, and not signed yet")
                break
            self._check(line)
            self._good = line
            self._pass_heads()
            tell(_entry(line).event_seq)
        if self._good_count < self._signed_count:
            raise self._truncated()
        good = _entry(self._good)
        if good.event_seq < self._audited:
            text = (
                f"the trail ends with event {good.event_seq}, the audit had reached {self._audited}"
            )
            raise self._damage(ProblemKind.TRUNCATED, self._good, text, good.event_seq + 1)
        missing = self._journaled.has_more(good.event_seq) if self._journaled is not None else 0
        if missing:
            self._notes.append(f"the journal goes on: {missing} events are not in the trail yet")

    @property
    def _good_count(self) -> int:
        return _entry(self._good).n

    @property
    def _signed_count(self) -> int:
        return self._signed[-1].count if self._signed else 0

    def _check(self, line: _Line) -> None:
        before, entry = _entry(self._good), line.entry
        if entry is None:
            raise self._damage(ProblemKind.CHANGED, line, line.fault, before.event_seq + 1)
        missing = before.n + 1
        if entry.n < missing:
            text = f"entry {entry.n} stands behind entry {before.n}"
            raise self._damage(ProblemKind.REPEATED, line, text)
        if entry.n > missing:
            raise self._out_of_order(line, missing)
        if entry.previous != before.hash:
            # Each line is sound by itself: the one before was changed and got a new hash.
            text = f"entry {entry.n} records another hash for the entry before it"
            raise self._damage(ProblemKind.REWRITTEN, self._good, text)
        if entry.event_seq != before.event_seq + 1:
            text = f"event {entry.event_seq} follows event {before.event_seq}"
            raise self._damage(ProblemKind.REWRITTEN, line, text)
        journaled = self._journaled.at(entry.event_seq) if self._journaled is not None else None
        if journaled is not None and journaled != event_in(line.raw):
            text = f"the journal has another event {entry.event_seq}"
            raise self._damage(ProblemKind.REWRITTEN, line, text)

    def _out_of_order(self, line: _Line, missing: int) -> _Damage:
        event_seq = _entry(self._good).event_seq + 1
        for later in _lines(list_segments(self._directory)):
            if later.entry is not None and later.entry.n == missing:
                text = (
                    f"entry {_entry(line).n} stands where entry {missing} belongs, which is at "
                    f"{later.file}:{later.number}"
                )
                return self._damage(ProblemKind.SWAPPED, line, text)
        last = _entry(line).n - 1
        entries = f"entry {missing} is" if last == missing else f"entries {missing} to {last} are"
        return self._damage(ProblemKind.REMOVED, line, f"{entries} missing before it", event_seq)

    def _pass_heads(self) -> None:
        """Compare the last good line with every head that was signed there."""
        good = _entry(self._good)
        while self._passed < len(self._signed) and self._signed[self._passed].count == good.n:
            head = self._signed[self._passed]
            if (head.hash, head.event_seq) != (good.hash, good.event_seq):
                proved = self._signed[self._passed - 1].count if self._passed else 0
                text = (
                    f"the chain is whole, but not the one signed at entry {good.n}: an entry "
                    f"from {proved + 1} to {good.n} was written anew"
                )
                raise self._damage(ProblemKind.REWRITTEN, self._good, text)
            self._passed += 1

    def _truncated(self) -> _Damage:
        good, head = _entry(self._good), self._signed[-1]
        text = (
            f"the trail ends with entry {good.n}; {head.count} were signed, up to event "
            f"{head.event_seq}"
        )
        return self._damage(ProblemKind.TRUNCATED, self._good, text, good.event_seq + 1)

    def _damage(
        self, kind: ProblemKind, line: _Line, detail: str, event_seq: int | None = None
    ) -> _Damage:
        if event_seq is None:
            event_seq = _entry(line).event_seq
        return _Damage(Problem(kind, line.file, line.number, event_seq, detail))


def _entry(line: _Line) -> Entry:
    assert line.entry is not None
    return line.entry


def _lines(segments: Sequence[Path]) -> Iterator[_Line]:
    for path in segments:
        number = 0
        try:
            for number, (_, line) in enumerate(read_lines(path), start=1):
                yield _line(path, number, line)
        except CompressionDamage as error:
            yield _Line(path.name, number + 1, None, str(error), True)


def _line(path: Path, number: int, line: bytes) -> _Line:
    ended = line.endswith(b"\n")
    try:
        entry = decode_entry(line[:-1] if ended else line)
    except Unreadable as error:
        return _Line(path.name, number, None, str(error), ended)
    fault = "" if ended else "the line has no end"
    return _Line(path.name, number, entry if ended else None, fault, ended, line[:-1])
