"""Answers who asks for a snapshot of a book, on snapshot.<symbol>: for readers that join.

May know NATS and the feed. It changes nothing, and gives away only books that were published: an
answer waits while a book is on its way to the next update.
"""

import asyncio
from collections.abc import Callable

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from venue.bus.connection import Backoff, connected
from venue.bus.subjects import ACCOUNT_REPLIES, ALL_SNAPSHOTS, INBOXES
from venue.domain.codec import encode
from venue.domain.events import NO_SYMBOL
from venue.marketdata.feed import Feed
from venue.marketdata.messages import NoSnapshot, SymbolList

PAGE_ORDERS = 5_000
QUESTIONS_MAX = 20_000
"""So many questions wait at most; who asked first is not answered then, and asks again."""
_FLUSH_BYTES = 1 << 20
_ANSWERED = (f"{INBOXES}.", f"{ACCOUNT_REPLIES}.")
"""How the subjects begin on which answers are given: who asks must not say where we publish."""

_log = structlog.get_logger()


class _Pages:
    """The pages of one symbol's snapshot, and of which epoch and update they are."""

    def __init__(self, published: tuple[int, int], payloads: list[bytes]) -> None:
        self.published = published
        self.payloads = payloads


class SnapshotService:
    """One connection that takes questions, and answers them from the feed as it stands."""

    def __init__(
        self,
        nats_url: str,
        name: str,
        feed: Callable[[], Feed],
        published: Callable[[], int] = lambda: 0,
    ) -> None:
        """published: the last event whose effect NATS has, whole."""
        self._nats_url = nats_url
        self._name = name
        self._feed = feed
        self._published = published
        self._questions: dict[str, str] = {}
        """Where the answer goes -> the symbol."""
        self._made: dict[str, _Pages] = {}
        self._wake = asyncio.Event()

    def look_again(self) -> None:
        """Books were published that answers may have waited for."""
        if self._questions:
            self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set, through every failure of NATS."""
        backoff = Backoff()
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while not stop.is_set():
                try:
                    async with connected(self._nats_url, f"{self._name}-snapshots") as connection:
                        connection.on_lost = self._wake.set
                        await connection.client.subscribe(ALL_SNAPSHOTS, cb=self._take)
                        await connection.client.flush()
                        backoff.reset()
                        await self._answer(connection.client, stop)
                except (OSError, NatsError) as error:
                    _log.warning("snapshots_not_given", error=str(error) or repr(error))
                self._questions.clear()
                await backoff.pause(stop)
        finally:
            stopping.cancel()

    async def _take(self, question: Msg) -> None:
        if not question.reply.startswith(_ANSWERED):
            return
        while len(self._questions) >= QUESTIONS_MAX:
            del self._questions[next(iter(self._questions))]
        self._questions[question.reply] = question.subject.partition(".")[2]
        self._wake.set()

    async def _answer(self, client: Client, stop: asyncio.Event) -> None:
        unflushed = 0
        while client.is_connected and not stop.is_set():
            await self._wake.wait()
            self._wake.clear()
            for reply, symbol in [*self._questions.items()]:
                payloads = self._payloads(symbol)
                if payloads is None or self._questions.pop(reply, None) is None:
                    continue
                for payload in payloads:
                    await client.publish(reply, payload)
                    unflushed += len(payload)
                if unflushed > _FLUSH_BYTES:
                    await client.flush()
                    unflushed = 0

    def _payloads(self, symbol: str) -> list[bytes] | None:
        """The answer, in pages. None: it has to wait."""
        feed = self._feed()
        if symbol == NO_SYMBOL:
            return [encode(SymbolList(symbols=feed.symbols(), event_seq=self._published()))]
        if symbol not in feed.symbols():
            return [encode(NoSnapshot(error=f"there is no symbol {symbol}"))]
        if feed.incomplete:
            return [encode(NoSnapshot(error="books are incomplete until the next trading day"))]
        published = feed.published(symbol)
        if published is None:
            return None
        made = self._made.get(symbol)
        if made is None or made.published != published:
            pages = [encode(page) for page in feed.snapshot(symbol, PAGE_ORDERS)]
            made = self._made[symbol] = _Pages(published, pages)
        return made.payloads
