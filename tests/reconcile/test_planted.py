"""Differences planted into a running venue's stores, one unit each: every one is found and named.

Each plant is taken back, and then nothing differs any more. Funds and sessions live in trading's
memory, where nobody plants: there the answer is changed on its way.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg
import pytest

from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.admin.answers import SessionsAnswer
from venue.admin.funds_answers import FundsAnswer
from venue.clearing.database import ledger_engine
from venue.data_directory import DataDirectory
from venue.reconcile.difference import Difference, Store
from venue.reconcile.funds import ask_funds, compare_funds
from venue.reconcile.round import Places, reconcile
from venue.reconcile.sessions import ask_sessions, compare_sessions
from venue.reconcile.worker import places_of
from venue.replay.replay import replay_journal
from venue.settings.settings import load_settings

BUY, SELL = "1", "2"
UNIT = "0.00000001"
OFF = "SET session_replication_role = replica"
"""What a superuser does to the guards."""


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A venue that has traded, busted and corrected, with orders left open, and has caught up."""
    with RunningVenue(tmp_path_factory.mktemp("reconciled") / "data") as venue:
        alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
        for client in (alpha, bravo):
            client.logon(reset=True, extra=[(9001, "N")])
        matches = []
        for number in range(4):
            alpha.send("D", new_order(f"b{number}", BUY, "5", "100.00"))
            alpha.expect_report(f"b{number}", "0")
            bravo.send("D", new_order(f"s{number}", SELL, "3", "100.00"))
            matches.append(bravo.expect_report(f"s{number}", "F").get(527))
        assert venue.command("trade", "bust", str(matches[0])).returncode == 0
        corrected = venue.command("trade", "correct", str(matches[1]), "--price", "99.50")
        assert corrected.returncode == 0, corrected.stderr
        wait_for(venue.has_caught_up, 30)
        yield venue


@pytest.fixture(scope="module")
def places(venue: RunningVenue) -> Places:
    told = venue.runtime()
    return places_of(load_settings(data_dir=venue.data_dir), told["nats"], told["database"])


def found_in(places: Places, *stores: Store) -> list[Difference]:
    """What a round names in these stores; all of them could be compared."""
    found = asyncio.run(reconcile(places, frozenset(stores)))
    assert not found.away and not found.damage, found
    return found.differences


@contextmanager
def database(venue: RunningVenue) -> Iterator[psycopg.Connection[object]]:
    """The ledger's database as its superuser, guards off."""
    reader = venue.runtime()["database"]
    password = DataDirectory(venue.data_dir).password("postgres").read_text().strip()
    address = reader.rpartition("@")[2]
    url = f"postgresql://venue:{password}@{address}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(OFF)
        yield connection


class LedgerPlant(NamedTuple):
    """SQL that plants, and SQL that takes it back; what is named then."""

    plant: str
    back: str
    key: str
    what: str


def _shift(table: str, column: str, where: str, key: str, what: str = "") -> LedgerPlant:
    """One unit more in a column of one row."""
    change = f"UPDATE clearing.{table} SET {column} = {column} {{0}} {UNIT} WHERE {where}"
    return LedgerPlant(change.format("+"), change.format("-"), key, what or column)


_USD = (
    "(SELECT account_id FROM clearing.accounts WHERE kind = 'member' AND owner = 'ALPHA' "
    "AND asset = 'USD' AND sub_account = 'default')"
)
_FIRST = "(SELECT min(event_seq) FROM clearing.{0})"
_TRADE = f"event_seq = {_FIRST.format('trades')}"
_ENTRY = f"event_seq = {_FIRST.format('entries')}"
_LINE = (
    f"UPDATE clearing.postings SET amount = amount {{0}} {UNIT}, "
    f"balance_after = balance_after {{0}} {UNIT} "
    f"WHERE event_seq = {_FIRST.format('postings')} AND line = 0"
)
LEDGER = {
    "balance": _shift("balances", "balance", f"account_id = {_USD}", "ALPHA default USD"),
    "amount of a line": LedgerPlant(
        _LINE.format("+"),
        _LINE.format("-"),
        "line 0",
        "amount",
    ),
    "price of a trade": _shift("trades", "price", _TRADE, "trade M1"),
    "quantity of a trade": _shift("trades", "quantity", _TRADE, "trade M1"),
    "amount of a trade": _shift("trades", "amount", _TRADE, "trade M1"),
    "buyer's fee": _shift("trades", "buyer_fee", _TRADE, "trade M1"),
    "seller's fee": _shift("trades", "seller_fee", _TRADE, "trade M1"),
    "price as corrected": _shift(
        "trades", "current_price", "match_id = 'M2'", "trade M2", "current_price"
    ),
    "buyer of a trade": LedgerPlant(
        f"UPDATE clearing.trades SET buyer = 'BRAVO' WHERE {_TRADE}",
        f"UPDATE clearing.trades SET buyer = 'ALPHA' WHERE {_TRADE}",
        "trade M1",
        "buyer",
    ),
    "bust taken back": LedgerPlant(
        f"UPDATE clearing.trades SET status = 'executed' WHERE {_TRADE}",
        f"UPDATE clearing.trades SET status = 'busted' WHERE {_TRADE}",
        "trade M1",
        "status",
    ),
    "time of an entry": LedgerPlant(
        f"UPDATE clearing.entries SET timestamp_ns = timestamp_ns + 1 WHERE {_ENTRY}",
        f"UPDATE clearing.entries SET timestamp_ns = timestamp_ns - 1 WHERE {_ENTRY}",
        "entry",
        "timestamp_ns",
    ),
    "owner of an account": LedgerPlant(
        f"UPDATE clearing.accounts SET owner = 'NOBODY' WHERE account_id = {_USD}",
        "UPDATE clearing.accounts SET owner = 'ALPHA' WHERE owner = 'NOBODY'",
        "account",
        "owner",
    ),
    "position": LedgerPlant(
        "UPDATE clearing.position SET digest = reverse(digest)",
        "UPDATE clearing.position SET digest = reverse(digest)",
        "position",
        "row",
    ),
}


