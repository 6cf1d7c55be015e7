"""Opens a journal for writing: cuts off a torn tail, and refuses any other damage.

Nothing that is cut off was ever acknowledged. Nothing is skipped: damage stops the start, and so
does a journal that ends before what others have received.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from venue.fault_points import fault_point
from venue.journal.segment import (
    EMPTY_JOURNAL,
    JournalDamage,
    JournalPosition,
    PlacedFrame,
)
from venue.journal.walk import JournalWalk
from venue.journal.witness import loss_behind

_log = structlog.get_logger("recovery")


class Recovery:
    """One pass over a journal from `begin`; afterwards `position` is where writing goes on.

    witness: last event_seq that somebody is known to have received. before_cut: asks more witnesses
    the same, before a torn tail is cut. cut: after the pass, what was cut off, or None.
    """

    def __init__(
        self,
        directory: Path,
        witness: int = 0,
        begin: JournalPosition = EMPTY_JOURNAL,
        before_cut: Callable[[], int] = lambda: 0,
    ) -> None:
        self._directory = directory
        self._witness = witness
        self._before_cut = before_cut
        self._walk = JournalWalk(directory, begin)
        self.cut: str | None = None

    @property
    def position(self) -> JournalPosition:
        """Behind the last frame found."""
        return self._walk.position

    def frames(self) -> Iterator[PlacedFrame]:
        """All frames in order. Raises JournalDamage."""
        tail: JournalDamage | None = None
        try:
            for frame in self._walk.frames():
                fault_point("inside-recovery")
                yield frame
        except JournalDamage as damage:
            if not damage.torn_tail:
                raise
            tail = damage
        loss = loss_behind(self.position, self._directory, self._witness, tail)
        if loss is None and tail is not None:
            loss = loss_behind(self.position, self._directory, self._before_cut(), tail)
        if loss is not None:
            raise loss
        if tail is not None:
            self._cut(tail)

    def _cut(self, tail: JournalDamage) -> None:
        segment, offset = tail.segment, tail.offset
        self.cut = f"{tail}; cut as torn tail"
        # logged first: if the start dies during the cut, the next start finds nothing to log
        _log.warning("a torn tail was cut from the journal", what=self.cut)
        with segment.path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.truncate(offset)
            fault_point("inside-recovery")
            file.truncate(size)
            os.fsync(file.fileno())
