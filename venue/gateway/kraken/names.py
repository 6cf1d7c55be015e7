"""Names of pairs and assets as Kraken has them: ACME in USD is ACMEUSD, over WebSocket ACME/USD.

Knows the definitions of instruments. The venue's own names are taken too.
"""

from collections.abc import Mapping
from typing import NamedTuple

from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.kraken.errors import UNKNOWN_PAIR, Refused
from venue.gateway.markets import InstrumentTold, Markets
from venue.marketdata.followed_book import Update


class Fees(NamedTuple):
    """Rates of an instrument for makers and takers, in 1/100 % of the value."""

    maker_bps: str
    taker_bps: str


NO_FEES = Fees("0", "0")


class Pair(NamedTuple):
    """An instrument as a pair. name: of WebSocket. Decimals: of prices and of quantities."""

    symbol: str
    id: str
    name: str
    base: str
    quote: str
    price_decimals: int
    quantity_decimals: int
    tick_size: str
    least_quantity: str


class Pairs:
    """The pairs of all instruments that are known now."""

    def __init__(self, markets: Markets, hub: Hub, fees: Mapping[str, Fees]) -> None:
        """fees: by symbol; who is not there pays none."""
        self._markets = markets
        self._fees = fees
        self._by_symbol: dict[str, Pair] = {}
        self._by_name: dict[str, Pair] = {}
        self._is_old = True
        hub.listen(Topic.MARKET, EVERYBODY, self._changed)

    def all(self) -> list[Pair]:
        """All pairs, by symbol. Raises Problem AWAY."""
        self._markets.require_all()
        self._refresh()
        return list(self._by_symbol.values())

    def of(self, name: object) -> Pair:
        """The pair of any of its names. Raises Refused; Problem AWAY."""
        self._refresh()
        found = self._by_name.get(name) if isinstance(name, str) else None
        if found is None:
            self._markets.require_all()
            raise Refused(UNKNOWN_PAIR, f"{name} is not traded here")
        return found

    def of_symbol(self, symbol: str) -> Pair | None:
        """The pair of an instrument; None: nothing is known of it."""
        self._refresh()
        return self._by_symbol.get(symbol)

    def named(self, names: str) -> list[Pair]:
        """Pairs of names with commas between them; all where there are none. Raises as `of`."""
        return [self.of(name) for name in names.split(",")] if names else self.all()

    def assets(self) -> list[str]:
        """All assets and currencies. Raises Problem AWAY."""
        return sorted({asset for pair in self.all() for asset in (pair.base, pair.quote)})

    def fees(self, pair: Pair) -> Fees:
        """What an order of a member without a schedule of its own pays."""
        return self._fees.get(pair.symbol, NO_FEES)

    def _changed(self, symbol: str, update: Update) -> None:
        if update.definition is not None:
            self._is_old = True

    def _refresh(self) -> None:
        if not self._is_old:
            return
        self._by_symbol, self._by_name = {}, {}
        for told in self._markets.instruments():
            pair = _pair(told, self._by_name)
            self._by_symbol[pair.symbol] = pair
            for name in (pair.id, pair.name, pair.symbol):
                self._by_name.setdefault(name, pair)
        self._is_old = False


def _pair(told: InstrumentTold, taken: Mapping[str, Pair]) -> Pair:
    """The pair of an instrument; of two with the same assets the later is called by its symbol."""
    own_id, own_name = f"{told.asset}{told.currency}", f"{told.asset}/{told.currency}"
    is_free = own_id not in taken and own_name not in taken
    return Pair(
        told.symbol,
        own_id if is_free else told.symbol,
        own_name if is_free else told.symbol,
        told.asset,
        told.currency,
        told.price_decimals,
        told.quantity_decimals,
        told.tick_size,
        told.lot_size,
    )
