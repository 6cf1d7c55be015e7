"""Why an order was refused, and where an open one stands in its queue. Pure.

The queue is that of the public book, order by order: what is ahead is known to everybody, and which
of the public orders is one's own only to who knows its OrderID.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from venue.gateway.order import OPEN
from venue.gateway.problems import Problem
from venue.gateway.reject_notes import CODES
from venue.marketdata.day_totals import decimal_text
from venue.marketdata.messages import PublicOrder

RULES = "docs/RULES_OF_ENGAGEMENT.md"


class Place(NamedTuple):
    """orders, quantity: ahead at the same price. better: what stands at better prices."""

    orders: int
    quantity: Decimal
    better: Decimal


def place(queue: Sequence[PublicOrder], public_id: str) -> Place | None:
    """The place of an order in its side's queue, the best price first; None: it is not there."""
    ahead: list[PublicOrder] = []
    for order in queue:
        if order.id == public_id:
            same = [each for each in ahead if Decimal(each.price) == Decimal(order.price)]
            quantity = sum((Decimal(each.quantity) for each in same), Decimal(0))
            all_ahead = sum((Decimal(each.quantity) for each in ahead), Decimal(0))
            return Place(len(same), quantity, all_ahead - quantity)
        ahead.append(order)
    return None


def place_in_words(found: Place | None) -> str:
    """A place, in a sentence."""
    if found is None:
        return "It is not in the public book: it waits for its stop price, or is not known yet."
    if found.orders == 0:
        same = "It is the first at its price."
    else:
        noun = "order" if found.orders == 1 else "orders"
        same = f"Ahead at its price: {found.orders} {noun} with {decimal_text(found.quantity)}."
    if found.better == 0:
        return f"{same} No better price stands before it."
    return f"{same} At better prices: {decimal_text(found.better)}."


def code_in_words(code: str) -> str:
    """What a code of the venue means; empty: it is none of the venue's."""
    _, note = CODES.get(code, ("", ""))
    if code not in CODES:
        return ""
    return note or code.replace("_", " ").capitalize()


def refusal_in_words(problem: Problem) -> list[str]:
    """Why something was refused: what was said, what the code means, and where it stands."""
    code = problem.venue_code or problem.code.value
    found = [f"{code}: {problem.message}"]
    meaning = code_in_words(problem.venue_code)
    if meaning:
        found.append(f"It means: {meaning}.")
        found.append(f"All codes: {RULES}, Refusals.")
    if problem.field:
        found.append(f"It is about: {problem.field.replace('_', ' ')}.")
    if problem.retry_after is not None:
        found.append(f"Try again in {problem.retry_after} s.")
    return found


def story(order: Mapping[str, Any], found: Place | None) -> list[str]:
    """What is known of an order, in sentences."""
    said = [
        f"{order['state'].replace('_', ' ').capitalize()}: {order['filled']} of "
        f"{order['quantity']} filled, {order['remaining']} remain.",
    ]
    if Decimal(order.get("filled") or 0):
        said.append(f"Average price: {order['average_price']}.")
    if order["state"] in OPEN:
        said.append(place_in_words(found))
    if order.get("text"):
        said.append(f"The venue says: {order['text']}.")
    meaning = code_in_words(order.get("code", ""))
    if meaning:
        said.append(f"{order['code']} means: {meaning}.")
    return said
