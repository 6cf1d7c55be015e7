"""Books that follow the venue's on NATS: a snapshot of each symbol, then md.<symbol>.l3.

May know NATS and the messages of market data; needs a login that may read them. Whatever is missing
or wrong is noticed, and the symbol's book is fetched anew; the others go on.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Mapping

import msgspec
import structlog
from nats.errors import Error as NatsError

from venue.bus.bulk import BulkClient
from venue.bus.connection import Backoff, Connection, connected
from venue.bus.subjects import snapshot_subject
from venue.domain.events import NO_SYMBOL
from venue.marketdata.followed_book import BookBroken, FollowedBook, Update
from venue.marketdata.messages import (
    ORDER_BY_ORDER,
    AnyAnswer,
    NoSnapshot,
    OrderByOrder,
    Snapshot,
    SymbolList,
    market_data_subject,
)

ANSWER_SECONDS = 1.0
"""After so long without another page of an answer a snapshot is asked for again."""
SPREAD_SECONDS = 0.2
"""Many readers notice the same at once: each waits a random part of this before it asks again."""
SOUNDING_SECONDS = 0.5
"""How often market data is asked how far it is, where that is wanted."""
WAITING_MAX = 50_000
"""Updates that may wait for a snapshot; with more of them it is too old anyway."""

_POSITION = ""
"""Stands in the place of a symbol where market data was asked how far it is."""

Changed = Callable[[str, Update], None]

_UPDATES: msgspec.json.Decoder[OrderByOrder] = msgspec.json.Decoder(OrderByOrder)
_ANSWERS: msgspec.json.Decoder[AnyAnswer] = msgspec.json.Decoder(AnyAnswer)
_log = structlog.get_logger()


class _Fetching:
    """A symbol whose snapshot is being fetched, with the updates that wait for it.

    ask_at: when it is to be asked for, in the loop's time. asking: number of the question.
    """

    def __init__(self, ask_at: float) -> None:
        self.ask_at = ask_at
        self.asking = 0
        self.pages: list[Snapshot] = []
        self.waiting: list[OrderByOrder] = []


class FollowedBooks:
    """The books of all symbols, or of some. `books` has each once it was fetched first."""

    def __init__(
        self,
        nats_url: str,
        changed: Changed,
        *,
        symbols: Collection[str] = (),
        name: str = "books",
        sounds: bool = False,
    ) -> None:
        """changed: called in the loop with symbol and update, behind each change of a book; must
        not block. symbols: only these; none: all, also those that come later. sounds: ask market
        data again and again how far it is, so that `position` is known of all books."""
        self._nats_url = nats_url
        self._changed = changed
        self._only = tuple(symbols)
        self._name = name
        self._books: dict[str, FollowedBook] = {}
        self._fetching: dict[str, _Fetching] = {}
        self._asked: dict[int, str] = {}
        self._questions = 0
        self._wake = asyncio.Event()
        self._is_listed = bool(symbols)
        self._failure: Exception | None = None
        self.fetched = 0
        """Snapshots taken so far."""
        self._sounds = sounds and not symbols
        self._sound_at = 0.0
        self.position: int | None = None
        """The last event of which the books have all; None: nobody has said so yet."""
        self._heard_at = 0.0

    @property
    def books(self) -> Mapping[str, FollowedBook]:
        """The books by symbol. One that is not `current` stands still until it is fetched anew."""
        return self._books

    @property
    def is_complete(self) -> bool:
        """Whether all symbols are known, and the book of each follows the venue's now."""
        return self._is_listed and not self._fetching

    def silent_seconds(self) -> float:
        """For how long market data has answered nothing; with `sounds` it is asked all the time."""
        return asyncio.get_running_loop().time() - self._heard_at

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop` is set. Raises what `changed` raises."""
        backoff = Backoff()
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while not stop.is_set():
                try:
                    async with connected(self._nats_url, self._name) as connection:
                        await self._follow(connection, stop, backoff)
                except (OSError, NatsError) as error:
                    _log.warning("nats_unreachable", error=str(error) or repr(error))
                self._lose_all()
                await backoff.pause(stop)
        finally:
            stopping.cancel()

    async def _follow(self, connection: Connection, stop: asyncio.Event, backoff: Backoff) -> None:
        client, loop = connection.client, asyncio.get_running_loop()
        connection.on_lost = self._wake.set
        self._fetching = {symbol: _Fetching(loop.time()) for symbol in self._wanted()}
        inbox = client.new_inbox()
        await client.take(f"{inbox}.*", self._take_answer)
        for symbol in self._only or ("*",):
            subject = market_data_subject(symbol, ORDER_BY_ORDER) if self._only else "md.*.l3"
            await client.take(subject, self._take_update)
        while client.is_connected and not stop.is_set():
            self._wake.clear()
            next_at = await self._ask(client, inbox, loop.time())
            if self._sounds:
                next_at = await self._sound(client, inbox, loop.time(), next_at)
            if self._failure is not None:
                raise self._failure
            if not self._fetching:
                backoff.reset()
            try:
                async with asyncio.timeout_at(next_at):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _wanted(self) -> tuple[str, ...]:
        """What is fetched at the beginning; NO_SYMBOL stands for the list of symbols."""
        return self._only or (NO_SYMBOL, *self._books)

    def _lose_all(self) -> None:
        self._is_listed = bool(self._only)
        self._fetching.clear()
        self._asked.clear()
        for book in self._books.values():
            book.current = False

    async def _ask(self, client: BulkClient, inbox: str, now: float) -> float | None:
        """Ask for each snapshot whose time has come. Returns when the next one is due."""
        for symbol, fetching in [*self._fetching.items()]:
            if fetching.ask_at <= now:
                self._asked.pop(fetching.asking, None)
                self._questions += 1
                fetching.asking = self._questions
                fetching.pages.clear()
                # what came before the question is in its answer
                fetching.waiting.clear()
                fetching.ask_at = now + ANSWER_SECONDS + random.uniform(0, SPREAD_SECONDS)
                self._asked[fetching.asking] = symbol
                reply = f"{inbox}.{fetching.asking}"
                await client.publish(snapshot_subject(symbol), reply=reply)
        return min((fetching.ask_at for fetching in self._fetching.values()), default=None)

    async def _sound(
        self, client: BulkClient, inbox: str, now: float, next_at: float | None
    ) -> float:
        """Ask how far market data is, if it is time. Returns when to go on.

        NATS hands its answer over behind the updates that were published before it.
        """
        if self._sound_at <= now:
            for question in [each for each, what in self._asked.items() if what == _POSITION]:
                del self._asked[question]  # nobody has answered
            self._sound_at = now + SOUNDING_SECONDS
            self._questions += 1
            self._asked[self._questions] = _POSITION
            reply = f"{inbox}.{self._questions}"
            await client.publish(snapshot_subject(NO_SYMBOL), reply=reply)
        return self._sound_at if next_at is None else min(self._sound_at, next_at)

    def _take_position(self, question: int, answer: SymbolList) -> None:
        """The books have all up to there, if none of them is being fetched."""
        del self._asked[question]
        if self.is_complete and answer.event_seq:
            self.position = answer.event_seq

    def _fetch(self, symbol: str, why: str, *, at_once: bool = False) -> _Fetching:
        """Have a symbol fetched, soon; unless it is being fetched."""
        if symbol in self._fetching:
            return self._fetching[symbol]
        book = self._books.get(symbol)
        if book is not None:
            book.current = False
        if why:
            _log.warning("book_is_fetched_again", symbol=symbol, why=why)
        delay = 0.0 if at_once else random.uniform(0, SPREAD_SECONDS)
        fetching = _Fetching(asyncio.get_running_loop().time() + delay)
        self._fetching[symbol] = fetching
        self._wake.set()
        return fetching

    def _take_update(self, subject: bytes, _head: bytes, payload: bytes) -> None:
        symbol = subject.decode().split(".")[1]
        try:
            self._apply(symbol, _UPDATES.decode(payload))
        except msgspec.MsgspecError as error:
            self._fetch(symbol, f"an update cannot be read: {error}")
        except Exception as error:  # of `changed`: run() raises it
            self._fail(error)

    def _apply(self, symbol: str, message: OrderByOrder) -> None:
        fetching = self._fetching.get(symbol)
        if fetching is None and symbol not in self._books:
            fetching = self._fetch(symbol, "", at_once=True)
        if fetching is None:
            book = self._books[symbol]
            try:
                update = book.apply(message)
            except BookBroken as broken:
                fetching = self._fetch(symbol, str(broken))
            else:
                if update is not None:
                    self._changed(symbol, update)
                return
        fetching.waiting.append(message)
        if len(fetching.waiting) > WAITING_MAX:
            fetching.waiting.clear()

    def _take_answer(self, subject: bytes, head: bytes, payload: bytes) -> None:
        try:
            if not head:  # else: nobody listens to the question
                self._heard_at = asyncio.get_running_loop().time()
            question = int(subject.rpartition(b".")[2])
            symbol = self._asked.get(question)
            if symbol is None or head:  # of an earlier question; or nobody answers now
                return
            match _ANSWERS.decode(payload):
                case SymbolList() as answer if symbol == _POSITION:
                    self._take_position(question, answer)
                case SymbolList() as answer:
                    self._take_symbols(answer)
                case Snapshot() as page:
                    self._take_page(symbol, page)
                case NoSnapshot() as refusal:
                    _log.warning("no_snapshot", symbol=symbol, error=refusal.error)
        except msgspec.MsgspecError as error:
            _log.warning("answer_cannot_be_read", subject=subject, error=str(error))
        except Exception as error:
            self._fail(error)

    def _take_symbols(self, answer: SymbolList) -> None:
        self._end(NO_SYMBOL)
        self._is_listed = True
        for symbol in answer.symbols:
            book = self._books.get(symbol)
            if symbol not in self._fetching and not (book is not None and book.current):
                self._fetch(symbol, "", at_once=True)

    def _take_page(self, symbol: str, page: Snapshot) -> None:
        fetching = self._fetching[symbol]
        fetching.pages.append(page)
        fetching.ask_at = asyncio.get_running_loop().time() + ANSWER_SECONDS
        if len(fetching.pages) == page.pages:
            self._end(symbol)
            self._begin(symbol, fetching)

    def _end(self, symbol: str) -> None:
        self._asked.pop(self._fetching.pop(symbol).asking, None)

    def _begin(self, symbol: str, fetching: _Fetching) -> None:
        """Begin a book with its snapshot, and go on with the updates that waited for it."""
        try:
            book = FollowedBook(fetching.pages)
        except BookBroken as broken:
            self._fetch(symbol, f"a snapshot is wrong: {broken}")
            return
        self.fetched += 1
        self._books[symbol] = book
        self._changed(symbol, book.everything())
        for message in fetching.waiting:
            self._apply(symbol, message)

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
        self._wake.set()
