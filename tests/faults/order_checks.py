"""What must be true of orders, trades and the book: the sums of invariants I1, I2 and I3.

One function a check; each is needed (tests/faults/test_checker.py takes them away one by one).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from tests.faults.findings import Evidence, Level, Violation

_OPEN = ("0", "1")


def exec_ids_name_one_report(evidence: Evidence) -> Iterator[Violation]:
    """I2: no ExecID stands on two reports, neither of a session nor of two."""
    known: dict[str, tuple[str, dict[str, str]]] = {}
    for session, client in evidence.clients.items():
        for report in client.delivered:
            exec_id = report.fields.get("17")
            if exec_id is None:
                continue
            before = known.setdefault(exec_id, (session, report.fields))
            if before != (session, report.fields):
                text = f"ExecID {exec_id} came to {before[0]}, and in another report to {session}"
                yield Violation("I2", text)


def fills_add_up(evidence: Evidence) -> Iterator[Violation]:
    """I2: CumQty is the sum of LastQty so far, at every report on an order."""
    sums: dict[str, Decimal] = {}
    for fields in evidence.executions:
        order_id = fields["37"]
        if order_id == "NONE":
            continue
        total = sums.get(order_id, Decimal(0))
        if fields["150"] == "F":
            total = sums[order_id] = total + Decimal(fields["32"])
        if Decimal(fields["14"]) != total:
            yield Violation("I2", f"order {order_id}: its fills come to {total}, not to {fields}")


def no_order_is_overfilled(evidence: Evidence) -> Iterator[Violation]:
    """I2: CumQty and LeavesQty never come to more than OrderQty."""
    for fields in evidence.executions:
        if fields["37"] == "NONE":
            continue
        filled, left = Decimal(fields["14"]), Decimal(fields["151"])
        if filled + left > Decimal(fields["38"]):
            yield Violation("I2", f"order {fields['37']} has more than it asked for: {fields}")


def trades_have_two_sides(evidence: Evidence) -> Iterator[Violation]:
    """I2: a match is one bought and one sold, of the same symbol, price and quantity."""
    sides: dict[str, list[dict[str, str]]] = {}
    for fields in evidence.executions:
        if fields["150"] == "F":
            sides.setdefault(fields["527"], []).append(fields)
    for match_id, fills in sides.items():
        directions = sorted("1" if fill["54"] == "1" else "2" for fill in fills)
        same = {tuple(fill[tag] for tag in ("55", "31", "32")) for fill in fills}
        if directions != ["1", "2"] or len(same) != 1:
            yield Violation("I2", f"match {match_id} is {fills}")


def book_is_what_reports_leave(evidence: Evidence) -> Iterator[Violation]:
    """I1: what clients hold for resting stands in the live book, and nothing else does."""
    expected = expected_book(evidence)
    for level in sorted(expected.keys() | evidence.book.keys()):
        ours, theirs = expected.get(level), evidence.book.get(level)
        if ours != theirs:
            yield Violation("I1", f"book {level}: reports make {ours}, the venue has {theirs}")


def open_orders_are_what_reports_leave(evidence: Evidence) -> Iterator[Violation]:
    """I1: so many orders of each session are open, stops that wait for their price included."""
    for session, client in evidence.clients.items():
        last = {fields["37"]: fields["39"] for fields in client.executions}
        ours = sum(status in _OPEN for status in last.values())
        theirs = evidence.open_orders.get(session, 0)
        if ours != theirs:
            text = f"{session} has {ours} open orders by its reports, the venue {theirs}"
            yield Violation("I1", text)


def state_and_replays_agree(evidence: Evidence) -> Iterator[Violation]:
    """I3: live state and every replay from the first record are the same."""
    if len(set(evidence.digests)) != 1:
        yield Violation("I3", f"digests of live state and replays: {list(evidence.digests)}")


def journal_was_replayed_twice(evidence: Evidence) -> Iterator[Violation]:
    """I3: one replay could be wrong in the way the live engine is; two may differ."""
    if len(evidence.digests) < 3:
        yield Violation("I3", f"{len(evidence.digests)} digests: live state and two replays")


def expected_book(evidence: Evidence) -> Mapping[Level, tuple[Decimal, int]]:
    """The book as the last reports on every order describe it; an iceberg shows MaxFloor(111).

    The load's icebergs show one lot, so that a slice is whole or gone. A stop that waits
    (WorkingIndicator(636)=N) is in no book.
    """
    last = {fields["37"]: fields for fields in evidence.executions}
    levels: dict[Level, tuple[Decimal, int]] = {}
    for fields in last.values():
        if fields["39"] not in _OPEN or fields.get("636") == "N":
            continue
        level = (fields["55"], fields["54"], fields.get("44", ""))
        quantity, orders = levels.get(level, (Decimal(0), 0))
        shown = Decimal(fields.get("111", fields["151"]))
        levels[level] = (quantity + shown, orders + 1)
    return levels


ORDER_CHECKS = (
    exec_ids_name_one_report,
    fills_add_up,
    no_order_is_overfilled,
    trades_have_two_sides,
    book_is_what_reports_leave,
    open_orders_are_what_reports_leave,
    state_and_replays_agree,
    journal_was_replayed_twice,
)
