"""What all orders of a member and account in one instrument share."""

from venue.domain.instruments import Instrument
from venue.risk.exposure import Use
from venue.risk.funds import Purse


class Standing:
    """The counters and purses of one member and account in one instrument.

    uses: counters of the account, if the orders name one, and of the member. cash and holding: the
    purses that trades move.
    """

    __slots__ = ("cash", "holding", "instrument", "uses")

    def __init__(
        self, instrument: Instrument, uses: tuple[Use, ...], cash: Purse, holding: Purse
    ) -> None:
        self.instrument = instrument
        self.uses = uses
        self.cash = cash
        self.holding = holding
