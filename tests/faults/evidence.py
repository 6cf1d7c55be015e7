"""Collecting evidence from a venue that is up and idle: logs, journal, stream, ledger, trail, book.

Reads only. Nothing here compares; checker.py does.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import msgspec
import psycopg

from tests.faults.client_log import read_log
from tests.faults.findings import Evidence, Level, MemberCopy
from tests.faults.journal_story import Digest, Trade, digest, exact, journal_story
from tests.faults.load import HABITS, SESSIONS
from tests.faults.order_shapes import SYMBOLS
from tests.faults.stories import client_story
from venue.admin.client import call
from venue.audit import chain
from venue.audit.verify import verify
from venue.bus.connection import Connection, connected
from venue.bus.event_pull import EventPull, Pulled
from venue.bus.stream import stream_end
from venue.bus.subjects import STREAM, drop_stream
from venue.data_directory import DataDirectory
from venue.engine.image.digest import state_digest
from venue.fix.encode import ReportEncoder
from venue.journal.walk import JournalWalk
from venue.reconcile.round import Places, reconcile
from venue.replay.replay import replay_journal

_QUERY_SECONDS = 60.0
_REPLAYS = 2
_SUMS = """
    SELECT asset, sum(amount) FROM clearing.postings JOIN clearing.accounts USING (account_id)
    GROUP BY asset
"""
_TRADES = """
    SELECT match_id, event_seq, symbol, price, quantity, amount, buyer, seller
    FROM clearing.trades ORDER BY event_seq
"""
_UNRECONCILED = """
    SELECT count(*) FROM clearing.balances FULL JOIN
        (SELECT account_id, sum(amount) AS posted FROM clearing.postings GROUP BY account_id) AS p
        USING (account_id)
    WHERE coalesce(balance, 0) <> coalesce(posted, 0)
"""


class Deployed(Protocol):
    """Where the data of a running venue are."""

    data_dir: Path

    @property
    def journal(self) -> Path:
        """Directory of the journal."""

    @property
    def nats_url(self) -> str:
        """With its password."""

    @property
    def database_url(self) -> str:
        """With its password."""


def collect(venue: Deployed, logs: Path, ends_ns: Sequence[tuple[int, int, bool]]) -> Evidence:
    """Everything that `check` compares. The load is paused, all consumers have caught up.

    ends_ns: of trading, from when to when, and whether cleanly.
    Raises JournalDamage, ReplayDifference and SnapshotMissing.
    """
    data_dir = venue.data_dir
    live = _ask(data_dir, {"query": "digest"})
    frames = JournalWalk(venue.journal).frames(live["seq"])
    digests = [live["digest"]]
    for _ in range(_REPLAYS):
        replay = replay_journal(
            venue.journal, ReportEncoder().reports, to_seq=live["seq"], from_start=True
        )
        digests.append(state_digest(replay.engine.state))
    sums, rows, wrong = _ledger(venue.database_url)
    copies, member_copies = asyncio.run(_copies(venue.nats_url))
    verdict = verify(DataDirectory(data_dir).trail, DataDirectory(data_dir).heads)
    return Evidence(
        clients={name: client_story(read_log(logs, name)) for name in SESSIONS},
        clients_keep=frozenset(
            name for name, habits in HABITS.items() if not habits.cancel_on_disconnect
        ),
        journal=journal_story(frames),
        book=_book(data_dir),
        open_orders=_open_orders(data_dir),
        digests=digests,
        copies=copies,
        member_copies=member_copies,
        ledger_trades=rows,
        ledger_sums=sums,
        ledger_unreconciled=wrong,
        audit=_trail(DataDirectory(data_dir).trail),
        audit_problem=None if verdict.problem is None else str(verdict.problem),
        crashes_ns=[end for _, end, _ in ends_ns],
        reconciled=_reconciled(venue),
    )


def _reconciled(venue: Deployed) -> list[str]:
    """What the venue's own reconciliation finds; a store that it cannot read is a finding."""
    reports = ReportEncoder().reports
    places = Places(venue.data_dir, venue.nats_url, venue.database_url, reports)
    found = asyncio.run(reconcile(places))
    away = [f"{store} was not compared: {why}" for store, why in found.away.items()]
    return [*map(str, found.differences), *away, *filter(None, [found.damage])]


def _ask(data_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
    reply = call(data_dir, request, _QUERY_SECONDS)
    assert reply["ok"], reply
    return reply


def _book(data_dir: Path) -> dict[Level, tuple[Decimal, int]]:
    levels: dict[Level, tuple[Decimal, int]] = {}
    for symbol in SYMBOLS:
        book = _ask(data_dir, {"query": "book", "symbol": symbol, "depth": 1_000_000})
        for side, rows in (("1", book["bids"]), ("2", book["asks"])):
            for price, quantity, orders in rows:
                levels[symbol, side, price] = (Decimal(quantity), orders)
    return levels


def _open_orders(data_dir: Path) -> dict[str, int]:
    rows = _ask(data_dir, {"query": "sessions"})["sessions"]
    return {row["session"]: row["open_orders"] for row in rows}


async def _copies(nats_url: str) -> tuple[list[tuple[int, Digest]], dict[str, list[MemberCopy]]]:
    """Every message of the events' stream and of each member's, as it is stored."""
    members: dict[str, list[MemberCopy]] = {}
    async with connected(nats_url, "evidence") as connection:
        events = [
            (message.number or 0, digest(message.data))
            async for message in _stored(connection, STREAM)
        ]
        for member in SESSIONS:  # of the same names, as the shipped configuration has them
            members[member] = [
                msgspec.json.decode(message.data, type=MemberCopy)
                async for message in _stored(connection, drop_stream(member))
            ]
    return events, members


async def _stored(connection: Connection, stream: str) -> AsyncIterator[Pulled]:
    end = await stream_end(connection.client.jetstream(), stream)
    assert end is not None, f"there is no stream {stream}"
    left = end.last_sequence - end.first_sequence + 1
    async with EventPull(connection, "evidence", end.first_sequence, stream) as pull:
        while left > 0:
            for message in await pull.next(min(left, 500)):
                left -= 1
                yield message


def _ledger(database_url: str) -> tuple[dict[str, Decimal], list[Trade], int]:
    """Sum by asset of all postings, every trade, and how many balances are wrong."""
    with psycopg.connect(database_url) as connection:
        sums: dict[str, Decimal] = dict(connection.execute(_SUMS).fetchall())
        rows = [
            Trade(match_id, event_seq, symbol, *map(exact, (price, quantity, amount)), *parties)
            for match_id, event_seq, symbol, price, quantity, amount, *parties in (
                connection.execute(_TRADES)
            )
        ]
        ((wrong,),) = connection.execute(_UNRECONCILED)
    return sums, rows, wrong


def _trail(directory: Path) -> list[tuple[int, Digest]]:
    """Every line of the trail: its event_seq, and its event's bytes."""
    entries: list[tuple[int, Digest]] = []
    for path in chain.list_segments(directory):
        for _, line in chain.read_lines(path):
            begin = line.index(b',"event":') + len(b',"event":')
            payload = line[begin : line.rindex(b',"previous":')]
            entries.append((chain.decode_entry(line.rstrip(b"\n")).event_seq, digest(payload)))
    return entries
