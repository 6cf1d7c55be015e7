"""One bit of a journal flipped, and whether anybody notices: a start, or `venue journal verify`.

Works on a journal of its own. A flip that a start passes over must not change the state, and then
verify must name it; what is found wrong comes back as text.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.faults.built import BuiltJournal
from venue.engine.image.digest import state_digest
from venue.fix.encode import ReportEncoder
from venue.journal.durable import DurablePosition, forget_position
from venue.journal.segment import JournalDamage, JournalPosition
from venue.journal.verify import verify_journal
from venue.journal.walk import JournalWalk
from venue.replay.replay import ReplayDifference, SnapshotMissing
from venue.replay.snapshot import SnapshotDamage, list_snapshots, load_snapshot, position_of
from venue.settings.settings import load_settings
from venue.startup import recovered

LAST_FRAME, ZEROS = "last frame", "zeros behind the end"
_SEGMENT_BYTES = 32 << 10


class Region(NamedTuple):
    """Bytes of a file that serve one purpose."""

    name: str
    path: Path
    begin: int
    end: int


@dataclass
class Flips:
    """What became of the flips: region and outcome -> how many; and what went wrong."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Flips made."""
        return self.outcomes.total()


class Flip(NamedTuple):
    """One bit of a region; place counts from the file's beginning."""

    region: Region
    place: int
    bit: int


class Started(NamedTuple):
    """What a start came to."""

    digest: str
    snapshot: str | None
    cut: str | None


class FlippedJournal:
    """A venue's data directory: a journal of several segments and snapshots, and its true end."""

    def __init__(self, data_dir: Path, seed: str) -> None:
        self.directory = directory = data_dir / "journal"
        directory.mkdir(mode=0o700, parents=True)
        self._settings = load_settings(None, (), data_dir)
        seeds = self._settings.seed_commands()
        built = BuiltJournal(directory, seeds, segment_bytes=_SEGMENT_BYTES, name=seed)
        for events in (120, 120, 120):
            built.add(events)
            built.take_snapshot()
        built.add(120)
        built.close()
        frames = list(JournalWalk(directory).frames())
        self.last = frames[-1]
        self.events = self.last.header.next_event_seq - 1
        self._kept = {path: path.read_bytes() for path in directory.iterdir()}
        self.truth = self.start(is_known=True)
        self.regions = self._regions(self.last.offset, self.last.end)

    def _regions(self, last_offset: int, last_end: int) -> list[list[Region]]:
        """Kinds of regions; a flip chooses the kind first, so that each gets its share."""
        newest = position_of(
            self.directory, load_snapshot(list_snapshots(self.directory)[0].path)
        ).segment
        assert newest is not None
        last = self.last.segment.path
        ends: dict[Path, int] = {}
        numbers: dict[Path, int] = {}
        for frame in JournalWalk(self.directory).frames():
            ends[frame.segment.path] = frame.end
            numbers[frame.segment.path] = frame.segment.number
        old, read, zeros = [], [], []
        for path, end in ends.items():
            begin_of_zeros, size = end, path.stat().st_size
            if numbers[path] < newest.number:
                old.append(Region("segment before the snapshot", path, 0, end))
            else:
                end = last_offset if path == last else end
                read.append(Region("segment that a start reads", path, 0, end))
            if begin_of_zeros < size:
                zeros.append(Region(ZEROS, path, begin_of_zeros, size))
        whole = [Region(LAST_FRAME, last, last_offset, last_end)]
        files = list_snapshots(self.directory)
        snapshots = [Region("snapshot", f.path, 0, f.path.stat().st_size) for f in files]
        return [old, read, zeros, whole, snapshots]

    def flip(self, flip: Flip) -> None:
        """Flip one bit on disk."""
        data = bytearray(self._kept[flip.region.path])
        data[flip.place] ^= 1 << flip.bit
        flip.region.path.write_bytes(data)

    def mend(self) -> None:
        """Make every file what it was."""
        for path, data in self._kept.items():
            if path.read_bytes() != data:
                path.write_bytes(data)

    def start(self, is_known: bool) -> Started:
        """What a start comes to. is_known: a running venue has shown its last event to others.

        Raises as venue.startup.recovered.
        """
        forget_position(self.directory)
        if is_known:
            DurablePosition(self.directory, self.events, self.last.header.next_seq - 1).close()
        try:
            result = recovered(self._settings, ReportEncoder()).replay
        finally:
            forget_position(self.directory)
        return Started(state_digest(result.engine.state), result.snapshot, result.cut)

    def named_by_verify(self) -> str | None:
        """What `venue journal verify` names, asked as the command asks it; None: all is whole."""
        places: dict[str, JournalPosition] = {}
        try:
            for file in list_snapshots(self.directory):
                places[file.path.name] = position_of(self.directory, load_snapshot(file.path))
        except SnapshotDamage as damage:
            return str(damage)
        verdict = verify_journal(self.directory, None, self.events, places)
        return verdict.damage or verdict.torn_tail


def flip_bits(journal: FlippedJournal, count: int, seed: str) -> Flips:
    """Flip `count` single bits, each in a journal that is otherwise whole."""
    draw = random.Random(seed)
    flips = Flips()
    for number in range(count):
        kind = journal.regions[number % len(journal.regions)]
        region = draw.choices(kind, [each.end - each.begin for each in kind])[0]
        flip = Flip(region, draw.randrange(region.begin, region.end), draw.randrange(8))
        journal.flip(flip)
        outcome, why = _judge(journal, flip)
        journal.mend()
        flips.outcomes[region.name, outcome] += 1
        if why is not None:
            flips.wrong.append(f"{region.path.name} byte {flip.place} bit {flip.bit}: {why}")
    return flips


def _judge(journal: FlippedJournal, flip: Flip) -> tuple[str, str | None]:
    """What became of a flip, and what is wrong with that, if anything is."""
    named = journal.named_by_verify()
    try:
        started = journal.start(is_known=False)
    except (JournalDamage, ReplayDifference, SnapshotMissing) as error:
        wrong = None if flip.region.path.name in str(error) else f"refused without name: {error}"
        return "start refused", wrong
    if started.cut is not None:
        return "cut as torn tail", _wrong_cut(journal, flip, started)
    if started.digest != journal.truth.digest:
        return "other state", "a start took another state for the true one"
    if named is None:
        return "unnoticed", "neither a start nor verify noticed it"
    if started.snapshot != journal.truth.snapshot:
        return "snapshot passed over", None
    return "named by verify", None


def _wrong_cut(journal: FlippedJournal, flip: Flip, started: Started) -> str | None:
    """Only the last frame, or bytes behind it, may be cut, and never what somebody has."""
    if flip.region.name == ZEROS:
        return None if started.digest == journal.truth.digest else "a whole frame was cut"
    if flip.region.name != LAST_FRAME:
        return f"cut in the middle: {started.cut}"
    journal.mend()
    journal.flip(flip)
    try:
        journal.start(is_known=True)
    except JournalDamage:
        return None
    return "the last frame was cut, though its events were received"
