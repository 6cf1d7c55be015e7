"""Keeps a member's balances in a file, from his wallet events alone, and goes on where it stopped.

Usage: python examples/wallet.py URL STREAM CONSUMER FILE
(url, ledger_stream and consumer of `venue reader add NAME --member M`; needs nats-py)
"""

import asyncio
import json
import sys
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import nats
from nats.errors import TimeoutError as NothingNow


def booked(wallet: dict, event: dict) -> None:
    """Add an event to the balances: it follows the one before, and comes to its balance."""
    assert event["wallet_number"] == wallet["number"] + 1, "a wallet event is missing"
    account = " ".join((event["account"], event["asset"], event["purpose"]))
    balance = Decimal(wallet["balances"].get(account, "0")) + Decimal(event["amount"])
    assert balance == Decimal(event["balance"]), f"{account} is {balance}, not {event['balance']}"
    wallet["number"] = event["wallet_number"]
    wallet["balances"][account] = event["balance"]


async def main(url: str, stream: str, consumer: str, file: Path) -> None:
    """Take, book, write, acknowledge. What was not acknowledged comes again, and is passed over."""
    wallet = json.loads(file.read_text()) if file.exists() else {"number": 0, "balances": {}}
    prefix = f"_INBOX.{urlsplit(url).username}"
    client = await nats.connect(url, inbox_prefix=prefix, max_reconnect_attempts=-1)
    subscription = await client.jetstream().pull_subscribe_bind(consumer, stream)
    while True:
        try:
            messages = await subscription.fetch(100, timeout=5)
        except NothingNow:
            continue
        for message in messages:
            event = json.loads(message.data)
            if event["wallet_number"] > wallet["number"]:
                booked(wallet, event)
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(wallet))
        draft.replace(file)
        for message in messages:
            await message.ack()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], Path(sys.argv[4])))
