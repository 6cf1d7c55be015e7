"""The last message of each symbol and kind: numbers the next one, and knows what was said already.

Pure.
"""

from typing import Any, NamedTuple, TypeVar

from venue.domain.codec import encode
from venue.marketdata.messages import (
    KINDS,
    ORDER_BY_ORDER,
    AnyMarketData,
    BestBidOffer,
    Depth,
    MarketData,
    OrderByOrder,
)

_POSITION_FIELDS = frozenset(MarketData.__struct_fields__)
_CONTENT: dict[type[MarketData], tuple[str, ...]] = {
    kind: tuple(name for name in kind.__struct_fields__ if name not in _POSITION_FIELDS)
    for kind in KINDS
}
# The checksum is of more levels than these two have, and no reason to say them again.
_CONTENT |= {Depth: ("bids", "asks"), BestBidOffer: ("bid", "ask")}

M = TypeVar("M", bound=MarketData)


class Publication(NamedTuple):
    """One message for md.<symbol>.<kind>. number: its trade's event_seq; 0: it is no trade."""

    symbol: str
    kind: str
    payload: bytes
    trade: int = 0


class LastValues:
    """What was published last."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], AnyMarketData] = {}

    def take_up(self, message: AnyMarketData) -> None:
        """Go on behind a message of an earlier run."""
        self._last[message.symbol, KINDS[type(message)]] = message

    def all(self) -> tuple[AnyMarketData, ...]:
        """The last message of each symbol and kind."""
        return tuple(self._last.values())

    def of(self, symbol: str, kind: type[M]) -> M | None:
        """The last message of that kind; None: there is none."""
        last = self._last.get((symbol, KINDS[kind]))
        return last if isinstance(last, kind) else None

    def content(self, message: MarketData) -> dict[str, Any]:
        """What a message says, without its place among the others."""
        return {name: getattr(message, name) for name in _CONTENT[type(message)]}

    def last_trade(self, symbol: str) -> int:
        """event_seq of the last trade, bust or correction that was published; 0: none was."""
        last = self._last.get((symbol, "trade"))
        return last.event_seq if last is not None else 0

    def update(self, symbol: str) -> int:
        """Number of the symbol's last update."""
        last = self._last.get((symbol, ORDER_BY_ORDER))
        return last.seq if last is not None else 0

    def epoch(self) -> int:
        """The latest epoch of any symbol."""
        return max((m.epoch for m in self._last.values() if isinstance(m, OrderByOrder)), default=0)

    def next(
        self, kind: type[M], symbol: str, event_seq: int, timestamp_ns: int, content: dict[str, Any]
    ) -> M:
        """The message with this content, numbered behind the last one of its kind."""
        last = self._last.get((symbol, KINDS[kind]))
        return kind(
            event_seq=event_seq,
            timestamp_ns=timestamp_ns,
            symbol=symbol,
            seq=last.seq + 1 if last is not None else 1,
            **content,
        )

    def says(self, message: MarketData) -> bool:
        """Whether the last message of its kind has the same content."""
        last = self._last.get((message.symbol, KINDS[type(message)]))
        if type(last) is not type(message):
            return False
        names = _CONTENT[type(message)]
        return all(getattr(last, name) == getattr(message, name) for name in names)

    def keep(self, message: AnyMarketData) -> Publication:
        """Count the message as published; the form in which it is."""
        kind = KINDS[type(message)]
        self._last[message.symbol, kind] = message
        return publication(message)


def publication(message: AnyMarketData) -> Publication:
    """A message as it is published."""
    kind = KINDS[type(message)]
    trade = message.event_seq if kind == "trade" else 0
    return Publication(message.symbol, kind, encode(message), trade)
