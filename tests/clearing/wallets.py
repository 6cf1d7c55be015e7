"""Wallet events in tests: a relay that runs on a ledger, and what the stream has."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from venue.bus.connection import connected
from venue.bus.event_pull import EventPull, Pulled
from venue.bus.parking import Parking
from venue.bus.stream import stream_end
from venue.bus.subjects import LEDGER
from venue.clearing.postings import entries_of
from venue.clearing.wallet.event import WalletEvent
from venue.clearing.wallet.relay import WalletRelay
from venue.domain.events import AnyEvent

OF_MEMBERS = ("member", "unsettled")


def relay(
    engine: Engine,
    nats_url: str,
    data_dir: Path | None = None,
    readers: Mapping[str, str] | None = None,
) -> WalletRelay:
    parking = Parking("clearing", nats_url, data_dir, part="wallet-events")
    return WalletRelay(engine, nats_url, parking, lambda: readers or {})


async def stored(nats_url: str) -> list[tuple[str, int | None, WalletEvent]]:
    """Everything in the stream: subject, number and event."""
    async with connected(nats_url, "test") as connection:
        end = await stream_end(connection.client.jetstream(), LEDGER)
        if end is None or not end.event_seq:
            return []
        count = end.last_sequence - end.first_sequence + 1
        found: list[Pulled] = []
        async with EventPull(connection, "test", end.first_sequence, LEDGER) as pull:
            while len(found) < count:
                found += await pull.next(1000)
    return [
        (each.subject.decode(), each.number, msgspec.json.decode(each.data, type=WalletEvent))
        for each in found
    ]


async def stored_payloads(nats_url: str) -> list[bytes]:
    return [msgspec.json.encode(event) for _, _, event in await stored(nats_url)]


def lines_of(events: list[AnyEvent]) -> list[tuple[int, str, str, Decimal]]:
    """Members' lines as the events have them: event_seq, member, asset and amount, in order."""
    return [
        (entry.event_seq, account.owner, account.asset, amount)
        for event in events
        for entry in entries_of(event)
        for account, amount in entry.postings
        if account.kind.value in OF_MEMBERS
    ]


def rebuilt(events: list[WalletEvent]) -> dict[tuple[str, str, str, str], Decimal]:
    """Balances by member, account, asset and purpose from the events alone, each checked."""
    numbers: defaultdict[str, int] = defaultdict(int)
    balances: defaultdict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    for event in events:
        numbers[event.member] += 1
        assert event.wallet_number == numbers[event.member]
        key = (event.member, event.account, event.asset, event.purpose)
        balances[key] += Decimal(event.amount)
        assert balances[key] == Decimal(event.balance)
    return dict(balances)
