"""Clients that are written for Kraken, pointed at a venue: ccxt, ccxt.pro, and a plain socket."""

import random
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import ccxt
import ccxt.pro
import httpx
from websockets.sync.client import ClientConnection, connect

from tests.fix_client import FixClient
from tests.fix_message import cancel, new_order, replace
from tests.gateway.kraken_reader import Book, read
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for

PACE = {"rateLimit": 8}
"""Milliseconds of a public call, and a third of those of a private one: within the limits."""
STEPS_OF_AN_UPDATE = 4
Key = dict[str, Any]
Sides = list[list[tuple[Decimal, Decimal]]]
"""Bids and asks, the best first, as price and quantity."""


def make_key(http: httpx.Client, who: dict[str, str], *scopes: str) -> Key:
    """A key for the profile, with its secret."""
    wanted = {"scopes": list(scopes), "profile": "kraken"}
    found = http.post("/v1/keys", json=wanted, headers=who)
    assert found.status_code == 201, found.text
    told: Key = found.json()
    return told


def url_of(http: httpx.Client) -> str:
    """Where the venue is."""
    return str(http.base_url).rstrip("/")


def socket_url(http: httpx.Client) -> str:
    """The same for WebSocket."""
    return url_of(http).replace("http", "ws", 1)


def ccxt_of(http: httpx.Client, key: Key, **more: Any) -> Any:
    """ccxt's client of Kraken: nothing is changed but addresses and keys."""
    urls = {"api": {"public": url_of(http), "private": url_of(http)}}
    keys = {"apiKey": key["key"], "secret": key["secret"]}
    return ccxt.kraken({**keys, "urls": urls, **PACE, **more})


def ccxt_pro_of(http: httpx.Client, key: Key, kind: Any = ccxt.pro.kraken, **more: Any) -> Any:
    """ccxt.pro's client of Kraken, likewise; or a kind of it."""
    sockets = socket_url(http)
    private = f"{sockets}/auth/v2"
    ws = {"publicV2": f"{sockets}/v2", "privateV2": private, "private": private}
    urls = {"api": {"public": url_of(http), "private": url_of(http), "ws": ws}}
    keys = {"apiKey": key["key"], "secret": key["secret"]}
    return kind({**keys, "urls": urls, **PACE, **more})


class Wire:
    """A socket to the venue, and what has come on it and nobody has waited for yet."""

    def __init__(self, http: httpx.Client, path: str = "/v2") -> None:
        self._url = f"{socket_url(http)}{path}"
        self._open = ExitStack()
        self.inbox: list[dict[str, Any]] = []
        self._number = 0

    def __enter__(self) -> "Wire":
        self._socket: ClientConnection = self._open.enter_context(connect(self._url))
        return self

    def __exit__(self, *what: object) -> None:
        self._open.close()

    def send(self, text: str) -> None:
        """Send a message as it is."""
        self._socket.send(text)

    def ask(self, method: str, params: str = "{}") -> dict[str, Any]:
        """The answer to a request whose parameters are this JSON."""
        self._number += 1
        self.send(f'{{"method":"{method}","params":{params},"req_id":{self._number}}}')
        return self.next(req_id=str(self._number))

    def next(self, **wanted: str) -> dict[str, Any]:
        """The next message with these fields; others stay. Raises TimeoutError."""
        seen = 0
        while True:
            for message in self.inbox[seen:]:
                if all(message.get(name) == value for name, value in wanted.items()):
                    self.inbox.remove(message)
                    return message
            seen = len(self.inbox)
            self.inbox.append(read(self._socket.recv(timeout=15)))


def ladder(fix: FixClient, symbol: str, middle: str, levels: int, quantity: str, name: str) -> None:
    """So many levels on each side of a price, a cent apart."""
    cents = round(float(middle) * 100)
    for step in range(1, levels + 1):
        for side, price in (("1", cents - step), ("2", cents + step)):
            cl_ord_id = f"{name}{side}{step}"
            fix.send("D", new_order(cl_ord_id, side, quantity, f"{price / 100:.2f}", symbol))
            fix.expect_report(cl_ord_id, "0")


def bravo_of(venue: RunningVenue) -> FixClient:
    """BRAVO, logged on over FIX; its orders stay when it logs out."""
    fix = venue.client("BRAVO")
    fix.logon(extra=[(9001, "N")])
    return fix


def flow(http: httpx.Client, fix: FixClient, steps: int) -> None:
    """Orders in BTC-USD that enter, trade, change and go, near the middle of the book.

    Behind a few of them an update is waited for: else all of them would be in one or two.
    """
    told = sequence(http)
    chance = random.Random(17)
    live: list[tuple[str, str]] = []
    for step in range(steps):
        cl_ord_id, side = f"f{step}", chance.choice("12")
        cents = 5_000_000 + chance.randint(-15, 15)
        price, quantity = f"{cents / 100:.2f}", f"0.{chance.randint(1, 99_999_999):08}"
        if not live or chance.random() < 0.5:
            fix.send("D", new_order(cl_ord_id, side, quantity, price, "BTC-USD"))
        else:
            orig, side = live.pop(chance.randrange(len(live)))
            request = (
                ("F", cancel(cl_ord_id, orig, side, "BTC-USD"))
                if chance.random() < 0.5
                else ("G", replace(cl_ord_id, orig, side, quantity, price, "BTC-USD"))
            )
            fix.send(*request)
        answer = fix.expect(lambda m, name=cl_ord_id: m.get(11) == name)  # type: ignore[misc]
        if answer.get(39) in ("0", "1"):
            live.append((cl_ord_id, side))
        if step % STEPS_OF_AN_UPDATE == 0:
            wait_for(lambda before=told: sequence(http) > before)  # type: ignore[misc]
            told = sequence(http)


def sequence(http: httpx.Client) -> int:
    """The number of the last update of BTC-USD."""
    return int(http.get("/v1/instruments/BTC-USD/book").json()["sequence"])


def sides(http: httpx.Client, depth: int) -> Sides:
    """Bids and asks of BTC-USD as price and quantity, by the venue's own REST."""
    told = http.get("/v1/instruments/BTC-USD/book", params={"depth": depth}).json()
    return [[(Decimal(p), Decimal(q)) for p, q, _ in told[side]] for side in ("bids", "asks")]


def exact(book: Book) -> Sides:
    """The same, as a reader has it."""
    return [
        [(price, Decimal(book.sides[side][price][1])) for price in book.best(side)]
        for side in ("bids", "asks")
    ]
