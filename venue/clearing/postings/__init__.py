"""Events to double entries: who owes whom what. Pure: no database, no clock, exact decimals only.

One table says which function makes the lines of which event. Every entry sums to zero in every
asset; one that does not is never returned. This check may not be skipped.
"""

from collections.abc import Callable

from venue.clearing.postings import corporate_actions, funds, settlement, trades
from venue.clearing.postings.entry import (
    DEFAULT_SUB_ACCOUNT,
    EXACT,
    OF_MEMBERS,
    AccountKind,
    Entry,
    EventNotPostable,
    LedgerAccount,
    Posting,
    booking_date,
    due_date,
    ensure_balanced,
    external_account,
    house_account,
    is_owed,
    member_account,
    revenue_account,
    sums_by_asset,
    unsettled_account,
    value_date,
)
from venue.domain.events import (
    AnyEvent,
    FundsDeposited,
    FundsReversed,
    FundsTransferred,
    FundsWithdrawn,
    HoldingAdjusted,
    ObligationAdjusted,
    ObligationBoughtIn,
    ObligationFailed,
    ObligationMoved,
    ObligationSettled,
    SettlementBegun,
    SettlementEnded,
    StockSplit,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)

# Each function takes exactly the event type it is listed under.
_POSTINGS: dict[type, Callable[..., tuple[str, list[Posting]]]] = {
    TradeExecuted: trades.trade,
    TradeBusted: trades.bust,
    TradeCorrected: trades.correction,
    FundsDeposited: funds.deposit,
    FundsWithdrawn: funds.withdrawal,
    FundsTransferred: funds.transfer,
    FundsReversed: funds.reversal,
    ObligationSettled: settlement.settled,
    ObligationFailed: settlement.failed,
    ObligationBoughtIn: settlement.bought_in,
    ObligationMoved: settlement.passed_on,
    HoldingAdjusted: corporate_actions.holding,
    ObligationAdjusted: corporate_actions.obligation,
}
_MAY_MOVE_NOTHING = (TradeCorrected, ObligationFailed, ObligationAdjusted)
BOOKED = frozenset(
    event.__name__ for event in (*_POSTINGS, SettlementBegun, SettlementEnded, StockSplit)
)
"""Types of the events that change the ledger; clearing looks into no others."""


def entries_of(event: AnyEvent) -> list[Entry]:
    """The entries of an event: one if it moves money or assets, else none.

    A correction that changes no amount has none, nor has a fail without a penalty. Raises
    EventNotPostable.
    """
    post = _POSTINGS.get(type(event))
    if post is None:
        return []
    description, postings = post(event)
    if not postings and isinstance(event, _MAY_MOVE_NOTHING):
        return []
    entry = Entry(
        event.event_seq,
        event.timestamp_ns,
        type(event).__name__,
        description,
        tuple(postings),
        _due_of(event),
    )
    ensure_balanced(entry)
    return [entry]


def _due_of(event: AnyEvent) -> str | None:
    """When what is owed by the event settles. Raises EventNotPostable."""
    if isinstance(event, TradeExecuted | TradeBusted | TradeCorrected):
        text = event.settlement_date
    else:
        text = getattr(event, "due", None)
    return None if text is None else due_date("settlement date", text)


__all__ = [
    "BOOKED",
    "DEFAULT_SUB_ACCOUNT",
    "EXACT",
    "OF_MEMBERS",
    "AccountKind",
    "Entry",
    "EventNotPostable",
    "LedgerAccount",
    "Posting",
    "booking_date",
    "ensure_balanced",
    "entries_of",
    "external_account",
    "house_account",
    "is_owed",
    "member_account",
    "revenue_account",
    "sums_by_asset",
    "unsettled_account",
    "value_date",
]
