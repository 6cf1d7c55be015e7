"""Each sink x {foreign journal, older journal, another history, damaged file}: it takes nothing of
what is not its own, says so, and finds back where only its file was lost."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.clearing.conftest import drop_ledger
from tests.dropcopy.copies import busy_events, wipe_copies
from tests.dropcopy.events import write_journal
from tests.dropcopy.scenario import stored_alerts, until
from tests.marketdata.scenario import last_values
from tests.marketdata.scenario import wipe as wipe_streams
from tests.sinks import FOLLOWERS, publisher, running, shown_at
from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.stream import stream_end, wipe_stream
from venue.bus.subjects import drop_stream
from venue.clearing.database import ledger_engine
from venue.data_directory import DataDirectory
from venue.domain.events import AnyEvent
from venue.dropcopy import worker as dropcopy_worker
from venue.journal.durable import forget_position
from venue.journal.identity import adopt_journal, journal_identity
from venue.notify import worker as notifier_worker
from venue.notify.store import Store
from venue.servers import nats, postgres

EVENTS = busy_events(seed=7, commands=150)
OTHERS = busy_events(seed=8, commands=200)
LAST = len(EVENTS)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    bus = nats.start(tmp_path_factory.mktemp("nats"))
    database = postgres.start(tmp_path_factory.mktemp("postgres"))
    yield bus.url, database.url
    bus.stop()
    database.stop()


@pytest.fixture
def urls(servers: tuple[str, str]) -> tuple[str, str]:
    """An empty NATS server and an empty database."""
    nats_url, database_url = servers
    asyncio.run(wipe_streams(nats_url))
    asyncio.run(wipe_copies(nats_url))
    drop_ledger(database_url)
    return nats_url, database_url


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropcopy_worker, "KEEP_SECONDS", 0.05)
    monkeypatch.setattr(notifier_worker, "LOOK_SECONDS", 0.05)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    forget_position(tmp_path / "journal")


def replace_journal(data_dir: Path, events: tuple[AnyEvent, ...], identity: str = "") -> None:
    """Another journal at the same place; `identity`: it says that it is that one."""
    journal = data_dir / "journal"
    if journal.exists():
        forget_position(journal)
        shutil.rmtree(journal)
    journal.mkdir()
    if identity:
        (journal / "identity").write_text(identity)
        adopt_journal(journal)
    write_journal(journal, list(events))


async def follow(name: str, data_dir: Path, urls: tuple[str, str]) -> None:
    """Run publisher and one sink until the sink has all events."""
    async with (
        running(publisher(data_dir, *urls)),
        running(FOLLOWERS[name](data_dir, *urls)),
    ):
        await until(lambda: shown_at(data_dir, name) == LAST)


async def what_is_there(name: str, data_dir: Path, urls: tuple[str, str]) -> Any:
    """What the sink has done, as far as somebody else can see it."""
    nats_url, database_url = urls
    if name == "audit":
        return [path.read_bytes() for path in sorted((data_dir / "audit").glob("trail-*"))]
    if name == "marketdata":
        return await last_values(nats_url)
    if name == "dropcopy":
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            members = ("ALPHA", "BRAVO")
            return [await stream_end(jetstream, drop_stream(member)) for member in members]
    if name == "notifier":
        return seen_by_notifier(data_dir)
    engine = ledger_engine(database_url)
    try:
        with engine.connect() as connection:
            tables = ("entries", "postings", "trades", "position")
            return [
                sorted(
                    map(tuple, connection.execute(text(f"SELECT * FROM clearing.{table}"))),
                    key=lambda row: row[:2],
                )
                for table in tables
            ]
    finally:
        engine.dispose()


def seen_by_notifier(data_dir: Path) -> Any:
    """What the notifier has counted, as it is kept."""
    store = Store(DataDirectory(data_dir).notices)
    try:
        kept = store.kept()
        position = kept.position and kept.position.event_seq
        return position, json.loads(kept.seen or b"null"), store.backlogs()
    finally:
        store.close()


KINDS = ("foreign journal", "older journal", "another history")


def mix(kind: str, data_dir: Path) -> None:
    """Put a journal there that is not the one that the sink has followed."""
    identity = journal_identity(data_dir / "journal")
    if kind == "foreign journal":
        replace_journal(data_dir, OTHERS)
    elif kind == "older journal":
        replace_journal(data_dir, EVENTS[: LAST // 2], identity)
    else:
        replace_journal(data_dir, OTHERS, identity)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", list(FOLLOWERS))
def test_sink_takes_nothing_of_another_journal(
    name: str, kind: str, data_dir: Path, urls: tuple[str, str]
) -> None:
    """The stream is the new journal's: only the sink's own position can tell."""
    replace_journal(data_dir, EVENTS)

    async def scenario() -> None:
        await follow(name, data_dir, urls)
        before = await what_is_there(name, data_dir, urls)
        mix(kind, data_dir)
        await wipe_stream(urls[0])
        async with (
            running(publisher(data_dir, *urls)),
            running(FOLLOWERS[name](data_dir, *urls)),
        ):
            await until(lambda: bool(read_parked(data_dir)))
            await asyncio.sleep(0.3)
        (parked,) = read_parked(data_dir)
        assert (parked.consumer, parked.event_seq) == (name, 0), parked
        assert await what_is_there(name, data_dir, urls) == before
        (alert,) = await stored_alerts(urls[0])
        assert (alert["consumer"], alert["error"]) == (name, parked.error)

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", list(FOLLOWERS))
def test_sink_takes_nothing_where_the_stream_is_another_s(
    name: str, kind: str, data_dir: Path, urls: tuple[str, str]
) -> None:
    """As when two venues have one NATS: stream and sink are of one journal, ours is another."""
    replace_journal(data_dir, EVENTS)

    async def scenario() -> None:
        await follow(name, data_dir, urls)
        before = await what_is_there(name, data_dir, urls)
        mix(kind, data_dir)
        shutil.rmtree(data_dir / "positions")
        shutil.rmtree(data_dir / "audit", ignore_errors=True)
        shutil.rmtree(data_dir / "audit-heads", ignore_errors=True)
        for path in data_dir.glob("notifier.db*"):
            path.unlink()
        if name == "clearing":
            drop_ledger(urls[1])
        async with (
            running(publisher(data_dir, *urls)),
            running(FOLLOWERS[name](data_dir, *urls)),
        ):
            await until(lambda: len(read_parked(data_dir)) == 2)
            await asyncio.sleep(0.3)
        assert [parked.consumer for parked in read_parked(data_dir)] == sorted([name, "publisher"])
        if name in ("marketdata", "dropcopy"):
            assert await what_is_there(name, data_dir, urls) == before
        else:
            assert shown_at(data_dir, name) == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["marketdata", "dropcopy"])
def test_sink_whose_file_is_lost_too_knows_another_s_by_what_stands_in_nats(
    name: str, data_dir: Path, urls: tuple[str, str]
) -> None:
    """The stream is ours again, the bucket and the members' streams are another's still."""
    replace_journal(data_dir, OTHERS)

    async def scenario() -> None:
        async with (
            running(publisher(data_dir, *urls)),
            running(FOLLOWERS[name](data_dir, *urls)),
        ):
            await until(lambda: shown_at(data_dir, name) == len(OTHERS))
        before = await what_is_there(name, data_dir, urls)
        theirs = journal_identity(data_dir / "journal")
        replace_journal(data_dir, EVENTS)
        shutil.rmtree(data_dir / "positions")
        await wipe_stream(urls[0])
        async with (
            running(publisher(data_dir, *urls)),
            running(FOLLOWERS[name](data_dir, *urls)),
        ):
            await until(lambda: bool(read_parked(data_dir)))
            await asyncio.sleep(0.3)
        for parked in read_parked(data_dir):  # a member's drop copies halt by themselves
            assert parked.consumer == name and theirs in parked.error
        assert await what_is_there(name, data_dir, urls) == before

    asyncio.run(scenario())


@pytest.mark.parametrize("damage", [b"", b"{", b'{"event_seq":', b"\0" * 40, None])
@pytest.mark.parametrize("name", ["publisher", *FOLLOWERS])
def test_sink_whose_file_is_damaged_goes_on_from_the_truth(
    name: str, damage: bytes | None, data_dir: Path, urls: tuple[str, str]
) -> None:
    """None: the file is gone. Nothing is done twice, nothing left out."""
    replace_journal(data_dir, EVENTS[: LAST // 2])
    follower = name if name in FOLLOWERS else "audit"

    async def scenario() -> None:
        async with (
            running(publisher(data_dir, *urls)),
            running(FOLLOWERS[follower](data_dir, *urls)),
        ):
            await until(lambda: shown_at(data_dir, name) == LAST // 2)
        journal = data_dir / "journal"
        identity = journal_identity(journal)
        replace_journal(data_dir, EVENTS, identity)  # it has gone on meanwhile
        path = data_dir / "positions" / f"{name}.json"
        path.unlink()
        if damage is not None:
            path.write_bytes(damage)
        await follow(follower, data_dir, urls)
        assert read_parked(data_dir) == []

    async def undisturbed(other: Path) -> Any:
        replace_journal(other, EVENTS)
        await follow(follower, other, urls)
        return await what_is_there(follower, other, urls)

    asyncio.run(scenario())
    found = asyncio.run(what_is_there(follower, data_dir, urls))
    asyncio.run(wipe_streams(urls[0]))
    asyncio.run(wipe_copies(urls[0]))
    drop_ledger(urls[1])
    other = data_dir / "other"
    other.mkdir()
    wanted = asyncio.run(undisturbed(other))
    forget_position(other / "journal")
    assert comparable(follower, found) == comparable(follower, wanted)


SAID = {"event_seq": 0, "timestamp_ns": 0, "seq": 0, "update": 0, "checksum": 0}


def comparable(name: str, found: Any) -> Any:
    """Without whose it is; of market data where it stands, not when and how often it said so."""
    if name == "marketdata":
        kinds = (".depth", ".bbo", ".stats", ".status")
        return {key: each | SAID for key, each in found.items() if key.endswith(kinds)}
    if name == "clearing":  # numbers of accounts depend on what came together
        entries, postings, trades, _ = found
        return entries, [(seq, line, *rest) for seq, line, _, *rest in postings], trades
    return [end._replace(owner="") for end in found] if name == "dropcopy" else found
