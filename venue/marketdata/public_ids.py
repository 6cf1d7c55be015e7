"""Public ids of orders: the same order has one id for a trading day, and nobody finds its OrderID.

Pure but for the key's file. A keyed digest, so that a restart gives every order the id that it had.
"""

import os
from hashlib import blake2b
from pathlib import Path

from venue.journal.files import replace

_KEY_BYTES = 32
_ID_BYTES = 8


class PublicIds:
    """The ids of one trading day, of all orders. With another day all ids are others."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key
        self.trading_day = ""

    def of(self, order_id: str) -> str:
        """The public id of an order on the trading day."""
        told = f"{self.trading_day} {order_id}".encode()
        return blake2b(told, key=self._key, digest_size=_ID_BYTES).hexdigest()


def key_in(path: Path) -> bytes:
    """The key in a file of its owner's alone, which is made at the first use. Raises OSError."""
    if not path.exists():
        replace(path, os.urandom(_KEY_BYTES), durably=True)
    return path.read_bytes()
