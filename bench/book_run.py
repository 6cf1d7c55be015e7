"""One order book of three over the same operations; run by whichever python has its package.

Usage: python bench/book_run.py venue|lightmatchingengine|pyorderbook OPERATIONS.json
Prints {"us": CPU microseconds an operation, "traded": lots, "resting": orders} as JSON. Each is
entered and canceled by its own interface; prices are whole ticks for all.
"""

import json
import sys
import time

Operation = list[int]
"""enter (1) or cancel (0), order's number, side (0 buy, 1 sell), price, quantity."""

Result = tuple[int, int, int]
"""CPU in nanoseconds of what was timed, lots traded, orders resting."""


def venue(operations: list[Operation], timed_from: int) -> Result:
    """`OrderBook` of the venue: match, then rest what is left."""
    from venue.book.order_book import OrderBook
    from venue.book.price_level import RestingOrder
    from venue.domain.types import Side

    book, sides = OrderBook(), (Side.BUY, Side.SELL)
    orders: dict[int, RestingOrder] = {}
    traded = begin = 0
    for place, (enter, number, side, price, quantity) in enumerate(operations):
        if place == timed_from:
            begin = time.thread_time_ns()
        if enter:
            order = orders[number] = RestingOrder(sides[side], price, quantity)
            for match in book.match(order):
                traded += match.lots
            if order.leaves_lots:
                book.rest(order)
        else:
            book.remove(orders.pop(number))
    elapsed = time.thread_time_ns() - begin
    resting = sum(level.count for half in (book.bids, book.asks) for level in half.levels())
    return elapsed, traded, resting


def lightmatchingengine(operations: list[Operation], timed_from: int) -> Result:
    """`LightMatchingEngine.add_order` and `cancel_order`."""
    from lightmatchingengine.lightmatchingengine import LightMatchingEngine

    engine = LightMatchingEngine()
    ids: dict[int, int] = {}
    traded = begin = 0
    for place, (enter, number, side, price, quantity) in enumerate(operations):
        if place == timed_from:
            begin = time.thread_time_ns()
        if enter:
            order, trades = engine.add_order("SYM1", price, quantity, side + 1)
            ids[number] = order.order_id
            if trades:
                traded += order.cum_qty
        else:
            engine.cancel_order(ids.pop(number), "SYM1")
    elapsed = time.thread_time_ns() - begin
    book = engine.order_books["SYM1"]
    levels = (*book.bids.values(), *book.asks.values())
    return elapsed, traded, sum(map(len, levels))


def pyorderbook(operations: list[Operation], timed_from: int) -> Result:
    """`Book.match` and `cancel`."""
    from pyorderbook import Book, Order, Side

    book, sides = Book(), (Side.BID, Side.ASK)
    orders: dict[int, Order] = {}
    traded = begin = 0
    for place, (enter, number, side, price, quantity) in enumerate(operations):
        if place == timed_from:
            begin = time.thread_time_ns()
        if enter:
            order = orders[number] = Order(sides[side], "SYM1", price, quantity)
            if book.match(order).trades:
                traded += quantity - order.quantity
        else:
            book.cancel(orders.pop(number))
    elapsed = time.thread_time_ns() - begin
    return elapsed, traded, len(book.order_map)


def main() -> None:
    """Run the one that is asked for."""
    which = {"venue": venue, "lightmatchingengine": lightmatchingengine, "pyorderbook": pyorderbook}
    with open(sys.argv[2], encoding="ascii") as file:  # noqa: PTH123
        work = json.load(file)
    elapsed, traded, resting = which[sys.argv[1]](work["operations"], work["timed_from"])
    timed = len(work["operations"]) - work["timed_from"]
    print(json.dumps({"us": elapsed / timed / 1000, "traded": traded, "resting": resting}))


if __name__ == "__main__":
    main()
