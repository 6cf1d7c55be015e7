"""Pulls stored messages from a stream by a short-lived JetStream consumer.

May know JetStream's pull protocol. Keeps no position: the caller says where to begin.
"""

import asyncio
import uuid
from collections import deque
from types import TracebackType
from typing import NamedTuple, Self

import msgspec
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from venue.bus.connection import Connection
from venue.bus.envelope import number_in, status_in
from venue.bus.subjects import STREAM

REQUEST_SECONDS = 5.0
GRACE_SECONDS = 2.0
FORGOTTEN_AFTER_SECONDS = 60.0
_NOTHING_NOW = ("404", "408")


class Pulled(NamedTuple):
    """A stored message: the number in its headers (event_seq or member_seq), None without one.

    head: all its headers.
    """

    number: int | None
    data: bytes
    subject: bytes
    head: bytes


class PullEnded(Exception):
    """The server does not answer any more: it or the consumer is gone, or the stream is deleted."""


class EventPull:
    """Messages of a stream from a given sequence on, without acknowledgements."""

    def __init__(
        self,
        connection: Connection,
        name: str,
        start_sequence: int,
        stream: str = STREAM,
        gather_seconds: float = 0.003,
    ) -> None:
        self._stream = stream
        self._gather_seconds = gather_seconds
        self._given_at = 0.0
        self._wanted = 1
        """How many messages have to arrive before a waiting `next` is woken."""
        self._client = connection.client
        self._jetstream = connection.client.jetstream()
        self._consumer = f"{name}-{uuid.uuid4().hex[:12]}"
        self._start_sequence = start_sequence
        self._inbox = connection.client.new_inbox()
        self._arrived: deque[Pulled] = deque()
        self._outstanding = 0
        self._ended: str | None = None
        self._wake = asyncio.Event()
        self._is_interrupted = False
        connection.on_lost = self._lose

    async def __aenter__(self) -> Self:
        await self._jetstream.add_consumer(
            self._stream,
            ConsumerConfig(
                name=self._consumer,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self._start_sequence,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=FORGOTTEN_AFTER_SECONDS,
                mem_storage=True,
            ),
        )
        await self._client.take(self._inbox, self._take)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """The consumer expires by itself; its connection closes right after."""

    def interrupt(self) -> None:
        """From now on `next` returns at once with the messages that it has, even while it waits."""
        self._is_interrupted = True
        self._wake.set()

    async def next(self, limit: int) -> list[Pulled]:
        """At most `limit` messages in stream order; empty after some seconds without any.

        It returns fewer than `limit` only once in gather_seconds. So a steady flow comes in
        batches, and a message after a silence at once. Raises PullEnded when no more can come.
        """
        if not self._arrived:
            if self._ended is not None:
                raise PullEnded(self._ended)
            if self._outstanding <= 0:
                await self._request(limit)
            if not await self._arrival(1, REQUEST_SECONDS + GRACE_SECONDS):
                raise PullEnded("the server does not answer")
        clock = asyncio.get_running_loop().time
        gather = self._given_at + self._gather_seconds - clock()
        if gather > 0 and self._ended is None and self._outstanding > 0:
            await self._arrival(min(limit, len(self._arrived) + self._outstanding), gather)
        self._given_at = clock()
        count = min(limit, len(self._arrived))
        return [self._arrived.popleft() for _ in range(count)]

    async def _request(self, limit: int) -> None:
        request = {"batch": limit, "expires": int(REQUEST_SECONDS * 1e9)}
        self._outstanding = limit
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
            msgspec.json.encode(request),
            self._inbox,
        )

    async def _arrival(self, count: int, seconds: float) -> bool:
        """Wait until `count` messages have arrived or no more can. False: the time has passed."""
        self._wanted = count
        if len(self._arrived) >= count or self._is_interrupted:
            return True
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    def _lose(self) -> None:
        self._ended = "the connection was lost"
        self._wake.set()

    def _take(self, subject: bytes, head: bytes, data: bytes) -> None:
        status = status_in(head)
        if status is None:
            self._arrived.append(Pulled(number_in(head), data, subject, head))
            self._outstanding -= 1
            if len(self._arrived) < self._wanted:
                return
        elif status.code in _NOTHING_NOW:
            self._outstanding = 0
        else:
            self._ended = f"status {status.code} {status.description}".rstrip()
        self._wake.set()
