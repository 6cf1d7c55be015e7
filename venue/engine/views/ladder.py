"""The ladder of a book for reading: price levels of one side as text, best first."""

from venue.book.book_side import BookSide
from venue.domain.instruments import Instrument
from venue.domain.overview import LadderLevel


def levels(side: BookSide, instrument: Instrument, depth: int) -> list[LadderLevel]:
    """At most `depth` price levels from the best outwards."""
    rows: list[LadderLevel] = []
    for level in side.levels():
        if len(rows) == depth:
            break
        price, quantity = level.price_ticks, level.lots
        rows.append((instrument.price_text(price), instrument.qty_text(quantity), level.count))
    return rows
