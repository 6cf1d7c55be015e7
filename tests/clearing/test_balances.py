"""Balances as of any event and time: what was true then, and by an index however much is booked."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Select, text
from sqlalchemy.dialects import postgresql

from venue.clearing.balances import (
    DueAmount,
    Holding,
    NotBookedYet,
    balance_as_of,
    balance_query,
    due_query,
    ledger_snapshot,
    member_holdings,
    seq_at_time,
    settled_query,
    time_query,
)
from venue.clearing.database import ledger_engine
from venue.clearing.repository import LedgerRepository
from venue.clearing.statements import counts_query, totals_query, trial_balance
from venue.domain.events import AnyEvent
from venue.servers.postgres import PostgresServer

from .conftest import drop_ledger
from .random_days import MEMBERS, RandomDays
from .rows import rows
from .settlements import T0_NS, begun, ended, settled
from .test_ledger_commands import data_dir as data_dir
from .test_ledger_commands import venue_ledger
from .test_repository import opened
from .test_trade_rows import numbers
from .trades import book, busted, busy_day, delivered, traded

SOON, LATER = "2023-11-16", "2023-11-17"
BOUGHT = traded(2, settlement_date=SOON)
DAY: list[AnyEvent] = [
    traded(1, quantity="100", amount="7"), BOUGHT, traded(3, settlement_date=LATER),
    traded(4, buyer="BRAVO", seller="ALPHA", amount="30", quantity="4", settlement_date=SOON),
    busted(5, traded(1, quantity="100", amount="7")),
    begun(6), settled(7, "ALPHA", "6", "5"), settled(8, "BRAVO", "-6", "-5"), ended(9, settled=2),
]  # fmt: skip


def test_holdings_are_settled_and_owed_by_due_date(engine: Engine) -> None:
    book(opened(engine), delivered(DAY))
    now = member_holdings(engine, "ALPHA")
    assert now.event_seq == 9
    assert now.rows == (
        Holding("default", "ACME", Decimal(6), (DueAmount(LATER, Decimal(10)),)),
        Holding("default", "USD", Decimal(5), (DueAmount(LATER, Decimal(-25)),)),
    )
    before = member_holdings(engine, "ALPHA", 4)
    acme, usd = before.rows
    assert (acme.settled, acme.receivable, acme.payable) == numbers("100", "16", "0")
    assert usd.unsettled == (DueAmount(SOON, Decimal(5)), DueAmount(LATER, Decimal(-25)))
    assert (usd.settled, usd.receivable, usd.payable) == numbers("-7", "5", "25")
    assert member_holdings(engine, "ALPHA", 0).rows == ()
    with pytest.raises(NotBookedYet, match="the ledger is at event 9: event 10 is not booked yet"):
        member_holdings(engine, "ALPHA", 10)


def test_every_moment_is_as_it_was(engine: Engine) -> None:
    """Behind each event the ledger says what it said when that event was the last one."""
    day = RandomDays(1, 22)
    repository = opened(engine)
    seen = []
    for event in delivered(day.events):
        book(repository, [event])
        held = {member: member_holdings(engine, member).rows for member in MEMBERS}
        seen.append((event.event_seq, trial_balance(engine), held))
    for event_seq, balance, held in seen:
        assert trial_balance(engine, event_seq) == balance
        for member, holdings in held.items():
            found = member_holdings(engine, member, event_seq).rows
            assert {row for row in found if row.settled or row.unsettled} == {
                row for row in holdings if row.settled or row.unsettled
            }


def test_balance_of_one_account_and_the_way_from_a_time(engine: Engine) -> None:
    events = [traded(seq, amount=str(seq)) for seq in range(1, 6)]
    book(opened(engine), delivered(events))
    query = (
        "SELECT account_id FROM clearing.accounts WHERE kind = 'member' AND owner = 'BRAVO' "
        "AND asset = 'USD'"
    )
    ((account_id,),) = rows(engine, query)
    with ledger_snapshot(engine) as connection:
        found = [balance_as_of(connection, account_id, seq) for seq in range(7)]
        assert found == [0, 1, 3, 6, 10, 15, 15]
        times = [seq_at_time(connection, T0_NS + each) for each in (0, 1, 4, 99)]
        assert times == [0, 1, 4, 5]


def test_command_shows_what_is_owed_and_any_moment(engine: Engine, data_dir: Path) -> None:
    book(opened(engine), delivered(DAY))
    told = json.loads(venue_ledger("balances", "ALPHA", "--json", data_dir=data_dir).stdout)
    assert (told["event_seq"], told["balances"][1]) == (
        9,
        {
            "account": "default", "asset": "USD", "amount": "5", "receivable": "0",
            "payable": "25", "unsettled": [{"due": LATER, "amount": "-25"}], "reserved": None,
        },
    )  # fmt: skip
    shown = venue_ledger("balances", "ALPHA", "--at", "4", data_dir=data_dir).stdout
    assert "after event 4" in shown and f"{SOON} 5, {LATER} -25" in shown
    at_time = venue_ledger(
        "trial-balance", "--at", "2023-11-14T22:13:20.000000004Z", "--json", data_dir=data_dir
    )
    assert json.loads(at_time.stdout)["position"] == 4
    before = venue_ledger("balances", "ALPHA", "--at", "0", "--json", data_dir=data_dir)
    assert json.loads(before.stdout)["balances"] == []
    late = venue_ledger("balances", "ALPHA", "--at", "10", data_dir=data_dir)
    assert (late.exit_code, late.stderr) == (
        1,
        "the ledger is at event 9: event 10 is not booked yet\n",
    )
    wrong = venue_ledger("trial-balance", "--at", "soon", data_dir=data_dir)
    assert wrong.exit_code == 2 and "'soon' is no time" in wrong.stderr


@pytest.fixture(scope="module")
def large(postgres_server: PostgresServer) -> Iterator[Engine]:
    """A ledger of 12,000 events, with statistics of its tables."""
    drop_ledger(postgres_server.url)
    engine = ledger_engine(postgres_server.url)
    repository = LedgerRepository(engine)
    repository.open()
    events = [
        each if seq % 2 else traded(seq, settlement_date=f"2026-01-{seq // 500 + 1:02d}")
        for seq, each in enumerate(busy_day(12_000), start=1)
    ]
    book(repository, delivered(events))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    yield engine
    engine.dispose()


QUERIES: dict[str, Select[Any]] = {
    "settled now": settled_query("ALPHA", None),
    "settled then": settled_query("ALPHA", 9_000),
    "owed now": due_query("ALPHA", None),
    "owed then": due_query("ALPHA", 9_000),
    "balance": balance_query(3, 9_000),
    "time": time_query(T0_NS + 9_000),
    "counts": counts_query(9_000),
    "trial balance now": totals_query(None),
    "trial balance then": totals_query(9_000),
}
SMALL = {"accounts", "balances", "obligations"}
"""Tables of as many rows as there are accounts: they are read as a whole where all is added up."""


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_behind_a_command_reads_a_whole_table(large: Engine, name: str) -> None:
    said = str(
        QUERIES[name].compile(
            dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
            compile_kwargs={"literal_binds": True},
        )
    )
    plan = "\n".join(row[0] for row in rows(large, f"EXPLAIN {said}"))
    assert set(re.findall(r"Seq Scan on (\w+)", plan)) <= SMALL, plan
    assert "Scan" in plan
