"""Prefunded members: what their orders reserve, to the smallest unit; and short sales."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.fix.limited_venue import SHORT, Operator, Trader, refusal_of, trade
from tests.fix.scenario import BUST, BUY, CANCELED, CORRECT, NEW, SELL, TRADE, facts
from venue.admin.client import call

FEE = {"fee_bps": "10"}
"""10 shares at 100 cost 1000, the fee is 1; ten fills could each round it up by half of 10^-8."""
COST = "1001.00000005"

Funded = Callable[..., Trader]


@pytest.fixture
def funded(trader: Trader, operator: Operator) -> Funded:
    """The fresh member, prefunded with what is said: symbol=amount, or USD=amount."""

    def fund(account: str = "", **amounts: str) -> Trader:
        operator.member(trader.name, funding="prefunded")
        for asset, amount in amounts.items():
            operator.does(
                "Deposit", member=trader.name, asset=asset, amount=amount, account=account
            )
        return trader

    return fund


def lacking(needed: str, asset: str, free: str, of: str | None = None) -> str:
    return f"INSUFFICIENT_FUNDS {needed} {asset} are needed, {free} of {of or free} are free"


def withdrawable(operator: Operator, trader: Trader, asset: str, amount: str) -> bool:
    """Whether that much could be withdrawn; it is paid back."""
    fields = {"member": trader.name, "asset": asset, "amount": amount}
    withdraw = {"type": "Withdraw", "reference": uuid4().hex, **fields}
    if not call(operator.data_dir, {"command": withdraw})["ok"]:
        return False
    operator.does("Deposit", **fields)
    return True


def test_buy_reserves_price_and_fee_to_the_smallest_unit(
    funded: Funded, operator: Operator
) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(USD="1001.00000004")
    trader.is_refused("3", lacking(COST, "USD", "1001.00000004"), BUY, "10", "100", symbol)
    operator.does("Deposit", member=trader.name, asset="USD", amount="0.00000001")
    order = trader.enters(BUY, "10", "100", symbol)
    trader.is_refused("3", lacking("0.01001", "USD", "0", COST), BUY, "1", "0.01", penny(operator))
    assert not withdrawable(operator, trader, "USD", "0.00000001")
    trader.cancels(order)
    assert withdrawable(operator, trader, "USD", COST)


def penny(operator: Operator) -> str:
    """An instrument at one tick, with a fee."""
    return operator.instrument(reference_price="0.01", **FEE)


def test_replacement_reserves_the_difference(funded: Funded, operator: Operator) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(USD=COST)
    order = trader.enters(BUY, "5", "100", symbol)
    more = lacking("600.60000003", "USD", "500.50000003", COST)
    trader.is_refused_to_replace(more, order, "11", "100")
    order = trader.replaces(order, "10", "100")
    assert not withdrawable(operator, trader, "USD", "0.00000001")
    order = trader.replaces(order, "5", "100")
    assert withdrawable(operator, trader, "USD", "500.50000003")


def test_fill_at_a_better_price_gives_the_rest_back(
    funded: Funded, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(USD=COST)
    resting = other.enters(SELL, "10", "95", symbol)
    name = trader.send(BUY, "10", "100", symbol)
    assert [trader.is_told(name, kind)[150] for kind in (NEW, TRADE)] == [NEW, TRADE]
    other.is_told(resting, TRADE)
    left = "50.05000005"  # 1001.00000005 less 950 and 0.95
    assert not withdrawable(operator, trader, "USD", "50.05000006")
    assert withdrawable(operator, trader, "USD", left)
    assert withdrawable(operator, trader, symbol, "10")


@pytest.mark.parametrize("dynamic", ["", "2"])
def test_market_buy_reserves_up_to_the_collar_and_releases_what_it_does_not_take(
    funded: Funded, other: Trader, operator: Operator, dynamic: str
) -> None:
    symbol = operator.instrument(dynamic_collar_percent=dynamic)
    trade(other, other, "1", "100", symbol)
    most = "1020" if dynamic else "1100"
    trader = funded(USD=most)
    trader.is_refused("3", lacking(f"{int(most) * 1.1:.0f}", "USD", most), BUY, "11", None, symbol)
    resting = other.enters(SELL, "4", "100", symbol)
    name = trader.send(BUY, "10", None, symbol)
    assert [trader.is_told(name, kind)[150] for kind in (NEW, TRADE, CANCELED)]
    other.is_told(resting, TRADE)
    assert withdrawable(operator, trader, "USD", str(int(most) - 400))


def test_sell_reserves_the_securities(funded: Funded, other: Trader, operator: Operator) -> None:
    symbol = operator.instrument()
    trader = funded(**{symbol: "10"})
    trader.is_refused("3", lacking("11", symbol, "10"), SELL, "11", "100", symbol)
    order = trader.enters(SELL, "6", "100", symbol)
    trader.is_refused("3", lacking("5", symbol, "4", "10"), SELL, "5", "100", symbol)
    trader.is_refused_to_replace(lacking("5", symbol, "4", "10"), order, "11", "100")
    trader.enters(SELL, "4", "101", symbol)
    bought = other.enters(BUY, "6", "100", symbol)
    trader.is_told(order, TRADE)
    other.is_told(bought, TRADE)
    assert withdrawable(operator, trader, "USD", "600")
    assert not withdrawable(operator, trader, symbol, "1")


def test_funds_of_one_account_are_not_those_of_another(funded: Funded, operator: Operator) -> None:
    symbol = operator.instrument()
    trader = funded("A1", USD="1000")
    for account in ([], [(1, "A2")]):
        trader.is_refused("3", lacking("1000", "USD", "0"), BUY, "10", "100", symbol, *account)
    trader.is_refused("3", lacking("1100", "USD", "1000"), BUY, "11", "100", symbol, (1, "A1"))
    trader.enters(BUY, "10", "100", symbol, (1, "A1"))


def test_proceeds_of_a_sale_can_be_spent_at_once(
    funded: Funded, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(**{symbol: "10"})
    bid = other.enters(BUY, "10", "100", symbol)
    sold = trader.enters(SELL, "10", "100", symbol)
    trader.is_told(sold, TRADE)
    other.is_told(bid, TRADE)
    trader.is_refused("3", lacking("1001.00000005", "USD", "999"), BUY, "10", "100", symbol)
    trader.enters(BUY, "9", "100", symbol)


def test_unfilled_ends_of_all_kinds_release_everything(funded: Funded, operator: Operator) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(USD=COST)
    for extra in ((59, "3"), (59, "4")):
        name = trader.send(BUY, "10", "100", symbol, extra)
        assert [trader.is_told(name, kind)[150] for kind in (NEW, CANCELED)]
    stop = trader.send(BUY, "9", None, symbol, (40, "3"), (99, "105"))
    trader.is_told(stop, NEW)
    assert not withdrawable(operator, trader, "USD", COST)
    trader.cancels(stop)
    assert withdrawable(operator, trader, "USD", COST)


# Short sales


def test_short_sale_needs_a_locate_and_is_told_as_one(trader: Trader, other: Trader) -> None:
    needs = "SHORT_SALE_REFUSED 54=5 needs 114=N"
    for locate in ("", "Y"):
        trader.is_refused("99", needs, SHORT, "10", "100", "ACME", (114, locate))
    order = trader.send(SHORT, "10", "100")
    assert facts(trader.is_told(order, NEW), 54, 114) == [SHORT, None]
    order = trader.replaces(order, "8", "100")
    bid = other.enters(BUY, "3", "100")
    assert facts(trader.is_told(order, TRADE), 54, 851, 32) == [SHORT, "1", "3"]
    assert facts(other.is_told(bid, TRADE), 54, 851) == [BUY, "2"]
    trader.cancels(order)


def test_short_sale_that_takes_is_told_first_and_as_the_aggressor(
    trader: Trader, other: Trader
) -> None:
    bid = other.enters(BUY, "3", "100")
    order = trader.enters(SHORT, "3", "100")
    sold, bought = trader.is_told(order, TRADE), other.is_told(bid, TRADE)
    assert facts(sold, 54, 851, 39) == [SHORT, "2", "2"]
    assert facts(bought, 54, 851, 39) == [BUY, "1", "2"]
    assert int(sold[17]) // 10 == int(bought[17]) // 10


def test_short_sale_counts_as_a_sale_in_positions(trader: Trader, operator: Operator) -> None:
    operator.limits(trader.name, max_position="10")
    text = f"POSITION_LIMIT {trader.name} could hold -11 ACME, past 10"
    trader.is_refused("3", text, SHORT, "11", "100")
    trader.enters(SHORT, "6", "100")
    trader.is_refused("3", text, SELL, "5", "100")
    trader.enters(SELL, "4", "100")


def test_prefunded_member_sells_nothing_short(funded: Funded, operator: Operator) -> None:
    symbol = operator.instrument()
    trader = funded(**{symbol: "10"})
    text = "SHORT_SALE_REFUSED 54=5 is not for prefunded members"
    trader.is_refused("99", text, SHORT, "10", "100", symbol)
    trader.enters(SELL, "10", "100", symbol)


# Busts and corrections


def buys(trader: Trader, other: Trader, symbol: str) -> tuple[str, str, str]:
    """Have an order for 10 at 100 filled; its ClOrdID, the seller's, and the match id."""
    resting = other.enters(SELL, "10", "100", symbol)
    name = trader.enters(BUY, "10", "100", symbol)
    other.is_told(resting, TRADE)
    return name, resting, trader.is_told(name, TRADE)[527]


