"""What one load session asks for: orders that rest or cross, cancels and replaces, by a seed.

Knows FIX tags and its own orders only, as the reports it was given tell of them.
"""

import random
from dataclasses import dataclass

CANCELS, REPLACES, CROSSING = 0.30, 0.05, 0.20
SYMBOLS = ("ACME", "GLOBEX", "INITECH", "UMBRELLA", "BTC-USD")
_CENTRE_CENTS = {"BTC-USD": 5_000_000}
_DONE = frozenset({"2", "3", "4", "8", "C"})  # OrdStatus(39): filled, done, canceled, ...
_TIMES = ("0", "0", "0", "1", "6")  # TimeInForce(59) of resting orders: day, GTC, GTD


@dataclass(slots=True)
class Working:
    """An open order of ours."""

    symbol: str
    side: str
    order_qty: str


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
        if target is None:
            kind, body = "D", self._order(cl_ord_id)
        elif draw < CANCELS:
            kind, body = "F", self._about(cl_ord_id, target)
        else:
            kind, body = "G", self._replace(cl_ord_id, target)
        self.pending[cl_ord_id] = kind
        return kind, body

    def take(self, fields: dict[str, str]) -> bool:
        """Learn from an ExecutionReport or OrderCancelReject; whether it answers a request."""
        cl_ord_id = fields["11"]
        if fields["35"] == "9":
            return self.pending.pop(cl_ord_id, None) is not None
        exec_type = fields["150"]
        if exec_type in "45" and "41" in fields:
            self.working.pop(fields["41"], None)
        if fields["39"] in _DONE:
            self.working.pop(cl_ord_id, None)
        elif exec_type in "05":
            self.working[cl_ord_id] = Working(fields["55"], fields["54"], fields["38"])
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

    def _order(self, cl_ord_id: str) -> str:
        draw = self._random
        symbol, side = draw.choice(SYMBOLS), draw.choice("12")
        crossing = draw.random() < CROSSING
        time_in_force = draw.choice("0134") if crossing else draw.choice(_TIMES)
        text = (
            f"11={cl_ord_id}\x0155={symbol}\x0154={side}\x0138={self._quantity(symbol)}\x0140=2\x01"
        )
        text += f"44={self._price(symbol, side, crossing)}\x0159={time_in_force}\x01"
        if time_in_force == "6":
            text += "432=20991231\x01"
        if not crossing and symbol != "BTC-USD" and draw.random() < 0.02:
            text += "111=1\x01"
        return text

    def _about(self, cl_ord_id: str, target: str) -> str:
        order = self.working[target]
        return f"11={cl_ord_id}\x0141={target}\x0155={order.symbol}\x0154={order.side}\x01"

    def _replace(self, cl_ord_id: str, target: str) -> str:
        order = self.working[target]
        lower = self._random.random() < 0.5 and order.symbol != "BTC-USD"
        quantity = str(max(1, int(order.order_qty) - 1)) if lower else self._quantity(order.symbol)
        price = self._price(order.symbol, order.side, self._random.random() < CROSSING)
        return self._about(cl_ord_id, target) + f"38={quantity}\x0140=2\x0144={price}\x01"

    def _quantity(self, symbol: str) -> str:
        if symbol == "BTC-USD":
            return f"0.{self._random.randint(1, 99_999_999):08d}"
        return str(self._random.randint(1, 100))

    def _price(self, symbol: str, side: str, crossing: bool) -> str:
        """Beside the centre on the order's own side, or on the other side when it is to cross."""
        centre = _CENTRE_CENTS.get(symbol, 10_000)
        away = self._random.randint(1, 60)
        cents = centre - away if (side == "1") != crossing else centre + away
        return f"{cents // 100}.{cents % 100:02d}"
