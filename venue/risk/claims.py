"""What the plan of a settlement cycle is made of. Plain values in whole numbers."""

from typing import NamedTuple

from venue.domain.instruments import Instrument


class Claim(NamedTuple):
    """A net obligation that is due: quantity in 10^-8 of the asset, amount of the currency.

    Above zero it comes to the member. cycles: in how many it has failed. due: ISO date.
    """

    member: str
    account: str
    symbol: str
    due: str
    asset: str
    currency: str
    quantity: int
    amount: int
    cycles: int


class Planned(NamedTuple):
    """What settles of a claim, signed as it is. cause: why not all of it does; "": all does."""

    claim: Claim
    quantity: int
    amount: int
    cause: str
    short_of: str


class Price(NamedTuple):
    """The price at which what is left is valued."""

    instrument: Instrument
    ticks: int

    @property
    def lot_units(self) -> int:
        """One lot in 10^-8 of the asset."""
        return self.instrument.lot_units

    def value(self, units: int) -> int:
        """Of a quantity in 10^-8 of the asset, in 10^-8 of the currency; signed as it is."""
        return self.instrument.value_of_units(self.ticks, units)
