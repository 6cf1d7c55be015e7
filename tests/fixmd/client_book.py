"""A client's side of market data: books built from W and X alone, and Kraken's checksum of them.

Written from the rules of engagement, with no line of the venue's: what it finds is a proof.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Field = tuple[str, str]
BID, OFFER = "0", "1"


def entries_of(fields: Sequence[Field], first: str) -> Iterator[dict[str, str]]:
    """The entries of group 268, which begin with the tag `first`, with what stands behind them."""
    entry: dict[str, str] = {}
    for tag, value in fields:
        if tag == first:
            if entry:
                yield entry
            entry = {tag: value}
        elif entry:
            entry[tag] = value
    if entry:
        yield entry


@dataclass
class ClientBook:
    """One symbol by levels or by orders. depth: as it was asked for, 0: all of the book.

    by_order: id -> (price, quantity), in the order in which they have joined.
    """

    depth: int = 0
    is_by_order: bool = False
    levels: dict[str, dict[str, tuple[str, int]]] = field(
        default_factory=lambda: {BID: {}, OFFER: {}}
    )
    by_order: dict[str, dict[str, tuple[str, str]]] = field(
        default_factory=lambda: {BID: {}, OFFER: {}}
    )
    statistics: dict[str, str] = field(default_factory=dict)
    trades: dict[str, tuple[str, str]] = field(default_factory=dict)
    seq: int = 0
    checksum: int | None = None
    snapshots: int = 0

    def take(self, msg_type: str, fields: Sequence[Field]) -> None:
        """Take in a W or an X of this symbol."""
        if msg_type == "W":
            self._begin(list(entries_of(fields, "269")))
        else:
            for entry in entries_of(fields, "279"):
                self._change(entry)
        for tag, value in fields:
            if tag == "83":
                self.seq = int(value)
            elif tag == "5041":
                self.checksum = int(value)
        for side in self.levels.values():
            assert not self.depth or len(side) <= self.depth

    def _begin(self, entries: list[dict[str, str]]) -> None:
        self.snapshots += 1
        self.levels = {BID: {}, OFFER: {}}
        self.by_order = {BID: {}, OFFER: {}}
        self.statistics = {}
        for entry in entries:
            kind = entry["269"]
            if kind not in self.levels:
                if kind != "2":
                    self.statistics[kind] = entry["271" if kind == "B" else "270"]
            elif self.is_by_order:
                self.by_order[kind][entry["37"]] = (entry["270"], entry["271"])
            else:
                assert entry["270"] not in self.levels[kind], "a price comes twice"
                self.levels[kind][entry["270"]] = (entry["271"], int(entry["346"]))

    def _change(self, entry: dict[str, str]) -> None:
        kind, action = entry["269"], entry["279"]
        if kind == "2":
            if action == "2":
                del self.trades[entry["280"]]
            else:
                assert (entry["278"] in self.trades) == (action == "1")
                self.trades[entry["278"]] = (entry["270"], entry["271"])
        elif kind not in self.levels:
            assert (kind in self.statistics) == (action != "0")
            if action == "2":
                del self.statistics[kind]
            else:
                self.statistics[kind] = entry["271" if kind == "B" else "270"]
        elif self.is_by_order:
            orders, name = self.by_order[kind], entry["278"]
            assert (name in orders) == (action != "0")
            if action == "2":
                del orders[name]
            else:
                orders[name] = (entry["270"], entry["271"])
        else:
            levels, price = self.levels[kind], entry["270"]
            assert (price in levels) == (action != "0"), (entry, levels)
            if action == "2":
                del levels[price]
            else:
                levels[price] = (entry["271"], int(entry["346"]))

    def best(self, kind: str) -> list[tuple[str, str]]:
        """Price and quantity of each level of a side, the best first."""
        levels = {price: quantity for price, (quantity, _) in self.levels[kind].items()}
        if self.is_by_order:
            levels = {}
            for price, quantity in self.by_order[kind].values():
                decimals = len(quantity.partition(".")[2])
                total = float(levels.get(price, "0")) + float(quantity)
                levels[price] = f"{total:.{decimals}f}"
        return sorted(levels.items(), key=lambda each: float(each[0]), reverse=kind == BID)

    def own_checksum(self) -> int:
        """CRC-32 of ten asks from the lowest, then ten bids from the highest: price, quantity."""
        text = "".join(
            number.replace(".", "").lstrip("0")
            for kind in (OFFER, BID)
            for level in self.best(kind)[:10]
            for number in level
        )
        return zlib.crc32(text.encode())
