"""Whose phase counts: the venue's is the default of all markets, and one may have its own.

Knows the codes of the phases only. Pure.
"""

from venue.domain.types import Phase


def phase_of_market(venue: Phase, own: Phase | None) -> Phase:
    """A market's own phase, where it has one and the venue trades; else the venue's.

    So a halt lasts over the end and the start of a day, and says nothing in between.
    """
    return venue if own is None or venue is not Phase.CONTINUOUS else own
