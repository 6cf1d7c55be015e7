"""One socket on /v1/stream: takes its requests in order; it has a user, and subscriptions.

Knows the streams and the callers. Whose it is may change once: from nobody's to a user's. When his
token has ended, the member's channels end and the public ones go on; when his login was ended, the
socket is closed.
"""

import time

from starlette.websockets import WebSocket

import venue
from venue.gateway.callers import OF_AN_ADDRESS, Caller
from venue.gateway.context import Gateway
from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope
from venue.gateway.streams.answers import (
    Authenticated,
    Ended,
    Failed,
    Pong,
    Ready,
    Subscribed,
    Unsubscribed,
)
from venue.gateway.streams.entry import OrderEntry
from venue.gateway.streams.feed import Feed, Key
from venue.gateway.streams.messages import Channel
from venue.gateway.streams.public import DEPTH
from venue.gateway.streams.rate import Rate
from venue.gateway.streams.requests import (
    AnyRequest,
    Authenticate,
    Ping,
    Subscribe,
    Unsubscribe,
    id_in,
    request_in,
)
from venue.gateway.streams.sending import Sending
from venue.gateway.streams.streams import PRIVATE, Streams
from venue.gateway.streams.wire import Line

MESSAGE_MAX = 64 * 1024
"""Characters of a request."""
MESSAGES_A_SECOND, MESSAGES_AT_ONCE = 50, 100
REFUSALS_A_SECOND, REFUSALS_AT_ONCE = 5, 100
"""So many requests are refused for their number before the socket is closed."""
WRONG_TOKENS_MAX = 5
SUBSCRIPTIONS_MAX = 200
UNSUPPORTED, POLICY, TOO_LARGE = 1003, 1008, 1009
UNAUTHORIZED = 3000
"""Close codes (RFC 6455, 7.4.1, and IANA's registry)."""


