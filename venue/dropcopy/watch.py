"""Reads one member's drop copies, each once and in order, through every failure of NATS.

May know the member's stream. Keeps its place by member_seq, so no copy is shown twice.
"""

import asyncio
from collections.abc import Callable

from nats.errors import Error as NatsError

from venue.bus.connection import Backoff, Connection, connected
from venue.bus.event_pull import EventPull, PullEnded
from venue.bus.stream import ForeignMessage, stream_end
from venue.bus.subjects import drop_stream
from venue.printable import shown

BATCH = 100


class NoDropCopies(Exception):
    """There is no such member, or the dropcopy process has not met it yet."""


class Watch:
    """Shows the copies of `member` from number `first` on; None: those that come from now on.

    show: gets member_seq and payload. say: gets a line of text for whoever watches.
    """

    def __init__(
        self,
        nats_url: str,
        member: str,
        first: int | None,
        show: Callable[[int, bytes], None],
        say: Callable[[str], None],
    ) -> None:
        self._nats_url = nats_url
        self._member = member
        self._stream = drop_stream(member)
        self._next = first
        self._show = show
        self._say = say

    async def run(self, stop: asyncio.Event) -> None:
        """Show copies until `stop` is set. Raises NoDropCopies, OSError, NatsError at its start.

        Raises ForeignMessage at its start too; later, until the stream is mended, it says so.
        """
        backoff = Backoff()
        has_begun = False
        while not stop.is_set():
            try:
                async with connected(self._nats_url, "watch") as connection:
                    start = await self._start_sequence(connection, has_begun)
                    if start is not None:
                        has_begun = True
                        backoff.reset()
                        await self._follow(connection, start, stop)
            except (OSError, NatsError, PullEnded) as error:
                if not has_begun:
                    raise
                self._say(f"NATS is away; trying again ({error or repr(error)})")
            except ForeignMessage as error:
                if not has_begun:
                    raise
                self._say(str(error))
            await backoff.pause(stop)

    async def _start_sequence(self, connection: Connection, has_begun: bool) -> int | None:
        """Stream sequence of the next copy to show; None while a wiped stream is not made again."""
        end = await stream_end(connection.client.jetstream(), self._stream)
        if end is None:
            if has_begun:
                return None
            raise NoDropCopies(f"there are no drop copies of a member {self._member}")
        last = end.event_seq  # on a drop stream the number of a message is its member_seq
        if self._next is None:
            self._next = last + 1
        if last < self._next:
            return end.last_sequence + 1
        return max(end.first_sequence, end.last_sequence - (last - self._next))

    async def _follow(self, connection: Connection, start: int, stop: asyncio.Event) -> None:
        async with EventPull(connection, "watch", start, self._stream) as pull:
            watcher = asyncio.create_task(stop.wait())
            watcher.add_done_callback(lambda _: pull.interrupt())
            try:
                while not stop.is_set():
                    for message in await pull.next(BATCH):
                        if message.number is None:
                            self._say(
                                f"a message that is no drop copy: {shown(message.subject.decode())}"
                            )
                        else:
                            self._take(message.number, message.data)
            finally:
                watcher.cancel()

    def _take(self, member_seq: int, payload: bytes) -> None:
        assert self._next is not None
        if member_seq < self._next:
            return
        if member_seq > self._next:
            self._say(f"copies {self._next} to {member_seq - 1} are not in the stream any more")
        self._next = member_seq + 1
        self._show(member_seq, payload)
