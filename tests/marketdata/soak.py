"""A day's flow through market data, every checksum compared with the engine's own book.

Usage: python -m tests.marketdata.soak [--hours 24] [--per-second 10] [--seed N]

The clock is the flow's: 24 hours pass as fast as the machine can. Readers join at any moment and
leave. `test_readers_against_engine` plays some hundred commands of it in the suite.
"""

import argparse
import random
import time

from venue.marketdata.feed import Feed
from venue.marketdata.public_ids import PublicIds

from .random_venue import SYMBOLS, RandomVenue
from .readers import KEY, Reader, engines_book, naive_checksum, readers_book

READERS = 4
JOINS, LEAVES = 0.01, 0.0005
"""Chance that a reader joins, or one leaves for ever, with each command."""
_SECOND_NS = 10**9
_TOLD_EVERY = 50_000


def soak(hours: float, per_second: float, seed: int) -> dict[str, int]:
    """Commands, updates that readers took in, checksums compared, and readers there have been.

    Raises AssertionError where a book or a checksum is not the engine's.
    """
    chance = random.Random(seed)
    venue = RandomVenue(seed, step_ns=int(_SECOND_NS / per_second))
    feed, ids = Feed(key=KEY, epoch=1), PublicIds(KEY)
    readers: list[Reader] = []
    told = {"commands": 0, "updates": 0, "checksums": 0, "readers": 0, "snapshots": 0}
    gone = 0
    for events in venue.run(int(hours * 3600 * per_second)):
        told["commands"] += 1
        for event in events:
            feed.apply(event)
        publications = feed.take()
        ids.trading_day = venue.engine.state.trading_day
        changed = {each.symbol for each in publications}
        for reader in readers:
            reader.hear(publications, feed)
            reader.heard.clear()
            if reader.symbol in changed:
                told["updates"] += 1
                told["checksums"] += _compared(reader, venue, ids)
        if len(readers) < READERS and chance.random() < JOINS:
            symbol = chance.choice([*SYMBOLS])
            if feed.published(symbol):
                readers.append(Reader(symbol))
                readers[-1].join(feed)
                told["readers"] += 1
        if readers and chance.random() < LEAVES:
            gone += readers.pop(chance.randrange(len(readers))).snapshots
        if told["commands"] % _TOLD_EVERY == 0:
            print(f"{time.strftime('%H:%M:%S')} {told}", flush=True)
    told["snapshots"] = gone + sum(reader.snapshots for reader in readers)
    return told


def _compared(reader: Reader, venue: RandomVenue, ids: PublicIds) -> int:
    """Compare a reader's book and its checksum with the engine's book; how many were compared."""
    assert reader.book is not None and reader.book.definition is not None
    book = readers_book(reader.book)
    assert book == engines_book(venue.engine.state.markets[reader.symbol], ids)
    definition = reader.book.definition
    decimals = definition.price_decimals, definition.quantity_decimals
    assert reader.book.checksum == naive_checksum(book, *decimals)
    return 1


def main() -> None:
    """Play it, and say what it has come to."""
    parser = argparse.ArgumentParser(prog="python -m tests.marketdata.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--per-second", type=float, default=10, help="commands")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 100_000)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    told = soak(arguments.hours, arguments.per_second, arguments.seed)
    print(f"{told['checksums']} checksums right; {told}")


if __name__ == "__main__":
    main()
