"""One client's connection and the venue's behind it: reads both, sends what the course makes of it.

Order is kept: a message that is held back holds up all that come behind it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from venue.fixclient.wire import field
from venue.simulator.course import Course, LineDropped
from venue.simulator.cutter import Cut, Cutter

_READ_BYTES = 1 << 16
_MOST_WAITING = 1000
"""Pieces that wait for the client; more are left with the venue."""

Note = Callable[[str, str, bytes], None]
"""note(session, "in" or "out", data): what the client has sent or is sent."""


class Line:
    """Of a client that has connected; `course_of` finds the course of a session."""

    def __init__(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        venue: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        course_of: Callable[[str, str], Course],
        note: Note,
        due: Callable[[Course], None],
    ) -> None:
        """due: told when a course has orders to be filled, or problems."""
        self._client_reader, self._client = client
        self._venue_reader, self._venue = venue
        self._course_of = course_of
        self._note = note
        self._due = due
        self._waiting: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue(_MOST_WAITING)
        self.course: Course | None = None

    async def run(self) -> None:
        """Pass messages until one side is gone, and the client has what was held back for it.

        One that never reads it is waited for, until it is gone or the line is dropped.
        """
        reading = asyncio.create_task(self._read_client())
        sending = asyncio.create_task(self._send())
        tasks = {reading, sending, asyncio.create_task(self._read_venue())}
        pending = tasks
        try:
            while not (reading.done() or sending.done()):
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for writer in (self._client, self._venue):
                writer.close()
            for writer in (self._client, self._venue):
                with suppress(OSError):  # broken is closed, too
                    await writer.wait_closed()

    def drop(self) -> None:
        """Break both connections at once."""
        for writer in (self._client, self._venue):
            writer.transport.abort()

    async def _read_client(self) -> None:
        cutter = Cutter()
        with suppress(OSError, LineDropped):  # as good as its end
            while data := await self._client_reader.read(self._most_bytes()):
                for cut in cutter.feed(data):
                    self._venue.write(self._for_venue(cut))
                await self._venue.drain()
                if self._rate is not None:
                    await asyncio.sleep(len(data) / self._rate)

    async def _read_venue(self) -> None:
        cutter = Cutter()
        loop = asyncio.get_running_loop()
        with suppress(OSError, LineDropped):  # what came before it still leaves
            while data := await self._venue_reader.read(_READ_BYTES):
                for cut in cutter.feed(data):
                    for piece, held_ms in self._for_client(cut):
                        await self._waiting.put((loop.time() + held_ms / 1000, piece))
        await self._waiting.put(None)

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while (waiting := await self._waiting.get()) is not None:
                due, data = waiting
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                self._tell("out", data)
                self._client.write(data)
                await self._client.drain()

    @property
    def _rate(self) -> int | None:
        return None if self.course is None else self.course.slow

    def _most_bytes(self) -> int:
        return _READ_BYTES if self._rate is None else max(1, self._rate // 10)

    def _for_venue(self, cut: Cut) -> bytes:
        """What goes to the venue. Raises LineDropped."""
        if self.course is None and cut.is_message:
            session = field(cut.data, b"49").decode("latin-1")
            self.course = self._course_of(session, field(cut.data, b"56").decode("latin-1"))
        self._tell("in", cut.data)
        if self.course is None or not cut.is_message:
            return cut.data
        message = self.course.from_client(cut.data)
        self._see_to()
        return message

    def _for_client(self, cut: Cut) -> list[tuple[bytes, int]]:
        """What goes to the client, and milliseconds to hold it back. Raises LineDropped."""
        if self.course is None or not cut.is_message:
            return [(cut.data, 0)]
        pieces = self.course.to_client(cut.data)
        self._see_to()
        return pieces

    def _see_to(self) -> None:
        if self.course is not None and (self.course.fills or self.course.problems):
            self._due(self.course)

    def _tell(self, way: str, data: bytes) -> None:
        if self.course is not None:
            self._note(self.course.session, way, data)
