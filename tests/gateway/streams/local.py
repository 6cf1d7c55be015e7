"""The WebSocket alone, in a thread of the test: real sockets and tokens, news from the test."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import uvicorn

from tests.fixmd.market import Market
from venue.domain.types import Side
from venue.gateway.application import application
from venue.gateway.callers import Callers
from venue.gateway.context import Gateway
from venue.gateway.hub import Hub, Topic
from venue.gateway.scopes import Scope
from venue.gateway.sessions import Sessions
from venue.gateway.store import Store
from venue.gateway.streams.opened import open_streams
from venue.gateway.streams.streams import Streams
from venue.gateway.streams.wire import Wire
from venue.gateway.tokens import ACCESS_SECONDS, Issued, Tokens
from venue.gateway.users import User, Users
from venue.servers.ports import free_port

PASSWORD = "a long enough password"
_NS = 1_000_000_000
ALL = frozenset({Scope.READ, Scope.TRADE})


class OneMarket:
    """As `Markets`, of a market that the test moves."""

    def __init__(self) -> None:
        self.market = Market()
        self.is_current = True

    def followed(self, symbol: str) -> Any:
        return self.market.book


class LocalGateway:
    """The parts, of which the test asks in the server's loop with `do`."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.store = Store(directory / "gateway.db")
        self.users = Users(self.store)
        self.tokens = Tokens(self.store, self.users)
        self.tokens.open(time.time_ns())
        self.dana = self.users.add("dana", "ALPHA", ALL, PASSWORD, time.time_ns())
        self.hub, self.markets = Hub(), OneMarket()
        section = {"sockets_per_address": 200, "sockets_per_user": 20, "allowed_origins": ()}
        self._section = SimpleNamespace(**{**section, **settings})
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/v1/stream"
        self.loop = asyncio.new_event_loop()
        self.streams: Streams | None = None

    def token(self, *, user: User | None = None, left_seconds: int = ACCESS_SECONDS) -> str:
        """An access token of a login of its own, that expires in so many seconds."""
        began_ns = time.time_ns() - (ACCESS_SECONDS - left_seconds) * _NS
        who = user or self.dana
        issued: Issued = self.do(
            lambda: self.tokens.begin(who, who.scopes, "", began_ns, refreshes=False)
        )
        return issued.access

    def do(self, what: Callable[[], Any]) -> Any:
        """Do something in the loop; what it gives."""

        async def done() -> Any:
            return what()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(20)

    def step(self) -> None:
        """The best bid changes: books of all depths are told of it."""
        market = self.markets.market

        def change() -> None:
            update = market.update(market.new(Side.BUY, "99.99", "1"))
            self.hub.tell(Topic.MARKET, "ACME", update)

        self.do(change)

    async def serve(self, stop: asyncio.Event) -> None:
        sessions = Sessions(lambda: ("127.0.0.1", 1), {"ALPHA": ("ALPHA-API", "x")})
        gateway = SimpleNamespace(
            store=self.store,
            users=self.users,
            tokens=self.tokens,
            callers=Callers(self.store, self.users, self.tokens),
            sessions=sessions,
            markets=self.markets,
            readings=None,
            hub=self.hub,
            operating=None,
        )
        news = SimpleNamespace(is_connected=True, again=None)
        whole = cast(Gateway, gateway)
        self.streams = open_streams(whole, cast(Any, news), cast(Any, self._section))
        server = uvicorn.Server(
            uvicorn.Config(
                application(whole, self.streams),
                host="127.0.0.1",
                port=self.port,
                log_config=None,
                lifespan="off",
                ws=Wire,
                ws_per_message_deflate=False,
            )
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(self.streams.run(stop))
            group.create_task(server._serve())
            await stop.wait()
            server.should_exit = True


@contextmanager
def local_gateway(directory: Path, **settings: Any) -> Iterator[LocalGateway]:
    """It runs, until the context is left."""
    gateway = LocalGateway(directory, **settings)
    stop = asyncio.Event()
    thread = threading.Thread(
        target=gateway.loop.run_until_complete, args=(gateway.serve(stop),), daemon=True
    )
    thread.start()
    try:
        yield gateway
    finally:
        gateway.loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        assert not thread.is_alive()
        gateway.loop.close()
        gateway.store.close()
