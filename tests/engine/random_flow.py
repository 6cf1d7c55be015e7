"""Random commands from a seed: several sessions and instruments, good and hopeless requests."""

import random
from collections.abc import Iterator

from venue.domain import commands as c

from .builders import MEMBERS

SESSIONS = tuple(MEMBERS)
# symbol: lowest price, step, in hundredths, and how many steps there are
_PRICES = {"ACME": (9_800, 5, 80), "GLOBEX": (9_500, 25, 40), "BTC-USD": (4_900_000, 111, 1_500)}


class RandomFlow:
    """Iterates over commands; the same seed gives the same ones. It never looks at the engine."""

    def __init__(self, seed: int, count: int) -> None:
        self._source = random.Random(seed)
        self._count = count
        self._used: dict[str, list[tuple[str, str, str]]] = {name: [] for name in SESSIONS}

    def __iter__(self) -> Iterator[c.AnyCommand]:
        for number in range(self._count):
            yield self._command(number)

    def _command(self, number: int) -> c.AnyCommand:
        source = self._source
        session = source.choice(SESSIONS)
        kind = source.random()
        used = self._used[session]
        if kind < 0.55 or not used:
            return self._enter(number, session)
        if kind < 0.70:
            orig, symbol, side = self._known(session)
            used.append((f"C{number}", symbol, side))
            return c.CancelOrder(session, f"C{number}", orig, symbol, side)
        if kind < 0.95:
            orig, symbol, side = self._known(session)
            used.append((f"C{number}", symbol, side))
            return c.ReplaceOrder(
                session, f"C{number}", orig, symbol, side, "2", self._qty(symbol),
                self._price(symbol),
            )  # fmt: skip
        others: list[c.AnyCommand] = [
            c.LogOut(session),
            c.LogOn(session),
            c.LogOn(session, cancel_on_disconnect=False),
            c.Deposit(MEMBERS[session], "USD", "10.5"),
            c.Withdraw(MEMBERS[session], "USD", "12"),
            c.StartVenue(2, 10),
            c.AdvanceTime(),
        ]
        return source.choice(others)

    def _enter(self, number: int, session: str) -> c.EnterOrder:
        source = self._source
        symbol = source.choice([*_PRICES, "ACME", "ACME"])
        side = source.choice("12")
        ord_type = source.choice("22222221")
        cl_ord_id = f"C{number}" if source.random() < 0.97 else "C1"
        price = self._price(symbol) if ord_type == "2" else None
        self._used[session].append((cl_ord_id, symbol, side))
        return c.EnterOrder(
            session, cl_ord_id, symbol, side, ord_type, source.choice("00003"), self._qty(symbol),
            price if source.random() < 0.98 else "1000000.5",
        )  # fmt: skip

    def _known(self, session: str) -> tuple[str, str, str]:
        """Mostly one of the newest ClOrdIDs of the session, so that some still name open orders."""
        used = self._used[session]
        return self._source.choice(used[-30:] if self._source.random() < 0.9 else used)

    def _price(self, symbol: str) -> str:
        lowest, step, steps = _PRICES[symbol]
        units, hundredths = divmod(lowest + step * self._source.randrange(steps), 100)
        return f"{units}.{hundredths:02}"

    def _qty(self, symbol: str) -> str:
        source = self._source
        if symbol == "BTC-USD":
            return f"0.{source.randint(1, 99_999_999):08}"
        if symbol == "GLOBEX":
            return str(10 * source.randint(1, 9))
        return str(source.randint(1, 50))
