"""Texts of the entries of MarketDataSnapshotFullRefresh(W) and MarketDataIncrementalRefresh(X).

Pure. The members of an entry stand in the order of the FIX 4.4 dictionary: clients end a group at
a member out of place. Prices and quantities have the instrument's decimals, so that a client takes
its checksum from the text as it came.
"""

from typing import NamedTuple

from venue.clock import utc_timestamp
from venue.marketdata.messages import (
    Action,
    AnyTrade,
    Definition,
    OrderChange,
    PriceLevel,
    PublicOrder,
    Trade,
    TradeBusted,
)

NEW, CHANGE, DELETE = Action.NEW.value, Action.CHANGE.value, Action.DELETE.value
BID, OFFER, TRADE, VOLUME = "0", "1", "2", "B"
STATISTICS = {
    "4": "open",
    "5": "close",
    "7": "high",
    "8": "low",
    "9": "vwap",
    VOLUME: "volume",
}
"""MDEntryType -> the attribute of Statistics that it is."""


class Entries(NamedTuple):
    """Entries of a group: how many they are, and their text."""

    number: int
    text: str

    @classmethod
    def of(cls, texts: list[str]) -> "Entries":
        """Those texts in a row."""
        return cls(len(texts), "".join(texts))

    def then(self, others: "Entries") -> "Entries":
        """These, and others behind them."""
        return Entries(self.number + others.number, self.text + others.text)


NOTHING = Entries(0, "")


class Numbers:
    """Decimals of one instrument's prices and quantities; without a definition, as they come."""

    def __init__(self, definition: Definition | None) -> None:
        self._price = 0 if definition is None else definition.price_decimals
        self._quantity = 0 if definition is None else definition.quantity_decimals

    def price(self, text: str) -> str:
        """A price with its decimals."""
        return _padded(text, self._price)

    def quantity(self, text: str) -> str:
        """A quantity with its decimals."""
        return _padded(text, self._quantity)


def _padded(text: str, decimals: int) -> str:
    if not decimals:
        return text
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(decimals, '0')}"


# --- of W


def shown_level(
    kind: str, level: PriceLevel, numbers: Numbers, place: int, *, text: str, seq: str
) -> str:
    """A price level of a snapshot. place: from 1, the best; seq: RptSeq(83), or nothing."""
    return (
        f"269={kind}\x01270={numbers.price(level.price)}\x01271={numbers.quantity(level.quantity)}"
        f"\x01346={level.orders}\x01290={place}\x01{text}{seq}"
    )


def shown_order(
    kind: str, order: PublicOrder, numbers: Numbers, place: int, *, text: str, seq: str
) -> str:
    """An order of a snapshot. place: from 1, the first to trade on its side."""
    return (
        f"269={kind}\x01270={numbers.price(order.price)}\x01271={numbers.quantity(order.quantity)}"
        f"\x0137={order.id}\x01290={place}\x01{text}{seq}"
    )


def shown_statistic(kind: str, value: str, numbers: Numbers, *, text: str, seq: str) -> str:
    """The last trade's price, or one of STATISTICS."""
    return f"269={kind}\x01{_number(kind, value, numbers)}{text}{seq}"


# --- of X


def changed_level(
    action: str, kind: str, symbol: str, level: PriceLevel, numbers: Numbers, seq: str
) -> str:
    """A price level that is new, has changed, or is gone: then only its price is said."""
    head = f"279={action}\x01269={kind}\x0155={symbol}\x01270={numbers.price(level.price)}\x01"
    if action == DELETE:
        return head + seq
    return f"{head}271={numbers.quantity(level.quantity)}\x01346={level.orders}\x01{seq}"


def changed_order(symbol: str, change: OrderChange, numbers: Numbers, seq: str) -> str:
    """One step of the book order by order."""
    kind = BID if change.side.value == "1" else OFFER
    return (
        f"279={change.action}\x01269={kind}\x01278={change.id}\x0155={symbol}\x01"
        f"270={numbers.price(change.price)}\x01271={numbers.quantity(change.quantity)}\x01"
        f"37={change.id}\x01{seq}"
    )


def changed_trade(symbol: str, trade: AnyTrade, numbers: Numbers, seq: str) -> str:
    """A trade; a bust deletes it, as an error; a correction changes it."""
    match = trade.match_id
    if isinstance(trade, Trade):
        head = f"279={NEW}\x01269={TRADE}\x01278={match}\x01"
    elif isinstance(trade, TradeBusted):
        head = f"279={DELETE}\x01285=1\x01269={TRADE}\x01278={match}\x01280={match}\x01"
    else:
        head = f"279={CHANGE}\x01269={TRADE}\x01278={match}\x01280={match}\x01"
    date, _, time = utc_timestamp(trade.timestamp_ns).partition("-")
    return (
        f"{head}55={symbol}\x01270={numbers.price(trade.price)}\x01"
        f"271={numbers.quantity(trade.quantity)}\x01272={date}\x01273={time}\x01{seq}"
    )


def changed_statistic(
    action: str, kind: str, symbol: str, value: str, numbers: Numbers, seq: str
) -> str:
    """One of STATISTICS that is new, has changed, or is gone with its day."""
    head = f"279={action}\x01269={kind}\x0155={symbol}\x01"
    return head + ("" if action == DELETE else _number(kind, value, numbers)) + seq


def _number(kind: str, value: str, numbers: Numbers) -> str:
    if kind == VOLUME:
        return f"271={numbers.quantity(value)}\x01"
    return f"270={numbers.price(value)}\x01"


__all__ = [
    "BID",
    "CHANGE",
    "DELETE",
    "NEW",
    "NOTHING",
    "OFFER",
    "STATISTICS",
    "TRADE",
    "VOLUME",
    "Entries",
    "Numbers",
    "changed_level",
    "changed_order",
    "changed_statistic",
    "changed_trade",
    "shown_level",
    "shown_order",
    "shown_statistic",
]
