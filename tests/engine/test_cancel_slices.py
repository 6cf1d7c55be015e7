"""What cancels many orders goes on where it stopped, whatever happens between two slices.

Orders end, come and change meanwhile, and one of two engines is restored from its image.
"""

from collections.abc import Callable
from random import Random

import msgspec
import pytest

from tests.reference.build import START_NS, setup_commands
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.engine.engine import Engine
from venue.engine.image.digest import state_digest
from venue.engine.state.order_lists import OpenOrders
from venue.engine.state.orders import Order
from venue.engine.trading import slices
from venue.engine.trading.cancels import MASS_CANCELS
from venue.engine.trading.slices import LOOKS, SLICE

from .invariants import check_state
from .test_image import through_bytes

Doomed = Callable[[Order], bool]
TRADER = (c.Party("T1", "D", "11"),)


def of_member(order: Order) -> bool:
    return order.terms.member == "ALPHA"


CASES: dict[str, tuple[list[c.AnyCommand], Doomed]] = {
    "mass cancel": ([c.MassCancel("ALPHA", "q", "7")], lambda o: o.terms.session == "ALPHA"),
    "mass cancel of buys": (
        [c.MassCancel("ALPHA", "q", "7", None, "1")],
        lambda o: o.terms.session == "ALPHA" and o.terms.side == "1",
    ),
    "mass cancel of a symbol that few have": (
        [c.MassCancel("ALPHA", "q", "1", "RARE")],
        lambda o: o.terms.session == "ALPHA" and o.terms.symbol == "RARE",
    ),
    "disconnect": (
        [c.LogOut("ALPHA")],
        lambda o: o.terms.session == "ALPHA" and o.terms.time_in_force == "0",
    ),
    "kill of all": ([c.Kill("all")], lambda o: True),
    "kill of a member": ([c.Kill("member", "ALPHA")], of_member),
    "kill of a session": ([c.Kill("session", "ALPHA2")], lambda o: o.terms.session == "ALPHA2"),
    "suspended member": ([c.SuspendMember("ALPHA")], of_member),
    "trader": ([c.SetKyc("ALPHA", "suspended", "T1")], lambda o: bool(o.terms.parties)),
    "halt": (
        [c.HaltInstrument("ACME")],
        lambda o: o.terms.symbol == "ACME" and "K" in o.conditions.exec_inst,
    ),
    "disabled instrument": ([c.DisableInstrument("ACME")], lambda o: o.terms.symbol == "ACME"),
}
SPARED = (
    c.ResumeInstrument("ACME"),
    c.Revive("all"),
    c.Revive("member", "ALPHA"),
    c.Revive("session", "ALPHA2"),
)


class Twins:
    """Two engines that are told the same; only the second is restored, again and again."""

    def __init__(self, random: Random) -> None:
        self.first, self.second = Engine(), Engine()
        self.left: list[c.AnyCommand] = []
        self.random = random
        self.entered = 0
        acme, *others = setup_commands()
        assert isinstance(acme, c.AddInstrument)
        rare = c.AddInstrument(msgspec.structs.replace(acme.definition, symbol="RARE"))
        for command in (acme, rare, *others):
            self.do(command)
        for member in ("ALPHA", "BRAVO"):
            self.do(c.AddMember(member, (), "1000000000", 100_000))

    def do(self, command: c.AnyCommand) -> list[e.AnyEvent]:
        events = self.first.apply(command, START_NS)
        again = self.second.apply(command, START_NS)
        assert list(map(encode, again)) == list(map(encode, events))
        follow_ups = self.first.take_follow_ups()
        assert self.second.take_follow_ups() == follow_ups
        self.left += follow_ups
        return events

    def enter(self, count: int) -> None:
        random = self.random
        for _ in range(count):
            self.entered += 1
            session = random.choice(("ALPHA", "ALPHA2", "BRAVO"))
            side = random.choice("12")
            order = c.EnterOrder(
                session,
                f"C{self.entered}",
                "RARE" if random.random() < 0.02 else "ACME",
                side,
                "2",
                random.choice("001"),
                "1",
                str(100 + random.randint(1, 9) * (1 if side == "2" else -1)),
                exec_inst=random.choice(("", "", "K")),
                parties=TRADER if session == "ALPHA" and random.random() < 0.1 else (),
            )
            self.do(order)

    def open_orders(self) -> list[Order]:
        return [order for order in self.first.state.orders.values() if order.is_open]

    def disturb(self) -> None:
        """Orders end, change and come."""
        random = self.random
        orders = self.open_orders()
        for order in random.sample(orders, min(len(orders), random.choice((0, 5, 70)))):
            terms = order.terms
            named = (
                terms.session,
                f"X{order.cl_ord_id}",
                order.cl_ord_id,
                terms.symbol,
                terms.side,
            )
            if random.random() < 0.5:
                self.do(c.CancelByOperator(terms.order_id))
            elif random.random() < 0.5:
                self.do(c.CancelOrder(*named))
            else:
                self.do(c.ReplaceOrder(*named, "2", "2", str(95 if terms.side == "1" else 105)))
        self.enter(random.choice((0, 10, 100)))
        if random.random() < 0.5:
            self.second = through_bytes(self.second)


def ended(events: list[e.AnyEvent], text: str) -> list[str]:
    return [
        event.order.terms.order_id
        for event in events
        if isinstance(event, e.OrderCanceled) and (event.text or "").startswith(text)
    ]


