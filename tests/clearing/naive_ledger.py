"""A second ledger: written from the chart of accounts, in plain dictionaries, to check the first.

Shares nothing with venue.clearing but the events. Names are those of the tables.
"""

import re
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from venue.domain.events import AnyEvent

Account = tuple[str, str, str, str]
Owed = tuple[str, str, str, str]
NOVATION = ("house", "CLEARING", "novation")
SETTLEMENT = ("house", "CLEARING", "settlement")
PENALTIES = ("house", "CLEARING", "penalties")
BUY_IN = ("house", "CLEARING", "buy_in")
FEES = ("revenue", "VENUE", "fees")
FUNDING = ("external", "OUTSIDE", "funding")
ISSUER = ("external", "OUTSIDE", "issuer")


class NaiveLedger:
    """entries: by event, what each account gets and when it counts. owed: quantity, amount."""

    def __init__(self) -> None:
        self.balances: defaultdict[Account, Fraction] = defaultdict(Fraction)
        self.entries: dict[int, dict[tuple[Account, str], Fraction]] = {}
        self.owed: defaultdict[Owed, list[Fraction]] = defaultdict(lambda: [Fraction(), Fraction()])
        self.failed: dict[Owed, int] = {}
        self.cycles: dict[int, list[int | None]] = {}
        self.fails = 0
        self._lines: defaultdict[tuple[Account, str], Fraction] = defaultdict(Fraction)
        self._today = ""

    def take(self, event: AnyEvent) -> None:
        """Book one event."""
        self._lines = defaultdict(Fraction)
        days = event.timestamp_ns // (24 * 3600 * 10**9)
        self._today = day_after_epoch(days)
        action = getattr(self, f"_{snake_case(type(event).__name__)}", None)
        if action is not None:
            action(event)
        lines = {key: amount for key, amount in self._lines.items() if amount}
        if lines:
            self.entries[event.event_seq] = lines

    def _move(self, source: Account, target: Account, amount: Fraction, on: str = "") -> None:
        for account, change in ((source, -amount), (target, amount)):
            self.balances[account] += change
            self._lines[account, on or self._today] += change

    def _owe(self, owed: Owed, leg: int, asset: str, amount: Fraction) -> None:
        """More is owed to a member, by the house."""
        member, account, _, due = owed
        self.owed[owed][leg] += amount
        self._move((*NOVATION, asset), ("unsettled", member, account, asset), amount, due)

    def _trade(
        self, event: Any, quantity: Fraction, amount: Fraction, fees: tuple[Fraction, Fraction]
    ) -> None:
        buyer, seller = who(event.buy), who(event.sell)
        due = event.settlement_date
        if due is None:
            self._move(held(buyer, event.currency), held(seller, event.currency), amount)
            self._move(held(seller, event.asset), held(buyer, event.asset), quantity)
        else:
            for party, sign in ((buyer, 1), (seller, -1)):
                owed = (*party, event.symbol, due)
                self._owe(owed, 0, event.asset, sign * quantity)
                self._owe(owed, 1, event.currency, -sign * amount)
        for party, fee in zip((buyer, seller), fees, strict=True):
            self._move(held(party, event.currency), (*FEES, event.currency), fee)

    def _trade_executed(self, event: Any) -> None:
        fees = Fraction(event.buy.fee), Fraction(event.sell.fee)
        self._trade(event, Fraction(event.last_qty), Fraction(event.amount), fees)

    def _trade_busted(self, event: Any) -> None:
        fees = -Fraction(event.buy.fee), -Fraction(event.sell.fee)
        self._trade(event, -Fraction(event.last_qty), -Fraction(event.amount), fees)

    def _trade_corrected(self, event: Any) -> None:
        was = Fraction(event.previous_fee)
        self._trade(
            event,
            Fraction(event.last_qty) - Fraction(event.previous_qty),
            Fraction(event.amount) - Fraction(event.previous_amount),
            (Fraction(event.buy.fee) - was, Fraction(event.sell.fee) - was),
        )

    def _funds_deposited(self, event: Any) -> None:
        own = held(of(event), event.asset)
        self._move((*FUNDING, event.asset), own, Fraction(event.amount))

    def _funds_withdrawn(self, event: Any) -> None:
        own = held(of(event), event.asset)
        self._move(own, (*FUNDING, event.asset), Fraction(event.amount))

    def _funds_transferred(self, event: Any) -> None:
        target = held((event.to_member, event.to_account or "default"), event.asset)
        self._move(held(of(event), event.asset), target, Fraction(event.amount))

    def _funds_reversed(self, event: Any) -> None:
        other: Account = (*FUNDING, event.asset)
        if event.to_member:
            other = held((event.to_member, event.to_account or "default"), event.asset)
        self._move(other, held(of(event), event.asset), Fraction(event.amount))

    def _obligation_settled(self, event: Any) -> None:
        for leg, (asset, amount) in enumerate(legs(event)):
            self._owe(owed_of(event), leg, asset, -amount)
            self._move((*SETTLEMENT, asset), held(of(event), asset), amount)

    def _obligation_failed(self, event: Any) -> None:
        self.fails += 1
        self.failed[owed_of(event)] = event.cycles
        own = held(of(event), event.currency)
        self._move((*PENALTIES, event.currency), own, Fraction(event.penalty))

    def _obligation_bought_in(self, event: Any) -> None:
        for leg, (asset, amount) in enumerate(legs(event)):
            self._owe(owed_of(event), leg, asset, -amount)
        own = held(of(event), event.currency)
        self._move((*BUY_IN, event.currency), own, Fraction(event.compensation))

    def _obligation_moved(self, event: Any) -> None:
        target = (event.to_member, event.to_account or "default", event.symbol, event.due)
        for leg, (asset, amount) in enumerate(legs(event)):
            self._owe(owed_of(event), leg, asset, -amount)
            self._owe(target, leg, asset, amount)

    def _holding_adjusted(self, event: Any) -> None:
        own = held(of(event), event.asset)
        self._move((*ISSUER, event.asset), own, Fraction(event.amount))

    def _obligation_adjusted(self, event: Any) -> None:
        self._owe(owed_of(event), 0, event.asset, Fraction(event.change_quantity))
        self._owe(owed_of(event), 1, event.currency, Fraction(event.change_amount))

    def _settlement_begun(self, event: Any) -> None:
        self.cycles[event.cycle] = [event.obligations, None, None, None]

    def _settlement_ended(self, event: Any) -> None:
        self.cycles[event.cycle][1:] = [event.settled, event.partly, event.failed]


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def day_after_epoch(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def who(fill: Any) -> tuple[str, str]:
    return fill.order.terms.member, fill.order.terms.account or "default"


def of(event: Any) -> tuple[str, str]:
    return event.member, event.account or "default"


def held(party: tuple[str, str], asset: str) -> Account:
    return ("member", *party, asset)


def owed_of(event: Any) -> Owed:
    return (*of(event), event.symbol, event.due)


def legs(event: Any) -> tuple[tuple[str, Fraction], tuple[str, Fraction]]:
    return (event.asset, Fraction(event.quantity)), (event.currency, Fraction(event.amount))
