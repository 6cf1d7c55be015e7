"""A random history of events that change positions, as the engine would say them."""

import random
from collections.abc import Sequence
from itertools import count

from venue.clearing.portfolio.changes import ChangeKind, changes_of
from venue.clearing.portfolio.lots import Method
from venue.clearing.portfolio.portfolio import Portfolio, folded
from venue.domain.decimal_text import format_money
from venue.domain.events import (
    AnyEvent,
    FundsReversed,
    FundsTransferred,
    HoldingAdjusted,
    TradeCorrected,
    TradeExecuted,
)

from ..trades import busted, corrected, deposited, traded, withdrawn

MEMBERS = ("ALPHA", "BRAVO", "CHARLIE")
ACCOUNTS = (None, "A1")
SYMBOLS = {"ACME": ("ACME", "USD"), "BTC-USD": ("BTC", "USD"), "BTC-EUR": ("BTC", "EUR")}


class History:
    """Draws events; each trade may be corrected and busted later, each deposit reversed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._seqs = count(1)
        self._alive: list[TradeExecuted | TradeCorrected] = []
        self._deposits: list[AnyEvent] = []

    def events(self, number: int) -> list[AnyEvent]:
        choices = (self._trade, self._correct, self._bust, self._deposit, self._withdraw,
                   self._transfer, self._reverse, self._split, self._pay)  # fmt: skip
        weights = (50, 8, 8, 10, 5, 8, 4, 3, 4)
        found: list[AnyEvent] = []
        while len(found) < number:
            event = self._draw.choices(choices, weights)[0](len(found) + 1)
            if event is not None:
                found.append(event)
        return found

    def _trade(self, seq: int) -> AnyEvent:
        draw = self._draw
        symbol = draw.choice([*SYMBOLS])
        asset, currency = SYMBOLS[symbol]
        event = traded(
            seq,
            buyer=draw.choice(MEMBERS),
            seller=draw.choice(MEMBERS),
            quantity=format_money(draw.randint(1, 10**9)),
            price=format_money(draw.randint(1, 10**10)),
            amount=format_money(draw.randint(1, 10**11)),
            symbol=symbol,
            asset=asset,
            currency=currency,
            buyer_account=draw.choice(ACCOUNTS),
            seller_account=draw.choice(ACCOUNTS),
            buyer_fee="0.25",
            seller_fee="0.25",
        )
        self._alive.append(event)
        return event

    def _correct(self, seq: int) -> AnyEvent | None:
        if not self._alive:
            return None
        at = self._draw.randrange(len(self._alive))
        price, amount = "7", format_money(self._draw.randint(1, 10**11))
        trade = self._alive[at]
        event = corrected(
            seq, trade, price=price, quantity=trade.last_qty, amount=amount, fee="0.5"
        )
        self._alive[at] = event
        return event

    def _bust(self, seq: int) -> AnyEvent | None:
        if not self._alive:
            return None
        return busted(seq, self._alive.pop(self._draw.randrange(len(self._alive))))

    def _deposit(self, seq: int) -> AnyEvent:
        asset = self._draw.choice(("ACME", "BTC", "USD"))
        event = deposited(seq, self._draw.choice(MEMBERS), asset, self._amount(), self._account())
        self._deposits.append(event)
        return event

    def _withdraw(self, seq: int) -> AnyEvent:
        asset = self._draw.choice(("ACME", "BTC", "USD"))
        return withdrawn(seq, self._draw.choice(MEMBERS), asset, self._amount(), self._account())

    def _transfer(self, seq: int) -> AnyEvent:
        member = self._draw.choice(MEMBERS)
        return FundsTransferred(
            event_seq=seq, timestamp_ns=seq, member=member,
            to_member=self._draw.choice(MEMBERS), asset="ACME", amount=self._amount(),
            operator="ops", reason="", account="", to_account="A1", reference=f"T{seq}",
        )  # fmt: skip

    def _reverse(self, seq: int) -> AnyEvent | None:
        if not self._deposits:
            return None
        event = self._deposits.pop()
        (change,) = changes_of(event)
        return FundsReversed(
            event_seq=seq, timestamp_ns=seq, member=change.member, asset=change.asset,
            amount=format_money(-change.quantity), of_reference="", of_event_seq=event.event_seq,
            operator="ops", reason="",
            account="" if change.account == "default" else change.account,
        )  # fmt: skip

    def _split(self, seq: int) -> AnyEvent:
        return self._adjusted(seq, "ACME", "SPLIT")

    def _pay(self, seq: int) -> AnyEvent:
        return self._adjusted(seq, "USD", "DIVIDEND")

    def _adjusted(self, seq: int, asset: str, why: str) -> AnyEvent:
        return HoldingAdjusted(
            event_seq=seq, timestamp_ns=seq, action_id=f"C{seq}",
            member=self._draw.choice(MEMBERS), account="", asset=asset, amount=self._amount(),
            why=why,
        )  # fmt: skip

    def _amount(self) -> str:
        return format_money(self._draw.randint(1, 10**9))

    def _account(self) -> str:
        return self._draw.choice(ACCOUNTS) or ""


def in_memory(
    events: Sequence[AnyEvent], member: str, method: Method, at: int | None = None
) -> Portfolio:
    """The member's portfolio of these events, up to event `at`."""
    until = events[-1].event_seq if at is None else at
    changes = [
        change
        for event in events
        if event.event_seq <= until
        for change in changes_of(event)
        if change.member == member
    ]
    trades = [change for change in changes if change.kind is ChangeKind.TRADE]
    return folded(trades, [each for each in changes if each.kind is not ChangeKind.TRADE], method)


def told(portfolio: Portfolio) -> list[tuple[object, ...]]:
    """Everything of a portfolio, to be compared."""
    positions = [
        (
            each.account, each.asset, each.currency, each.symbol, each.quantity, each.cost,
            each.realised, each.fees, each.unpriced,
        )
        for each in portfolio.positions()
    ]  # fmt: skip
    return [*positions, *sorted(portfolio.income.items())]
