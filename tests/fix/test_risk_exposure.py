"""Limits of what a member, or one of its accounts, has open and has traded, changed live."""

import pytest

from tests.fix.limited_venue import SHORT, Operator, Trader, trade
from tests.fix.scenario import BUY, SELL, TRADE, end_day, start_day
from tests.fix_message import Field
from venue.admin.client import call

ACCOUNT: list[Field] = [(1, "A1")]


def scope(trader: Trader, account: str) -> tuple[str, list[Field]]:
    """Whose limit it is in Text, and the fields of an order that falls under it."""
    return (f"{trader.name}/A1", ACCOUNT) if account else (trader.name, [])


both = pytest.mark.parametrize("account", ["", "A1"], ids=["member", "account"])


@both
def test_open_orders_are_counted(trader: Trader, operator: Operator, account: str) -> None:
    whose, extra = scope(trader, account)
    operator.limits(trader.name, account, max_open_orders="2")
    text = f"OPEN_ORDERS_LIMIT {whose} has 2 open orders, the most"
    orders = [trader.enters(side, "10", "100", "ACME", *extra) for side in (BUY, BUY)]
    trader.is_refused("3", text, BUY, "10", "100", "ACME", *extra)
    trader.is_refused("3", text, BUY, "10", "100", "GLOBEX", *extra)
    orders[0] = trader.replaces(orders[0], "20", "100")
    trader.cancels(orders[0])
    trader.enters(BUY, "10", "100", "GLOBEX", *extra)


@both
@pytest.mark.parametrize(
    ("side", "away", "held", "short"), [(BUY, "90", "11", "-11"), (SELL, "110", "-11", "11")]
)
def test_position_and_what_is_open_on_its_side_stay_within_the_limit(
    trader: Trader, other: Trader, operator: Operator, account: str,
    side: str, away: str, held: str, short: str,
) -> None:  # fmt: skip
    whose, extra = scope(trader, account)
    symbol = operator.instrument()
    operator.limits(trader.name, account, max_position="10")
    against = SELL if side == BUY else BUY

    def refused(qty: str, could: str) -> None:
        text = f"POSITION_LIMIT {whose} could hold {could} {symbol}, past 10"
        trader.is_refused("3", text, side, qty, "100", symbol, *extra)

    refused("11", held)
    order = trader.enters(side, "6", "100", symbol, *extra)
    match(other, trader, against, order, "6", symbol)
    refused("5", held)
    order = trader.enters(side, "4", away, symbol, *extra)
    text = f"POSITION_LIMIT {whose} could hold {held} {symbol}, past 10"
    trader.is_refused_to_replace(text, order, "5", away)
    refused("1", held)
    trader.cancels(order)
    text = f"POSITION_LIMIT {whose} could hold {short} {symbol}, past 10"
    trader.is_refused("3", text, against, "17", "100", symbol, *extra)
    trader.enters(against, "16", "100", symbol, *extra)


def match(other: Trader, trader: Trader, side: str, order: str, qty: str, symbol: str) -> None:
    """Have an order of `trader` filled."""
    other.is_told(other.enters(side, qty, "100", symbol), TRADE)
    trader.is_told(order, TRADE)


@both
def test_gross_notional_adds_long_and_short_positions(
    trader: Trader, other: Trader, operator: Operator, account: str
) -> None:
    whose, extra = scope(trader, account)
    one, two = operator.instrument(), operator.instrument(reference_price="50")
    order = trader.enters(BUY, "10", "100", one, *extra)
    match(other, trader, SELL, order, "10", one)
    operator.limits(trader.name, account, max_gross_notional="1500")
    text = f"GROSS_NOTIONAL_LIMIT {whose} could hold 1550 gross, past 1500"
    trader.is_refused("3", text, SHORT, "11", "50", two, *extra)
    trader.is_refused("3", text, BUY, "11", "50", two, *extra)
    order = trader.enters(SHORT, "10", "50", two, *extra)
    trader.is_refused_to_replace(text, order, "11", "50")
    trader.is_refused(
        "3", f"GROSS_NOTIONAL_LIMIT {whose} could hold 1600 gross, past 1500",
        BUY, "1", "100", one, *extra,
    )  # fmt: skip
    trader.enters(SELL, "20", "101", one, *extra)


@both
def test_net_notional_sets_short_against_long_positions(
    trader: Trader, other: Trader, operator: Operator, account: str
) -> None:
    whose, extra = scope(trader, account)
    one, two = operator.instrument(), operator.instrument(reference_price="50")
    order = trader.enters(BUY, "10", "100", one, *extra)
    match(other, trader, SELL, order, "10", one)
    operator.limits(trader.name, account, max_net_notional="1500")
    text = f"NET_NOTIONAL_LIMIT {whose} could hold 1550 net, past 1500"
    trader.is_refused("3", text, BUY, "11", "50", two, *extra)
    order = trader.enters(BUY, "10", "50", two, *extra)
    trader.is_refused_to_replace(text, order, "11", "50")
    trader.cancels(order)
    short = f"NET_NOTIONAL_LIMIT {whose} could hold -1550 net, past 1500"
    trader.is_refused("3", short, SHORT, "51", "50", two, *extra)
    trader.enters(SHORT, "50", "50", two, *extra)


