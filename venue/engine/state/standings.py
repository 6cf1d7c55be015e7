"""What all orders of a member and account in one instrument share."""

from venue.domain.fee_terms import FeeTerms
from venue.domain.instruments import Instrument
from venue.risk.exposure import Use
from venue.risk.funds import Purse


class Standing:
    """The counters, purses and fees of one member and account in one instrument.

    uses: counters of the account, if the orders name one, and of the member. cash and holding: the
    purses that trades move. fees: what their fills cost; None: by the instrument's fee_bps.
    """

    __slots__ = ("cash", "fees", "holding", "instrument", "uses")

    def __init__(
        self,
        instrument: Instrument,
        uses: tuple[Use, ...],
        cash: Purse,
        holding: Purse,
        fees: FeeTerms | None = None,
    ) -> None:
        self.instrument = instrument
        self.uses = uses
        self.cash = cash
        self.holding = holding
        self.fees = fees
