"""A core without an edge: requests go in, what it would send comes out; queues are made up."""

from collections import defaultdict
from collections.abc import Callable

from tests.fix_message import Field, frame
from tests.fixmd.client_book import ClientBook
from tests.fixmd.market import Markets
from venue.domain.outgoing import Outgoing
from venue.domain.types import Side
from venue.fix.fields import field_list
from venue.fix.frame import Frame
from venue.fixmd.core import MarketDataCore
from venue.fixmd.reader import Bounds
from venue.marketdata.followed_book import Update

BOUNDS = Bounds(conflate_bytes=1000, most_bytes=4000, slow_seconds=30.0, subscriptions=600)
EVERYTHING = "0124578" + "9B"
ALPHA, BRAVO = "ALPHA-MD", "BRAVO-MD"


def market_data_request(
    request_id: str,
    *symbols: str,
    way: str = "1",
    depth: str = "0",
    update_type: str = "1",
    aggregated: str = "Y",
    types: str = "01",
    extra: tuple[Field, ...] = (),
) -> list[Field]:
    """Body of a MarketDataRequest(V)."""
    return [
        *((262, request_id), (263, way), (264, depth), (265, update_type), (266, aggregated)),
        (267, str(len(types))),
        *((269, each) for each in types),
        (146, str(len(symbols))),
        *((55, symbol) for symbol in symbols),
        *extra,
    ]


def request_frame(session: str, msg_type: str, body: list[Field]) -> Frame:
    """A message as the edge hands it in."""
    header = [(35, msg_type), (34, "2"), (49, session), (52, "20261129-10:00:00"), (56, "VENUE")]
    return Frame(frame([*header, *body]))


class Desk:
    """The core, and an edge that keeps what is put. unread: bytes in each session's queue."""

    def __init__(self, *symbols: str, venue_dialect: tuple[str, ...] = ()) -> None:
        self.markets = Markets(*symbols)
        self.unread: dict[str, int] = defaultdict(int)
        self.ended: dict[str, str] = {}
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.now = 1000.0
        self.is_busy = False
        self.later: list[Callable[[], None]] = []
        self.core = MarketDataCore(
            self,
            self.markets,
            BOUNDS,
            lambda: frozenset(venue_dialect),
            self._soon,
            lambda: self.now,
        )

    def _soon(self, send: Callable[[], None]) -> None:
        self.later.append(send)

    # --- as DataEdge

    def put(self, message: Outgoing, *, again: bool = False, noted: bool = True) -> int:
        self.sent[message.session].append(message.text)
        return 1

    def flush(self) -> None:
        """Nothing to do."""

    def unread_bytes(self, session: str) -> int:
        return self.unread[session]

    def end(self, session: str, text: str) -> None:
        self.ended[session] = text

    def take_again(self, session: str, number: int, frame: Frame) -> None:
        self.core.received(session, number, frame)

    # --- for tests

    def log_on(self, session: str) -> None:
        self.core.logged_on(session, reset=False)

    def request(self, session: str, msg_type: str, body: list[Field]) -> None:
        """Send a request."""
        self.core.received(session, 2, request_frame(session, msg_type, body))

    def ask(self, session: str, msg_type: str, body: list[Field]) -> list[dict[str, str]]:
        """Send a request; what it is answered, each by tag."""
        self.request(session, msg_type, body)
        return self.taken(session)

    def subscribe(self, session: str, *symbols: str, **how: str) -> list[dict[str, str]]:
        return self.ask(session, "V", market_data_request(how.pop("id", "r1"), *symbols, **how))  # type: ignore[arg-type]

    def change(self, symbol: str, update: Update | None = None) -> None:
        """Something happens in a market."""
        self.core.changed(symbol, update or self.markets.markets[symbol].at_random())
        if not self.is_busy:
            self.go_on()

    def subscribe_and_take(self, session: str, client: ClientBook) -> None:
        """Subscribe to ACME as that client keeps it."""
        how = {"depth": str(client.depth), "types": EVERYTHING}
        body = market_data_request("r1", "ACME", **how)  # type: ignore[arg-type]
        self.request(session, "V", body)
        self.give(session, client)

    def give(self, session: str, client: ClientBook) -> int:
        """Give a client what was sent. Returns how many books of it were conflated."""
        conflated = 0
        for text in self.texts(session):
            (_, msg_type), *fields = field_list(text)
            client.take(msg_type, fields)
            conflated += "58=CONFLATED=" in text
        return conflated

    def go_on(self) -> None:
        """Do what was put off."""
        later, self.later = self.later, []
        for send in later:
            send()

    def texts(self, session: str) -> list[str]:
        """What was sent since it was asked last."""
        texts, self.sent[session] = self.sent[session], []
        return texts

    def taken(self, session: str) -> list[dict[str, str]]:
        """The same, by tag: the first where one repeats."""
        return [dict(reversed(field_list(text))) for text in self.texts(session)]


def quoted(desk: Desk, symbol: str = "ACME") -> None:
    """A bid and an offer stand in the book."""
    market = desk.markets.markets[symbol]
    bid, offer = market.new(Side.BUY, "99.00", "1"), market.new(Side.SELL, "101.00", "2")
    desk.change(symbol, market.update(bid, offer))
