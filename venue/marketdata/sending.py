"""Sends what the feed has to say: in order, once more after a failure, and not faster than allowed.

May know the feed and the broadcast. Must never leave out anything but best bids and offers.
"""

import asyncio
from collections.abc import Callable

import structlog
from nats.errors import Error as NatsError

from venue.bus.connection import wait_for_stop
from venue.bus.position_file import Position
from venue.bus.stream import Disagreement
from venue.marketdata.broadcast import Broadcast
from venue.marketdata.feed import Feed
from venue.marketdata.last_values import Publication

_log = structlog.get_logger()


class Sending:
    """sent: the last event whose effect is out, whole. broken: nothing is sent any more."""

    def __init__(
        self,
        broadcast: Broadcast,
        feed: Callable[[], Feed],
        at: Callable[[], Position],
        taken: Callable[[], None],
    ) -> None:
        """at: what the feed has applied. taken: called when books count as published."""
        self._broadcast = broadcast
        self._feed = feed
        self._at = at
        self._taken = taken
        self._pending: list[Publication] = []
        self._one_at_a_time = asyncio.Lock()
        self.sent = 0
        self.broken = False

    def forget(self) -> None:
        """The feed is another one: what waits is of the one before."""
        self._pending.clear()

    async def send(self) -> None:
        """Publish all that the feed has to say. Raises as Broadcast.send: it is kept for then."""
        async with self._one_at_a_time:
            self._pending += self._feed().take(asyncio.get_running_loop().time())
            at = self._at()
            self._taken()
            if self._pending:
                await self._broadcast.send(self._pending, at)
                self._pending.clear()
            self.sent = at.event_seq

    async def keep_pace(self, bbo_per_second: int, stop: asyncio.Event) -> None:
        """Publish best bids and offers that have waited, until `stop` is set."""
        if not bbo_per_second:
            return
        clock = asyncio.get_running_loop().time
        while not await wait_for_stop(stop, 1 / bbo_per_second):
            due = self._feed().bbo_due
            if self.broken or due is None or due > clock():
                continue
            try:
                await self.send()
            except (OSError, NatsError, Disagreement) as error:  # the next events find it, too
                _log.warning("not_published", error=str(error) or repr(error))
