"""Positions folded from changes: quantity, cost, P&L; against a naive second reckoning."""

import random
from collections.abc import Sequence

import pytest

from venue.clearing.portfolio.changes import Change, ChangeKind
from venue.clearing.portfolio.lots import Lot, Lots, Method
from venue.clearing.portfolio.portfolio import Portfolio, Position, folded
from venue.domain.decimal_text import MONEY_SCALE

from .naive import naive

UNIT = MONEY_SCALE
ACCOUNTS = ("default", "A1", "A2")
ASSETS = {"ACME": 1, "BTC": UNIT}
"""Asset and the divisor of its quantities: whole units, and 10^-8 of one."""


def traded(seq: int, quantity: float, amount: float, **other: object) -> Change:
    """A trade of ACME, in whole units: bought for -amount, or sold."""
    change = Change(
        seq, ChangeKind.TRADE, "ALPHA", "default", "ACME", round(quantity * UNIT), "ACME", "USD",
        round(amount * UNIT), 0, f"M{seq}",
    )  # fmt: skip
    return change._replace(**other)  # type: ignore[arg-type]


def moved(seq: int, quantity: float, account: str = "default", asset: str = "ACME") -> Change:
    units = round(quantity * UNIT)
    return Change(seq, ChangeKind.MOVE, "ALPHA", account, asset, units)


def split(seq: int, quantity: float, amount: float = 0) -> Change:
    return Change(
        seq, ChangeKind.SPLIT, "ALPHA", "default", "ACME", round(quantity * UNIT), amount=round(
            amount * UNIT
        ),
    )  # fmt: skip


def fold(history: Sequence[Change], method: Method = Method.FIFO) -> Portfolio:
    trades = [change for change in history if change.kind is ChangeKind.TRADE]
    others = [change for change in history if change.kind is not ChangeKind.TRADE]
    return folded(trades, others, method)


def only(history: Sequence[Change], method: Method = Method.FIFO) -> Position:
    (position,) = fold(history, method).positions()
    return position


def told(position: Position) -> tuple[float, float, float]:
    """Quantity, cost, realised P&L, in whole units; the figures of these tests are exact."""
    return position.quantity / UNIT, position.cost / UNIT, position.realised / UNIT


BOUGHT_TWICE = [traded(1, 10, -100), traded(2, 10, -120), traded(3, -15, 180)]


def test_sale_takes_the_oldest_lots_or_the_average() -> None:
    assert told(only(BOUGHT_TWICE)) == (5, 60, 20)
    assert told(only(BOUGHT_TWICE, Method.AVERAGE)) == (5, 55, 15)
    assert only(BOUGHT_TWICE).average_cost() == 12 * UNIT
    assert only(BOUGHT_TWICE, Method.AVERAGE).average_cost() == 11 * UNIT


@pytest.mark.parametrize("method", Method)
def test_short_position_earns_when_it_is_bought_back_for_less(method: Method) -> None:
    position = only([traded(1, -10, 100), traded(2, 4, -30)], method)
    assert told(position) == (-6, -60, 10)
    assert position.average_cost() == 10 * UNIT
    assert position.value_at(12 * UNIT) - position.cost == -12 * UNIT


def test_trade_through_zero_closes_and_opens_with_its_own_price() -> None:
    position = only([traded(1, 4, -40), traded(2, -10, 150)])
    assert told(position) == (-6, -90, 20)


def test_flat_position_keeps_what_it_has_earned_and_paid() -> None:
    position = only([traded(1, 4, -40, fee=UNIT), traded(2, -4, 44, fee=2 * UNIT)])
    assert told(position) == (0, 0, 4)
    assert (position.fees, position.average_cost()) == (3 * UNIT, None)


def test_busted_trade_counts_as_if_it_had_never_been() -> None:
    bust = traded(4, 10, -100, kind=ChangeKind.BUST, of="M1")
    assert told(only([*BOUGHT_TWICE, bust])) == told(only(BOUGHT_TWICE[1:]))


