"""The ledger agrees with a second, naive one over any days: entries, balances, what is owed."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from venue.clearing.balances import member_holdings
from venue.clearing.ledger import Ledger
from venue.clearing.obligations import Obligations
from venue.clearing.postings import OF_MEMBERS, AccountKind, entries_of, sums_by_asset, value_date
from venue.clearing.repository import LedgerRepository

from .conftest import drop_ledger
from .naive_ledger import Account
from .random_days import MEMBERS, RandomDays, decimal_of
from .rows import BALANCES, LINES, all_rows, rows
from .trades import book, delivered

days = st.builds(RandomDays, st.integers(0, 2**32), st.integers(1, 80))


def without_zeros(balances: dict[Account, Fraction]) -> dict[Account, Fraction]:
    return {account: amount for account, amount in balances.items() if amount}


@given(days)
def test_entries_are_those_of_the_chart_and_balance(day: RandomDays) -> None:
    found = {}
    for event in day.events:
        for entry in entries_of(event):
            assert not any(sums_by_asset(entry.postings).values())
            lines: defaultdict[tuple[Account, str], Fraction] = defaultdict(Fraction)
            for account, amount in entry.postings:
                lines[(*account,), value_date(entry, account)] += Fraction(amount)
            if any(lines.values()):
                found[entry.event_seq] = {key: each for key, each in lines.items() if each}
    assert found == day.naive.entries


@given(days)
def test_balances_and_obligations_are_the_sums_of_all_events(day: RandomDays) -> None:
    ledger, obligations = Ledger(), Obligations()
    for event in day.events:
        obligations.apply(event)
        for entry in entries_of(event):
            ledger.post(entry)
    assert not any(ledger.sums().values())
    booked = {tuple(account): Fraction(held) for account, held in ledger.balances().items()}
    assert without_zeros(booked) == without_zeros(day.naive.balances)  # type: ignore[arg-type]
    owed = {
        tuple(key): [Fraction(each.quantity), Fraction(each.amount)]
        for key, each in obligations.items()
    }
    assert owed == day.naive.owed
    for asset in ("USD", "ACME"):
        unsettled = [
            held for account, held in booked.items()
            if account[3] == asset and (account[0] == "unsettled" or account[2] == "novation")
        ]  # fmt: skip
        assert sum(unsettled) == 0


@given(days, st.randoms(use_true_random=False))
def test_sums_do_not_depend_on_the_order_in_which_events_are_posted(
    day: RandomDays, source: Random
) -> None:
    shuffled = list(day.events)
    source.shuffle(shuffled)
    sums: defaultdict[Account, Fraction] = defaultdict(Fraction)
    for event in shuffled:
        for entry in entries_of(event):
            for account, amount in entry.postings:
                sums[tuple(account)] += Fraction(amount)  # type: ignore[index]
    assert without_zeros(sums) == without_zeros(day.naive.balances)


@pytest.fixture(scope="module")
def day() -> RandomDays:
    return RandomDays(16, 900)


def book_in_parts(engine: Engine, day: RandomDays, sizes: Iterator[int]) -> None:
    repository = LedgerRepository(engine)
    repository.open()
    booked = delivered(day.events)
    while booked:
        size = next(sizes)
        book(repository, booked[:size])
        booked = booked[size:]


def of_one_size(size: int) -> Iterator[int]:
    while True:
        yield size


def of_any_size(seed: int) -> Iterator[int]:
    source = Random(seed)
    while True:
        yield source.choice((1, 2, 7, 30, 200))


def test_database_has_what_the_naive_ledger_has(engine: Engine, day: RandomDays) -> None:
    book_in_parts(engine, day, of_any_size(1))
    booked = {tuple(row[:4]): row.balance for row in rows(engine, BALANCES) if row.balance}
    expected = {account: decimal_of(held) for account, held in day.naive.balances.items() if held}
    assert booked == expected
    found = all_rows(engine)
    assert {
        (row.member, row.account, row.symbol, row.due.isoformat()): (row.quantity, row.amount)
        for row in found["obligations"]
    } == {key: tuple(map(decimal_of, net)) for key, net in day.naive.owed.items()}
    assert len(found["fails"]) == day.naive.fails > 10
    assert {row.cycle: [row.obligations, row.settled, row.partly, row.failed]
            for row in found["cycles"]} == day.naive.cycles  # fmt: skip
    for member in MEMBERS:
        for holding in member_holdings(engine, member).rows:
            key = (AccountKind.UNSETTLED.value, member, holding.account, holding.asset)
            net = day.naive.balances.get(key, Fraction())
            assert holding.receivable - holding.payable == decimal_of(net)


def test_batches_cut_anywhere_leave_the_same_rows(
    engine: Engine, database_url: str, day: RandomDays
) -> None:
    found = []
    for sizes in (of_one_size(10_000), of_any_size(2), of_any_size(3)):
        engine.dispose()
        drop_ledger(database_url)
        book_in_parts(engine, day, sizes)
        found.append(all_rows(engine))
    assert found[0] == found[1] == found[2]


def test_every_line_follows_the_one_before(engine: Engine, day: RandomDays) -> None:
    book_in_parts(engine, day, of_any_size(4))
    standing: dict[Account, tuple[Decimal, int]] = {}
    numbers: dict[str, int] = {}
    for row in rows(engine, LINES):
        account = tuple(row[2:6])
        before, version = standing.get(account, (Decimal(0), 0))
        assert (row.balance_before, row.version) == (before, version + 1)
        assert row.balance_after == before + row.amount
        standing[account] = (row.balance_after, row.version)
        if row.kind in OF_MEMBERS:
            numbers[row.owner] = numbers.get(row.owner, 0) + 1
            assert row.wallet_number == numbers[row.owner]
        else:
            assert row.wallet_number is None
    assert {
        tuple(row[:4]): (row.balance, row.version) for row in rows(engine, BALANCES)
    } == standing
    assert {row.member: row.wallet_number for row in all_rows(engine)["wallets"]} == numbers
