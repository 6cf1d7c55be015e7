"""A client's side of the channels `book` and `trades`, by docs/GATEWAY.md alone."""

import copy
import json
import zlib
from decimal import Decimal
from typing import Any

Level = tuple[str, str, int]


class NumberedClient:
    """Takes a channel's messages; each update has to follow the last message."""

    def __init__(self) -> None:
        self.epoch, self.number = "", 0
        self.snapshots = 0

    def take(self, said: dict[str, Any]) -> None:
        is_snapshot = said["type"].endswith(".snapshot")
        if is_snapshot:
            self.snapshots += 1
        else:
            assert said["number"] == self.number + 1, f"{said} behind {self.number}"
            assert said["epoch"] == self.epoch
        self.epoch, self.number = said["epoch"], said["number"]
        self.apply(said, is_snapshot)

    def apply(self, said: dict[str, Any], is_snapshot: bool) -> None:
        raise NotImplementedError


class BookClient(NumberedClient):
    """Levels by price."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[str, dict[str, Level]] = {"bids": {}, "asks": {}}
        self.decimals = (0, 0)
        self.checksum = self.sequence = 0
        self.depth = 0

    def apply(self, said: dict[str, Any], is_snapshot: bool) -> None:
        if is_snapshot:
            self.levels = {"bids": {}, "asks": {}}
            self.decimals = (said["price_decimals"], said["quantity_decimals"])
            self.depth = said["depth"]
        for side, levels in self.levels.items():
            for price, quantity, orders in said[side]:
                if quantity == "0":
                    del levels[price]  # a level that was never there may not go
                else:
                    levels[price] = (price, quantity, orders)
            assert len(levels) <= said["depth"]
        assert said["sequence"] > self.sequence or is_snapshot
        self.checksum, self.sequence = said["checksum"], said["sequence"]
        if self.depth >= 10:
            assert self.own_checksum() == self.checksum, said

    def side(self, side: str) -> list[Level]:
        """Best first."""
        levels = self.levels[side].values()
        return sorted(levels, key=lambda each: Decimal(each[0]), reverse=side == "bids")

    def own_checksum(self) -> int:
        """CRC-32 of the ten best asks, then the ten best bids."""
        text = ""
        for level in self.side("asks")[:10] + self.side("bids")[:10]:
            for number, places in zip(level[:2], self.decimals, strict=True):
                text += f"{Decimal(number):.{places}f}".replace(".", "").lstrip("0")
        return zlib.crc32(text.encode())


class TradesClient(NumberedClient):
    """Trades by match_id, and how often each was heard as an update."""

    def __init__(self) -> None:
        super().__init__()
        self.trades: dict[str, dict[str, Any]] = {}

    def apply(self, said: dict[str, Any], is_snapshot: bool) -> None:
        for trade in said["trades"] if is_snapshot else [said["trade"]]:
            self.trades[trade["match_id"]] = trade


def taken(payload: bytes, *clients: NumberedClient) -> dict[str, Any]:
    """Give a message to whichever client it is for."""
    said: dict[str, Any] = json.loads(payload)
    kinds = {"book": BookClient, "trades": TradesClient}
    kind = kinds.get(said["type"].partition(".")[0])
    for client in clients:
        if kind is not None and isinstance(client, kind):
            client.take(said)
    return said


def kept(client: NumberedClient) -> NumberedClient:
    """The client as it is now, for a later moment."""
    return copy.deepcopy(client)
