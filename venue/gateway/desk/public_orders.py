"""Which of the public orders is one's own: by market data's key, which never leaves this process.

Knows the key's file. To be asked only of orders that are the caller's.
"""

from pathlib import Path

from venue.gateway.markets import Markets
from venue.marketdata.public_ids import PublicIds


class PublicOrders:
    """The public ids of orders. key_file: market data makes it at its first start."""

    def __init__(self, key_file: Path, markets: Markets) -> None:
        self._key_file = key_file
        self._markets = markets
        self._ids: PublicIds | None = None

    def id_of(self, symbol: str, order_id: str) -> str:
        """The public id of an order; empty: it is not known yet. Raises OSError."""
        status = self._markets.ticker(symbol).status
        if status is None:
            return ""
        if self._ids is None:
            if not self._key_file.exists():
                return ""
            self._ids = PublicIds(self._key_file.read_bytes())
        self._ids.trading_day = status.trading_day
        return self._ids.of(order_id)
