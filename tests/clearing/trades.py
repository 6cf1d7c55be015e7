"""Trades, their changes, deposits and withdrawals as the engine makes them, for clearing tests."""

from collections.abc import Sequence

from venue.bus.delivered import Delivered
from venue.bus.position_file import Position, digest_of
from venue.clearing.repository import LedgerRepository
from venue.domain.codec import encode
from venue.domain.events import (
    AnyEvent,
    FundsDeposited,
    FundsWithdrawn,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.order_state import Fill, OrderState, OrderTerms
from venue.domain.types import OrdStatus, Side

MEMBERS = ("ALPHA", "BRAVO", "CHARLIE", "DELTA")


def fill(
    member: str, side: Side, order_id: str, account: str | None = None, fee: str = "0"
) -> Fill:
    terms = OrderTerms(
        order_id=order_id,
        session=member,
        member=member,
        symbol="ACME",
        side=side,
        ord_type="2",
        time_in_force="0",
        account=account,
    )
    state = OrderState(
        terms=terms,
        cl_ord_id=f"c{order_id}",
        ord_status=OrdStatus.FILLED,
        order_qty="1",
        leaves_qty="0",
        cum_qty="1",
        avg_px="1",
        price="1",
    )
    return Fill(order=state, fee=fee)


def traded(
    event_seq: int,
    *,
    buyer: str = "ALPHA",
    seller: str = "BRAVO",
    quantity: str = "10",
    price: str = "2.5",
    amount: str = "25",
    symbol: str = "ACME",
    asset: str = "ACME",
    currency: str = "USD",
    buyer_account: str | None = None,
    seller_account: str | None = None,
    buyer_fee: str = "0",
    seller_fee: str = "0",
    match_id: str | None = None,
    settlement_date: str | None = None,
) -> TradeExecuted:
    return TradeExecuted(
        event_seq=event_seq,
        timestamp_ns=1_700_000_000_000_000_000 + event_seq,
        symbol=symbol,
        match_id=match_id or f"M{event_seq}",
        trading_day="2026-01-05",
        last_px=price,
        last_qty=quantity,
        asset=asset,
        amount=amount,
        currency=currency,
        buy=fill(buyer, Side.BUY, f"B{event_seq}", buyer_account, buyer_fee),
        sell=fill(seller, Side.SELL, f"S{event_seq}", seller_account, seller_fee),
        aggressor=Side.BUY,
        settlement_date=settlement_date,
    )


def busted(event_seq: int, trade: TradeExecuted | TradeCorrected) -> TradeBusted:
    """The bust of a trade that stands as `trade` says."""
    return TradeBusted(
        event_seq=event_seq,
        timestamp_ns=1_700_000_000_000_000_000 + event_seq,
        symbol=trade.symbol,
        match_id=trade.match_id,
        trading_day=trade.trading_day,
        exec_ref_seq=trade.event_seq,
        last_px=trade.last_px,
        last_qty=trade.last_qty,
        asset=trade.asset,
        amount=trade.amount,
        currency=trade.currency,
        buy=trade.buy,
        sell=trade.sell,
        operator="ops",
        reason="wrong",
        settlement_date=trade.settlement_date,
    )


def corrected(
    event_seq: int,
    trade: TradeExecuted | TradeCorrected,
    *,
    price: str,
    quantity: str,
    amount: str,
    fee: str = "0",
    sell_fee: str | None = None,
) -> TradeCorrected:
    """The correction of a trade that stands as `trade` says; sell_fee: None for the buyer's."""
    return TradeCorrected(
        event_seq=event_seq,
        timestamp_ns=1_700_000_000_000_000_000 + event_seq,
        symbol=trade.symbol,
        match_id=trade.match_id,
        trading_day=trade.trading_day,
        exec_ref_seq=trade.event_seq,
        last_px=price,
        last_qty=quantity,
        asset=trade.asset,
        amount=amount,
        currency=trade.currency,
        buy=Fill(order=trade.buy.order, fee=fee),
        sell=Fill(order=trade.sell.order, fee=fee if sell_fee is None else sell_fee),
        previous_px=trade.last_px,
        previous_qty=trade.last_qty,
        previous_amount=trade.amount,
        previous_fee=trade.buy.fee,
        previous_sell_fee=None if trade.sell.fee == trade.buy.fee else trade.sell.fee,
        operator="ops",
        reason="wrong",
        settlement_date=trade.settlement_date,
    )


def deposited(
    event_seq: int,
    member: str = "ALPHA",
    asset: str = "USD",
    amount: str = "1000",
    account: str = "",
) -> FundsDeposited:
    return FundsDeposited(
        event_seq=event_seq,
        timestamp_ns=event_seq,
        member=member,
        asset=asset,
        amount=amount,
        operator="ops",
        reason="funding",
        account=account,
    )


def withdrawn(
    event_seq: int,
    member: str = "ALPHA",
    asset: str = "USD",
    amount: str = "1000",
    account: str = "",
) -> FundsWithdrawn:
    return FundsWithdrawn(
        event_seq=event_seq,
        timestamp_ns=event_seq,
        member=member,
        asset=asset,
        amount=amount,
        operator="ops",
        reason="payout",
        account=account,
    )


def busy_day(count: int) -> list[AnyEvent]:
    """`count` events from 1 on: trades between four members with fees, and a deposit in ten."""
    return [
        deposited(seq, MEMBERS[seq % 4])
        if seq % 10 == 1
        else traded(
            seq,
            buyer=MEMBERS[seq % 4],
            seller=MEMBERS[(seq // 4) % 4],
            quantity=str(seq % 7 + 1),
            amount=f"{seq % 1000}.{seq % 97:02d}",
            buyer_account="A1" if seq % 3 else None,
            buyer_fee=f"0.{seq % 100:02d}".rstrip("0").rstrip(".") or "0",
        )
        for seq in range(1, count + 1)
    ]


def trades_in(events: Sequence[AnyEvent]) -> int:
    return sum(isinstance(event, TradeExecuted) for event in events)


def delivered(events: Sequence[AnyEvent]) -> list[Delivered]:
    return [Delivered(event.event_seq, encode(event)) for event in events]


def book(repository: LedgerRepository, events: Sequence[Delivered]) -> None:
    """Have these booked as clearing would."""
    repository.apply(events, position_of(events[-1]))


def position_of(event: Delivered, journal: str = "mine") -> Position:
    """The position that an event is."""
    return Position(event.event_seq, journal=journal, digest=digest_of(event.payload))
