"""Every cell of order type x time in force x condition x self-match mode: offered, or refused.

What is offered must end in a legal state on a book that it would trade with; the reference's
own table of the rules is held against the venue's.
"""

from itertools import product
from typing import Any

import pytest

from tests.reference.build import START_NS, Venue
from tests.reference.offered import ORD_TYPES, TIMES, is_offered
from venue.domain import events as e
from venue.domain.types import OPEN_STATUSES
from venue.engine.state.orders import Order
from venue.risk.combinations import Combination, check_combination

CONDITIONS: dict[str, dict[str, str]] = {
    "none": {},
    "post-only": {"exec_inst": "6"},
    "all-or-none": {"exec_inst": "G"},
    "MinQty": {"min_qty": "2"},
    "MaxFloor": {"max_floor": "2"},
    "peg mid": {"exec_inst": "M"},
    "peg primary": {"exec_inst": "R"},
    "peg market": {"exec_inst": "P"},
    "reinstate on halt": {"exec_inst": "J"},
    "cancel on halt": {"exec_inst": "K"},
}
FIELDS = {"110": "min_qty", "111": "max_floor"}
MODES = ("none", "N", "O", "B", "D")
CELLS = list(product(ORD_TYPES, TIMES, CONDITIONS, MODES))
NEVER_REST = ("3", "4")
SPENT = ("2", "7")


def fields_of(ord_type: str, tif: str, condition: str, mode: str) -> dict[str, Any]:
    """An order that has all that its type needs."""
    fields: dict[str, Any] = {"ord_type": ord_type, "time_in_force": tif, **CONDITIONS[condition]}
    if ord_type in "34":
        fields["stop_px"] = "99"
    if tif == "6":
        fields["expire_ns"] = START_NS + 10**9
    if mode != "none":
        fields |= {"self_match_id": "desk", "self_match_mode": mode}
    return fields


def ready_venue(ahead: str) -> Venue:
    """Last trade at 100, bid at 98, asks: 3 at 101 (own: with the same 7928) and 9 at 102."""
    venue = Venue()
    venue.buy("t1", "1", "100", session="CHARLIE")
    venue.sell("t2", "1", "100", session="CHARLIE")
    venue.buy("bid", "5", "98", session="CHARLIE")
    if ahead == "own":
        venue.sell("own", "3", "101", session="ALPHA2", self_match_id="desk")
    elif ahead == "other":
        venue.sell("other", "3", "101", session="CHARLIE")
    if ahead != "nothing":
        venue.sell("ask", "9", "102", session="CHARLIE")
    venue.events.clear()
    return venue


@pytest.mark.parametrize("ord_type", ORD_TYPES)
@pytest.mark.parametrize("tif", TIMES)
def test_cell_works_or_is_rejected_with_its_own_code(ord_type: str, tif: str) -> None:
    """An order of 5 against nothing, against another's 3 and 9, and against an own 3."""
    for condition, mode, ahead in product(CONDITIONS, MODES, ("nothing", "other", "own")):
        cell = (ord_type, tif, condition, mode, ahead)
        fields = fields_of(ord_type, tif, condition, mode)
        venue = ready_venue(ahead)
        price = "102" if ord_type in "24" else None
        venue.buy("b1", "5", price, **fields)
        first = venue.events[0]
        code = expected_code(fields, ahead)
        if code is not None:
            assert isinstance(first, e.OrderRejected), cell
            assert (first.reason.value, len(venue.events)) == (code, 1), cell
            assert venue.exposure() == (303 * 10**8 if ahead == "own" else 0), cell
        else:
            assert isinstance(first, e.OrderAccepted), cell
            check_legal(venue, venue.engine.state.orders[first.order.terms.order_id], cell)


def expected_code(fields: dict[str, Any], ahead: str) -> str | None:
    """What the rules answer: a peg's own code first, then the combination's."""
    ord_type, tif = fields["ord_type"], fields["time_in_force"]
    codes = set(fields.get("exec_inst", ""))
    conditions = codes | {tag for tag in ("110", "111") if _tag(tag) in fields}
    if ord_type == "P" and not codes & {"M", "R", "P"}:
        return "PEG_MISSING"
    if ord_type != "P" and codes & {"M", "R", "P"}:
        return "PEG_NOT_ALLOWED"
    same, mode = fields.get("self_match_id"), fields.get("self_match_mode")
    if not is_offered(ord_type, tif, conditions, same, mode):
        return "COMBINATION_NOT_OFFERED"
    if ord_type == "P" and ahead == "nothing" and codes & {"M", "P"}:
        return "PEG_WITHOUT_REFERENCE"
    return None


def _tag(tag: str) -> str:
    return {"110": "min_qty", "111": "max_floor"}[tag]


def check_legal(venue: Venue, order: Order, cell: tuple[str, ...]) -> None:
    """It is open where it may be, or has ended; the book is neither crossed nor locked."""
    book = venue.engine.state.markets["ACME"].book
    bid, ask = book.bids.best, book.asks.best
    assert bid is None or ask is None or bid.price_ticks < ask.price_ticks, cell
    assert order.is_open == (order.leaves_lots > 0), cell
    assert order.is_open == (order.status in OPEN_STATUSES), cell
    tif = order.terms.time_in_force
    rests = order.level is not None
    assert rests + order.waiting == order.is_open, cell
    if rests:
        assert tif not in (*NEVER_REST, *SPENT), cell
        assert order.terms.ord_type not in "13", cell
        assert not order.all_or_none, cell
    if tif in SPENT:
        assert order.waiting, cell
    whole = order.all_or_none or tif == "4"
    if whole:
        assert order.cum_lots in (0, order.order_lots), cell
    if order.conditions.min_lots:
        assert order.cum_lots == 0 or order.cum_lots >= order.conditions.min_lots, cell
    if "6" in order.conditions.exec_inst or order.is_peg:
        assert order.cum_lots == 0, cell


def test_table_of_the_venue_is_the_one_of_the_rules() -> None:
    """Each condition alone, and every pair of them."""
    codes = ("6", "G", "110", "111", "M", "R", "P", "J", "K")
    sets = [set(pair) for pair in product(codes, repeat=2)] + [set()]
    for ord_type, tif, conditions, mode in product(ORD_TYPES, TIMES, sets, MODES):
        if len(conditions & {"M", "R", "P"}) > 1:
            continue  # a fault of the peg, not of the combination
        same = None if mode == "none" else "desk"
        asked = Combination(
            ord_type,
            tif,
            frozenset(conditions - {"110", "111"}),
            frozenset(FIELDS[each] for each in conditions & FIELDS.keys()),
            same is not None,
            None if mode == "none" else mode,
        )
        offered = is_offered(ord_type, tif, conditions, same, None if mode == "none" else mode)
        assert (check_combination(asked) is None) == offered, (ord_type, tif, conditions, mode)


@pytest.mark.parametrize("mode", ["N", "O", "B", "D"])
def test_a_self_match_mode_needs_an_id(mode: str) -> None:
    assert Venue().buy("b1", "1", "100", self_match_mode=mode) == [
        "OrderRejected b1 COMBINATION_NOT_OFFERED"
    ]


def test_cells_are_all_counted() -> None:
    """No condition, J and K: 22 cells in 5 modes, but two FOK ones not with D; the others alike."""
    offered = sum(expected_code(fields_of(*cell), "other") is None for cell in CELLS)
    plain = 22 * 5 - 2
    assert offered == 3 * plain + 3 * 5 + 8 * 4 + 2 * 4 + 6 * 5 + 3 * 3 * 5
    assert len(CELLS) == 6 * 7 * 10 * 5
