"""The one thread of trading: poll, sequence, look at the clock, rest until something comes.

Knows callables only. Ends when told to, or by the exception of whatever broke.
"""

import time
from collections.abc import Callable

from venue.sequencer.inbox import Input
from venue.sequencer.sequencer import Sequencer

_REST_SECONDS = 0.001
_TURNS_PER_ASIDE = 32
_ASIDE_SECONDS = 0.01
_SOME = 8
"""Inputs of one poll that make another one worth its time."""
_SLOW_DISK_SECONDS = 0.002
"""A write that takes longer is worth waiting for with whatever comes."""


class Loop:
    """poll: lets QuickFIX read and call back. due: what a time asks for, if that has come. aside:
    does what may wait a little (admin, logs). rest: waits so many seconds, or until something has
    come to be polled.
    """

    def __init__(
        self,
        poll: Callable[[], None],
        sequencer: Sequencer,
        due: Callable[[int], Input | None],
        now_ns: Callable[[], int],
        aside: Callable[[], None],
        rest: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._poll = poll
        self._sequencer = sequencer
        self._due = due
        self._now_ns = now_ns
        self._aside = aside
        self._rest = rest
        self._monotonic = monotonic
        self.stop_asked = False

    def run(self) -> None:
        """Go round until `stop_asked`."""
        turns = 0
        aside_due = 0.0
        while not self.stop_asked:
            if not self.turn() and not self.stop_asked:
                self._rest(_REST_SECONDS)
            turns += 1
            now = self._monotonic()  # on a slow disk a few turns are seconds
            if turns % _TURNS_PER_ASIDE == 0 or now >= aside_due:
                aside_due = now + _ASIDE_SECONDS
                self._aside()
                self._advance_time()

    def turn(self) -> bool:
        """One round. Returns whether anything was sequenced.

        It does not go on until nothing waits: QuickFIX has to be polled between the slices of a
        long command, such as a mass cancel of 50,000 orders.
        """
        self._gather()
        worked = self._sequencer.run_batch()
        while self._sequencer.is_behind:
            self._sequencer.run_batch()
        return worked

    def _gather(self) -> None:
        """Poll; and again while much comes, for as long as the disk took for the last batch.

        One poll reads a little of each connection. What is gathered shares the next write, so a
        slow disk is written to less often; and whoever sends little waits a short time only.
        """
        sequencer = self._sequencer
        disk_seconds = sequencer.disk_seconds
        until = self._monotonic() + disk_seconds
        came = some = 1 if disk_seconds > _SLOW_DISK_SECONDS else _SOME
        while came >= some and sequencer.takes_more:
            before = len(sequencer.inbox)
            self._poll()
            came = len(sequencer.inbox) - before
            if self._monotonic() >= until:
                return

    def _advance_time(self) -> None:
        due = self._due(self._now_ns())
        if due is not None:
            self._sequencer.inbox.put(due)
