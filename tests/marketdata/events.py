"""Events as the engine makes them, in short form, for the tests of what reads events."""

from venue.domain.events import (
    DayEnded,
    DayStarted,
    InstrumentAdded,
    InstrumentDisabled,
    InstrumentHalted,
    InstrumentResumed,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    OrderRestated,
    TradeBusted,
    TradeCorrected,
    TradeExecuted,
)
from venue.domain.instruments import InstrumentDefinition
from venue.domain.order_state import Fill, OrderState, OrderTerms
from venue.domain.types import OrdStatus, Phase, Side

NANOSECONDS = 1_700_000_000_000_000_000


def order(
    order_id: str,
    side: Side,
    price: str | None,
    leaves: str,
    *,
    symbol: str = "ACME",
    ord_type: str = "2",
    time_in_force: str = "0",
    status: OrdStatus = OrdStatus.NEW,
    waiting: bool = False,
    max_floor: str | None = None,
    displayed: str | None = None,
) -> OrderState:
    return OrderState(
        terms=OrderTerms(
            order_id=order_id,
            session="SECRET-SESSION",
            member="SECRET-MEMBER",
            symbol=symbol,
            side=side,
            ord_type=ord_type,
            time_in_force=time_in_force,
            account="SECRET-ACCOUNT",
        ),
        cl_ord_id=f"SECRET-{order_id}",
        ord_status=status,
        order_qty="1000000",
        leaves_qty=leaves,
        cum_qty="0",
        avg_px="0",
        price=price,
        waiting=waiting,
        max_floor=max_floor,
        displayed_qty=displayed,
    )


def accepted(seq: int, state: OrderState) -> OrderAccepted:
    return OrderAccepted(
        event_seq=seq, timestamp_ns=NANOSECONDS + seq, symbol=state.terms.symbol, order=state
    )


def replaced(seq: int, state: OrderState) -> OrderReplaced:
    return OrderReplaced(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=state.terms.symbol,
        order=state,
        orig_cl_ord_id="SECRET-ORIG",
    )


def canceled(seq: int, state: OrderState) -> OrderCanceled:
    return OrderCanceled(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=state.terms.symbol,
        order=state,
        cl_ord_id="SECRET-CXL",
    )


def expired(seq: int, state: OrderState) -> OrderExpired:
    return OrderExpired(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=state.terms.symbol,
        order=state,
        text="EXPIRED SECRET",
    )


def restated(seq: int, state: OrderState) -> OrderRestated:
    return OrderRestated(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=state.terms.symbol,
        order=state,
        restatement_reason="99",
        text="STOP_TRIGGERED SECRET",
        triggered=True,
    )


def renewed(seq: int, state: OrderState) -> OrderRestated:
    """The order goes on into a new trading day."""
    return OrderRestated(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=state.terms.symbol,
        order=state,
        restatement_reason="1",
        text="RESTATED SECRET",
    )


def traded(
    seq: int,
    price: str,
    quantity: str,
    buy: OrderState,
    sell: OrderState,
    *,
    aggressor: Side | None = Side.BUY,
    amount: str = "0",
    trading_day: str = "2026-01-05",
) -> TradeExecuted:
    return TradeExecuted(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=buy.terms.symbol,
        match_id=f"M{seq}",
        trading_day=trading_day,
        last_px=price,
        last_qty=quantity,
        asset=buy.terms.symbol,
        amount=amount,
        currency="USD",
        buy=Fill(order=buy),
        sell=Fill(order=sell),
        aggressor=aggressor,
    )


def busted(seq: int, trade: TradeExecuted, buy: OrderState, sell: OrderState) -> TradeBusted:
    return TradeBusted(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=trade.symbol,
        match_id=trade.match_id,
        trading_day=trade.trading_day,
        exec_ref_seq=trade.event_seq,
        last_px=trade.last_px,
        last_qty=trade.last_qty,
        asset=trade.asset,
        amount=trade.amount,
        currency=trade.currency,
        buy=Fill(order=buy),
        sell=Fill(order=sell),
        operator="SECRET-OPERATOR",
        reason="SECRET-REASON",
    )


def corrected(
    seq: int,
    trade: TradeExecuted,
    price: str,
    quantity: str,
    amount: str,
    buy: OrderState,
    sell: OrderState,
) -> TradeCorrected:
    return TradeCorrected(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=trade.symbol,
        match_id=trade.match_id,
        trading_day=trade.trading_day,
        exec_ref_seq=trade.event_seq,
        last_px=price,
        last_qty=quantity,
        asset=trade.asset,
        amount=amount,
        currency=trade.currency,
        buy=Fill(order=buy),
        sell=Fill(order=sell),
        previous_px=trade.last_px,
        previous_qty=trade.last_qty,
        previous_amount=trade.amount,
        previous_fee="0",
        operator="SECRET-OPERATOR",
        reason="SECRET-REASON",
    )


def day_ended(seq: int, trading_day: str = "2026-01-05") -> DayEnded:
    return DayEnded(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        trading_day=trading_day,
        phase=Phase.CLOSED,
    )


def day_started(seq: int, trading_day: str = "2026-01-05") -> DayStarted:
    return DayStarted(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        trading_day=trading_day,
        phase=Phase.CONTINUOUS,
    )


def instrument_added(seq: int, symbol: str = "ACME") -> InstrumentAdded:
    return InstrumentAdded(
        event_seq=seq,
        timestamp_ns=NANOSECONDS + seq,
        symbol=symbol,
        definition=InstrumentDefinition(
            symbol=symbol,
            currency="USD",
            tick_size="0.01",
            lot_size="1",
            reference_price="100",
            max_order_qty="1000000",
            max_order_value="1000000000",
            price_collar_percent="10",
        ),
    )


def halted(seq: int, symbol: str = "ACME") -> InstrumentHalted:
    return InstrumentHalted(seq, NANOSECONDS + seq, symbol, "SECRET-OPERATOR", "SECRET-REASON")


def resumed(seq: int, symbol: str = "ACME") -> InstrumentResumed:
    return InstrumentResumed(seq, NANOSECONDS + seq, symbol, "SECRET-OPERATOR", "SECRET-REASON")


def disabled(seq: int, symbol: str = "ACME") -> InstrumentDisabled:
    return InstrumentDisabled(seq, NANOSECONDS + seq, symbol, "SECRET-OPERATOR", "SECRET-REASON")