class Socket:
    """line: under the websocket. caller: whose token the handshake had; None: nobody's."""

    def __init__(
        self,
        gateway: Gateway,
        streams: Streams,
        websocket: WebSocket,
        line: Line,
        address: str,
        caller: Caller | None,
    ) -> None:
        self._gateway = gateway
        self._streams = streams
        self._websocket = websocket
        self.address = address
        self._caller = caller
        self._sending = Sending(line, websocket.close, streams.bounds)
        self.outbox, self._say = self._sending.outbox, self._sending.say
        self._feeds: dict[Key, Feed] = {}
        self._rate = Rate(MESSAGES_A_SECOND, MESSAGES_AT_ONCE, time.monotonic)
        self._refusals = Rate(REFUSALS_A_SECOND, REFUSALS_AT_ONCE, time.monotonic)
        self._wrong_tokens = 0
        self._entry = OrderEntry(gateway, self._say, self._fail)

    @property
    def user(self) -> str:
        """Whose it is; empty: nobody's yet."""
        return "" if self._caller is None else self._caller.user.name

    @property
    def member(self) -> str:
        """His member."""
        return "" if self._caller is None else self._caller.member

    @property
    def family(self) -> str:
        """Of his token; empty: of none."""
        return "" if self._caller is None else self._caller.family

    async def run(self) -> None:
        """Serve it to its end."""
        self._streams.add(self)
        try:
            self._say(Ready(version=venue.__version__, user=self.user))
            self._say_stale()
            while (message := await self._websocket.receive())["type"] == "websocket.receive":
                await self._take(message.get("text"))
        finally:
            for feed in self._feeds.values():
                feed.leave(self.outbox)
            self._streams.remove(self)
            self._entry.close()
            await self._sending.stop()

    def _say_stale(self) -> None:
        for stale in self._streams.stale_for(self.member):
            self._say(stale)

    def _fail(self, id_: str, problem: Problem) -> None:
        self._say(
            Failed(
                id=id_,
                code=problem.code.value,
                message=problem.message,
                field=problem.field,
                venue_code=problem.venue_code,
                retry_after=problem.retry_after,
            )
        )

    # What ends

    def look(self, now: float) -> None:
        """End what has expired. now: seconds since 1970."""
        if self._caller is not None and 0 < self._caller.expires <= now:
            for key in [key for key in self._feeds if key.channel in PRIVATE]:
                self._leave(key)
            self._caller = None
            text = "the token has expired: authenticate with the next one, and subscribe again"
            self._say(Ended(code=Code.UNAUTHENTICATED.value, message=text))

    def revoke(self) -> None:
        """The user's login has ended: so does the socket."""
        self.outbox.end(UNAUTHORIZED, "the login has ended")

    # Requests

    async def _take(self, text: str | None) -> None:
        if self.outbox.ending is not None:
            return
        if text is None:
            self.outbox.end(UNSUPPORTED, "messages are text")
        elif len(text) > MESSAGE_MAX:
            self.outbox.end(TOO_LARGE, f"a message has at most {MESSAGE_MAX} characters")
        elif not self._rate.take():
            self._refuse(text)
        else:
            await self._answer(text)
        await self._sending.room()

    def _refuse(self, text: str) -> None:
        said = f"more than {MESSAGES_A_SECOND} messages a second"
        if not self._refusals.take():
            self.outbox.end(POLICY, said)
        self._fail(id_in(text), Problem(Code.TOO_MANY, said, retry_after=1))

    async def _answer(self, text: str) -> None:
        try:
            request = request_in(text)
        except Problem as problem:
            self._fail(id_in(text), problem)
            return
        try:
            await self._do(request)
        except Problem as problem:
            self._fail(request.id, problem)

    async def _do(self, request: AnyRequest) -> None:
        match request:
            case Ping():
                self._say(Pong(id=request.id, time_ns=time.time_ns()))
            case Authenticate():
                self._authenticate(request)
            case Subscribe():
                await self._subscribe(request)
            case Unsubscribe():
                self._unsubscribe(request)
            case _:
                self._entry.take(self._known_caller(), request)

    def _known_caller(self) -> Caller:
        """Who asks, as he may ask now. Raises Problem UNAUTHENTICATED."""
        self.look(time.time())
        caller = self._caller
        if caller is not None and not self._streams.is_good(caller.user.name, caller.family):
            self.revoke()
        if caller is None or self.outbox.ending is not None:
            raise Problem(Code.UNAUTHENTICATED, "it needs an access token: authenticate first")
        return caller

    def _authenticate(self, request: Authenticate) -> None:
        callers = self._gateway.callers
        callers.count(OF_AN_ADDRESS, "address", self.address)
        try:
            caller = callers.bearer(request.token, self.address)
        except Problem:
            self._wrong_tokens += 1
            if self._wrong_tokens >= WRONG_TOKENS_MAX:
                self.outbox.end(UNAUTHORIZED, "too many tokens that are not good")
            raise
        if self._caller is None:
            self._streams.admit_user(caller.user.name)
        elif caller.user.name != self._caller.user.name:
            raise Problem(Code.CONFLICT, "the socket is another user's", field="token")
        self._caller = caller
        self._say(
            Authenticated(
                id=request.id,
                user=caller.user.name,
                member=caller.member,
                scopes=tuple(sorted(caller.scopes)),
                expires=caller.expires,
            )
        )
        self._say_stale()

    async def _subscribe(self, request: Subscribe) -> None:
        key = self._key_of(request)
        if key in self._feeds:
            raise Problem(Code.CONFLICT, "it is subscribed to already", field="channel")
        if len(self._feeds) >= SUBSCRIPTIONS_MAX:
            raise Problem(Code.TOO_MANY, f"more than {SUBSCRIPTIONS_MAX} subscriptions")
        caller = self._caller
        feed = await self._streams.feed(key.channel, key.of, key.depth)
        if key.channel in PRIVATE and (self._caller is None or caller is None):
            raise Problem(Code.UNAUTHENTICATED, "the token has ended meanwhile")
        self._feeds[key] = feed
        joined = feed.join(self.outbox, request.epoch, request.number)
        self._say(
            Subscribed(
                id=request.id,
                channel=key.channel,
                symbol=request.symbol,
                depth=key.depth,
                epoch=feed.epoch,
                number=feed.number,
                resumed=joined.resumed,
            )
        )
        for payload in joined.payloads:
            self.outbox.put(payload)

    def _unsubscribe(self, request: Unsubscribe) -> None:
        key = self._key_of(request)
        if key not in self._feeds:
            raise Problem(Code.NOT_FOUND, "it is not subscribed to", field="channel")
        self._leave(key)
        self._say(
            Unsubscribed(id=request.id, channel=key.channel, symbol=request.symbol, depth=key.depth)
        )

    def _leave(self, key: Key) -> None:
        feed = self._feeds.pop(key)
        feed.leave(self.outbox)
        self.outbox.forget(feed)

    def _key_of(self, request: Subscribe | Unsubscribe) -> Key:
        """What a request names. Raises Problem: UNAUTHENTICATED, FORBIDDEN, BAD_REQUEST."""
        if request.channel not in PRIVATE:
            is_book = request.channel is Channel.BOOK
            depth = request.depth or DEPTH if is_book else request.depth
            return Key(request.channel, request.symbol, depth)
        caller = self._known_caller()
        caller.need(Scope.READ)
        if request.symbol or request.depth:
            raise Problem(Code.BAD_REQUEST, "it is of the member, whole", field="symbol")
        return Key(request.channel, caller.member)
