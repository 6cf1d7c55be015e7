"""What the ledger is asked of a member's positions, and what it answers. Plain values."""

from typing import NamedTuple

from venue.clearing.portfolio.holdings import Holdings, Mark


class HeldWanted(NamedTuple):
    """member: whose. through: the ledger has to have come so far.

    at_ns: as of this time; None: of event `through`. before_ns: prior marks are of this time.
    """

    member: str
    through: int
    at_ns: int | None
    before_ns: int


class HeldNow(NamedTuple):
    """holdings, and the marks before them by symbol."""

    holdings: Holdings
    prior: dict[str, Mark]


class HeldUnknown(Exception):
    """The ledger does not say; the text is for whoever asks."""
