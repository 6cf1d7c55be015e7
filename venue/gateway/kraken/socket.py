"""One connection of Kraken's WebSocket v2: what it asks is done, what it has subscribed to told.

One task reads, one writes, one says that the connection lives. Who does not read what he is told
is cut off: nothing is left out for him.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from venue.gateway.callers import Caller
from venue.gateway.hub import Topic
from venue.gateway.kraken.errors import Refused, refused
from venue.gateway.kraken.profile import Kraken
from venue.gateway.kraken.public import system_of
from venue.gateway.kraken.requests import Request, answer, read_request
from venue.gateway.problems import Problem

WAITING_MAX = 2_000
"""Messages that may wait to be sent."""
AT_ONCE = 32
"""Requests of one socket that may be under way."""
SUBSCRIPTIONS_MAX = 500
HEARTBEAT_SECONDS = 1.0
CLOSE_SECONDS = 5.0
CHECKS_EVERY = 5
"""Heartbeats after which it is asked whether the keys that were shown are still good."""
TRY_LATER, POLICY_VIOLATION = 1013, 1008
"""Close codes (RFC 6455, and its registry)."""
_HEARTBEAT = b'{"channel":"heartbeat"}'
_connections = itertools.count(1)
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("gateway")
Does = Callable[["Socket", Request], Coroutine[Any, Any, None]]


class Socket:
    """One connection. say() may be called by whoever has something to tell."""

    def __init__(self, websocket: WebSocket, kraken: Kraken, does: dict[str, Does]) -> None:
        self.kraken = kraken
        self._websocket = websocket
        self._does = does
        self.address = websocket.client.host if websocket.client is not None else ""
        self.subscriptions: dict[tuple[object, ...], Callable[[], None]] = {}
        """What ends each, by channel and what it is of."""
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING_MAX)
        self._under_way: set[asyncio.Task[None]] = set()
        self._shown: dict[str, Caller] = {}
        """Who has shown a token here, by key."""
        self._ends: list[Callable[[], None]] = []
        self._ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._said = 0

    def say(self, message: bytes) -> None:
        """Have a message sent. Ends the connection where too many wait."""
        self._said += 1
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.end(TRY_LATER, "what it is told is not read in time")

    def end(self, code: int, why: str) -> None:
        """End the connection, soon."""
        if not self._ended.done():
            self._ended.set_result((code, why))

    def caller(self, request: Request) -> Caller:
        """Who has sent a request, by its token. Raises Refused, Problem."""
        caller = self.kraken.entrance.by_token(request.params.get("token"), time.time_ns())
        if caller.key not in self._shown:
            self._shown[caller.key] = caller
            listen = self.kraken.gateway.hub.listen
            self._ends.append(listen(Topic.LOGINS, caller.user.name, self._hear_logins))
        return caller

    async def run(self) -> None:
        """Serve it to its end."""
        await self._websocket.accept()
        self.say(_status(self.kraken))
        tasks = [asyncio.create_task(work) for work in (self._read(), self._write(), self._live())]
        try:
            waited: set[asyncio.Future[Any]] = {*tasks, self._ended}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, *self._under_way):
                task.cancel()
            for end in (*self.subscriptions.values(), *self._ends):
                end()
            await asyncio.gather(*tasks, *self._under_way, return_exceptions=True)
        if self._ended.done() and self._websocket.client_state is WebSocketState.CONNECTED:
            code, why = self._ended.result()
            _log.info("socket_ended", address=self.address, why=why)
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(code, why)
        for task in tasks:
            _tell_mistake(task)

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text") or (message.get("bytes") or b"").decode("utf-8", "replace")
            try:
                request = read_request(text)
            except Refused as error:
                self.say(answer(Request(), error=error.on_socket()))
                continue
            if len(self._under_way) >= AT_ONCE:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(self._do(request))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _do(self, request: Request) -> None:
        """Do what is asked, or say why not."""
        try:
            self.kraken.entrance.count(self.address)
            does = self._does.get(request.method)
            if does is None:
                raise Refused("Unsupported method", request.method)
            await does(self, request)
        except Refused as error:
            self.say(answer(request, error=error.on_socket()))
        except Problem as problem:
            self.say(answer(request, error=refused(problem).on_socket()))
        except Exception as error:  # a mistake of ours costs one request, and is said
            _log.error("request_failed", method=request.method, exc_info=error)
            self.say(answer(request, error="EGeneral:Internal error"))

    async def _write(self) -> None:
        while True:
            message = await self._waiting.get()
            await self._websocket.send_text(message.decode())

    async def _live(self) -> None:
        """A heartbeat in each second in which nothing else was said; keys are asked after."""
        for beat in itertools.count(1):
            said = self._said
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if self.subscriptions and said == self._said:
                self.say(_HEARTBEAT)
            if beat % CHECKS_EVERY == 0 and not all(
                map(self.kraken.entrance.is_good, self._shown.values())
            ):
                self.end(POLICY_VIOLATION, "its key has ended")

    def _hear_logins(self, user: str, family: str) -> None:
        """A login of the user has ended; where all have, so has this."""
        if not family:
            self.end(POLICY_VIOLATION, "its user may not log in")


def _status(kraken: Kraken) -> bytes:
    told = {
        "version": "2.0.0",
        "system": system_of(kraken),
        "api_version": "v2",
        "connection_id": next(_connections),
    }
    return _encode({"channel": "status", "type": "update", "data": [told]})


def _tell_mistake(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect):
        _log.error("socket_failed", exc_info=error)
