"""What all orders of a member, or of one of its accounts, in one instrument share."""

from venue.domain.instruments import Instrument
from venue.risk.exposure import Use
from venue.risk.funds import Purse


class Standing:
    """uses: counters of its member and account, which its orders are counted in. cash and holding:
    purses that its trades move.
    """

    __slots__ = ("cash", "holding", "instrument", "uses")

    def __init__(
        self, instrument: Instrument, uses: tuple[Use, ...], cash: Purse, holding: Purse
    ) -> None:
        self.instrument = instrument
        self.uses = uses
        self.cash = cash
        self.holding = holding
