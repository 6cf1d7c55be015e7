"""Slices of an expiry or a restatement against a plain look at all orders before each of them.

Between slices orders end, come and change, time goes on, days end and start, and one of two engines
is restored from its image.
"""

from collections.abc import Iterator
from random import Random

import msgspec
import pytest

from tests.reference.build import SECOND_NS, START_NS, instrument
from venue.domain import commands as c
from venue.domain import events as e
from venue.domain.codec import encode
from venue.domain.types import ExecRestatementReason, Phase
from venue.engine.engine import Engine
from venue.engine.image.digest import state_digest
from venue.engine.state.engine_state import EngineState
from venue.engine.state.orders import Order
from venue.engine.trading.slices import SLICE

from .invariants import check_state
from .test_image import through_bytes

DAYS = [f"2026-01-{day:02}" for day in range(5, 25)]


def to_expire(state: EngineState, closed: bool, now_ns: int) -> list[str]:
    """OrderIDs of what expires now, in order of entry."""
    return [
        order_id
        for order_id, order in state.orders.items()
        if order.is_open and _has_run_out(state, order, closed, now_ns)
    ]


def _has_run_out(state: EngineState, order: Order, closed: bool, now_ns: int) -> bool:
    terms = order.terms
    if terms.expire_ns is not None:
        return terms.expire_ns <= now_ns
    if terms.expire_date is not None:
        return closed and terms.expire_date <= state.trading_day
    return closed and terms.time_in_force != "1"


def to_restate(state: EngineState, after: int) -> list[str]:
    """OrderIDs of open good-till orders of earlier days behind this one."""
    return [
        order_id
        for order_id, order in state.orders.items()
        if order.is_open and order.conditions.restated and int(order_id) > after
    ]


def expected(state: EngineState, command: c.AnyCommand, now_ns: int) -> list[str]:
    """OrderIDs that the command and its follow-ups are about."""
    closed = state.phase is Phase.CLOSED
    match command:
        case c.EndDay():
            return to_expire(state, True, now_ns)
        case c.AdvanceTime() | c.ExpireRemaining():
            return to_expire(state, closed, now_ns)
        case c.StartDay():
            if to_expire(state, closed, now_ns) or state.is_forgetting:
                return []  # refused: the day before is not over, or not forgotten
            return [order_id for order_id, order in state.orders.items() if order.is_open]
        case c.RestateRemaining():
            return to_restate(state, int(command.after_order_id))
        case c.CancelOrder() | c.ReplaceOrder():  # what a request names expires before it is asked
            named = state.sessions["ALPHA"].cl_ord_ids.get(command.orig_cl_ord_id)
            return [named.terms.order_id] if named is not None and named.is_due(now_ns) else []
    return []


def told(events: list[e.AnyEvent]) -> list[str]:
    """OrderIDs of what has expired or was restated for the day, as it came."""
    return [
        event.order.terms.order_id
        for event in events
        if isinstance(event, e.OrderExpired)
        or (
            isinstance(event, e.OrderRestated)
            and event.restatement_reason == ExecRestatementReason.GT_RENEWAL
        )
    ]


