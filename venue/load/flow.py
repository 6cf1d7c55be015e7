"""One session's requests: which comes next, and which of its orders it can still cancel or replace.

Pure: randomness comes in. Bids rest below the reference price and offers above it; an order that
is to cross is priced through all of the other side, for as much as one order there has.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from venue.domain.instruments import Instrument
from venue.load.mix import Mix

LEVELS = 20
LOTS = 10
NEW, CANCEL, REPLACE = b"D", b"F", b"G"


class Quote(NamedTuple):
    """An instrument as bytes: its symbol, a quantity, and the prices of each side (0 bid, 1 offer).

    resting[side] are prices from the reference outwards, crossing[side] one that trades for sure.
    """

    symbol: bytes
    quantity: bytes
    resting: tuple[tuple[bytes, ...], tuple[bytes, ...]]
    crossing: tuple[bytes, bytes]


class OpenOrder(NamedTuple):
    """What a cancel or a replace of an order has to repeat. side: 0 buy, 1 sell."""

    quote: Quote
    side: int


class Request(NamedTuple):
    """A message to send: MsgType, ClOrdID, body from ClOrdID(11) on, and the order it leads to."""

    msg_type: bytes
    cl_ord_id: bytes
    body: bytes
    order: OpenOrder | None


def quote_of(instrument: Instrument, levels: int = LEVELS) -> Quote:
    """Prices around the reference price, a tick apart, `levels` on each side."""

    def price(offset: int) -> bytes:
        return instrument.price_text(instrument.reference_ticks + offset).encode()

    return Quote(
        instrument.symbol.encode(),
        instrument.qty_text(LOTS).encode(),
        (
            tuple(price(-offset) for offset in range(1, levels + 1)),
            tuple(price(offset) for offset in range(1, levels + 1)),
        ),
        (price(levels), price(-levels)),
    )


class Flow:
    """random: 0 <= x < 1. prefix: what tells this run's ClOrdIDs from those of earlier ones."""

    def __init__(
        self,
        mix: Mix,
        quotes: Iterable[Quote],
        random: Callable[[], float],
        prefix: str,
        transact_time: str,
    ) -> None:
        self._quotes = tuple(quotes)
        self._random = random
        self._prefix = prefix.encode()
        self._tail = b"\x0160=%b\x01" % transact_time.encode()
        self._new_below = mix.new / 100
        self._cancel_below = (mix.new + mix.cancel) / 100
        self._cross_below = mix.cross / 100
        self._last_number = 0
        self._open: dict[bytes, OpenOrder] = {}
        self._oldest: deque[bytes] = deque()

    def next_request(self) -> Request:
        """The next message; a new order where there is nothing to cancel or replace."""
        self._last_number += 1
        cl_ord_id = b"%b%d" % (self._prefix, self._last_number)
        kind = self._random()
        if kind >= self._new_below:
            target = self._take_oldest()
            if target is not None:
                if kind < self._cancel_below:
                    return self._cancel(cl_ord_id, *target)
                return self._replace(cl_ord_id, *target)
        return self._new(cl_ord_id)

    def accepted(self, cl_ord_id: bytes, order: OpenOrder) -> None:
        """The order is open under this ClOrdID."""
        self._open[cl_ord_id] = order
        self._oldest.append(cl_ord_id)

    def filled(self, cl_ord_id: bytes) -> None:
        """The order is open no more."""
        self._open.pop(cl_ord_id, None)

    def take_over(self, other: "Flow") -> None:
        """Go on with the orders that another flow of the session has open."""
        self._open, self._oldest = other._open, other._oldest

    @property
    def open_orders(self) -> int:
        """Orders that can be canceled or replaced."""
        return len(self._open)

    def _take_oldest(self) -> tuple[bytes, OpenOrder] | None:
        """The oldest order that is open and has no request under way; it has one from now on."""
        oldest = self._oldest
        while oldest:
            cl_ord_id = oldest.popleft()
            order = self._open.pop(cl_ord_id, None)
            if order is not None:
                return cl_ord_id, order
        return None

    def _new(self, cl_ord_id: bytes) -> Request:
        quote = self._quotes[int(self._random() * len(self._quotes))]
        side = 1 if self._random() < 0.5 else 0
        if self._random() < self._cross_below:
            price = quote.crossing[side]
        else:
            prices = quote.resting[side]
            price = prices[int(self._random() * len(prices))]
        body = b"11=%b\x0155=%b\x0154=%d\x0138=%b\x0140=2\x0144=%b%b" % (
            cl_ord_id, quote.symbol, side + 1, quote.quantity, price, self._tail,
        )  # fmt: skip
        return Request(NEW, cl_ord_id, body, OpenOrder(quote, side))

    def _cancel(self, cl_ord_id: bytes, orig: bytes, order: OpenOrder) -> Request:
        quote, side = order
        body = b"11=%b\x0141=%b\x0155=%b\x0154=%d\x0138=%b%b" % (
            cl_ord_id, orig, quote.symbol, side + 1, quote.quantity, self._tail,
        )  # fmt: skip
        return Request(CANCEL, cl_ord_id, body, None)

    def _replace(self, cl_ord_id: bytes, orig: bytes, order: OpenOrder) -> Request:
        quote, side = order
        prices = quote.resting[side]
        price = prices[int(self._random() * len(prices))]
        body = b"11=%b\x0141=%b\x0155=%b\x0154=%d\x0138=%b\x0140=2\x0144=%b%b" % (
            cl_ord_id, orig, quote.symbol, side + 1, quote.quantity, price, self._tail,
        )  # fmt: skip
        return Request(REPLACE, cl_ord_id, body, order)