@both
def test_daily_loss_at_last_prices_stops_new_orders(
    trader: Trader, other: Trader, operator: Operator, account: str
) -> None:
    whose, extra = scope(trader, account)
    symbol = operator.instrument()
    operator.limits(trader.name, account, max_daily_loss="10")
    order = trader.enters(BUY, "10", "100", symbol, *extra)
    match(other, trader, SELL, order, "10", symbol)
    trade(other, other, "1", "99.01", symbol)
    order = trader.enters(BUY, "1", "95", symbol, *extra)
    trade(other, other, "1", "99", symbol)
    text = f"DAILY_LOSS_LIMIT {whose} has lost 10 today, 10 is the limit"
    trader.is_refused("3", text, BUY, "1", "95", symbol, *extra)
    trader.is_refused("3", text, SELL, "10", "100", "GLOBEX", *extra)
    trader.is_refused_to_replace(text, order, "2", "95")
    trader.cancels(order)
    operator.limits(trader.name, account, max_daily_loss="10.01")
    trader.enters(BUY, "1", "95", symbol, *extra)


@both
def test_credit_covers_open_orders_and_what_was_bought_today(
    trader: Trader, other: Trader, operator: Operator, account: str
) -> None:
    whose, extra = scope(trader, account)
    symbol = operator.instrument()
    operator.limits(trader.name, account, credit_limit="3000")

    def text(used: str, more: str) -> str:
        return f"CREDIT_LIMIT_EXCEEDED {whose}: exposure {used} and {more} more would pass 3000"

    trader.is_refused("3", text("0", "3000.01"), BUY, "1", "3000.01", dear(operator), *extra)
    order = trader.enters(BUY, "10", "100", symbol, *extra)
    match(other, trader, SELL, order, "10", symbol)
    trader.is_refused("3", text("1000", "2100"), SELL, "20", "105", symbol, *extra)
    order = trader.enters(SELL, "20", "100", symbol, *extra)
    trader.is_refused("3", text("3000", "90"), BUY, "1", "90", symbol, *extra)
    trader.is_refused_to_replace(text("3000", "0.2"), order, "20", "100.01")
    order = trader.replaces(order, "20", "99")
    trader.cancels(order)
    trader.enters(BUY, "20", "100", symbol, *extra)


def dear(operator: Operator) -> str:
    """An instrument around 3000."""
    return operator.instrument(reference_price="3000")


def test_limits_of_the_member_cover_all_its_accounts(trader: Trader, operator: Operator) -> None:
    operator.limits(trader.name, max_open_orders="2")
    operator.limits(trader.name, "A1", max_open_orders="1")
    trader.enters(BUY, "10", "100", "ACME", (1, "A1"))
    text = f"OPEN_ORDERS_LIMIT {trader.name}/A1 has 1 open orders, the most"
    trader.is_refused("3", text, BUY, "10", "100", "ACME", (1, "A1"))
    trader.enters(BUY, "10", "100", "ACME", (1, "A2"))
    text = f"OPEN_ORDERS_LIMIT {trader.name} has 2 open orders, the most"
    trader.is_refused("3", text, BUY, "10", "100", "ACME", (1, "A2"))
    trader.is_refused("3", text, BUY, "10", "100")


def test_limit_below_what_is_used_is_refused_and_one_at_it_is_set(
    trader: Trader, operator: Operator
) -> None:
    trader.enters(BUY, "10", "100")
    below = {"credit_limit": "999.99", "max_position": "9", "max_gross_notional": "999.99"}
    for name, limit in below.items():
        command = {"type": "SetLimits", "member": trader.name, "limits": {name: limit}}
        reply = call(operator.data_dir, {"command": command})
        assert not reply["ok"] and f"{name} = {limit} is below what is used now" in reply["error"]
    used = {"credit_limit": "1000", "max_position": "10", "max_gross_notional": "1000"}
    operator.limits(trader.name, **used)
    text = f"POSITION_LIMIT {trader.name} could hold 11 ACME, past 10"
    trader.is_refused("3", text, BUY, "1", "100")


def test_new_day_forgets_losses_and_credit_used_but_no_position(
    trader: Trader, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument()
    order = trader.enters(BUY, "10", "100", symbol)
    match(other, trader, SELL, order, "10", symbol)
    operator.limits(trader.name, max_position="10", max_daily_loss="10", credit_limit="1000")
    spent = f"CREDIT_LIMIT_EXCEEDED {trader.name}: exposure 1000 and 1 more would pass 1000"
    trader.is_refused("3", spent, SELL, "1", "1", operator.instrument(reference_price="1"))
    trade(other, other, "1", "99", symbol)
    lost = f"DAILY_LOSS_LIMIT {trader.name} has lost 10 today, 10 is the limit"
    trader.is_refused("3", lost, SELL, "1", "100", symbol)
    end_day(operator.data_dir)
    start_day(operator.data_dir)
    held = f"POSITION_LIMIT {trader.name} could hold 11 {symbol}, past 10"
    trader.is_refused("3", held, BUY, "1", "100", symbol)
    trader.enters(SELL, "10", "100", symbol)
