"""The gateway's application in this process, with nothing behind it: for what is decided before.

FIX, NATS and PostgreSQL are away: what gets as far as there is answered 503.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tests.gateway.users import PASSWORD
from venue.clearing.database import ledger_engine
from venue.clearing.documents.business_days import BusinessDays
from venue.clearing.portfolio.lots import Method
from venue.gateway.application import application
from venue.gateway.callers import Callers
from venue.gateway.context import Gateway
from venue.gateway.history import History
from venue.gateway.holdings import HoldingsOfMembers
from venue.gateway.hub import Hub, Topic
from venue.gateway.idempotency import Idempotency
from venue.gateway.logins import Logins
from venue.gateway.markets import Markets
from venue.gateway.readings import Readings
from venue.gateway.scopes import Scope
from venue.gateway.sessions import Sessions
from venue.gateway.store import Store
from venue.gateway.switches import Switches
from venue.gateway.tokens import Tokens
from venue.gateway.trading_facts import TradingFacts
from venue.gateway.users import Users
from venue.gateway.withdrawals import Withdrawals

NOWHERE = "nats://127.0.0.1:1"
ALL = frozenset(Scope)


class Http:
    """Asks an application in a loop of its own, as from an address."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop, address: str) -> None:
        self.app = app
        self.loop = loop
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://gateway")

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """What is answered."""
        asked = self._client.request(method, path, **more)
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result(30)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        """DELETE."""
        return self.request("DELETE", path, **more)


class InProcess:
    """gateway: its parts. http: asks its application. logins_told: users and families told."""

    def __init__(self, gateway: Gateway, http: Http) -> None:
        self.gateway = gateway
        self.http = http
        self.logins_told: list[tuple[str, Any]] = []
        gateway.hub.listen(Topic.LOGINS, "*", lambda of, news: self.logins_told.append((of, news)))

    def add(self, name: str, member: str = "ALPHA", scopes: frozenset[Scope] = ALL) -> None:
        """Add a user."""
        self.gateway.users.add(name, member, scopes, PASSWORD, time.time_ns())

    def token(self, name: str, password: str = PASSWORD, **more: str) -> dict[str, Any]:
        """What a login answers."""
        form = {"grant_type": "password", "username": name, "password": password, **more}
        found = self.http.post("/oauth/token", data=form)
        assert found.status_code == 200, found.text
        told: dict[str, Any] = found.json()
        return told

    def headers(self, name: str, **more: str) -> dict[str, str]:
        """Headers with a new access token."""
        return {"Authorization": f"Bearer {self.token(name, **more)['access_token']}"}


@contextmanager
def in_process(directory: Path, *, takes_demo: bool = False) -> Iterator[InProcess]:
    """The application over a store in this directory."""
    store = Store(directory / "gateway.db")
    hub = Hub()
    users = Users(store, takes_demo=takes_demo)
    tokens = Tokens(store, users, lambda user, family: hub.tell(Topic.LOGINS, user, family))
    tokens.open(time.time_ns())
    engine = ledger_engine("postgresql://127.0.0.1:1/none")
    sessions = Sessions(_nowhere, {"ALPHA": ("ALPHA-API", "x"), "BRAVO": ("BRAVO-API", "x")})
    readings, facts = Readings(engine), TradingFacts(directory)
    gateway = Gateway(
        store=store,
        users=users,
        tokens=tokens,
        callers=Callers(store, users, tokens),
        sessions=sessions,
        switches=Switches(sessions),
        markets=Markets(NOWHERE),
        readings=readings,
        idempotency=Idempotency(store),
        hub=hub,
        logins=Logins(store, users, tokens, hub),
        history=History(NOWHERE),
        facts=facts,
        holdings=HoldingsOfMembers(engine, readings, facts, Method.FIFO, BusinessDays()),
        withdrawals=Withdrawals(store),
        takes_registrations=True,
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield InProcess(gateway, Http(application(gateway), loop, "127.0.0.1"))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    engine.dispose()
    store.close()


def _nowhere() -> tuple[str, int]:
    raise ConnectionError("there is no venue")
