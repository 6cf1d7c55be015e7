"""The last frame of a journal torn at every byte, opened as a start does; and some real starts.

Works on a journal of its own. What is found wrong comes back as text, one line each.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.faults.built import BuiltJournal
from tests.faults.kills import Kill
from tests.faults.processes import EndedByItself, VenueProcess
from tests.fix_client import FixClient
from tests.fix_message import new_order
from venue.journal.durable import DurablePosition, forget_position
from venue.journal.segment import JournalDamage, JournalPosition, PlacedFrame
from venue.journal.walk import JournalWalk
from venue.replay.recovery import Recovery
from venue.replay.snapshot import list_snapshots
from venue.servers import plan
from venue.settings.settings import load_settings
from venue.witnesses import last_received

FORMS = ("the file ends", "zeros follow", "only the end was written")
_FRAMES_BEFORE = 5
_SEGMENT_BYTES = 256 << 10
_MOST_FRAME_BYTES = 2000
_READY_SECONDS = 60.0
_SAID = "a torn tail was cut from the journal"


class Torn(NamedTuple):
    """How many tails were torn, and what went wrong."""

    places: int
    starts: int
    wrong: list[str]


class Tail:
    """A journal whose last frame can be torn and made whole again.

    frames_to_read: those that a start reads before it comes to the last.
    """

    def __init__(self, directory: Path) -> None:
        frames = list(JournalWalk(directory).frames())
        self.directory = directory
        self.last = frames[-1]
        assert self.last.header.events and self.last.segment == frames[-2].segment
        self.begin: JournalPosition = frames[-_FRAMES_BEFORE - 1].after
        self.before: PlacedFrame = frames[-2]
        self.events = self.last.header.next_event_seq - 1
        snapshot = list_snapshots(directory)[0].seq
        self.frames_to_read = sum(frame.header.first_seq > snapshot for frame in frames) - 1
        self._whole = self.last.segment.path.read_bytes()

    def tear(self, place: int, form: str) -> None:
        """Have only a part of the last frame on disk, split at offset `place`."""
        whole, offset, end = self._whole, self.last.offset, self.last.end
        kept = whole[:place]
        if form == "zeros follow":
            kept += bytes(len(whole) - place)
        elif form == "only the end was written":
            kept = whole[:offset] + bytes(place - offset) + whole[place:end]
            kept += bytes(len(whole) - end)
        self.last.segment.path.write_bytes(kept)

    def places(self) -> range:
        """Every place at which a part of the frame is there, and a part is not."""
        return range(self.last.offset + 1, self.last.end)


def make_tail(directory: Path, seed: str) -> Tail:
    """A venue's data directory with a journal of some segments and a snapshot."""
    journal = directory / "journal"
    journal.mkdir(parents=True)
    seeds = load_settings(None, (), directory).seed_commands()
    built = BuiltJournal(journal, seeds, segment_bytes=_SEGMENT_BYTES, name=seed)
    built.add(200)
    built.take_snapshot()
    built.add(150)
    while True:
        begin = built.writer.position.offset
        built.add(1, frame_requests=1)
        if 0 < built.writer.position.offset - begin < _MOST_FRAME_BYTES:
            break
    built.close()
    return Tail(journal)


def torn_at_every_byte(tail: Tail) -> Torn:
    """Tear the last frame everywhere in every form; each start cuts it and says so.

    And each refuses when somebody has the frame's events already.
    """
    wrong: list[str] = []
    for place in tail.places():
        for form in FORMS:
            tail.tear(place, form)
            wrong += (f"{form} at {place}: {why}" for why in _opened(tail))
        tail.tear(place, FORMS[place % len(FORMS)])
        try:
            _recover(tail, shown=tail.events)
            wrong.append(f"torn at {place}: cut, though event {tail.events} was received")
        except JournalDamage:
            continue
    return Torn(len(tail.places()) * len(FORMS), 0, wrong)


def _recover(tail: Tail, shown: int) -> Recovery:
    """Read the journal's end as a start does. shown: the last event that a venue has shown."""
    DurablePosition(tail.directory, shown, tail.before.header.next_seq - 1).close()
    try:
        recovery = Recovery(tail.directory, last_received(tail.directory.parent), tail.begin)
        for _ in recovery.frames():
            pass
    finally:
        forget_position(tail.directory)
    return recovery


def _opened(tail: Tail) -> Iterator[str]:
    where = f"{tail.last.segment.path.name} at offset {tail.last.offset}, "
    try:
        recovery = _recover(tail, shown=tail.before.header.next_event_seq - 1)
    except JournalDamage as damage:
        yield f"refused: {damage}"
        return
    if recovery.cut is None or where not in recovery.cut:
        yield f"said: {recovery.cut}"
    if recovery.position != tail.before.after:
        yield f"goes on at {recovery.position}"


def torn_and_started(tail: Tail, starts: int, seed: str) -> Torn:
    """Start trading on torn tails; every second start is killed inside its recovery first."""
    draw = random.Random(seed)
    wrong: list[str] = []
    data_dir = tail.directory.parent
    program = plan.programs(data_dir, None, ("fix.port=0", "journal.segment_mib=1"), {})[0]
    for number in range(starts):
        log = data_dir / f"start-{number}.log"
        process = VenueProcess(program, log)
        kept = _keep(tail.directory)
        tail.tear(draw.choice(tail.places()), draw.choice(FORMS))
        forget_position(tail.directory)  # as the loss of power does, which alone tears a tail
        try:
            if number % 2:
                passing = tail.frames_to_read + 1 if number % 4 == 1 else 1  # amid the cut
                process.start(Kill("inside-recovery", passing))
                process.wait_for_death(_READY_SECONDS)
            process.start()
            wrong += (f"start {number}: {why}" for why in _serves(process, log))
        except EndedByItself as error:
            wrong.append(f"start {number}: {error}")
        finally:
            process.end()
            forget_position(tail.directory)
            _put_back(tail.directory, kept)
    return Torn(0, starts, wrong)


def _serves(process: VenueProcess, log: Path) -> Iterator[str]:
    """What is wrong with a start: it must say what it cut, and take an order."""
    said = process.wait_ready(_READY_SECONDS)
    if "fix" not in said:
        yield f"refused: {said}"
        return
    host, port = said["fix"].split(":")
    if _SAID not in log.read_text():
        yield "nothing was said of the cut"
    client = FixClient((host, int(port)))
    client.logon(extra=[(9001, "N")])
    client.send("D", new_order("after", "1", "1", "90.00"))
    client.expect_report("after", "0")
    client.close()


def _keep(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.iterdir()}


def _put_back(directory: Path, kept: dict[Path, bytes]) -> None:
    for path in directory.iterdir():
        if path not in kept:
            path.unlink()
    for path, data in kept.items():
        path.write_bytes(data)
