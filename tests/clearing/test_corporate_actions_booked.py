"""What the engine says of splits, dividends and defaults, booked: the ledger has what it has."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import Engine

from tests.engine.builders import MEMBERS, Venue, buy, enter, sell
from tests.engine.corporate import T2, deposit
from tests.engine.test_random_flow import do_all_of
from venue.clearing.ledger import Ledger
from venue.clearing.obligations import Obligations
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, entries_of
from venue.clearing.repository import LedgerRepository
from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.state.engine_state import EngineState

from .rows import BALANCES, all_rows, rows
from .trades import book, delivered

Account = tuple[str, str, str, str]
WEEK: list[c.AnyCommand] = [
    c.AddInstrument(T2),
    *(c.AddMember(name, (), "1000000000", 1000) for name in ("ALPHA", "BRAVO", "CHARLIE", "HOUSE")),
    *(c.AddSession(session, member) for session, member in MEMBERS.items()),
    c.StartDay("2026-01-05"),
    deposit("ALPHA", "USD", "100000", "A1"),
    deposit("BRAVO", "ACME", "100"),
    deposit("CHARLIE", "ACME", "7"),
    sell("B1", "20", "100", tif="1"),
    buy("A1", "5", "100"),
    enter("A2", "1", "4", "100", account="A1"),
    buy("C1", "1", "100", session="CHARLIE"),
    c.EndDay(),
    c.PayDividend("ACME", "0.123", "USD", "D1", "olga"),
    c.SplitAsset("ACME", 1, 3, "S1", "olga"),
    c.StartDay("2026-01-06"),
    c.CancelOrder("BRAVO", "B9", "B1", "ACME", "2"),
    buy("A3", "2", "297"),
    sell("B2", "1", "297"),
    c.BustTrade("M4", "olga"),
    buy("C2", "1", "300", session="CHARLIE"),
    sell("B3", "1", "300"),
    c.DeclareDefault("ALPHA", operator="olga"),
    c.Approve("H1", "piet"),
    c.EndDay(),
    c.SplitAsset("ACME", 7, 2, "S2", "olga"),
    c.StartDay("2026-01-07"),
    c.SettleObligations("2026-01-07", "olga"),
    c.EndDay(),
    c.StartDay("2026-01-08"),
    c.SettleObligations("2026-01-08", "olga"),
]


def week() -> tuple[Venue, list[e.AnyEvent]]:
    """The venue behind the week, and its events."""
    venue = Venue()
    events = [event for command in WEEK for event in do_all_of(venue, command)]
    assert not [each for each in events if isinstance(each, e.CommandRefused)]
    kinds = {type(each) for each in events}
    assert kinds >= {
        e.StockSplit, e.DividendDeclared, e.HoldingAdjusted, e.ObligationAdjusted, e.TradeBusted,
        e.ObligationMoved, e.FundsTransferred, e.ObligationSettled, e.TradeExecuted,
    }  # fmt: skip
    return venue, events


def of_members(state: EngineState) -> dict[Account, Decimal]:
    """What the engine says that members have, settled and not; without zeros."""
    found: dict[Account, Decimal] = {}
    for name, member in state.members.items():
        for purse in member.purses.all():
            account = purse.account or DEFAULT_SUB_ACCOUNT
            for kind, units in (("member", purse.settled), ("unsettled", purse.pending)):
                if units:
                    found[kind, name, account, purse.asset] = Decimal(units).scaleb(-8)
    return found


def only_members(balances: Iterable[tuple[Account, Decimal]]) -> dict[Account, Decimal]:
    return {
        account: held for account, held in balances
        if held and account[0] in ("member", "unsettled")
    }  # fmt: skip


def test_entries_of_a_week_leave_what_the_engine_has() -> None:
    venue, events = week()
    ledger, obligations = Ledger(), Obligations()
    for event in events:
        obligations.apply(event)
        for entry in entries_of(event):
            ledger.post(entry)
    state = venue.engine.state
    booked = {
        (str(kind), owner, sub, asset): held
        for (kind, owner, sub, asset), held in ledger.balances().items()
    }
    assert only_members(booked.items()) == of_members(state)
    assert not any(ledger.sums().values())
    owed = {
        tuple(key): (each.quantity, each.amount)
        for key, each in obligations.items()
        if each.quantity or each.amount
    }
    assert owed == {
        (each.member, each.account, each.symbol, each.due): (
            Decimal(each.quantity).scaleb(-8), Decimal(each.amount).scaleb(-8),
        )
        for each in state.obligations
    }  # fmt: skip


def test_database_has_what_the_engine_has_behind_a_week(engine: Engine) -> None:
    venue, events = week()
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered(events))
    found = [(tuple(row[:4]), row.balance) for row in rows(engine, BALANCES)]
    assert only_members(found) == of_members(venue.engine.state)
    issuer = {row.asset: row.balance for row in rows(engine, BALANCES) if row[2] == "issuer"}
    told = [each for each in events if isinstance(each, e.HoldingAdjusted)]
    for asset in ("ACME", "USD"):
        paid = sum((Decimal(each.amount) for each in told if each.asset == asset), Decimal(0))
        assert issuer[asset] == -paid
    left = [row for row in all_rows(engine)["obligations"] if row.quantity or row.amount]
    assert len(left) == len(venue.engine.state.obligations)
