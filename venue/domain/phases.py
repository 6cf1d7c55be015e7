"""Whose phase counts: the venue's is the default of all markets, and one may have its own.

Knows the codes of the phases only. Pure.
"""

from venue.domain.types import Phase


def phase_of_market(venue: Phase, own: Phase | None, closed: bool = False) -> Phase:
    """A market's own phase, where it has one and the venue trades; else the venue's.

    So a halt lasts over the end and the start of a day, and says nothing in between. closed: the
    hours of its group are over; then it says nothing either.
    """
    if venue is not Phase.CONTINUOUS:
        return venue
    if closed:
        return Phase.CLOSED
    return venue if own is None else own
