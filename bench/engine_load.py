"""The load's requests as commands for an engine in memory: no FIX, no journal, only the core.

Usage: python -m bench.engine_load (VENUE_CORE=pure: on the core's source)
"""

import gc
import time
from collections.abc import Sequence
from random import Random

from venue.compiled_core import core
from venue.domain import commands as c
from venue.domain.events import AnyEvent, OrderAccepted, OrderReplaced, TradeExecuted
from venue.domain.instruments import Instrument, InstrumentDefinition
from venue.domain.types import OrdStatus
from venue.engine.engine import Engine
from venue.load.flow import CANCEL, NEW, Flow, OpenOrder, Request, quote_of
from venue.load.mix import Mix

SESSIONS = ("LOAD1", "LOAD2", "LOAD3", "LOAD4")
START_NS = 1_767_600_000_000_000_000
STEP_NS = 20_000
"""Between commands: slow enough that no session is over its message rate."""
_NO_LIMIT = "1000000000000"
FILL_UP = Mix(new=100, cancel=0, replace=0, cross=0)


def definition(symbol: str) -> InstrumentDefinition:
    """An instrument as the benchmarks' configuration has it."""
    return InstrumentDefinition(
        symbol=symbol,
        currency="USD",
        tick_size="0.01",
        lot_size="1",
        reference_price="100.00",
        max_order_qty="1000000",
        max_order_value="1000000000",
        price_collar_percent="10",
    )


class EngineLoad:
    """An engine with members and instruments on an open day, and what its sessions send.

    `levels` prices a side are used. Commands come in batches, as the sequencer takes them.
    """

    def __init__(
        self, instruments: int = 5, levels: int = 20, seed: int = 1, members: int = len(SESSIONS)
    ) -> None:
        """members: those of the sessions that send, and others that have a session and wait."""
        self.engine = Engine()
        self.now_ns = START_NS
        symbols = [f"SYM{number}" for number in range(1, instruments + 1)]
        quote = quote_of(Instrument(definition(symbols[0])), levels)
        self._quotes = [quote._replace(symbol=symbol.encode()) for symbol in symbols]
        self._seed = seed
        self._streams = 0
        self._orders: dict[tuple[str, bytes], OpenOrder] = {}
        self._flows: dict[str, Flow] = {}
        for symbol in symbols:
            self.apply(c.AddInstrument(definition(symbol)))
        for session in SESSIONS:
            self.apply(c.AddMember(session, (), _NO_LIMIT, 10_000_000))
            self.apply(c.AddSession(session, session))
        for number in range(members - len(SESSIONS)):
            member = f"MEMBER{number}"
            self.apply(c.AddMember(member, (), _NO_LIMIT, 1_000))
            self.apply(c.AddSession(member, member))
        self.apply(c.StartDay("2026-01-05"))

    def send(self, mix: Mix) -> None:
        """From now on the sessions send this mix; what is open stays open to cancels."""
        for number, session in enumerate(SESSIONS):
            random = Random(f"{self._seed}/{number}/{mix}").random
            self._streams += 1
            prefix = f"load{self._streams:03}-"
            flow = Flow(mix, self._quotes, random, prefix, "20260105-10:00:00")
            if session in self._flows:
                flow.take_over(self._flows[session])
            self._flows[session] = flow

    def commands(self, count: int) -> list[c.AnyCommand]:
        """The next commands, before any of them is answered."""
        result: list[c.AnyCommand] = []
        for number in range(count):
            session = SESSIONS[number % len(SESSIONS)]
            request = self._flows[session].next_request()
            if request.order is not None:
                self._orders[session, request.cl_ord_id] = request.order
            result.append(_command(session, request))
        return result

    def apply(self, command: c.AnyCommand) -> Sequence[AnyEvent]:
        """Events of a command, STEP_NS after the one before."""
        self.now_ns += STEP_NS
        return self.engine.apply(command, self.now_ns)

    @property
    def resting(self) -> int:
        """Open orders."""
        return sum(len(session.open_orders) for session in self.engine.state.sessions.values())

    def tell(self, events: Sequence[AnyEvent]) -> None:
        """Let the sessions know what has become of their orders."""
        for event in events:
            if isinstance(event, OrderAccepted | OrderReplaced):
                session, cl_ord_id = event.order.terms.session, event.order.cl_ord_id.encode()
                order = self._orders.pop((session, cl_ord_id))
                self._flows[session].accepted(cl_ord_id, order)
            elif isinstance(event, TradeExecuted):
                for side in (event.buy.order, event.sell.order):
                    if side.ord_status is OrdStatus.FILLED:
                        self._flows[side.terms.session].filled(side.cl_ord_id.encode())

    def fill_up(self, orders: int, *, remember: bool = True) -> None:
        """Rest so many orders, none of which trades; `remember` them for cancels, or not."""
        self.send(FILL_UP)
        for begin in range(0, orders, 256):
            for command in self.commands(min(256, orders - begin)):
                events = self.apply(command)
                assert isinstance(events[-1], OrderAccepted)
                if remember:
                    self.tell(events)
            if not remember:
                self._orders.clear()


def _command(session: str, request: Request) -> c.AnyCommand:
    """The command that `venue.fix.decode` makes of such a message."""
    fields = dict(part.split("=", 1) for part in request.body.decode().split("\x01") if part)
    cl_ord_id, symbol, side = fields["11"], fields["55"], fields["54"]
    if request.msg_type == NEW:
        return c.EnterOrder(
            session, cl_ord_id, symbol, side, "2", "0", fields["38"], fields["44"]
        )  # fmt: skip
    if request.msg_type == CANCEL:
        return c.CancelOrder(session, cl_ord_id, fields["41"], symbol, side)
    return c.ReplaceOrder(
        session, cl_ord_id, fields["41"], symbol, side, "2", fields["38"], fields["44"]
    )


def microseconds() -> float:
    """Processor time of a command, 2,000 orders resting: the best of six times 3,000 commands."""
    load, times = EngineLoad(), []
    load.fill_up(2_000)
    load.send(Mix())
    for _ in range(6):
        commands = load.commands(3_000)
        gc.collect()
        begin = time.process_time()
        answers = [load.apply(command) for command in commands]
        times.append((time.process_time() - begin) / len(commands))
        for events in answers:
            load.tell(events)
    return min(times) * 1e6


if __name__ == "__main__":
    print(f"{core()} core: {microseconds():.1f} us a command")
