"""A bit of the journal's last frame flipped for a while, where clients have seen what is in it.

What clients have seen is read from their own logs, by ExecID(17); the venue is asked for nothing.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.client_log import SEEN, read_log
from tests.faults.load import SESSIONS
from tests.faults.power import last_frame


@contextmanager
def flipped_last_frame(journal: Path, logs: Path, draw: random.Random) -> Iterator[str | None]:
    """Flip one bit inside and back behind; where it is, or None if no client has seen the frame."""
    frame = last_frame(journal)
    if frame is None or not frame.header.events or frame.header.first_event_seq > seen_up_to(logs):
        yield None
        return
    place, bit = draw.randrange(frame.offset, frame.end), 1 << draw.randrange(8)
    path = frame.segment.path
    _flip(path, place, bit)
    try:
        yield f"{path.name} byte {place} bit {bit}"
    finally:
        _flip(path, place, bit)


def seen_up_to(logs: Path) -> int:
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


def _flip(path: Path, place: int, bit: int) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        (byte,) = os.pread(descriptor, 1, place)
        os.pwrite(descriptor, bytes([byte ^ bit]), place)
    finally:
        os.close(descriptor)