def test_nothing_differs_where_nothing_was_planted(places: Places) -> None:
    assert found_in(places, *Store) == []


@pytest.mark.parametrize("name", LEDGER)
def test_a_unit_in_the_ledger_is_named(venue: RunningVenue, places: Places, name: str) -> None:
    plant = LEDGER[name]
    with database(venue) as connection:
        connection.execute(plant.plant)
    try:
        found = found_in(places, Store.LEDGER)
    finally:
        with database(venue) as connection:
            connection.execute(plant.back)
    named = [each for each in found if plant.key in each.key and each.what == plant.what]
    assert named, found
    assert found_in(places, Store.LEDGER) == []


def trail_file(venue: RunningVenue) -> Path:
    return next(DataDirectory(venue.data_dir).trail.glob("trail-*.jsonl"))


def _other_digit(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b"1", b"2", 1), *lines[2:]]


TRAIL = {
    "a digit": (_other_digit, ("changed", "rewritten")),
    "a line removed": (lambda lines: [lines[0], *lines[2:]], ("removed",)),
    "two lines swapped": (lambda lines: [lines[1], lines[0], *lines[2:]], ("swapped",)),
    "a line twice": (lambda lines: [lines[0], *lines], ("repeated",)),
    "its end cut off": (lambda lines: lines[:-2], ("truncated",)),
}


@pytest.mark.parametrize("name", TRAIL)
def test_a_change_of_the_trail_is_named(venue: RunningVenue, places: Places, name: str) -> None:
    change, kinds = TRAIL[name]
    path = trail_file(venue)
    whole = path.read_bytes()
    path.write_bytes(b"".join(change(whole.splitlines(keepends=True))))
    try:
        (found,) = found_in(places, Store.TRAIL)
    finally:
        path.write_bytes(whole)
    assert found.what in kinds and found.key.startswith(path.name)
    assert found_in(places, Store.TRAIL) == []


def funds_found(places: Places, change: dict[str, str], *, drop: bool = False) -> list[Difference]:
    """What is named when the first purse with money in the engine's answer is another one."""
    answer = ask_funds(places.data_dir)
    place = next(index for index, row in enumerate(answer.funds) if row.balance != "0")
    funds = list(answer.funds)
    funds[place] = msgspec.structs.replace(funds[place], **change)
    if drop:
        del funds[place]
    changed = FundsAnswer(seq=answer.seq, event_seq=answer.event_seq, funds=funds)
    journal = DataDirectory(places.data_dir).journal
    replayed = replay_journal(journal, None, to_seq=answer.seq)
    engine = ledger_engine(places.database_url)
    try:
        return compare_funds(changed, replayed, engine).differences
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"balance": "0.00000001"}, "balance"),
        ({"reserved": "0.00000001"}, "reserved"),
        ({"pending": "0.00000001"}, "pending"),
        ({"pending": "0.00000001"}, "unsettled in the ledger"),
        ({"asset": "DOGE"}, "row"),
        ({"member": "NOBODY"}, "row"),
        ({"account": "ELSE"}, "row"),
    ],
)
def test_a_purse_that_is_another_one_is_named(
    places: Places, change: dict[str, str], what: str
) -> None:
    assert what in {each.what for each in funds_found(places, change)}


def test_a_purse_that_is_missing_is_named(places: Places) -> None:
    assert {each.what for each in funds_found(places, {}, drop=True)} >= {"row"}


def test_a_balance_that_the_ledger_has_otherwise_is_named(places: Places) -> None:
    found = funds_found(places, {"balance": "0.00000001"})
    assert "balance in the ledger" in {each.what for each in found}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"next_out": 1}, "next_out"),
        ({"next_in": 1}, "next_in"),
        ({"next_out": 5000}, "next_out"),
        ({"open_orders": 77}, "open orders"),
    ],
)
def test_a_session_that_is_elsewhere_is_named(
    places: Places, change: dict[str, int], what: str
) -> None:
    before = ask_funds(places.data_dir)
    answer = ask_sessions(places.data_dir)
    rows = [
        msgspec.structs.replace(row, **change) if row.session == "ALPHA" else row
        for row in answer.sessions
    ]
    replayed = replay_journal(
        DataDirectory(places.data_dir).journal, places.reports, to_seq=before.seq
    )
    found = compare_sessions(SessionsAnswer(sessions=rows), replayed, is_still=True)
    assert [(each.key, each.what) for each in found.differences] == [("ALPHA", what)]
