"""What one load session asks for: orders, cancels, replaces and mass cancels, by a seed.

Knows FIX tags and its own orders only, as the reports it was given tell of them.
"""

import random
from dataclasses import dataclass

from tests.faults.order_shapes import CROSSING, SYMBOLS, new_order, price, quantity

CANCELS, REPLACES, MASS_CANCELS = 0.30, 0.05, 0.002
_DONE = frozenset({"2", "3", "4", "8", "C"})  # OrdStatus(39): filled, done, canceled, ...
_LIMIT = "2"


@dataclass(slots=True)
class Working:
    """An open order of ours."""

    symbol: str
    side: str
    order_qty: str
    ord_type: str


class OrderFlow:
    """Requests of one session. `pending`: ClOrdID -> MsgType of requests not answered yet."""

    def __init__(self, session: str, seed: str) -> None:
        self._random = random.Random(f"{seed}/{session}")
        self._session = session
        self._count = 0
        self._names: list[str] = []
        self.working: dict[str, Working] = {}
        self.pending: dict[str, str] = {}

    def request(self) -> tuple[str, str]:
        """MsgType and body of the next request, fields ended by SOH, without TransactTime(60)."""
        self._count += 1
        cl_ord_id = f"{self._session[0]}{self._count}"
        draw = self._random.random()
        target = self._pick() if draw < CANCELS + REPLACES else None
        if draw >= 1 - MASS_CANCELS:
            kind, body = "q", f"11={cl_ord_id}\x01530=1\x0155={self._random.choice(SYMBOLS)}\x01"
        elif target is None:
            kind, body = "D", new_order(self._random, cl_ord_id)
        elif draw < CANCELS or self.working[target].ord_type != _LIMIT:
            kind, body = "F", self._about(cl_ord_id, target)
        else:
            kind, body = "G", self._replace(cl_ord_id, target)
        self.pending[cl_ord_id] = kind
        return kind, body

    def take(self, fields: dict[str, str]) -> bool:
        """Learn from a report, OrderCancelReject or mass cancel report; whether it answers one."""
        cl_ord_id = fields["11"]
        if fields["35"] in ("9", "r"):
            return self.pending.pop(cl_ord_id, None) is not None
        exec_type = fields["150"]
        if exec_type in "45" and "41" in fields:
            self.working.pop(fields["41"], None)
        if fields["39"] in _DONE:
            self.working.pop(cl_ord_id, None)
        elif exec_type in "05":
            self.working[cl_ord_id] = Working(
                fields["55"], fields["54"], fields["38"], fields["40"]
            )
            self._names.append(cl_ord_id)
        return exec_type in "0458" and self.pending.pop(cl_ord_id, None) is not None

    def _pick(self) -> str | None:
        """Any working order; names that no longer work are let go of on the way."""
        names = self._names
        while names:
            place = self._random.randrange(len(names))
            name = names[place]
            if name in self.working:
                return name
            names[place] = names[-1]
            names.pop()
        return None

    def _about(self, cl_ord_id: str, target: str) -> str:
        order = self.working[target]
        return f"11={cl_ord_id}\x0141={target}\x0155={order.symbol}\x0154={order.side}\x01"

    def _replace(self, cl_ord_id: str, target: str) -> str:
        order, draw = self.working[target], self._random
        lower = draw.random() < 0.5 and order.symbol != "BTC-USD"
        qty = str(max(1, int(order.order_qty) - 1)) if lower else quantity(draw, order.symbol)
        limit = price(draw, order.symbol, order.side, crosses=draw.random() < CROSSING)
        return self._about(cl_ord_id, target) + f"38={qty}\x0140=2\x0144={limit}\x01"
