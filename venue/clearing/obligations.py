"""What members owe and are owed, by symbol and due date: net sums of events. Pure: no database.

Knows events and exact decimals. Must never accept an event that says of an obligation what the sum
does not: then the engine and the ledger contradict each other.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from venue.clearing.postings.entry import (
    DEFAULT_SUB_ACCOUNT,
    EXACT,
    EventNotPostable,
    due_date,
    number,
)
from venue.clearing.postings.trades import TradeEvent, change_of
from venue.domain.events import (
    AnyEvent,
    ObligationAdjusted,
    ObligationBoughtIn,
    ObligationFailed,
    ObligationMoved,
    ObligationSettled,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)

_NOTHING = Decimal(0)
_TRADE_EVENTS = (TradeExecuted, TradeBusted, TradeCorrected)


class ObligationKey(NamedTuple):
    """Whose obligation it is. account: of the ledger, "default" where the event names none."""

    member: str
    account: str
    symbol: str
    due: str


class Obligation:
    """Net of one key, signed: above zero it comes to the member. cycles: how often it has failed.

    changed_seq: the event that changed it last. is_known: whether its sum is from its beginning.
    """

    __slots__ = ("amount", "asset", "changed_seq", "currency", "cycles", "is_known", "quantity")

    def __init__(
        self,
        asset: str,
        currency: str,
        quantity: Decimal = _NOTHING,
        amount: Decimal = _NOTHING,
        cycles: int = 0,
        changed_seq: int = 0,
        is_known: bool = True,
    ) -> None:
        self.asset = asset
        self.currency = currency
        self.quantity = quantity
        self.amount = amount
        self.cycles = cycles
        self.changed_seq = changed_seq
        self.is_known = is_known


class Obligations:
    """All obligations that were loaded or have been changed since, by key."""

    def __init__(self, *, from_beginning: bool = True) -> None:
        """from_beginning: what was not loaded is nothing; else nobody knows what it was."""
        self._known: dict[ObligationKey, Obligation] = {}
        self._from_beginning = from_beginning
        self._changed: dict[ObligationKey, Obligation] = {}

    def __contains__(self, key: ObligationKey) -> bool:
        return key in self._known

    def __len__(self) -> int:
        return len(self._known)

    def load(self, key: ObligationKey, obligation: Obligation) -> None:
        """Take over what is booked."""
        self._known[key] = obligation

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
        self._changed.clear()

    def items(self) -> Iterator[tuple[ObligationKey, Obligation]]:
        """All there are."""
        yield from self._known.items()

    def take_changed(self) -> dict[ObligationKey, Obligation]:
        """Those that have changed since this was asked last."""
        changed, self._changed = self._changed, {}
        return changed

    def apply(self, event: AnyEvent) -> None:
        """Change what the event changes. Raises EventNotPostable."""
        if isinstance(event, _TRADE_EVENTS):
            if event.settlement_date is not None:
                self._trade(event)
            return
        change = _CHANGES.get(type(event))
        if change is not None:
            change(self, event)

    def _trade(self, event: TradeEvent) -> None:
        quantity, amount = change_of(event)
        buyer, seller = keys_of(event)
        paid, sold = amount.copy_negate(), quantity.copy_negate()
        for key, changes in ((buyer, (quantity, paid)), (seller, (sold, amount))):
            self._add(key, event.asset, event.currency, event.event_seq, *changes)

    def _settled(self, event: ObligationSettled) -> None:
        (key,) = keys_of(event)
        quantity, amount = number("quantity", event.quantity), number("amount", event.amount)
        left = (
            number("left_quantity", event.left_quantity),
            number("left_amount", event.left_amount),
        )
        self._add(
            key, event.asset, event.currency, event.event_seq,
            quantity.copy_negate(), amount.copy_negate(), now=left,
        )  # fmt: skip

    def _failed(self, event: ObligationFailed) -> None:
        (key,) = keys_of(event)
        now = (number("quantity", event.quantity), number("amount", event.amount))
        found = self._add(
            key, event.asset, event.currency, event.event_seq, _NOTHING, _NOTHING, now=now
        )
        found.cycles = event.cycles

    def _bought_in(self, event: ObligationBoughtIn) -> None:
        (key,) = keys_of(event)
        quantity, amount = number("quantity", event.quantity), number("amount", event.amount)
        self._add(
            key, event.asset, event.currency, event.event_seq,
            quantity.copy_negate(), amount.copy_negate(),
        )  # fmt: skip

    def _moved(self, event: ObligationMoved) -> None:
        source, target = keys_of(event)
        quantity, amount = number("quantity", event.quantity), number("amount", event.amount)
        known = self._known.get(source)
        cycles = 0 if known is None else known.cycles
        seq = event.event_seq
        gone = (quantity.copy_negate(), amount.copy_negate())
        self._add(source, event.asset, event.currency, seq, *gone)
        found = self._add(target, event.asset, event.currency, seq, quantity, amount)
        if found.quantity or found.amount:
            found.cycles = max(found.cycles, cycles)

    def _adjusted(self, event: ObligationAdjusted) -> None:
        (key,) = keys_of(event)
        change = number("change_quantity", event.change_quantity)
        money = number("change_amount", event.change_amount)
        now = (number("quantity", event.quantity), number("amount", event.amount))
        self._add(key, event.asset, event.currency, event.event_seq, change, money, now=now)

    def _add(
        self,
        key: ObligationKey,
        asset: str,
        currency: str,
        event_seq: int,
        quantity: Decimal,
        amount: Decimal,
        now: tuple[Decimal, Decimal] | None = None,
    ) -> Obligation:
        """Change an obligation. now: what it is then, as the event says; it has to be that."""
        found = self._known.get(key)
        if found is None:
            found = Obligation(asset, currency, is_known=self._from_beginning)
            self._known[key] = found
        found.quantity = EXACT.add(found.quantity, quantity)
        found.amount = EXACT.add(found.amount, amount)
        if now is not None and now != (found.quantity, found.amount):
            if found.is_known:
                raise EventNotPostable(
                    f"event {event_seq}: {key.member} {key.account} {key.symbol} due {key.due} is "
                    f"{found.quantity:f} and {found.amount:f}, not {now[0]:f} and {now[1]:f}"
                )
            found.quantity, found.amount = now
        found.is_known = found.is_known or now is not None
        if not found.quantity and not found.amount:
            found.cycles = 0
        found.changed_seq = event_seq
        self._changed[key] = found
        return found


_CHANGES: dict[type, Callable[..., None]] = {
    ObligationSettled: Obligations._settled,
    ObligationFailed: Obligations._failed,
    ObligationBoughtIn: Obligations._bought_in,
    ObligationMoved: Obligations._moved,
    ObligationAdjusted: Obligations._adjusted,
}


def keys_of(event: AnyEvent) -> tuple[ObligationKey, ...]:
    """The obligations that an event changes; of a trade the buyer's and the seller's.

    Raises EventNotPostable for a due date that is none.
    """
    if isinstance(event, _TRADE_EVENTS):
        if event.settlement_date is None:
            return ()
        due = due_date("settlement date", event.settlement_date)
        return tuple(
            _key(fill.order.terms.member, fill.order.terms.account, event.symbol, due)
            for fill in (event.buy, event.sell)
        )
    if not isinstance(
        event,
        ObligationSettled
        | ObligationFailed
        | ObligationBoughtIn
        | ObligationMoved
        | ObligationAdjusted,
    ):
        return ()
    due = due_date("due", event.due)
    own = _key(event.member, event.account, event.symbol, due)
    if isinstance(event, ObligationMoved):
        return own, _key(event.to_member, event.to_account, event.symbol, due)
    return (own,)


def _key(member: str, account: str | None, symbol: str, due: str) -> ObligationKey:
    return ObligationKey(member, account or DEFAULT_SUB_ACCOUNT, symbol, due)
