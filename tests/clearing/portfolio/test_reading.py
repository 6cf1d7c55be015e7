"""Portfolios out of a real ledger: as the events say, as of any event or time, by indexes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from venue.clearing.balances import NotBookedYet
from venue.clearing.portfolio.holdings import Held
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.reading import (
    BALANCES,
    BOUGHT,
    MARKS,
    OTHERS,
    RATIOS,
    SOLD,
    Moment,
    NoLedger,
    ensure_booked,
    read_holdings,
    read_marks,
)
from venue.clearing.portfolio.report import balance_rows, position_rows
from venue.clearing.repository import LedgerRepository
from venue.domain.decimal_text import MONEY_SCALE, parse_money
from venue.domain.events import AnyEvent, HoldingAdjusted, StockSplit

from ..trades import book, busted, corrected, delivered, deposited, traded
from .history import MEMBERS, History, in_memory, told

UNIT = MONEY_SCALE
EVENTS = History(seed=4).events(400)


def opened(engine: Engine) -> LedgerRepository:
    repository = LedgerRepository(engine)
    repository.open()
    return repository


@pytest.fixture
def booked(engine: Engine) -> Engine:
    """A ledger with all of EVENTS, in several transactions."""
    repository = opened(engine)
    for start in range(0, len(EVENTS), 150):
        book(repository, delivered(EVENTS[start : start + 150]))
    return engine


@pytest.mark.parametrize("method", Method)
def test_portfolio_is_what_the_events_say_at_any_of_them(booked: Engine, method: Method) -> None:
    for at in (1, 57, 133, 250, 399, 400):
        for member in MEMBERS:
            holdings = read_holdings(booked, member, method, Moment(at))
            assert holdings.event_seq == at
            assert told(holdings.portfolio) == told(in_memory(EVENTS, member, method, at))


def test_quantity_is_the_ledgers_balance_of_the_asset(booked: Engine) -> None:
    """ACME and BTC are assets only; an asset may be in two positions of two currencies."""
    for at in (100, 400):
        for member in MEMBERS:
            holdings = read_holdings(booked, member, Method.FIFO, Moment(at))
            sums: dict[tuple[str, str], int] = {}
            for each in holdings.portfolio.positions():
                if each.asset != "USD":
                    key = (each.account, each.asset)
                    sums[key] = sums.get(key, 0) + each.quantity
            balances = {
                key: held.settled + held.unsettled
                for key, held in holdings.balances.items()
                if key[1] in ("ACME", "BTC")
            }
            assert {key: each for key, each in sums.items() if each} == {
                key: each for key, each in balances.items() if each
            }


def test_unsettled_trade_is_in_the_position_and_beside_what_is_settled(engine: Engine) -> None:
    trade = traded(2, quantity="10", amount="25")
    later = type(trade)(**{name: getattr(trade, name) for name in trade.__struct_fields__} | {
        "settlement_date": "2026-01-07"
    })  # fmt: skip
    book(opened(engine), delivered([deposited(1), later]))
    holdings = read_holdings(engine, "ALPHA", Method.FIFO)
    (position,) = position_rows(holdings)
    assert (position.quantity, position.open_cost) == ("10", "25")
    assert holdings.balances == {
        ("default", "ACME"): Held(0, 10 * UNIT),
        ("default", "USD"): Held(1_000 * UNIT, -25 * UNIT),
    }


def test_marks_are_the_last_trades_that_stand(engine: Engine) -> None:
    first, second = traded(1, price="2"), traded(2, price="3")
    wrong = traded(3, price="9")
    events: list[AnyEvent] = [
        first, second, wrong, busted(4, wrong),
        corrected(5, second, price="4", quantity="10", amount="40"),
    ]  # fmt: skip
    book(opened(engine), delivered(events))
    at = {seq: read_marks(engine, Moment(seq)).get("ACME") for seq in range(6)}
    told_at = {seq: mark and (mark.event_seq, mark.price // UNIT) for seq, mark in at.items()}
    assert told_at == {0: None, 1: (1, 2), 2: (2, 3), 3: (3, 9), 4: (2, 3), 5: (2, 4)}
    (row,) = position_rows(read_holdings(engine, "ALPHA", Method.FIFO))
    assert (row.mark, row.mark_event_seq, row.mark_match_id) == ("4", 2, "M2")
    assert (row.market_value, row.open_cost, row.unrealised_pnl) == ("80", "65", "15")


def test_mark_of_before_a_split_counts_by_its_ratio(engine: Engine) -> None:
    split = StockSplit(
        event_seq=3, timestamp_ns=3, action_id="S", asset="ACME", numerator=3, denominator=2,
        symbols=("ACME",), operator="ops", reason="",
    )  # fmt: skip
    held = [
        HoldingAdjusted(
            event_seq=seq, timestamp_ns=seq, action_id="S", member=member, account="",
            asset="ACME", amount=amount, why="SPLIT",
        )
        for seq, member, amount in ((4, "ALPHA", "5"), (5, "BRAVO", "-5"))
    ]  # fmt: skip
    book(opened(engine), delivered([deposited(1), traded(2, price="2.5"), split, *held]))
    (row,) = position_rows(read_holdings(engine, "ALPHA", Method.FIFO))
    assert (row.quantity, row.open_cost, row.mark) == ("15", "25", "1.66666667")
    (before,) = position_rows(read_holdings(engine, "ALPHA", Method.FIFO, Moment(2)))
    assert before.mark == "2.5"
    book_on = LedgerRepository(engine)
    book_on.open()
    book(book_on, delivered([traded(6, price="2")]))
    assert read_marks(engine, Moment())["ACME"].price == 2 * UNIT


def test_as_of_a_time_is_the_last_event_booked_by_then(engine: Engine) -> None:
    book(opened(engine), delivered([deposited(1), traded(2), traded(3)]))
    base = 1_700_000_000_000_000_000
    for at_ns, seq, quantity in ((0, 0, []), (base + 2, 2, ["10"]), (base + 99, 3, ["20"])):
        holdings = read_holdings(engine, "ALPHA", Method.FIFO, Moment(at_ns=at_ns))
        assert holdings.event_seq == seq
        assert [row.quantity for row in position_rows(holdings)] == quantity


def test_what_is_not_booked_yet_is_said(engine: Engine) -> None:
    with pytest.raises(NoLedger):
        read_holdings(engine, "ALPHA", Method.FIFO)
    with pytest.raises(NoLedger):
        ensure_booked(engine, 0)
    book(opened(engine), delivered([deposited(1)]))
    ensure_booked(engine, 1)
    with pytest.raises(NotBookedYet, match="event 2"):
        read_holdings(engine, "ALPHA", Method.FIFO, Moment(2))


def test_rows_have_money_beside_positions_and_what_is_reserved(engine: Engine) -> None:
    sold = traded(3, buyer="BRAVO", seller="ALPHA", quantity="2", amount="6", seller_fee="1")
    events: list[AnyEvent] = [deposited(1), deposited(2, asset="ACME", amount="5"), sold]
    book(opened(engine), delivered(events))
    holdings = read_holdings(engine, "ALPHA", Method.FIFO)
    (row,) = position_rows(holdings)
    assert (row.symbol, row.quantity, row.realised_pnl, row.fees) == ("ACME", "3", "6", "1")
    assert row.unpriced
    rows = {each.asset: each for each in balance_rows(holdings, {("default", "USD"): 5 * UNIT})}
    assert (rows["USD"].settled, rows["USD"].reserved, rows["USD"].free) == ("1005", "5", "1000")
    assert (rows["ACME"].reserved, rows["ACME"].free) == ("0", "3")
    assert [each.reserved for each in balance_rows(holdings, None)] == [None, None]
    assert position_rows(holdings, "A1") == []
    assert balance_rows(holdings, None, "A1") == []


def test_deposited_asset_is_marked_by_a_symbol_that_others_trade(engine: Engine) -> None:
    events: list[AnyEvent] = [
        deposited(1, "CHARLIE", "ACME", "5"),
        deposited(2, "CHARLIE"),
        traded(3, price="2"),
    ]
    book(opened(engine), delivered(events))
    (row,) = position_rows(read_holdings(engine, "CHARLIE", Method.FIFO))
    assert (row.symbol, row.currency, row.quantity, row.market_value) == ("ACME", "USD", "5", "10")


@pytest.fixture
def large(engine: Engine) -> Iterator[Engine]:
    """A ledger of 30,000 trades of 300 members in 40 symbols, past its guards."""
    opened(engine)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _MANY:
            connection.execute(text(statement))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    yield engine


_MANY = (
    """
    INSERT INTO clearing.trades SELECT n, 'M' || n, n, '2026-01-05', 'S' || n % 40, 1, 2,
      'A' || n % 40, 2, 'USD', 'P' || n % 300, NULL, 'b', 0, 'P' || (n + 7) % 300, NULL, 's', 0,
      'executed', NULL, 1, 2, 2, 0, 0
    FROM generate_series(1, 30000) n
    """,
    """
    INSERT INTO clearing.position_changes SELECT n, 0, 'move', 'P' || n % 300, 'default', 'USD',
      1, '', '', 0, 0, ''
    FROM generate_series(30001, 60000) n
    """,
    """
    INSERT INTO clearing.accounts (kind, owner, sub_account, asset)
    SELECT 'member', 'P' || n % 300, 'default', 'A' || n / 300 FROM generate_series(0, 2999) n
    """,
    """
    INSERT INTO clearing.postings
      (event_seq, line, account_id, amount, balance_before, balance_after, version, value_date)
    SELECT n, 0, 1 + n % 3000, 1, 0, 1, 1, '2026-01-05' FROM generate_series(1, 60000) n
    """,
)


@pytest.mark.parametrize("query", [BOUGHT, SOLD, OTHERS, MARKS, RATIOS, BALANCES])
def test_no_query_reads_a_large_table_from_end_to_end(large: Engine, query: str) -> None:
    with large.connect() as connection:
        plan = "\n".join(
            connection.execute(text(f"EXPLAIN {query}"), {"member": "P17", "at": 55_000}).scalars()
        )
    for table in ("trades", "position_changes", "postings", "entries"):
        assert f"Seq Scan on {table}" not in plan, plan
    assert "Index" in plan


def test_units_are_exact_of_any_size(engine: Engine) -> None:
    book(
        opened(engine),
        delivered([deposited(1, asset="ACME", amount="12345678901234567890.12345678")]),
    )
    (position,) = read_holdings(engine, "ALPHA", Method.FIFO).portfolio.positions()
    assert position.quantity == parse_money("12345678901234567890.12345678")
