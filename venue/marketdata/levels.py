"""Price levels of both sides of one book, and the checksum of the best of them.

Pure. The same for the venue, which has the orders, and for a reader who follows its updates, so
that both come to the same numbers.
"""

import zlib
from bisect import bisect_left, insort
from decimal import Decimal

from venue.marketdata.day_totals import EXACT, decimal_text
from venue.marketdata.messages import PriceLevel

CHECKSUM_LEVELS = 10
_ZERO = Decimal(0)


class _Level:
    """The orders at one price: what they show in all, and how many they are."""

    __slots__ = ("digits", "orders", "price", "quantity", "row")

    def __init__(self, price: Decimal) -> None:
        self.price = price
        self.quantity = _ZERO
        self.orders = 0
        self.row: PriceLevel | None = None
        self.digits: bytes | None = None

    def add(self, quantity: Decimal, orders: int) -> None:
        self.quantity = EXACT.add(self.quantity, quantity)
        self.orders += orders
        self.row = self.digits = None

    def shown(self) -> PriceLevel:
        row = self.row
        if row is None:
            price, quantity = decimal_text(self.price), decimal_text(self.quantity)
            row = self.row = PriceLevel(price, quantity, self.orders)
        return row


class _Side:
    """Levels of one side. A key is the price, of asks its negative: the best level's is largest.

    Levels come and go near the best, so few keys have to move.
    """

    __slots__ = ("_is_bid", "_keys", "_levels")

    def __init__(self, is_bid: bool) -> None:
        self._is_bid = is_bid
        self._keys: list[Decimal] = []
        self._levels: dict[Decimal, _Level] = {}

    def add(self, price: Decimal, quantity: Decimal, orders: int) -> None:
        level = self._levels.get(price)
        if level is None:
            level = self._levels[price] = _Level(price)
            insort(self._keys, self._key(price))
        level.add(quantity, orders)
        if level.orders == 0:
            assert level.quantity == 0, f"quantity {level.quantity} without an order at {price}"
            del self._levels[price]
            del self._keys[bisect_left(self._keys, self._key(price))]

    def best(self, limit: int) -> list[_Level]:
        keys = self._keys[: -limit - 1 : -1]
        if not self._is_bid:
            keys = [key.copy_negate() for key in keys]
        return [self._levels[key] for key in keys]

    def at(self, price: Decimal) -> _Level | None:
        return self._levels.get(price)

    def best_price(self) -> Decimal | None:
        return self._key(self._keys[-1]) if self._keys else None

    def forget_digits(self) -> None:
        for level in self._levels.values():
            level.digits = None

    def _key(self, price: Decimal) -> Decimal:
        return price if self._is_bid else price.copy_negate()


class Levels:
    """Both sides of one book. Quantities and prices are exact."""

    def __init__(self) -> None:
        self._bids, self._asks = _Side(True), _Side(False)
        self._decimals: tuple[int, int] | None = None

    def set_decimals(self, price: int, quantity: int) -> None:
        """The instrument's decimals, in which the checksum counts."""
        if self._decimals != (price, quantity):
            self._decimals = (price, quantity)
            self._bids.forget_digits()
            self._asks.forget_digits()

    def add(self, is_bid: bool, price: Decimal, quantity: Decimal, orders: int) -> None:
        """Add so many orders of `quantity` in all, or take them away where both are negative."""
        (self._bids if is_bid else self._asks).add(price, quantity, orders)

    @property
    def crossed(self) -> bool:
        """Whether the best bid reaches the best ask."""
        bid, ask = self._bids.best_price(), self._asks.best_price()
        return bid is not None and ask is not None and bid >= ask

    def bids(self, limit: int) -> tuple[PriceLevel, ...]:
        """At most `limit` bid levels, the highest price first."""
        return tuple(level.shown() for level in self._bids.best(limit))

    def asks(self, limit: int) -> tuple[PriceLevel, ...]:
        """At most `limit` ask levels, the lowest price first."""
        return tuple(level.shown() for level in self._asks.best(limit))

    def at(self, is_bid: bool, price: Decimal) -> PriceLevel | None:
        """The level of one price, if there is one."""
        level = (self._bids if is_bid else self._asks).at(price)
        return None if level is None else level.shown()

    def checksum(self) -> int:
        """CRC-32 (zlib, unsigned) of the ten best asks, lowest first, then the ten best bids.

        Of each level its price, then its quantity: as text with the instrument's decimals, without
        the point and without zeros in front. It is Kraken's checksum of its aggregated books.
        """
        best = self._asks.best(CHECKSUM_LEVELS) + self._bids.best(CHECKSUM_LEVELS)
        return zlib.crc32(b"".join([self._digits(level) for level in best]))

    def _digits(self, level: _Level) -> bytes:
        digits = level.digits
        if digits is None:
            price_decimals, quantity_decimals = self._decimals or (None, None)
            text = fixed(level.price, price_decimals) + fixed(level.quantity, quantity_decimals)
            digits = level.digits = text.encode()
        return digits


def fixed(number: Decimal, decimals: int | None) -> str:
    """A number with so many decimals, no point, no zeros in front; None: with those it needs."""
    if decimals is None:
        return decimal_text(number).replace(".", "").lstrip("0")
    return str(int(number.scaleb(decimals, EXACT))).lstrip("0")
