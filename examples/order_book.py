"""Keeps one symbol's book order by order, compares each checksum, and prints the best prices.

Usage: python examples/order_book.py URL SYMBOL
(what `venue reader add NAME --public` has printed; needs nats-py; by docs/MARKET_DATA.md)
"""

import asyncio
import json
import sys
import zlib
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client


class Book:
    """The orders by id, in the order in which they have joined their queues."""

    def __init__(self, pages: list[dict[str, Any]]) -> None:
        self.epoch, self.seq = pages[0]["epoch"], pages[0]["seq"]
        self.terms = pages[0]["definition"]
        self.orders = {order[0]: order for page in pages for order in page["orders"]}

    def apply(self, update: dict[str, Any]) -> None:
        """Go on to the next update."""
        self.seq = update["seq"]
        self.terms = update["definition"] or self.terms
        for action, name, side, price, quantity in update["changes"]:
            if action == "2":
                del self.orders[name]
            else:
                self.orders[name] = [name, side, price, quantity]

    def levels(self, side: str) -> list[tuple[Decimal, Decimal]]:
        """Prices with what is shown there in all, the best first."""
        found: dict[Decimal, Decimal] = {}
        for _, of_side, price, quantity in self.orders.values():
            if of_side == side:
                found[Decimal(price)] = found.get(Decimal(price), Decimal(0)) + Decimal(quantity)
        return sorted(found.items(), reverse=side == "1")

    def checksum(self) -> int:
        """CRC-32 of the ten best asks, then the ten best bids."""
        text, decimals = "", (self.terms["price_decimals"], self.terms["quantity_decimals"])
        for level in self.levels("2")[:10] + self.levels("1")[:10]:
            for number, places in zip(level, decimals, strict=True):
                text += f"{number:.{places}f}".replace(".", "").lstrip("0")
        return zlib.crc32(text.encode())


async def fetch(client: Client, symbol: str) -> Book:
    """The whole book; asked for again until it comes whole."""
    while True:
        inbox = client.new_inbox()
        answers = await client.subscribe(inbox)
        await client.publish(f"snapshot.{symbol}", reply=inbox)
        try:
            pages = [json.loads((await answers.next_msg(timeout=1)).data)]
            while len(pages) < pages[0]["pages"]:
                pages.append(json.loads((await answers.next_msg(timeout=1)).data))
            return Book(pages)
        except (TimeoutError, KeyError, ValueError) as error:  # not yet, or nobody answers now
            print(f"no snapshot yet: {error!r}", file=sys.stderr)
        finally:
            await answers.unsubscribe()


async def main(url: str, symbol: str) -> None:
    """Follow until the connection ends."""
    client = await nats.connect(url, inbox_prefix=f"_INBOX.{urlsplit(url).username}")
    updates = await client.subscribe(f"md.{symbol}.l3")
    book = await fetch(client, symbol)
    show(book)
    async for message in updates.messages:
        update = json.loads(message.data)
        if update["epoch"] != book.epoch or update["seq"] > book.seq + 1:
            book = await fetch(client, symbol)
        elif update["seq"] == book.seq + 1:
            book.apply(update)
            if book.checksum() != update["checksum"]:
                print(f"broken at {book.seq}", file=sys.stderr, flush=True)
                book = await fetch(client, symbol)
        else:  # the book has it already
            continue
        show(book)


def show(book: Book) -> None:
    """Print the best price and quantity of each side."""
    bids, asks = book.levels("1"), book.levels("2")
    best = {"bid": bids[0] if bids else None, "ask": asks[0] if asks else None}
    print(json.dumps({"seq": book.seq, **best}, default=str), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
