"""The gateway's application in this process, with nothing behind it: for what is decided before.

FIX, NATS and PostgreSQL are away: what gets as far as there is answered 503.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

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


class InProcess:
    """gateway: its parts. http: asks its application. logins_told: users and families told."""

    def __init__(self, gateway: Gateway, http: TestClient) -> None:
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
    with TestClient(
        application(gateway), raise_server_exceptions=False, client=("127.0.0.1", 50000)
    ) as http:
        yield InProcess(gateway, http)
    engine.dispose()
    store.close()


def _nowhere() -> tuple[str, int]:
    raise ConnectionError("there is no venue")
