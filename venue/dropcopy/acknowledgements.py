"""Counting a window's acknowledgements: each must name exactly its stream's next sequence.

May know JetStream's answers. Must never take a window for stored that was not, entirely, in order.
"""

import asyncio
from collections.abc import Mapping

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
        self._next_sequences: dict[str, int] = {}
        self._missing = 0
        self._refusal: str | None = None
        self._settled = asyncio.Event()
        connection.on_lost = self._lose

    async def listen(self) -> None:
        """Subscribe to the inbox; to be called once, before the first window."""
        await self._client.subscribe(self.inbox, cb=self._take)

    def expect(self, first_sequences: Mapping[str, int], count: int) -> None:
        """Begin a window of `count` messages: those of a stream must be stored from there on."""
        assert count > 0
        self._next_sequences = dict(first_sequences)
        self._missing = count
        if self._refusal is None:
            self._settled.clear()

    async def wait(self, seconds: float) -> None:
        """Until the whole window is acknowledged. Raises NotStored at the first sign of trouble."""
        try:
            await asyncio.wait_for(self._settled.wait(), seconds)
        except TimeoutError:
            raise NotStored(
                f"{self._missing} acknowledgements did not come in {seconds:g} s; "
                f"next in each stream: {self._next_sequences}"
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
        self._missing -= 1
        if self._missing == 0:
            self._settled.set()

    def _refusal_in(self, message: Msg) -> str | None:
        """Why the message was not stored where it should be; None counts it as stored."""
        headers = message.headers or {}
        if headers.get(STATUS) == NO_RESPONDERS:
            return "there is no stream for what was sent"
        if STATUS in headers:
            return f"status {headers[STATUS]} {headers.get(DESCRIPTION, '')}"
        try:
            answer = decode_acknowledgement(message.data)
        except msgspec.MsgspecError as error:
            return f"an acknowledgement that cannot be read: {error}"
        if answer.error is not None:
            return f"{answer.error.description} ({answer.error.err_code})"
        expected = self._next_sequences.get(answer.stream)
        if answer.seq != expected:
            return f"stored in {answer.stream} as {answer.seq} instead of {expected}"
        self._next_sequences[answer.stream] = expected + 1
        return None
