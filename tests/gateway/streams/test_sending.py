"""A client that does not read is not answered further; at the end nobody is kept waiting."""

import asyncio

from venue.gateway.streams.answers import Pong
from venue.gateway.streams.outbox import Bounds
from venue.gateway.streams.sending import Sending

BOUNDS = Bounds(conflate_bytes=1_000, most_bytes=1 << 20, slow_seconds=30.0)


class Held:
    """A connection that takes messages once it is let."""

    def __init__(self) -> None:
        self.is_free = asyncio.Event()
        self.written: list[bytes] = []
        self.closed: list[tuple[int, str]] = []

    def write_now(self, payload: bytes) -> bool:
        return False

    async def write(self, payload: bytes) -> None:
        await self.is_free.wait()
        self.written.append(payload)

    def abort(self) -> None:
        self.is_free.set()

    async def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))


async def turns() -> None:
    """Whatever can go on has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


def fill(sending: Sending) -> None:
    while sending.outbox.waiting_bytes <= BOUNDS.conflate_bytes // 2:
        sending.say(Pong(id="x" * 60, time_ns=1))


def test_who_asks_and_does_not_read_waits_until_he_has_read() -> None:
    async def scenario() -> None:
        line = Held()
        sending = Sending(line, line.close, BOUNDS)
        await sending.room()
        fill(sending)
        await turns()
        waiting = asyncio.create_task(sending.room())
        fill(sending)
        await turns()
        assert not waiting.done()
        line.is_free.set()
        await asyncio.wait_for(waiting, 5)
        await turns()
        assert len(line.written) > 2 and sending.outbox.waiting_bytes == 0
        sending.say(Pong(id="", time_ns=2))
        await turns()
        assert line.written[-1] == b'{"type":"pong","id":"","time_ns":2}'

    asyncio.run(scenario())


def test_end_closes_with_its_reason_and_lets_go_of_who_waits() -> None:
    async def scenario() -> None:
        line = Held()
        sending = Sending(line, line.close, BOUNDS)
        fill(sending)
        await turns()
        fill(sending)
        waiting = asyncio.create_task(sending.room())
        await turns()
        assert not waiting.done()
        sending.outbox.end(3000, "the login has ended")
        await asyncio.wait_for(waiting, 5)
        await sending.stop()
        assert line.closed == [(3000, "the login has ended")] and line.written == []

    asyncio.run(scenario())
