"""Random commands from a seed: sessions, instruments and all that is offered, good and hopeless."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from venue.domain import commands as c

from .builders import DAY, MEMBERS, START_NS

SESSIONS = tuple(MEMBERS)
# symbol: lowest price, step, in hundredths, and how many steps there are
_PRICES = {"ACME": (9_800, 5, 80), "GLOBEX": (9_500, 25, 40), "BTC-USD": (4_900_000, 111, 1_500)}
_KINDS = ("enter", "cancel", "replace", "other", "day")


class RandomFlow:
    """Iterates over commands; the same seed gives the same ones. It never looks at the engine."""

    def __init__(self, seed: int, count: int) -> None:
        self._source = random.Random(seed)
        self._changes = random.Random(-seed - 1)
        self._count = count
        self._day = date.fromisoformat(DAY)
        self._day_ended = False
        self._used: dict[str, list[c.EnterOrder]] = {name: [] for name in SESSIONS}

    def __iter__(self) -> Iterator[c.AnyCommand]:
        for number in range(self._count):
            yield self._command(number)

    def _command(self, number: int) -> c.AnyCommand:
        source = self._source
        if self._day_ended and source.random() < 0.3:
            self._day_ended = False
            self._day += timedelta(days=source.randint(1, 2))
            return c.StartDay(self._day.isoformat())
        session = source.choice(SESSIONS)
        (kind,) = source.choices(_KINDS, (550, 150, 250, 60, 3))
        if kind == "day":
            self._day_ended = True
            return c.EndDay()
        if kind == "other":
            return self._other(number, session)
        if kind == "enter" or not self._used[session]:
            return self._enter(number, session)
        known = self._known(session)
        cl_ord_id, orig = f"C{number}", known.cl_ord_id
        self._used[session].append(msgspec.structs.replace(known, cl_ord_id=cl_ord_id))
        if kind == "cancel":
            return c.CancelOrder(session, cl_ord_id, orig, known.symbol, known.side)
        return self._replace(session, cl_ord_id, known)

    def _replace(self, session: str, cl_ord_id: str, known: c.EnterOrder) -> c.ReplaceOrder:
        source = self._source
        ord_type, symbol = known.ord_type, known.symbol
        floor = known.max_floor
        if floor is not None and source.random() < 0.3:
            floor = self._qty(symbol)
        elif source.random() < 0.5:
            floor = None
        replacement = c.ReplaceOrder(
            session, cl_ord_id, known.cl_ord_id, symbol, known.side, ord_type,
            known.order_qty if source.random() < 0.2 else self._qty(symbol),
            self._price_for(known, 0.4),
            stop_px=self._price(symbol) if ord_type in "34" else None,
            max_floor=floor,
        )  # fmt: skip
        return self._change_more(replacement, self._changes)

    def _change_more(self, replacement: c.ReplaceOrder, source: random.Random) -> c.ReplaceOrder:
        """Now and then it asks for another thing to change, too."""
        if source.random() < 0.8:
            return replacement
        later = START_NS + int(replacement.cl_ord_id[1:]) + source.randint(10, 400)
        date_ = self._day + timedelta(days=source.randint(0, 2))
        changes: list[dict[str, Any]] = [
            {"exec_inst": source.choice("6GJKMPR")},
            {"exec_inst": source.choice(("M K", "R J", "6 K", "G K"))},
            {"expire_ns": later},
            {"expire_date": date_.isoformat()},
            {"peg_offset": source.choice(("0.5", "-0.25"))},
            {"self_match_id": source.choice(("desk", "other"))},
        ]
        return msgspec.structs.replace(replacement, **source.choice(changes))

    def _other(self, number: int, session: str) -> c.AnyCommand:
        source = self._source
        # about one command in three trades: mostly a trade of the day, so that it can be changed
        match_id = f"M{source.randint(number * 2 // 7, number * 3 // 8) + 1}"
        symbol = source.choice([*_PRICES])
        quantity = source.choice((None, "1", "2", "20"))
        others: list[c.AnyCommand] = [
            c.LogOut(session),
            c.LogOn(session),
            c.LogOn(session, cancel_on_disconnect=False),
            c.Deposit(MEMBERS[session], "USD", "10.5"),
            c.Withdraw(MEMBERS[session], "USD", "12"),
            c.StartVenue(2, 10),
            c.AdvanceTime(),
            c.MassCancel(session, f"C{number}", "7", side=source.choice((None, "1", "2"))),
            c.MassCancel(session, f"C{number}", "1", symbol),
            c.CancelByOperator(str(source.randint(1, number // 2 + 1))),
            *[c.BustTrade(match_id)] * 3,
            *[c.CorrectTrade(match_id, self._price("ACME"), quantity)] * 3,
            *[c.CorrectTrade(match_id, self._price(symbol))] * 2,
        ]
        return source.choice(others)

    def _enter(self, number: int, session: str) -> c.EnterOrder:
        source = self._source
        symbol = source.choice([*_PRICES, "ACME", "ACME"])
        cl_ord_id = f"C{number}" if source.random() < 0.97 else "C1"
        order = c.EnterOrder(
            session, cl_ord_id, symbol, source.choice("12"), source.choice("22222221"),
            source.choice("00003"), self._qty(symbol),
        )  # fmt: skip
        if source.random() < 0.5:
            order = msgspec.structs.replace(order, **self._special(number, order))
        if source.random() < 0.35:
            mode = source.choice((None, "N", "O", "B", "D", "D"))
            order = msgspec.structs.replace(order, self_match_id="desk", self_match_mode=mode)
        price = self._price_for(order, 0.02)
        order = msgspec.structs.replace(order, price=price)
        self._used[session].append(order)
        return order

    def _special(self, number: int, order: c.EnterOrder) -> dict[str, Any]:
        """Type, time in force and conditions beyond the plain ones."""
        source = self._source
        symbol = order.symbol
        stays = source.choice("0001")
        stop_px, part = self._price(symbol), self._qty(symbol)
        later = (self._day + timedelta(days=source.randint(0, 2))).isoformat()
        specials: list[dict[str, Any]] = [
            {"ord_type": "3", "time_in_force": stays, "stop_px": stop_px},
            {"ord_type": "4", "time_in_force": stays, "stop_px": stop_px},
            {"ord_type": "K", "time_in_force": source.choice("0013")},
            {"ord_type": "P", "time_in_force": stays, "exec_inst": "R"},
            {"ord_type": "P", "time_in_force": stays, "exec_inst": source.choice("MP"),
             "peg_offset": self._offset()},
            {"time_in_force": "4"},
            {"ord_type": "2", "time_in_force": "1"},
            {"ord_type": "2", "time_in_force": "6", "expire_date": later},
            {"ord_type": "2", "time_in_force": "6",
             "expire_ns": START_NS + number + source.randint(10, 400)},
            {"time_in_force": source.choice("27")},
            {"time_in_force": "3", "min_qty": part},
            {"ord_type": "2", "time_in_force": stays, "max_floor": part},
            {"ord_type": "2", "time_in_force": stays, "max_floor": self._lot(symbol)},
            {"ord_type": "2", "time_in_force": stays, "exec_inst": "6"},
            {"ord_type": "2", "time_in_force": stays, "exec_inst": "G"},
            {"ord_type": "2", "time_in_force": stays, "exec_inst": "G"},
        ]  # fmt: skip
        return source.choice(specials)

    def _known(self, session: str) -> c.EnterOrder:
        """Mostly one of the newest ClOrdIDs of the session, so that some still name open orders."""
        used = self._used[session]
        return self._source.choice(used[-30:] if self._source.random() < 0.9 else used)

    def _price_for(self, order: c.EnterOrder, share_wrong: float) -> str | None:
        """A price where the order's type takes one, in a share of the other cases too."""
        priced = order.ord_type in "24"
        if order.ord_type == "K" or not priced:
            return self._price(order.symbol) if self._source.random() < share_wrong else None
        return self._price(order.symbol) if self._source.random() < 0.98 else "1000000.5"

    def _price(self, symbol: str) -> str:
        lowest, step, steps = _PRICES[symbol]
        units, hundredths = divmod(lowest + step * self._source.randrange(steps), 100)
        return f"{units}.{hundredths:02}"

    def _offset(self) -> str | None:
        return self._source.choice((None, "0.5", "-0.5", "-0.25"))

    def _lot(self, symbol: str) -> str:
        """A small quantity, so that an iceberg has many slices."""
        return {"ACME": "3", "GLOBEX": "10", "BTC-USD": "0.1"}[symbol]

    def _qty(self, symbol: str) -> str:
        source = self._source
        if symbol == "BTC-USD":
            return f"0.{source.randint(1, 99_999_999):08}"
        if symbol == "GLOBEX":
            return str(10 * source.randint(1, 9))
        return str(source.randint(1, 50))
