"""A portfolio as rows: positions with their marks, balances with what open orders reserve.

Pure. Numbers leave as exact decimal text; what is not known is None.
"""

from collections.abc import Mapping

import msgspec

from venue.clearing.portfolio.holdings import Held, Holdings, Mark
from venue.clearing.portfolio.portfolio import Position
from venue.domain.decimal_text import format_money


class PositionRow(msgspec.Struct, frozen=True):
    """A position. currency: of cost, P&L, fees, mark and value; empty before a trade.

    quantity: settled and unsettled. average_cost: of a unit, null where nothing is open. open_cost:
    below zero: money got for what is short. realised_pnl and unrealised_pnl are before fees.
    mark: price of the last trade in the symbol, which mark_event_seq and mark_match_id name.
    unpriced: some of it came in without money and counts at cost 0.
    """

    account: str
    symbol: str
    asset: str
    currency: str
    quantity: str
    average_cost: str | None
    open_cost: str
    mark: str | None
    market_value: str | None
    unrealised_pnl: str | None
    realised_pnl: str
    fees: str
    unpriced: bool
    mark_event_seq: int | None
    mark_match_id: str | None


class AccountBalance(msgspec.Struct, frozen=True):
    """What the ledger has of an asset. unsettled: still to come; below zero: to be given.

    reserved: by open orders; free: what is left of both for others; null where it is not known.
    income: dividends, cash for fractions; penalties, below zero.
    """

    account: str
    asset: str
    settled: str
    unsettled: str
    reserved: str | None
    free: str | None
    income: str


Reserved = Mapping[tuple[str, str], int]
"""What open orders reserve, in 10^-8, by account and asset."""


def position_rows(holdings: Holdings, account: str = "") -> list[PositionRow]:
    """The positions, all that were ever traded among them; money alone is none.

    account: only this one's.
    """
    by_asset = {mark.asset: mark for mark in sorted(holdings.marks.values(), reverse=True)}
    return [
        _position(position, mark)
        for position, mark in (
            (each, _mark_of(each, holdings.marks, by_asset))
            for each in holdings.portfolio.positions()
        )
        if account in ("", position.account) and (position.symbol or mark is not None)
    ]


def balance_rows(
    holdings: Holdings, reserved: Reserved | None, account: str = ""
) -> list[AccountBalance]:
    """Balances by account and asset. reserved: None where it is not known."""
    income = holdings.portfolio.income
    keys = {*holdings.balances, *income, *(reserved or ())}
    return [
        _balance(key, holdings.balances.get(key, Held()), reserved, income.get(key, 0))
        for key in sorted(keys)
        if account in ("", key[0])
    ]


def _mark_of(
    position: Position, marks: Mapping[str, Mark], by_asset: Mapping[str, Mark]
) -> Mark | None:
    """Of its own symbol; of what was never traded here that of the asset's first symbol."""
    return marks.get(position.symbol) if position.symbol else by_asset.get(position.asset)


def _position(position: Position, mark: Mark | None) -> PositionRow:
    average = position.average_cost()
    value = None if mark is None else position.value_at(mark.price)
    return PositionRow(
        account=position.account,
        symbol=position.symbol or (mark.symbol if mark else ""),
        asset=position.asset,
        currency=position.currency or (mark.currency if mark else ""),
        quantity=format_money(position.quantity),
        average_cost=None if average is None else format_money(average),
        open_cost=format_money(position.cost),
        mark=None if mark is None else format_money(mark.price),
        market_value=None if value is None else format_money(value),
        unrealised_pnl=None if value is None else format_money(value - position.cost),
        realised_pnl=format_money(position.realised),
        fees=format_money(position.fees),
        unpriced=position.unpriced,
        mark_event_seq=None if mark is None else mark.event_seq,
        mark_match_id=None if mark is None else mark.match_id,
    )


def _balance(
    key: tuple[str, str], held: Held, reserved: Reserved | None, income: int
) -> AccountBalance:
    its = None if reserved is None else reserved.get(key, 0)
    free = None if its is None else held.settled + held.unsettled - its
    return AccountBalance(
        account=key[0],
        asset=key[1],
        settled=format_money(held.settled),
        unsettled=format_money(held.unsettled),
        reserved=None if its is None else format_money(its),
        free=None if free is None else format_money(free),
        income=format_money(income),
    )


__all__ = ["AccountBalance", "PositionRow", "Reserved", "balance_rows", "position_rows"]
