"""Corporate actions in a few words: a split, what it has done, a venue with unsettled trades."""

import msgspec

from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.decimal_text import format_money

from .builders import ACME, DAY, MEMBERS, Venue, buy, sell

NEXT_DAY, LATER = "2026-01-06", "2026-01-07"


T2 = msgspec.structs.replace(ACME, settlement_days="2")


def split(new: int, old: int, asset: str = "ACME", action_id: str = "S1") -> c.SplitAsset:
    return c.SplitAsset(asset, new, old, action_id, "olga", "board")


def deposit(member: str, asset: str, amount: str, account: str = "") -> c.Deposit:
    return c.Deposit(member, asset, amount, account=account)


def balance(venue: Venue, member: str, asset: str, account: str = "") -> str:
    return format_money(venue.engine.state.members[member].purses.seen(account, asset).balance)


def restated(events: list[e.AnyEvent]) -> list[tuple[str, str, str, str | None]]:
    """OrderID, OrderQty, CumQty and price of each order that a corporate action restates."""
    return [
        (each.order.terms.order_id, each.order.order_qty, each.order.cum_qty, each.order.price)
        for each in events
        if isinstance(each, e.OrderRestated) and each.restatement_reason == "0"
    ]


def holdings(events: list[e.AnyEvent]) -> list[tuple[str, str, str, str]]:
    """Whose, what, how much and why, of each adjustment."""
    return [
        (f"{each.member}/{each.account}", each.asset, each.amount, each.why)
        for each in events
        if isinstance(each, e.HoldingAdjusted)
    ]


def levels(venue: Venue, symbol: str = "ACME") -> list[list[str]]:
    """OrderIDs at each price, bids and then asks, the first to trade first."""
    book = venue.engine.state.markets[symbol].book
    return [
        [getattr(order, "terms").order_id for order in level]  # noqa: B009
        for side in (book.bids, book.asks)
        for level in side.levels()
    ]


def unsettled() -> Venue:
    """ALPHA has bought 5 and 2 of T+2, CHARLIE 1; BRAVO owes them. The day has ended."""
    venue = Venue()
    venue.do_all(
        c.AddInstrument(T2),
        *(c.AddMember(name, (), "1000000000", 1000) for name in ("ALPHA", "BRAVO", "CHARLIE")),
        *(c.AddSession(session, member) for session, member in MEMBERS.items()),
        c.StartDay(DAY),
        deposit("BRAVO", "ACME", "20"),
        deposit("ALPHA", "ACME", "3"),
        sell("B1", "8", "100", tif="1"),
        buy("A1", "5", "100"),
        buy("C1", "1", "100", session="CHARLIE"),
        c.EndDay(),
        c.StartDay(NEXT_DAY),
        buy("A2", "2", "100"),
        c.EndDay(),
    )
    return venue
