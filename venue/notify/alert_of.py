"""One alert, made of what it is about: sentence, facts, and an id that never changes. Pure."""

from venue.bus.alerts import Alert
from venue.domain import events as e
from venue.domain.decimal_text import format_money
from venue.domain.exec_ids import exec_id
from venue.domain.order_state import Fill, OrderState
from venue.domain.reject_reasons import RejectReason
from venue.domain.types import Side
from venue.notify.kinds import Kind
from venue.notify.order_totals import Totals
from venue.notify.rise import Rise

CONSUMER = "notifier"
WAYS = {Side.BUY: "bought", Side.SELL: "sold", Side.SELL_SHORT: "sold"}


def rise_alert(event: e.AnyEvent, rise: Rise) -> Alert:
    """A limit is used to another percentage."""
    member, account = rise.whose
    whose = f"{member}/{account}" if account else member
    text = f"{whose} uses {rise.percent} % of {rise.limit}: {rise.used} of {rise.value}"
    facts = {
        "limit": rise.limit,
        "percent": str(rise.percent),
        "percent_before": str(rise.before),
        "used": rise.used,
        "value": rise.value,
    }
    if account:
        facts["account"] = account
    return alert_of(Kind.LIMIT_USE, event, member, text, key=f"{account}-{rise.limit}", facts=facts)


def loss_alert(event: e.AnyEvent, rise: Rise) -> Alert:
    """The day's loss has reached its limit: new orders are refused."""
    member, account = rise.whose
    whose = f"{member}/{account}" if account else member
    text = (
        f"{RejectReason.DAILY_LOSS_LIMIT}: no new orders of {whose} today: it has lost "
        f"{rise.used}, {rise.value} is the limit"
    )
    facts = {"code": RejectReason.DAILY_LOSS_LIMIT.value, "used": rise.used, "value": rise.value}
    if account:
        facts["account"] = account
    return alert_of(Kind.BLOCK, event, member, text, key=f"{account}-{rise.limit}", facts=facts)


def done_alert(event: e.AnyEvent, order: OrderState, totals: Totals) -> Alert:
    """The confirmation of an order that is done."""
    amount, fee = format_money(totals.amount), format_money(totals.fee)
    way = WAYS.get(order.terms.side, "sold")
    text = (
        f"order {order.cl_ord_id} is done: {who(order)} {way} {order.cum_qty} "
        f"{order.terms.symbol} at {order.avg_px} on average for {amount} {totals.currency}, "
        f"fee {fee}, in {totals.trades} trades"
    )
    facts = _facts_of(order) | {
        "cum_qty": order.cum_qty,
        "avg_px": order.avg_px,
        "amount": amount,
        "fee": fee,
        "currency": totals.currency,
        "trades": str(totals.trades),
    }
    return _of_order(Kind.ORDER_DONE, event, order, text, facts)


def fill_alert(
    kind: Kind,
    event: e.TradeExecuted | e.TradeBusted | e.TradeCorrected,
    side: Side,
    fill: Fill,
    text: str,
    **more: str,
) -> Alert:
    """One party's half of a trade: nothing in it is the other party's."""
    facts = _facts_of(fill.order) | {
        "exec_id": exec_id(event.event_seq, side),
        "match_id": event.match_id,
        "trading_day": event.trading_day,
        "last_px": event.last_px,
        "last_qty": event.last_qty,
        "amount": event.amount,
        "currency": event.currency,
        "fee": fill.fee,
        "leaves_qty": fill.order.leaves_qty,
        "cum_qty": fill.order.cum_qty,
        **more,
    }
    return _of_order(kind, event, fill.order, text, facts)


def fail_alert(event: e.ObligationFailed | e.ObligationBoughtIn) -> Alert:
    """What a cycle has left of an obligation, or has ended in money."""
    whose = f"{event.member}/{event.account}" if event.account else event.member
    owed = f"{event.quantity} {event.asset} against {event.amount} {event.currency}"
    facts = {
        "due": event.due,
        "quantity": event.quantity,
        "asset": event.asset,
        "amount": event.amount,
        "currency": event.currency,
    }
    if event.account:
        facts["account"] = event.account
    if isinstance(event, e.ObligationFailed):
        why = f"it lacks {event.short_of}" if event.short_of else "others have not delivered"
        text = f"{whose}: {owed} of {event.symbol} due {event.due} is not settled, {why}"
        facts |= {"cycles": str(event.cycles), "cause": event.cause, "penalty": event.penalty}
    else:
        text = f"{whose}: {owed} of {event.symbol} due {event.due} has ended in money"
        facts |= {"price": event.price, "compensation": event.compensation}
    return alert_of(Kind.FAIL, event, event.member, text, symbol=event.symbol, facts=facts)


def _of_order(
    kind: Kind, event: e.AnyEvent, order: OrderState, text: str, facts: dict[str, str]
) -> Alert:
    terms = order.terms
    return alert_of(
        kind,
        event,
        terms.member,
        text,
        session=terms.session,
        symbol=terms.symbol,
        key=terms.order_id,
        facts=facts,
    )


def _facts_of(order: OrderState) -> dict[str, str]:
    terms = order.terms
    facts = {"order_id": terms.order_id, "cl_ord_id": order.cl_ord_id, "side": terms.side.value}
    if terms.account:
        facts["account"] = terms.account
    return facts


def who(order: OrderState) -> str:
    """Whose order it is, with the account."""
    terms = order.terms
    return f"{terms.member}/{terms.account}" if terms.account else terms.member


def alert_of(
    kind: Kind,
    event: e.AnyEvent,
    member: str,
    text: str,
    *,
    session: str = "",
    symbol: str = "",
    key: str = "",
    facts: dict[str, str] | None = None,
) -> Alert:
    """An alert about an event. key: tells those of one kind about one event from each other."""
    # with the time, for a venue that was restored gives numbers of events again
    parts = (str(event.timestamp_ns), str(event.event_seq), kind.value, member, key)
    return Alert(
        type=kind.value,
        timestamp_ns=event.timestamp_ns,
        consumer=CONSUMER,
        event_seq=event.event_seq,
        error=text,
        id="-".join(filter(None, parts)),
        member=member,
        session=session,
        symbol=symbol,
        facts=facts or {},
    )