def test_corrected_trade_counts_as_it_stands_at_its_own_place() -> None:
    first = traded(4, 10, -90, kind=ChangeKind.CORRECTION, of="M1")
    last = traded(5, 8, -64, kind=ChangeKind.CORRECTION, of="M1", fee=7)
    position = only([*BOUGHT_TWICE, first, last])
    assert told(position) == told(only([traded(1, 8, -64), *BOUGHT_TWICE[1:]]))
    assert position.fees == 7


def test_bust_of_one_side_of_a_trade_with_itself_leaves_no_half() -> None:
    both = [traded(1, 5, -50, of="M1"), traded(1, -5, 50, of="M1", account="A1")]
    gone = [each._replace(event_seq=2, kind=ChangeKind.BUST) for each in both]
    assert fold([*both, *gone]).positions() == []
    held = {each.account: each.quantity for each in fold(both).positions()}
    assert held == {"default": 5 * UNIT, "A1": -5 * UNIT}


def test_deposit_comes_at_cost_0_and_says_so() -> None:
    position = only([moved(1, 10), traded(2, -4, 40)])
    assert told(position) == (6, 0, 40)
    assert position.unpriced and position.currency == "USD"
    assert not only(BOUGHT_TWICE).unpriced


def test_withdrawal_takes_its_cost_along_without_gain() -> None:
    assert told(only([traded(1, 10, -100), traded(2, 10, -120), moved(3, -15)])) == (5, 60, 0)


def test_reversed_deposit_counts_as_if_it_had_never_been() -> None:
    back = moved(3, -5)._replace(kind=ChangeKind.REVERSAL, of="2")
    history = [traded(1, 10, -100), moved(2, 5), back]
    position = only(history)
    assert told(position) == (10, 100, 0)
    assert not position.unpriced


def test_transfer_between_accounts_of_a_member_takes_cost_along() -> None:
    history = [
        traded(1, 10, -100),
        moved(2, -4),
        moved(2, 4, "A1"),
        traded(3, -4, 60, account="A1"),
    ]
    there, here = fold(history).positions()
    assert (there.account, told(there), there.unpriced) == ("A1", (0, 0, 20), False)
    assert told(here) == (6, 60, 0)


def test_split_scales_lots_and_keeps_their_cost() -> None:
    history = [traded(1, 10, -100), traded(2, 20, -160), split(3, 15), split(4, 15)]
    position = only([*history, traded(5, -20, 130)])
    assert told(position) == (40, 160, 30)
    assert position.lots.open() == [Lot(40 * UNIT, 160 * UNIT)]
    assert told(only(history)) == (60, 260, 0)


def test_parts_of_a_split_that_pass_through_zero_lose_nothing() -> None:
    """10 settled below zero and 20 to come: 2 for 1 takes 10 and gives 20."""
    assert told(only([traded(1, 10, -100), split(2, -10), split(3, 20)])) == (20, 100, 0)


def test_split_of_lots_that_do_not_divide_is_exact_in_sum() -> None:
    lots = Lots(Method.FIFO)
    for quantity, amount in ((1, -1), (1, -1), (1, -2)):
        lots.trade(quantity, amount)
    lots.split(-1, 0)
    assert (lots.quantity, lots.cost) == (2, 4)
    assert sum(lot.quantity for lot in lots.open()) == 2


def test_split_of_nothing_is_what_it_brings() -> None:
    assert told(only([split(1, 5)])) == (5, 0, 0)
    assert told(only([traded(1, 5, -50), split(2, -5)])) == (0, 50, 0)


def test_income_is_of_account_and_currency_and_no_position() -> None:
    def paid(amount: int) -> Change:
        return Change(1, ChangeKind.INCOME, "ALPHA", "A1", "USD", currency="USD", amount=amount)

    portfolio = fold([paid(5), paid(-2)])
    assert portfolio.income == {("A1", "USD"): 3}
    assert portfolio.positions() == []


