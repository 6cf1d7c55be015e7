"""One side of a book summed up, for asking of many orders whether it has enough for them. Pure.

Says what `OrderBook.available` says, for the cost of one walk and a look for each order: who fills
a book and has many orders wait for it must not have everybody wait for their product.
"""

from bisect import bisect_right

from venue.book.book_side import BookSide
from venue.book.price_level import RestingOrder


class _Own:
    """What one self-match key has on the side: places of its levels, and its lots up to each.

    first: place of its first order; ahead: lots that are had before that one.
    """

    __slots__ = ("ahead", "first", "lots", "places")

    def __init__(self, first: int, ahead: int) -> None:
        self.first = first
        self.ahead = ahead
        self.places: list[int] = []
        self.lots: list[int] = []

    def add(self, place: int, lots: int) -> None:
        if self.places and self.places[-1] == place:
            self.lots[-1] += lots
        else:
            self.lots.append(lots + (self.lots[-1] if self.lots else 0))
            self.places.append(place)


class Depth:
    """A side as it was when this was made. A place is a price, counted upwards from the best."""

    __slots__ = ("_lots", "_own", "_places", "_side")

    def __init__(self, side: BookSide) -> None:
        self._side = side
        self._places: list[int] = []
        self._lots: list[int] = []
        self._own: dict[str, _Own] = {}
        whole = 0
        for level in side.levels():
            place = side.place_of(level.price_ticks)
            before, shown = whole, 0
            for resting in level:
                key = resting.self_match_key
                if key is not None:
                    own = self._own.get(key)
                    if own is None:
                        own = self._own[key] = _Own(place, before + shown)
                    own.add(place, resting.leaves_lots)
                shown += resting.shown_lots
                whole += resting.leaves_lots
            self._places.append(place)
            self._lots.append(whole)

    def has_all_of(self, aggressor: RestingOrder, skip_own: bool) -> bool:
        """Whether `match` would fill all that an order has left; skip_own: see `available`."""
        wanted = aggressor.leaves_lots
        limit = self._side.place_of(aggressor.price_ticks)
        own = None
        if aggressor.self_match_key is not None:
            own = self._own.get(aggressor.self_match_key)
        if own is None or own.first > limit:
            return _up_to(self._places, self._lots, limit) >= wanted
        if skip_own:
            others = _up_to(self._places, self._lots, limit) - _up_to(own.places, own.lots, limit)
            return others >= wanted
        return own.ahead >= wanted


def _up_to(places: list[int], lots: list[int], limit: int) -> int:
    within = bisect_right(places, limit)
    return lots[within - 1] if within else 0
