"""Every combination of type, time in force and conditions through FIX: taken or 103=11, no third.

What is offered is stated in tests/reference/offered.py, on its own.
"""

from itertools import combinations, product

import pytest

from tests.fix.scenario import BUY, NEW, REJECTED, SELL, Market, order, send_together
from tests.fix_client import FixClient
from tests.fix_message import Field, Message
from tests.reference.offered import ORD_TYPES, TIMES, is_offered

CONDITIONS = ("6", "G", "110", "111", "M", "R", "P", "J", "K")
PEGS = {"M", "R", "P"}
CONDITION_SETS = [set(some) for size in (0, 1, 2) for some in combinations(CONDITIONS, size)]
SELF_MATCH = [(None, "N"), *(("desk", mode) for mode in (None, "N", "O", "B", "D"))]


def fields_of(
    ord_type: str, tif: str, conditions: set[str], same: str | None, mode: str | None
) -> list[Field]:
    """What makes an order of this combination well formed."""
    insts = " ".join(sorted(conditions - {"110", "111"}))
    fields = [(59, tif)]
    if ord_type in "24":
        fields.append((44, "95"))
    if ord_type in "34":
        fields.append((99, "105"))
    if tif == "6":
        fields.append((432, "20991231"))
    fields += [(18, insts)] if insts else []
    fields += [(int(tag), "2") for tag in ("110", "111") if tag in conditions]
    fields += [(7928, same)] if same else []
    return fields + ([(8000, mode)] if mode else [])


def expected_code(
    ord_type: str, tif: str, conditions: set[str], same: str | None, mode: str | None
) -> str | None:
    """Machine code of the reject, None for an order that is taken."""
    pegs = conditions & PEGS
    if ord_type == "P" and len(pegs) != 1:
        return "PEG_MISSING"
    if ord_type != "P" and pegs:
        return "PEG_NOT_ALLOWED"
    offered = is_offered(ord_type, tif, conditions, same, mode)
    return None if offered else "COMBINATION_NOT_OFFERED"


def answer_to(client: FixClient, cl_ord_id: str) -> Message:
    """Whether the order was taken: its New or its reject."""
    return client.expect(lambda m: m.get(11) == cl_ord_id and m.get(150) in (NEW, REJECTED))


@pytest.mark.parametrize("ord_type", ORD_TYPES)
def test_each_cell_of_the_table_is_taken_or_refused_with_its_code(
    alpha: FixClient, bravo: FixClient, unique: str, ord_type: str
) -> None:
    market = Market(unique)
    market.limit(bravo, "bid", BUY, "1", "94")
    market.limit(bravo, "ask", SELL, "1", "106")
    plain = [(tif, conditions, None, None) for tif, conditions in product(TIMES, CONDITION_SETS)]
    owned = [
        (tif, conditions, *self_match)
        for tif, conditions, self_match in product(TIMES, (set(), {"G"}, {"110"}), SELF_MATCH)
    ]
    cells: list[tuple[str, set[str], str | None, str | None]] = [*plain, *owned]
    orders = [order(f"{unique}{n}", BUY, "5", ord_type) for n in range(len(cells))]
    for fields, cell in zip(orders, cells, strict=True):
        fields += fields_of(ord_type, *cell)
    send_together(alpha, *(("D", fields) for fields in orders))
    for number, cell in enumerate(cells):
        first = answer_to(alpha, f"{unique}{number}")
        code = expected_code(ord_type, *cell)
        if code is None:
            assert first.get(150) == NEW, (cell, first)
        else:
            assert first.get(58).split(" ")[0] == code, (cell, first)
            reason = "11" if code == "COMBINATION_NOT_OFFERED" else "99"
            assert first.get(103) == reason, first
