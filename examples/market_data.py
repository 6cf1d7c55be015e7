"""Prints market data as it comes, and says when a message of a symbol was missed.

Usage: python examples/market_data.py URL [SUBJECT]
(what `venue reader add NAME --public` has printed; needs nats-py)
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import nats


async def main(url: str, subject: str) -> None:
    """Each kind of each symbol has a number of its own, seq, without gaps."""
    last: dict[str, int] = {}
    client = await nats.connect(url, inbox_prefix=f"_INBOX.{urlsplit(url).username}")
    subscription = await client.subscribe(subject)
    async for message in subscription.messages:
        update = json.loads(message.data)
        before = last.get(message.subject, update["seq"] - 1)
        if update["seq"] > before + 1:
            print(f"missed {update['seq'] - before - 1} on {message.subject}", file=sys.stderr)
        last[message.subject] = update["seq"]
        print(message.subject, json.dumps(update), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "md.>"))
