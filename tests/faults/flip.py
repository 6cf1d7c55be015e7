"""A bit of the journal's last frame flipped for a while, where somebody has what is in it.

Who has what is read from the clients' own logs, and as JSON from files; the venue is not asked.
"""

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.client_log import SEEN, read_log
from tests.faults.load import SESSIONS
from tests.faults.power import last_frame


@contextmanager
def flipped_last_frame(journal: Path, known: int, draw: random.Random) -> Iterator[str | None]:
    """Flip one bit inside and back behind; where it is, or None if nobody is known to have it.

    known: the last event that somebody has.
    """
    frame = last_frame(journal)
    if frame is None or not frame.header.events or frame.header.first_event_seq > known:
        yield None
        return
    place, bit = draw.randrange(frame.offset, frame.end), 1 << draw.randrange(8)
    path = frame.segment.path
    _flip(path, place, bit)
    try:
        yield f"{path.name} byte {place} bit {bit}"
    finally:
        _flip(path, place, bit)


def seen_by_clients(logs: Path) -> int:
    """The last event of which a client has seen a report: ExecID is its number and one digit."""
    return max(
        (
            int(exec_id[:-1])
            for session in SESSIONS
            for line in read_log(logs, session)
            if line.kind == SEEN and len(exec_id := line.get(17) or "0") > 1
        ),
        default=0,
    )


def given_away(data_dir: Path) -> int:
    """The last event that a follower says it has done, in its file."""
    files = (data_dir / "positions").glob("*.json")
    return max((json.loads(path.read_text())["event_seq"] for path in files), default=0)


def _flip(path: Path, place: int, bit: int) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        (byte,) = os.pread(descriptor, 1, place)
        os.pwrite(descriptor, bytes([byte ^ bit]), place)
    finally:
        os.close(descriptor)