def test_asset_in_two_currencies_has_two_positions_and_moves_go_to_the_first() -> None:
    history = [
        traded(1, 5, -50),
        traded(2, 5, -40, currency="EUR", symbol="ACME-EUR"),
        moved(3, 1),
    ]
    euro, dollar = fold(history).positions()
    assert (euro.currency, euro.symbol, told(euro)) == ("EUR", "ACME-EUR", (5, 40, 0))
    assert (dollar.currency, dollar.symbol, told(dollar)) == ("USD", "ACME", (6, 50, 0))


def drawn(seed: int, count: int = 150) -> list[Change]:
    """A history of ALPHA: trades in three accounts, busts, corrections, moves, reversals."""
    draw, history = random.Random(seed), list[Change]()
    alive: list[Change] = []
    deposits: list[Change] = []
    for seq in range(1, count + 1):
        account, asset = draw.choice(ACCOUNTS), draw.choice([*ASSETS])
        size = draw.randint(1, 50) * (UNIT // ASSETS[asset])
        kind = draw.choices(("trade", "bust", "correct", "deposit", "take", "carry", "undo"),
                            (60, 5, 5, 8, 8, 8, 6))[0]  # fmt: skip
        move = Change(seq, ChangeKind.MOVE, "ALPHA", account, asset, size)
        if kind == "trade":
            sign = draw.choice((1, -1))
            amount = -sign * draw.randint(1, 10**12)
            change = Change(
                seq, ChangeKind.TRADE, "ALPHA", account, asset, sign * size, asset, "USD", amount,
                draw.randint(0, 9), f"M{seq}",
            )  # fmt: skip
            alive.append(change)
            history.append(change)
        elif kind == "bust" and alive:
            change = alive.pop(draw.randrange(len(alive)))
            history.append(change._replace(event_seq=seq, kind=ChangeKind.BUST))
        elif kind == "correct" and alive:
            change = draw.choice(alive)
            amount = change.amount // 2 or change.amount
            now = change._replace(event_seq=seq, kind=ChangeKind.CORRECTION, amount=amount, fee=1)
            history.append(now)
        elif kind == "deposit":
            deposits.append(move)
            history.append(move)
        elif kind == "take":
            history.append(move._replace(quantity=-size))
        elif kind == "carry":
            to = draw.choice([each for each in ACCOUNTS if each != account])
            history += [move._replace(quantity=-size), move._replace(account=to)]
        elif kind == "undo" and deposits:
            change = deposits.pop()
            back = change._replace(kind=ChangeKind.REVERSAL, quantity=-change.quantity)
            history.append(back._replace(event_seq=seq, of=str(change.event_seq)))
    return history


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("seed", range(20))
def test_random_history_is_as_a_naive_reckoning_has_it(seed: int, method: Method) -> None:
    history = drawn(seed)
    wanted = naive(history, average=method is Method.AVERAGE)
    found = {(each.account, each.asset): each for each in fold(history, method).positions()}
    assert found.keys() == wanted.keys()
    for key, position in found.items():
        assert position.quantity == wanted[key].quantity, key
        assert position.fees == wanted[key].fees, key
        # each split of a cost may round by half a unit of 10^-8
        assert abs(position.cost - wanted[key].cost) <= len(history), key
        assert abs(position.realised - wanted[key].realised) <= len(history), key


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("seed", range(20, 30))
def test_nothing_is_lost_by_rounding(seed: int, method: Method) -> None:
    """Realised P&L less open cost is the money of all trades, to the unit, where nothing moved."""
    history = [each for each in drawn(seed) if each.kind is ChangeKind.TRADE]
    for position in fold(history, method).positions():
        its = [
            each
            for each in history
            if (each.account, each.asset) == (position.account, position.asset)
        ]
        assert position.realised - position.cost == sum(each.amount for each in its)
        assert position.quantity == sum(each.quantity for each in its)
        assert sum(lot.quantity for lot in position.lots.open()) == position.quantity
        assert sum(lot.cost for lot in position.lots.open()) == position.cost
