"""The table of trades in PostgreSQL: a row a match, and what a bust or a correction may change."""

import random
from decimal import Decimal

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from venue.bus.position_file import Position
from venue.clearing import migrations
from venue.clearing.ledger import Ledger
from venue.clearing.postings import EventNotPostable, entries_of
from venue.clearing.repository import LedgerRepository
from venue.clearing.statements import trial_balance, unreconciled
from venue.domain.events import AnyEvent, TradeCorrected, TradeExecuted

from .test_repository import booked, opened
from .trades import MEMBERS, book, busted, corrected, delivered, deposited, traded

ROW = (
    "SELECT status, changed_seq, current_quantity, current_price, current_amount, "
    "current_buyer_fee, current_seller_fee FROM clearing.trades WHERE match_id = :match_id"
)


def row(engine: Engine, match_id: str) -> tuple[object, ...]:
    with engine.connect() as connection:
        return tuple(connection.execute(text(ROW), {"match_id": match_id}).one())


def numbers(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(each) for each in texts)


def busy_day_with_changes(count: int) -> list[AnyEvent]:
    """Trades with fees, a third of them corrected or busted later, some more than once."""
    source = random.Random(3)
    events: list[AnyEvent] = []
    live: list[TradeExecuted | TradeCorrected] = []
    for seq in range(1, count + 1):
        draw = source.random()
        quantity, price = source.randint(1, 50), Decimal(source.randint(100, 999)) / 8
        amount, fee = f"{quantity * price}", f"{price / 1000}"
        if draw < 0.6 or not live:
            buyer, seller = source.choice(MEMBERS), source.choice(MEMBERS)
            trade = traded(
                seq, buyer=buyer, seller=seller, quantity=str(quantity), price=str(price),
                amount=amount, buyer_fee=fee, seller_fee=fee,
            )  # fmt: skip
            events.append(trade)
            live.append(trade)
        elif draw < 0.8:
            events.append(busted(seq, live.pop(source.randrange(len(live)))))
        else:
            at = source.randrange(len(live))
            live[at] = corrected(
                seq, live[at], price=str(price), quantity=str(quantity), amount=amount, fee=fee
            )
            events.append(live[at])
    return events


def test_a_trade_stands_as_executed_until_it_is_changed(engine: Engine) -> None:
    repository = opened(engine)
    trade = traded(1, buyer_fee="0.05", seller_fee="0.05")
    book(repository, delivered([trade]))
    assert row(engine, "M1") == ("executed", None, *numbers("10", "2.5", "25", "0.05", "0.05"))
    change = corrected(2, trade, price="3", quantity="8", amount="24", fee="0.04")
    book(repository, delivered([change]))
    assert row(engine, "M1") == ("corrected", 2, *numbers("8", "3", "24", "0.04", "0.04"))
    book(repository, delivered([busted(3, change)]))
    assert row(engine, "M1") == ("busted", 3, *numbers("8", "3", "24", "0.04", "0.04"))
    with engine.connect() as connection:
        executed = "SELECT event_seq, quantity, price, amount, buyer_fee FROM clearing.trades"
        assert tuple(connection.execute(text(executed)).one()) == (
            1,
            *numbers("10", "2.5", "25", "0.05"),
        )


def test_a_correction_that_moves_nothing_still_shows_in_its_row(engine: Engine) -> None:
    repository = opened(engine)
    trade = traded(1)
    same = corrected(2, trade, price="2.5", quantity="10", amount="25")
    book(repository, delivered([trade, same]))
    assert row(engine, "M1")[:2] == ("corrected", 2)


def test_any_changes_leave_what_the_live_trades_say(engine: Engine) -> None:
    events = busy_day_with_changes(600)
    repository = opened(engine)
    for start in range(0, 600, 150):
        book(repository, delivered(events[start : start + 150]))
    ledger = Ledger()
    for event in events:
        for entry in entries_of(event):
            ledger.post(entry)
    assert booked(engine) == dict(ledger.balances())
    assert unreconciled(engine) == []
    balance = trial_balance(engine)
    assert balance["trades"] == sum(isinstance(event, TradeExecuted) for event in events)
    assert balance["busted"] == sum(type(event).__name__ == "TradeBusted" for event in events) > 50
    assert {totals["sum"] for totals in balance["assets"].values()} == {0}
    live = (
        "SELECT sum(current_buyer_fee + current_seller_fee) FROM clearing.trades "
        "WHERE status <> 'busted'"
    )
    fees = "SELECT balance FROM clearing.balances JOIN clearing.accounts USING (account_id) "
    with engine.connect() as connection:
        of_trades = connection.execute(text(live)).scalar_one()
        of_ledger = connection.execute(text(fees + "WHERE kind = 'revenue'")).scalar_one()
    assert of_trades == of_ledger > 0


def test_a_change_that_does_not_fit_the_trade_books_nothing(engine: Engine) -> None:
    repository = opened(engine)
    trade = traded(1)
    book(repository, delivered([trade, busted(2, trade)]))
    other = traded(1, match_id="M9")
    unlike = traded(1, amount="24")
    for change in (busted(3, trade), busted(3, other), busted(3, unlike)):
        with pytest.raises(EventNotPostable):
            book(repository, delivered([change]))
    assert (repository.open().event_seq, trial_balance(engine)["busted"]) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [
        "quantity = 1",
        "buyer = 'BRAVO'",
        "event_seq = 9, status = 'busted', changed_seq = 9",
        "match_id = 'M9'",
        "current_price = 1",
        "status = 'busted'",
        "status = 'busted', changed_seq = 1",
        "status = 'executed', changed_seq = 5",
        "status = 'undone', changed_seq = 5",
    ],
)
def test_the_database_refuses_any_other_change(engine: Engine, change: str) -> None:
    book(opened(engine), delivered([traded(1)]))
    before = row(engine, "M1")
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(f"UPDATE clearing.trades SET {change}"))
    assert row(engine, "M1") == before


def test_the_database_leaves_a_busted_trade_as_it_is(engine: Engine) -> None:
    trade = traded(1)
    book(opened(engine), delivered([trade, busted(2, trade)]))
    with pytest.raises(DBAPIError, match="is busted"), engine.begin() as connection:
        connection.execute(text("UPDATE clearing.trades SET status = 'corrected', changed_seq = 7"))


def test_trades_booked_before_the_migration_stand_as_executed(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.__path__[0]))
    config.set_main_option("path_separator", "os")
    old_row = (
        "INSERT INTO clearing.trades VALUES (1, 'M1', 1, '2026-01-05', 'ACME', 10, 2.5, 'ACME', "
        "25, 'USD', 'ALPHA', NULL, 'B1', 0.05, 'BRAVO', NULL, 'S1', 0.05)"
    )
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA clearing"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(old_row))
    repository = LedgerRepository(engine)
    assert repository.open() == Position(0)
    assert row(engine, "M1") == ("executed", None, *numbers("10", "2.5", "25", "0.05", "0.05"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE clearing.position SET event_seq = 1"))
    assert repository.open() == Position(1), "an older version did not say whose it is"
    trade = traded(1, buyer_fee="0.05", seller_fee="0.05")
    book(repository, delivered([busted(2, trade), deposited(3)]))
    assert row(engine, "M1")[0] == "busted"
