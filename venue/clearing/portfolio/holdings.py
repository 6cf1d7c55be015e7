"""A member's portfolio as it was read from the ledger. Plain values; knows no database."""

from typing import NamedTuple

from venue.clearing.portfolio.portfolio import Portfolio


class Mark(NamedTuple):
    """The last trade of a symbol, busts left out. price in 10^-8 of the currency: as it was traded,
    or what that has come to by splits since."""

    symbol: str
    asset: str
    currency: str
    event_seq: int
    match_id: str
    price: int


class Held(NamedTuple):
    """What the ledger has for an account and asset, in 10^-8. unsettled: still to come, signed."""

    settled: int = 0
    unsettled: int = 0


class Holdings(NamedTuple):
    """Of one member at one event: positions, marks by symbol, balances by account and asset."""

    event_seq: int
    portfolio: Portfolio
    marks: dict[str, Mark]
    balances: dict[tuple[str, str], Held]
