"""Counting a window's acknowledgements: each must name exactly the next stream sequence.

May know JetStream's answers. Must never take a window for stored that was not, entirely, in order.
"""

import asyncio

import msgspec
from nats.aio.msg import Msg

from venue.dropcopy.connection import Connection
from venue.dropcopy.envelope import DESCRIPTION, STATUS, decode_acknowledgement

NO_RESPONDERS = "503"


class NotStored(Exception):
    """The stream did not acknowledge what was sent, or not in order."""


class Acknowledgements:
    """One shared reply inbox for all messages of a connection; a window at a time."""

    def __init__(self, connection: Connection) -> None:
        self._client = connection.client
        self.inbox = connection.client.new_inbox()
        self._next_sequence = 0
        self._last_sequence = 0
        self._refusal: str | None = None
        self._settled = asyncio.Event()
        connection.on_lost = self._lose

    async def listen(self) -> None:
        """Subscribe to the inbox; to be called once, before the first window."""
        await self._client.subscribe(self.inbox, cb=self._take)

    def expect(self, first_sequence: int, count: int) -> None:
        """Begin a window whose messages must be stored as these stream sequences."""
        assert count > 0
        self._next_sequence = first_sequence
        self._last_sequence = first_sequence + count - 1
        if self._refusal is None:
            self._settled.clear()

    async def wait(self, seconds: float) -> None:
        """Until the whole window is acknowledged. Raises NotStored at the first sign of trouble."""
        try:
            await asyncio.wait_for(self._settled.wait(), seconds)
        except TimeoutError:
            raise NotStored(
                f"no acknowledgement of stream sequence {self._next_sequence} in {seconds:g} s"
            ) from None
        if self._refusal is not None:
            raise NotStored(self._refusal)

    def _lose(self) -> None:
        self._refusal = "the connection was lost"
        self._settled.set()

    async def _take(self, message: Msg) -> None:
        if self._refusal is None:
            self._refusal = self._refusal_in(message)
        if self._refusal is not None:
            self._settled.set()
            return
        self._next_sequence += 1
        if self._next_sequence > self._last_sequence:
            self._settled.set()

    def _refusal_in(self, message: Msg) -> str | None:
        headers = message.headers or {}
        if headers.get(STATUS) == NO_RESPONDERS:
            return "there is no stream for the venue's events"
        if STATUS in headers:
            return f"status {headers[STATUS]} {headers.get(DESCRIPTION, '')}"
        try:
            answer = decode_acknowledgement(message.data)
        except msgspec.MsgspecError as error:
            return f"an acknowledgement that cannot be read: {error}"
        if answer.error is not None:
            return f"{answer.error.description} ({answer.error.err_code})"
        if answer.seq != self._next_sequence:
            return f"stored as {answer.seq} instead of {self._next_sequence}"
        return None
