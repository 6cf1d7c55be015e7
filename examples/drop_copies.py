"""Keeps a member's drop copies in a file, each once, and goes on where it stopped.

Usage: python examples/drop_copies.py URL STREAM CONSUMER FILE
(what `venue reader add NAME --member M` has printed; needs nats-py)
"""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import nats
from nats.errors import TimeoutError as NothingNow


def last_kept(file: Path) -> int:
    """member_seq of the last whole line; a torn one behind it is cut off."""
    text = file.read_bytes() if file.exists() else b""
    whole = text[: text.rfind(b"\n") + 1]
    file.write_bytes(whole)
    return json.loads(whole.splitlines()[-1])["member_seq"] if whole else 0


async def main(url: str, stream: str, consumer: str, file: Path) -> None:
    """Take, write, acknowledge. What was not acknowledged comes again, and is passed over."""
    kept = last_kept(file)
    prefix = f"_INBOX.{urlsplit(url).username}"
    client = await nats.connect(url, inbox_prefix=prefix, max_reconnect_attempts=-1)
    subscription = await client.jetstream().pull_subscribe_bind(consumer, stream)
    with file.open("a") as out:
        while True:
            try:
                messages = await subscription.fetch(100, timeout=5)
            except NothingNow:
                continue
            for message in messages:
                copy = json.loads(message.data)
                if copy["member_seq"] > kept:
                    kept = copy["member_seq"]
                    out.write(json.dumps(copy) + "\n")
            out.flush()
            for message in messages:
                await message.ack()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], Path(sys.argv[4])))
