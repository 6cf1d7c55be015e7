"""A window's acknowledgements: one for each stream, of its last message, which proves the rest.

May know JetStream's answers. Must never count a window as stored that was not stored whole and in
order.
"""

import asyncio
from collections.abc import Mapping

import msgspec

from venue.bus.connection import Connection
from venue.bus.envelope import decode_acknowledgement, status_in

NO_RESPONDERS = "503"


class NotStored(Exception):
    """The stream did not acknowledge what was sent, or not in order."""


class Acknowledgements:
    """One reply inbox for a connection; a window at a time.

    Only the last message of each stream in a window asks for a reply there. Every message names the
    sequence and the number that it must follow, so if one is not stored, none behind it is.
    """

    def __init__(self, connection: Connection) -> None:
        self._client = connection.client
        self.inbox = connection.client.new_inbox()
        self._missing: dict[str, int] = {}
        self._refusal: str | None = None
        self._settled = asyncio.Event()
        connection.on_lost = self._lose

    async def listen(self) -> None:
        """Subscribe to the inbox. To be called once, before the first window."""
        await self._client.take(self.inbox, self._take)

    def expect(self, last_sequences: Mapping[str, int]) -> None:
        """Begin a window: the last message in each of these streams must be stored there."""
        assert last_sequences
        self._missing = dict(last_sequences)
        if self._refusal is None:
            self._settled.clear()

    async def wait(self, seconds: float) -> None:
        """Wait until the whole window is acknowledged. Raises NotStored at the first failure."""
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            raise NotStored(
                f"acknowledgements did not come in {seconds:g} s; "
                f"missing, as stream and sequence: {self._missing}"
            ) from None
        if self._refusal is not None:
            raise NotStored(self._refusal)

    def _lose(self) -> None:
        self._refusal = "the connection was lost"
        self._settled.set()

    def _take(self, _subject: bytes, head: bytes, data: bytes) -> None:
        if self._refusal is None:
            self._refusal = self._refusal_in(head, data)
        if self._refusal is not None or not self._missing:
            self._settled.set()

    def _refusal_in(self, head: bytes, data: bytes) -> str | None:
        """Why the message was not stored where it should be; None: it was."""
        status = status_in(head)
        if status is not None:
            if status.code == NO_RESPONDERS:
                return "there is no stream for what was sent"
            return f"status {status.code} {status.description}"
        try:
            answer = decode_acknowledgement(data)
        except msgspec.MsgspecError as error:
            return f"an acknowledgement that cannot be read: {error}"
        if answer.error is not None:
            return f"{answer.error.description} ({answer.error.err_code})"
        if answer.duplicate:
            return f"{answer.stream} has another message of that number, stored as {answer.seq}"
        expected = self._missing.pop(answer.stream, None)
        if answer.seq != expected:
            return f"stored in {answer.stream} as {answer.seq} instead of {expected}"
        return None
