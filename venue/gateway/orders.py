"""Orders of one member's session: entered, replaced, cancelled over FIX, and known by their ids.

Knows the FIX line. A request is answered by the venue's first report about it. Where none comes in
time its fate is unknown, and is said to be: it can be asked for by its client id afterwards.
"""

import asyncio
import itertools
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from venue.fixclient.message import Field, Message, sending_time
from venue.gateway import tracing
from venue.gateway.fix_line import FixLine
from venue.gateway.guard import Guard, GuardTold
from venue.gateway.order import OPEN, SIDES, Fill, Order, OrderNews, code_of, fill_of, order_of
from venue.gateway.problems import Code, Problem

ANSWER_SECONDS = 5.0
FINISHED_MAX = 20_000
"""Finished orders that are remembered; of older ones the venue is asked."""
FILLS_MAX = 20_000
AT_ONCE = 1_000
"""Requests of a member that may wait for the venue's answer at a time."""
OPEN_SECONDS = 2
_UNKNOWN = "NONE"
_CORRECTIONS = ("G", "H")
"""ExecTypes(150) of a trade that was corrected or busted."""
_FATE = "whether it was done is not known; ask for the order by its client id"

Told = Callable[[OrderNews], None]


class Orders:
    """One member's. told: is called for each change of an order."""

    def __init__(self, told: Told = lambda news: None) -> None:
        self._told = told
        self._line: FixLine | None = None
        self._by_id: dict[str, Order] = {}
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._id_of: dict[str, str] = {}
        """OrderIDs by each ClOrdID that the order has had."""
        self._ids_of: dict[str, list[str]] = {}
        self._current: dict[str, str] = {}
        """The ClOrdID that names an order now, by OrderID."""
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._sent: dict[int, str] = {}
        """Which request a MsgSeqNum is of, of those that wait."""
        self._guard = Guard("the venue", AT_ONCE, _is_silence, open_seconds=OPEN_SECONDS)
        self._numbers = itertools.count(1)
        self._prefix = secrets.token_hex(3)
        self._requests = itertools.count(1)
        self.fills: deque[Fill] = deque(maxlen=FILLS_MAX)
        self.is_known = False
        """Whether the venue has said which orders are open, since the session is on."""

    def use(self, line: FixLine) -> None:
        """Have requests go over this line."""
        self._line = line

    # What is known

    def open_orders(self, symbol: str = "", behind: int = 0) -> list[Order]:
        """Open orders, the oldest first. behind: of those whose OrderID is a larger one."""
        found = [
            order
            for order in self._by_id.values()
            if order.state in OPEN and symbol in ("", order.symbol) and int(order.order_id) > behind
        ]
        return sorted(found, key=lambda order: int(order.order_id))

    def finished_orders(self, symbol: str = "", before: int | None = None) -> list[Order]:
        """Finished orders that are remembered, the last that has ended first.

        before: of those whose last change has a smaller number.
        """
        found = (self._by_id[order_id] for order_id in reversed(self._finished))
        return [
            order
            for order in found
            if symbol in ("", order.symbol) and (before is None or order.number < before)
        ]

    def get(self, order_id: str) -> Order | None:
        """An order by its OrderID, if it is remembered."""
        return self._by_id.get(order_id)

    def by_client_id(self, client_order_id: str) -> Order | None:
        """An order by a ClOrdID that it has or had, if it is remembered."""
        order_id = self._id_of.get(client_order_id)
        return None if order_id is None else self._by_id.get(order_id)

    # What is asked of the venue

    async def enter(self, client_order_id: str, fields: list[Field]) -> Order:
        """Enter an order. Raises Problem: CONFLICT, REFUSED, AWAY, FATE_UNKNOWN."""
        if client_order_id in self._id_of or client_order_id in self._waiting:
            raise Problem(
                Code.CONFLICT,
                f"client_order_id {client_order_id} is used already",
                field="client_order_id",
            )
        return await self._do(client_order_id, "D", fields)

    async def replace(self, order: Order, changes: list[Field]) -> Order:
        """Change an open order. changes: quantity, price and so on; the rest stays as it is."""
        cl_ord_id = self._next_id()
        fields = [(11, cl_ord_id), *self._named(order), *changes]
        return await self._do(cl_ord_id, "G", fields)

    async def cancel(self, order: Order) -> Order:
        """Cancel an open order."""
        cl_ord_id = self._next_id()
        fields = [(11, cl_ord_id), *self._named(order), (38, order.quantity)]
        return await self._do(cl_ord_id, "F", fields)

    async def cancel_all(self, symbol: str = "") -> int:
        """Cancel all open orders of the session, or of one instrument. How many there were."""
        cl_ord_id = self._next_id()
        which = [(530, "1"), (55, symbol)] if symbol else [(530, "7")]
        report = await self._request(
            cl_ord_id, "q", [(11, cl_ord_id), *which, (60, sending_time())]
        )
        code, text = code_of(report.get(58))
        if report.get(531) == "0" or report.msg_type != "r":
            raise Problem(Code.REFUSED, text or "refused", venue_code=code)
        return int(report.get(533, "0"))

    async def ask(self, client_order_id: str) -> Order | None:
        """What the venue says of the order of this ClOrdID; None: it knows none.

        Raises Problem: AWAY, FATE_UNKNOWN.
        """
        known = self.by_client_id(client_order_id)
        symbol = known.symbol if known else "_"
        request = [(11, client_order_id), (55, symbol), (54, "1")]
        asked = self._waiting.get(key := f"status {client_order_id}")
        if asked is None:
            report = await self._request(key, "H", request)
        else:  # by somebody else, just before
            report = await asyncio.shield(asked)
        is_known = report.msg_type == "8" and report.get(37) not in ("", _UNKNOWN)
        return self._take(report) if is_known else None

    def ask_for_open(self) -> None:
        """Have the venue say which orders are open."""
        self.is_known = False
        self._guard.close()
        assert self._line is not None
        self._line.send("AF", [(584, self._next_id()), (585, "7")])

    def guard(self) -> GuardTold:
        """How the way to the venue is."""
        return self._guard.told()

    async def _do(self, cl_ord_id: str, msg_type: str, fields: list[Field]) -> Order:
        """Have one order entered or changed. Raises Problem."""
        sent_ns = time.time_ns()
        report = await self._request(cl_ord_id, msg_type, fields)
        tracing.note(report, msg_type, sent_ns)
        return self._answered(report)

    async def _request(self, key: str, msg_type: str, fields: Iterable[Field]) -> Message:
        """Send a request; its answer. Raises Problem: AWAY, FATE_UNKNOWN."""
        assert self._line is not None
        async with self._guard.passing():
            loop = asyncio.get_running_loop()
            waiting = self._waiting[key] = loop.create_future()
            number, late = 0, loop.call_later(ANSWER_SECONDS, _expire, waiting)
            try:
                number = self._line.send(msg_type, fields)
                self._sent[number] = key
                return await asyncio.shield(waiting)
            finally:
                late.cancel()
                del self._waiting[key]
                self._sent.pop(number, None)
                if not waiting.done():  # another one who asks the same may wait for it, too
                    waiting.set_exception(Problem(Code.FATE_UNKNOWN, _FATE))
                    waiting.exception()

    def lost(self) -> None:
        """The line has ended: what waits for an answer is of unknown fate."""
        self.is_known = False
        for waiting in self._waiting.values():
            if not waiting.done():
                text = f"the connection to the venue was lost: {_FATE}"
                waiting.set_exception(Problem(Code.FATE_UNKNOWN, text))

    # What the venue says

    def hear(self, message: Message) -> None:
        """Take an application message of the venue."""
        kind = message.msg_type
        if kind == "8":
            self._hear_report(message)
        elif kind in ("9", "r"):
            self._answer(message.get(11), message)
        elif kind == "j":
            for key in (message.get(379), f"status {message.get(379)}"):
                self._answer(key, message)
        elif kind == "3":
            self._answer(self._sent.get(int(message.get(45) or 0), ""), message)

    def _hear_report(self, report: Message) -> None:
        is_status = report.get(150) == "I"
        is_last = report.get(911) == "0" or report.get(912) == "Y"
        if is_status and report.get(584) and is_last:
            self.is_known = True
        if report.get(37) not in ("", _UNKNOWN):
            self._take(report)
        key = report.get(11)
        self._answer(f"status {key}" if is_status else key, report)

    def _take(self, report: Message) -> Order:
        """Remember what a report says of an order."""
        order_id = report.get(37)
        order = order_of(report, self._by_id.get(order_id), next(self._numbers))
        self._by_id[order_id] = order
        for cl_ord_id in (report.get(11), report.get(41), order.client_order_id):
            if cl_ord_id and cl_ord_id not in self._id_of:
                self._id_of[cl_ord_id] = order_id
                self._ids_of.setdefault(order_id, []).append(cl_ord_id)
        self._current[order_id] = report.get(11)
        if order.state in OPEN:
            self._finished.pop(order_id, None)
        else:
            self._finished[order_id] = None
            while len(self._finished) > FINISHED_MAX:
                self._forget(self._finished.popitem(last=False)[0])
        fill = fill_of(report, order) if report.get(150) == "F" else None
        if fill is not None and report.get(43) != "Y":
            self.fills.append(fill)
        is_corrected = report.get(150) in _CORRECTIONS
        self._told(OrderNews(order.number, order, fill, is_corrected))
        return order

    def _forget(self, order_id: str) -> None:
        del self._by_id[order_id]
        self._current.pop(order_id, None)
        for cl_ord_id in self._ids_of.pop(order_id, ()):
            self._id_of.pop(cl_ord_id, None)

    def _answer(self, key: str, message: Message) -> None:
        waiting = self._waiting.get(key)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def _answered(self, message: Message) -> Order:
        """The order behind an answer. Raises Problem REFUSED for a refusal."""
        code, text = code_of(message.get(58))
        if message.msg_type == "3":
            raise Problem(Code.BAD_REQUEST, f"it is no FIX request: {text}")
        is_refused = message.msg_type in ("9", "j") or message.get(39) == "8"
        if is_refused:
            known = message.get(37) not in ("", _UNKNOWN)
            kind = Code.REFUSED if known or message.msg_type != "9" else Code.NOT_FOUND
            raise Problem(kind, text or "refused", venue_code=code)
        return self._by_id[message.get(37)]

    def _named(self, order: Order) -> list[Field]:
        """Fields of a request about an order that is known."""
        current = self._current[order.order_id]
        return [
            (41, current), (37, order.order_id), (55, order.symbol), (54, SIDES[order.side]),
            (60, sending_time()),
        ]  # fmt: skip

    def _next_id(self) -> str:
        return f"gw-{self._prefix}-{next(self._requests)}"


def _expire(waiting: asyncio.Future[Message]) -> None:
    """Nothing has come in time."""
    if not waiting.done():
        text = f"the venue has not answered in time: {_FATE}"
        waiting.set_exception(Problem(Code.FATE_UNKNOWN, text))


def _is_silence(error: BaseException) -> bool:
    """Whether the venue has not answered; what it refuses is an answer."""
    return isinstance(error, Problem) and error.code is Code.FATE_UNKNOWN