def test_bust_gives_cash_and_fee_back_and_takes_the_securities(
    funded: Funded, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(USD=COST)
    name, sold, match_id = buys(trader, other, symbol)
    assert not withdrawable(operator, trader, "USD", "0.00000006")
    operator.does("BustTrade", match_id=match_id)
    assert facts(trader.is_told(name, BUST), 39, 58) == ["4", "TRADE_BUSTED"]
    other.is_told(sold, BUST)
    assert withdrawable(operator, trader, "USD", COST)
    assert not withdrawable(operator, trader, symbol, "1")


def test_bust_of_securities_that_are_sold_on_is_refused(
    funded: Funded, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(USD=COST)
    name, sold, match_id = buys(trader, other, symbol)
    order = trader.enters(SELL, "4", "101", symbol)
    text = refusal_of(operator, "BustTrade", match_id=match_id)
    assert text == f"{trader.name} is prefunded and lacks 4 {symbol} for it"
    trader.cancels(order)
    operator.does("BustTrade", match_id=match_id)
    trader.is_told(name, BUST)
    other.is_told(sold, BUST)


def test_bust_that_cannot_reserve_for_the_open_order_again_is_refused(
    funded: Funded, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument()
    trader = funded(USD="1000")
    resting = other.enters(SELL, "4", "95", symbol)
    name = trader.enters(BUY, "10", "100", symbol)
    other.is_told(resting, TRADE)
    match_id = trader.is_told(name, TRADE)[527]
    operator.does("Withdraw", member=trader.name, asset="USD", amount="20")
    text = refusal_of(operator, "BustTrade", match_id=match_id)
    assert text == f"{trader.name} is prefunded and lacks 20 USD for it"
    operator.does("Deposit", member=trader.name, asset="USD", amount="20")
    operator.does("BustTrade", match_id=match_id)
    assert facts(trader.is_told(name, BUST), 39, 151) == ["0", "10"]
    other.is_told(resting, BUST)
    assert not withdrawable(operator, trader, "USD", "0.00000001")
    trader.cancels(name)
    assert withdrawable(operator, trader, "USD", "1000")


def test_correction_is_paid_to_the_smallest_unit_or_refused(
    funded: Funded, other: Trader, operator: Operator
) -> None:
    symbol = operator.instrument(**FEE)
    trader = funded(USD=COST)
    name, sold, match_id = buys(trader, other, symbol)
    operator.does("Deposit", member=trader.name, asset="USD", amount="0.10009994")
    text = refusal_of(operator, "CorrectTrade", match_id=match_id, price="100.01")
    assert text == f"{trader.name} is prefunded and lacks 0.00000001 USD for it"
    operator.does("Deposit", member=trader.name, asset="USD", amount="0.00000001")
    operator.does("CorrectTrade", match_id=match_id, price="100.01", reason="misquoted")
    report = trader.is_told(name, CORRECT)
    assert facts(report, 31, 58) == ["100.01", "TRADE_CORRECTED misquoted"]
    other.is_told(sold, CORRECT)
    assert not withdrawable(operator, trader, "USD", "0.00000001")
    operator.does("CorrectTrade", match_id=match_id, price="95", quantity="9")
    assert facts(trader.is_told(name, CORRECT), 39, 14, 6) == ["4", "9", "95"]
    other.is_told(sold, CORRECT)
    assert withdrawable(operator, trader, "USD", "145.2451")
    assert not withdrawable(operator, trader, "USD", "145.24510001")
