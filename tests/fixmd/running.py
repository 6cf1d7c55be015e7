"""A whole venue whose market data is read over FIX, orders that move it, and its own books."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.fix_client import FixClient
from tests.fix_message import cancel, new_order, replace
from tests.fixmd.client_book import BID, OFFER, ClientBook
from tests.fixmd.simplefix_reader import SimplefixReader
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.processes import FIX_MARKETDATA
from venue.settings.files import shipped

SYMBOLS = ("ACME", "GLOBEX", "INITECH", "UMBRELLA")
BUY, SELL = "1", "2"
IN_VENUE_DIALECT = ("BRAVO-MD", "CHARLIE-MD")
_SMALL = "SocketSendBufferSize=8192\n"
"""So that little has to be sent before what a client does not read waits with the venue."""


def configuration(directory: Path) -> Path:
    """The shipped one, with sessions in the venue dialect and small queues; its venue.toml."""
    directory.mkdir(parents=True, exist_ok=True)
    text = shipped("venue.toml").read_text()
    for name in IN_VENUE_DIALECT:
        head = f'comp_id = "{name}"\n'
        assert head in text
        text = text.replace(head, f'{head}dialect = "venue"\n')
    text = text.replace("queue_kib = 256 ", "queue_kib = 16 ")
    (directory / "venue.toml").write_text(text)
    sessions = shipped("sessions.cfg").read_text().replace("[DEFAULT]\n", f"[DEFAULT]\n{_SMALL}")
    (directory / "sessions.cfg").write_text(sessions)
    return directory / "venue.toml"


@contextmanager
def venue_with_readers(directory: Path) -> Iterator[RunningVenue]:
    """It runs, and its market data has been followed to the end."""
    with RunningVenue(directory / "data", configuration(directory / "config")) as venue:
        yield venue


def address(venue: RunningVenue) -> tuple[str, int]:
    """Where sessions of market data log on."""
    return venue.address_of(FIX_MARKETDATA.name)


def reader_client(venue: RunningVenue, session: str) -> FixClient:
    """A session of market data, once its port accepts; not logged on yet."""
    client = FixClient(address(venue), session)

    def accepts() -> bool:
        try:
            client.connect()
        except OSError:
            return False
        client.close()
        return True

    wait_for(accepts, 60)
    return client


class Flow:
    """Two members who trade in all symbols at random, over FIX."""

    def __init__(self, venue: RunningVenue, seed: int) -> None:
        self.random = Random(seed)
        self.clients = [venue.client("ALPHA"), venue.client("BRAVO")]
        try:
            for client in self.clients:
                client.logon(extra=[(9001, "N")])
        except BaseException:
            for client in self.clients:  # else who is on already could not come again
                client.close()
            raise
        self._seed = seed
        self._count = 0
        self._open: list[tuple[FixClient, str, str, str]] = []

    def act(self, times: int) -> None:
        """So many requests; returns when all are answered."""
        for _ in range(times):
            self._one()
        for client in self.clients:
            name = f"done-{self._seed}-{self._count}-{client.sender}"
            client.send("1", [(112, name)])
            _wait_for_answer(client, name)
            client.inbox.clear()

    def log_out(self) -> None:
        """Their orders stay."""
        for client in self.clients:
            client.logout()

    def _one(self) -> None:
        random = self.random
        self._count += 1
        name = f"{self._seed}-{self._count}"
        what = random.random()
        if self._open and what < 0.35:
            client, before, side, symbol = self._open.pop(random.randrange(len(self._open)))
            if what < 0.2:
                client.send("F", cancel(name, before, side, symbol))
            else:
                qty = str(random.randint(1, 50))
                client.send("G", replace(name, before, side, qty, self._price(side), symbol))
                self._open.append((client, name, side, symbol))
            return
        client, side = random.choice(self.clients), random.choice((BUY, SELL))
        symbol = random.choice(SYMBOLS)
        extra = [(111, "5")] if random.random() < 0.2 else []
        qty = str(random.randint(10, 50))
        client.send("D", new_order(name, side, qty, self._price(side), symbol, extra=extra))
        self._open.append((client, name, side, symbol))

    def _price(self, side: str) -> str:
        """Mostly a price that rests, now and then one that trades."""
        away = self.random.randint(-3, 20)
        ticks = 10_000 - away if side == BUY else 10_000 + away
        return f"{ticks / 100:.2f}"


def _wait_for_answer(client: FixClient, name: str) -> None:
    client.expect(lambda message: message.msg_type == "0" and message.get(112) == name, 60)


def engine_book(venue: RunningVenue, symbol: str) -> dict[str, list[tuple[float, float, int]]]:
    """Bids and asks as trading has them: price, quantity, orders, the best first."""
    told = venue.json("book", symbol, "--depth", "1000")
    return {
        kind: [
            (float(price), float(quantity), int(orders)) for price, quantity, orders in told[key]
        ]
        for kind, key in ((BID, "bids"), (OFFER, "asks"))
    }


def shown_book(book: ClientBook) -> dict[str, list[tuple[float, float, int]]]:
    """The same, as a client has built it by levels."""
    return {
        kind: [
            (float(price), float(quantity), book.levels[kind][price][1])
            for price, quantity in book.best(kind)
        ]
        for kind in (BID, OFFER)
    }


def equals_the_engine(venue: RunningVenue, reader: SimplefixReader, *names: str) -> None:
    """Read until each book by levels, of the requests of these names, is what trading has."""
    for symbol in SYMBOLS:
        wanted = engine_book(venue, symbol)
        for name in names:
            _read_until_equal(reader, reader.books[name, symbol], wanted)


def _read_until_equal(
    reader: SimplefixReader, book: ClientBook, wanted: dict[str, list[tuple[float, float, int]]]
) -> None:
    reader.wait_for(lambda: shown_book(book) == wanted)


__all__ = [
    "SYMBOLS",
    "Flow",
    "address",
    "engine_book",
    "equals_the_engine",
    "reader_client",
    "shown_book",
    "venue_with_readers",
]