class Twins:
    """Two engines that are told the same; only the second is restored, again and again."""

    def __init__(self, random: Random) -> None:
        self.first, self.second = Engine(), Engine()
        self.now_ns = START_NS
        self.left: list[c.AnyCommand] = []
        self.slices = 0
        self._random = random
        self._entered = 0
        definitions = [instrument(symbol) for symbol in ("ACME", "GLOBEX")]
        member = c.AddMember("ALPHA", (), "1000000000", 100_000)
        session, day = c.AddSession("ALPHA", "ALPHA"), c.StartDay(DAYS[0])
        commands: list[c.AnyCommand] = [*definitions, member, session, day]
        for command in commands:
            self.do(command)

    def do(self, command: c.AnyCommand) -> None:
        """Apply it to both, and compare with the look at all orders."""
        looked_for = expected(self.first.state, command, self.now_ns)
        events = self.first.apply(command, self.now_ns)
        again = self.second.apply(command, self.now_ns)
        assert list(map(encode, again)) == list(map(encode, events))
        follow_ups = self.first.take_follow_ups()
        assert self.second.take_follow_ups() == follow_ups
        assert told(events) == looked_for[:SLICE]
        rest: list[c.AnyCommand] = []
        if len(looked_for) > SLICE:
            restates = isinstance(command, c.StartDay | c.RestateRemaining)
            last = looked_for[SLICE - 1]
            rest.append(c.RestateRemaining(last) if restates else c.ExpireRemaining())
        assert [each for each in follow_ups if not isinstance(each, c.ForgetRemaining)] == rest
        self.slices += bool(rest)
        first = self._random.random() < 0.5
        self.left = follow_ups + self.left if first else self.left + follow_ups

    def do_slices(self, command: c.AnyCommand) -> None:
        """The command and its follow-ups with anything in between; the engines stay equal."""
        self.do(command)
        while self.left:
            for between in self._between():
                self.do(between)
            if self._random.random() < 0.5:
                self.second = through_bytes(self.second)
            if self.left:
                self.do(self.left.pop(0))
            check_state(self.first)
        assert state_digest(self.first.state) == state_digest(self.second.state)

    def enter(self) -> None:
        """An order of any time in force, mostly one that rests."""
        random = self._random
        self._entered += 1
        today = DAYS.index(self.first.state.trading_day)
        until: list[dict[str, str | int]] = [
            {"time_in_force": "0"},
            {"time_in_force": "1"},
            {
                "time_in_force": "6",
                "expire_date": DAYS[min(today + random.randint(0, 2), len(DAYS) - 1)],
            },
            {"time_in_force": "6", "expire_ns": self.now_ns + 10 * SECOND_NS},
            {"time_in_force": "6", "expire_ns": self.now_ns + random.randint(1, 20 * SECOND_NS)},
        ]
        special: list[dict[str, str]] = [{}] * 9 + [{"ord_type": "4", "stop_px": "100"}]
        side = random.choice("12")
        away = random.randint(-1, 9) if random.random() < 0.1 else random.randint(1, 9)
        order = c.EnterOrder(
            "ALPHA",
            f"C{self._entered}",
            random.choice(("ACME", "GLOBEX")),
            side,
            "2",
            "0",
            "5",
            str(100 - away if side == "1" else 100 + away),
        )
        self.do(msgspec.structs.replace(order, **random.choice(until), **random.choice(special)))

    def _between(self) -> Iterator[c.AnyCommand]:
        random = self._random
        open_orders = [order for order in self.first.state.orders.values() if order.is_open]
        for order in random.sample(open_orders, min(len(open_orders), random.choice((0, 3, 60)))):
            name = f"X{order.cl_ord_id}"
            terms = order.terms
            given = ("ALPHA", name, order.cl_ord_id, terms.symbol, terms.side)
            if random.random() < 0.6:
                yield c.CancelOrder(*given)
            elif random.random() < 0.5:
                yield c.CancelByOperator(terms.order_id)
            elif terms.ord_type == "2":
                yield c.ReplaceOrder(*given, "2", random.choice("37"), str(random.randint(91, 109)))
        for _ in range(random.choice((0, 5, 40))):
            self.enter()
        if random.random() < 0.4:
            self.now_ns += random.randint(1, 3 * SECOND_NS)
            yield c.AdvanceTime()
        if random.random() < 0.2:
            yield c.AdvanceTime()
        for _ in range(random.choice((0, 0, 0, 1, 2))):
            yield self.next_day()

    def next_day(self) -> c.AnyCommand:
        """The end of the day, or the start of the next, though the slices may not be done."""
        state = self.first.state
        if state.phase is not Phase.CLOSED:
            return c.EndDay()
        number = DAYS.index(state.trading_day) + 1
        return c.StartDay(DAYS[number]) if number < len(DAYS) else c.AdvanceTime()


@pytest.mark.parametrize("seed", range(12))
def test_slices_are_those_of_a_look_at_all_orders(seed: int) -> None:
    random = Random(seed)
    twins = Twins(random)
    for count in (2_000, 50, 700):
        if twins.first.state.phase is Phase.CLOSED:
            twins.do_slices(twins.next_day())
        for _ in range(count):
            twins.enter()
        twins.now_ns += random.choice((5, 10, 30)) * SECOND_NS
        twins.do_slices(c.AdvanceTime())
        twins.do_slices(twins.next_day())
        twins.do_slices(twins.next_day())
    assert twins.slices > 3