def text_of(events: list[e.AnyEvent]) -> str:
    texts = [event.text for event in events if isinstance(event, e.OrderCanceled)]
    return texts[0] or ""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", CASES)
def test_slices_end_what_was_there_and_nothing_that_came_later(case: str, seed: int) -> None:
    commands, is_doomed = CASES[case]
    twins = Twins(Random(seed))
    if case == "trader":  # from here on its orders name traders; others are refused
        twins.enter(2_500)
        twins.do(c.SetKyc("ALPHA", "approved", "T1"))
    else:
        twins.enter(1_500)
    doomed = [order for order in twins.open_orders() if is_doomed(order)]
    assert len(doomed) > (2 if case.endswith("few have") else SLICE)
    last_before = twins.first.state.next_order_id
    told: list[str] = []
    slices_told = 0
    (command,) = commands
    events = twins.do(command)
    if twins.left:
        for revive in SPARED:
            twins.do(revive)
        twins.do(c.LogOn("ALPHA"))
    text = text_of(events)
    while True:
        slices_told += 1
        ids = ended(events, text)
        assert len(ids) <= SLICE
        told += ids
        check_state(twins.first)
        if not twins.left:
            break
        twins.disturb()
        events = twins.do(twins.left.pop(0))
    assert state_digest(twins.first.state) == state_digest(twins.second.state)
    assert not any(order.is_open for order in doomed)
    assert set(told) <= {order.terms.order_id for order in doomed}
    assert len(told) == len(set(told))
    assert max(map(int, told)) < last_before
    if case not in ("kill of all", "kill of a member", "suspended member", "disabled instrument"):
        assert told == sorted(told, key=int)
    assert slices_told <= len(doomed) / SLICE + last_before / LOOKS + 4
    reports = [event for event in events if isinstance(event, e.MassCancelReported)]
    assert [report.affected for report in reports] == [len(told)] * case.startswith("mass")


@pytest.mark.pure
@pytest.mark.parametrize("filtered", [False, True])
def test_work_grows_with_the_orders_and_not_with_their_square(
    filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = Twins(Random(1))
    twins.enter(6_000)
    looked: list[Order] = []
    between = OpenOrders.between

    def counted(self: OpenOrders, after: int, before: int):  # type: ignore[no-untyped-def]
        for order in between(self, after, before):
            looked.append(order)
            yield order

    monkeypatch.setattr(OpenOrders, "between", counted)
    count = len(twins.first.state.sessions["ALPHA"].open_orders)
    twins.do(c.MassCancel("ALPHA", "q", "7", None, "1" if filtered else None))
    number = 1
    while twins.left:
        twins.do(twins.left.pop(0))
        number += 1
    assert number > count / SLICE / (2.5 if filtered else 1)
    assert count <= len(looked) <= 2 * (count + number), "by two engines"


@pytest.mark.pure
def test_slice_looks_at_so_many_orders_and_no_more() -> None:
    orders = list(range(LOOKS + 1))
    found = slices.next_slice(orders, lambda order: False)  # type: ignore[arg-type]
    assert tuple[object, ...](found) == ([], LOOKS - 1)
    found = slices.next_slice(orders[:LOOKS], lambda order: False)  # type: ignore[arg-type]
    assert tuple[object, ...](found) == ([], None)
    found = slices.next_slice(orders, lambda order: True)  # type: ignore[arg-type]
    assert tuple[object, ...](found) == (orders[:SLICE], SLICE - 1)
    found = slices.next_slice(orders[:SLICE], lambda order: True)  # type: ignore[arg-type]
    assert tuple[object, ...](found) == (orders[:SLICE], None)


def test_mass_cancel_behind_others_of_its_session_ends_nothing_at_once() -> None:
    twins = Twins(Random(2))
    twins.enter(2_000)
    requests = [c.MassCancel("ALPHA", f"q{number}", "7") for number in range(MASS_CANCELS + 1)]
    counts = [len(twins.do(request)) for request in requests]
    assert counts == [SLICE] + [0] * (MASS_CANCELS - 1) + [1]
    assert twins.first.state.sessions["ALPHA"].mass_cancels == MASS_CANCELS
    twins.second = through_bytes(twins.second)
    (refused,) = twins.do(c.MassCancel("ALPHA", "one too many", "7"))
    assert isinstance(refused, e.MassCancelReported)
    assert (refused.response, refused.reject_reason) == ("0", "99")
    assert (refused.text or "").split()[0] == "THROTTLED"
    assert len(twins.do(c.MassCancel("BRAVO", "other's own", "7"))) == SLICE
    events: list[e.AnyEvent] = []
    while twins.left:
        events += twins.do(twins.left.pop(0))
    reports = [event for event in events if isinstance(event, e.MassCancelReported)]
    names = [report.cl_ord_id for report in reports if report.session == "ALPHA"]
    assert names == [request.cl_ord_id for request in requests[:MASS_CANCELS]]
    assert twins.first.state.sessions["ALPHA"].mass_cancels == 0
    assert len(twins.first.state.sessions["ALPHA"].open_orders) == 0


def test_mass_cancel_that_an_older_engine_began_ends_with_its_report() -> None:
    twins = Twins(Random(3))
    twins.enter(30)
    request = c.MassCancel("ALPHA", "q", "7")
    *canceled, report = twins.do(c.MassCancelRemaining(request, "7", 256))
    assert isinstance(report, e.MassCancelReported)
    assert report.affected == 256 + len(canceled)
    assert twins.first.state.sessions["ALPHA"].mass_cancels == 0
