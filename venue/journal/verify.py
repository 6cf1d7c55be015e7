"""Checks a whole journal, read-only, beside a running venue or after it has stopped.

May know the journal only. Names the first damage and ends there; never cuts or repairs.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from venue.journal.contents import batch_of
from venue.journal.places import start_of
from venue.journal.segment import (
    EMPTY_JOURNAL,
    JournalDamage,
    JournalPosition,
    PlacedFrame,
    Segment,
    list_segments,
)
from venue.journal.walk import JournalWalk
from venue.journal.witness import loss_behind


class Verdict(msgspec.Struct, frozen=True):
    """What was read, and the first damage or None. seq and event_seq: the last ones.

    first_seq: the first record that is still there. torn_tail: how many bytes at the end are no
    whole frame. They are no damage if nobody has received them; the next start cuts them off.
    """

    segments: int
    frames: int
    records: int
    events: int
    first_seq: int
    seq: int
    event_seq: int
    torn_tail: str | None
    damage: str | None


def verify_journal(
    directory: Path,
    durable_seq: int | None,
    witness: int,
    snapshots: Mapping[str, JournalPosition],
    tell: Callable[[int], None] = lambda event_seq: None,
) -> Verdict:
    """Read every frame up to record `durable_seq`, or to the end when nobody is writing (None).

    Checked: frames and their chain, numbers of records and events without gap and as the frame
    says, times that never go back, JSON that decodes. witness: last event_seq that somebody is
    known to have. snapshots: by name, the place in the journal at which each was taken.
    tell: gets the last event of each frame.
    """
    check = _Check(directory, snapshots, tell)
    tail: JournalDamage | None = None
    damage: JournalDamage | None = None
    try:
        check.run(durable_seq)
    except JournalDamage as error:
        if error.torn_tail and durable_seq is None:
            tail = error
        else:
            damage = error
    if damage is None:
        loss = loss_behind(check.position, directory, witness, tail)
        if loss is not None:
            tail = None
        damage = loss or check.unmet()
    return Verdict(
        check.segments,
        check.frames,
        check.records,
        check.events,
        check.first_seq,
        check.position.next_seq - 1,
        check.position.next_event_seq - 1,
        None if tail is None else str(tail),
        None if damage is None else str(damage),
    )


class _Check:
    """One pass over a journal."""

    def __init__(
        self,
        directory: Path,
        snapshots: Mapping[str, JournalPosition],
        tell: Callable[[int], None],
    ) -> None:
        self._directory = directory
        self._tell = tell
        self._unmet = dict(snapshots)
        self._timestamp_ns = 0
        self.segments = self.frames = self.records = self.events = 0
        self.first_seq = 1
        self.position = EMPTY_JOURNAL

    def run(self, durable_seq: int | None) -> None:
        """Raises JournalDamage."""
        segments = list_segments(self._directory)
        self.position = self._begin(segments)
        self.first_seq = self.position.next_seq
        if durable_seq is not None:
            if durable_seq < self.first_seq:
                return
            # a snapshot that was taken since, or between frames without records, is not met here
            known = self._unmet.items()
            self._unmet = {name: at for name, at in known if at.next_seq <= durable_seq}
        self._meet()
        walk = JournalWalk(self._directory, self.position)
        for frame in walk.frames(durable_seq):
            self._check_contents(frame)
            self.segments += frame.offset == 0
            self.frames += 1
            self.records += frame.header.records
            self.events += frame.header.events
            self.position = walk.position
            self._meet()
            self._tell(self.position.next_event_seq - 1)

    def unmet(self) -> JournalDamage | None:
        """The damage of a snapshot whose place is not in the journal; None: there is none."""
        for name, place in self._unmet.items():
            where = place.segment or Segment(0, 1, 1, self._directory)
            why = f"{name} was taken at this place, but the journal does not lead to it"
            return JournalDamage(where, place.offset, place.next_seq, why)
        return None

    def _begin(self, segments: list[Segment]) -> JournalPosition:
        """Where the journal begins. If segments were removed, a snapshot has to be behind them."""
        if not segments or segments[0].number == 1:
            return EMPTY_JOURNAL
        first = segments[0]
        if not any(at.segment and at.segment.number >= first.number for at in self._unmet.values()):
            why = "segments before are missing, and there is no snapshot to begin with"
            raise JournalDamage(first, 0, first.first_seq, why)
        return start_of(first)

    def _meet(self) -> None:
        """Note that the journal leads to the snapshots that were taken at this place."""
        here = _key(self.position)
        for name in [name for name, place in self._unmet.items() if _key(place) == here]:
            del self._unmet[name]

    def _check_contents(self, frame: PlacedFrame) -> None:
        """Raise JournalDamage unless the body is what its header says and what may come next."""
        header = frame.header

        def damage(seq: int, why: str) -> JournalDamage:
            return JournalDamage(frame.segment, frame.offset, seq, why)

        batch = batch_of(frame)
        if len(batch.records) != header.records:
            counted = f"the frame counts {header.records} records and holds {len(batch.records)}"
            raise damage(header.first_seq, counted)
        seq, event_seq = header.first_seq, header.first_event_seq
        for record in batch.records:
            if record.seq != seq:
                raise damage(seq, f"the record calls itself {record.seq}")
            if record.timestamp_ns < self._timestamp_ns:
                raise damage(seq, "its time is before that of the record before it")
            for event in record.events:
                if event.event_seq != event_seq:
                    raise damage(seq, f"event {event_seq} calls itself {event.event_seq}")
                event_seq += 1
            self._timestamp_ns = record.timestamp_ns
            seq += 1
        if event_seq != header.next_event_seq:
            held = event_seq - header.first_event_seq
            why = f"the frame counts {header.events} events and holds {held}"
            raise damage(header.first_seq, why)


def _key(position: JournalPosition) -> tuple[int, ...]:
    """Numbers of a place, whatever the path of its directory."""
    number = 0 if position.segment is None else position.segment.number
    return (number, *position[1:])
