"""Kraken's WebSocket v2 as its documentation has it, read with eyes of its own: exact text, CRC-32.

Knows nothing of the venue. Numbers stay the text that they were.
"""

import json
import zlib
from decimal import Decimal
from typing import Any

LEVELS = 10
"""Of each side that the checksum counts."""


def read(message: str | bytes) -> dict[str, Any]:
    """A message, its numbers as text."""
    found: dict[str, Any] = json.loads(message, parse_float=str, parse_int=str)
    return found


class Book:
    """A book of a depth, from a snapshot and updates."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.sides: dict[str, dict[Decimal, tuple[str, str]]] = {"bids": {}, "asks": {}}
        self.messages = 0

    def take(self, message: dict[str, Any]) -> None:
        """Take the next message of the channel; its checksum has to be that of the book then."""
        (told,) = message["data"]
        assert (message["type"] == "snapshot") == (self.messages == 0)
        self.messages += 1
        for name, levels in self.sides.items():
            prices = [level["price"] for level in told[name]]
            assert len(set(prices)) == len(prices), "a price comes twice"
            for level in told[name]:
                price, quantity = Decimal(level["price"]), level["qty"]
                levels.pop(price, None)
                if Decimal(quantity):
                    levels[price] = (level["price"], quantity)
            for price in self.best(name)[self.depth :]:
                del levels[price]
        best_bid, best_ask = self.best("bids")[:1], self.best("asks")[:1]
        assert not best_bid or not best_ask or best_bid < best_ask, "it is crossed"
        assert str(self.checksum()) == told["checksum"], f"message {self.messages}"

    def best(self, side: str) -> list[Decimal]:
        """The prices of a side, the best first."""
        return sorted(self.sides[side], reverse=side == "bids")

    def checksum(self) -> int:
        """Of ten asks, then ten bids: price and quantity without point and zeros in front."""
        levels = [
            self.sides[side][price]
            for side in ("asks", "bids")
            for price in self.best(side)[:LEVELS]
        ]
        digits = [text.replace(".", "").lstrip("0") for level in levels for text in level]
        return zlib.crc32("".join(digits).encode())
