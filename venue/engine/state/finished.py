"""Finished orders, packed until their day, or that of the last of their trades, is forgotten.

A page has the orders that ended one after the other. One that is asked for is made anew of its
record, and answers as before; who changes it puts it back (DayOrders.put_back).
"""

import zlib
from array import array
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from venue.domain.order_state import OrderTerms
from venue.engine.state.conditions import NO_CONDITIONS, RESTATED, Conditions
from venue.engine.state.day import Day
from venue.engine.state.finished_record import FinishedOrder
from venue.engine.state.orders import Order
from venue.engine.state.standings import Standing

_UNPACKED_PAGES = 128
_QUICKLY = 1
_SHARED = (NO_CONDITIONS, RESTATED)


class Standings:
    """The standings of finished orders, numbered."""

    __slots__ = ("_numbers", "_standings")

    def __init__(self) -> None:
        self._standings: list[Standing] = []
        self._numbers: dict[Standing, int] = {}

    def number_of(self, standing: Standing) -> int:
        """The number of a standing; the first call gives it one."""
        number = self._numbers.get(standing)
        if number is None:
            number = self._numbers[standing] = len(self._standings)
            self._standings.append(standing)
        return number

    def __getitem__(self, number: int) -> Standing:
        return self._standings[number]


class FinishedPage:
    """Some finished orders of one day. numbers: their OrderIDs.

    _marks: of each order, twice how many trades that are remembered it has a part in; and one more
    if it has been rolled over.
    """

    __slots__ = ("_marks", "_packed", "_standings", "day", "numbers")

    def __init__(self, orders: Sequence[Order], standings: Standings) -> None:
        self.day: Day = orders[0].day
        self._standings = standings
        self.numbers = array("Q", [int(order.terms.order_id) for order in orders])
        self._marks = array("I", [2 * order.trades for order in orders])
        records = [_record(order, standings) for order in orders]
        self._packed = zlib.compress(msgspec.msgpack.encode(records), _QUICKLY)

    def order(self, number: int) -> Order:
        """The order with this OrderID, as a new object."""
        place = self.numbers.index(number)
        marks = self._marks[place]
        record = msgspec.msgpack.decode(_records(self._packed)[place], type=FinishedOrder)
        order = _order(record, self._standings)
        order.day = self.day
        order.trades = marks >> 1
        if marks & 1:
            order.roll_over()
        return order

    def trades(self, number: int) -> int:
        """In how many trades that are remembered the order has a part."""
        return self._marks[self.numbers.index(number)] >> 1

    def count_trades(self, number: int, more: int) -> None:
        """Count trades of the order that are remembered, or (negative) are not any more."""
        place = self.numbers.index(number)
        assert (self._marks[place] >> 1) + more >= 0
        self._marks[place] += 2 * more

    def roll_over(self, number: int) -> None:
        """Have the order rolled over from now on."""
        self._marks[self.numbers.index(number)] |= 1


@lru_cache(_UNPACKED_PAGES)
def _records(packed: bytes) -> list[msgspec.Raw]:
    return msgspec.msgpack.decode(zlib.decompress(packed), type=list[msgspec.Raw])


def _record(order: Order, standings: Standings) -> tuple[object, ...]:
    """The values of a FinishedOrder: as they are written, without an object for them."""
    assert not (order.is_open or order.leaves_lots or order.shown_lots or order.waiting)
    conditions = order.conditions
    return (
        msgspec.structs.astuple(order.terms),
        standings.number_of(order.standing),
        order.cl_ord_id,
        order.status,
        order.price_ticks,
        order.order_lots,
        order.cum_lots,
        str(order.cum_value),
        order.modified_ns,
        order.limited,
        order.floor_lots,
        order.self_match_key,
        order.reserved is not None,
        conditions == RESTATED,
        None if conditions in _SHARED else (*conditions[:-1], str(conditions.prior_value)),
    )


def _order(record: FinishedOrder, standings: Standings) -> Order:
    order = Order(
        OrderTerms(*msgspec.structs.astuple(record.terms)),
        standings[record.standing],
        record.cl_ord_id,
        record.price_ticks,
        record.order_lots,
    )
    order.leaves_lots = 0
    order.status = record.status
    order.cum_lots = record.cum_lots
    order.cum_value = int(record.cum_value)
    order.modified_ns = record.modified_ns
    order.limited = record.limited
    order.floor_lots = record.floor_lots
    order.self_match_key = record.self_match_key
    order.reserved = 0 if record.reserves else None
    order.counted_ticks = record.price_ticks
    if record.conditions is not None:
        others, prior_value = record.conditions[:-1], int(record.conditions[-1])
        order.conditions = Conditions._make((*others, prior_value))
    elif record.restated:
        order.conditions = RESTATED
    return order
