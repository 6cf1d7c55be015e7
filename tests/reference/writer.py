"""Random commands: prices so close that much crosses, few ids so that requests hit, some nonsense.

A Draft is what was chosen; its command also depends on what came before it in the script, by
number only, so that any sub-list of drafts is a script too.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from tests.reference.build import SECOND_NS, START_NS
from tests.reference.matcher import ReferenceVenue
from venue.domain import commands as c

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]

SESSIONS = ("ALPHA", "ALPHA", "ALPHA2", "BRAVO", "BRAVO", "CHARLIE")
SYMBOLS = ("ACME", "ACME", "ACME", "GLOBEX", "BTC-USD")
UNITS = {"ACME": ("{}", "{}"), "GLOBEX": ("{}.5", "{}0"), "BTC-USD": ("{}.01", "0.0000000{}")}
"""How a price and a quantity of a few units are written for each symbol."""
FIRST_DAY = date(2026, 1, 5)
KINDS = ("enter",) * 30 + ("replace",) * 9 + ("cancel",) * 5 + ("bust", "correct", "wait")
RARE_KINDS = ("mass", "operator", "log out", "log on", "end day", "start day")
TYPES = ("2",) * 10 + ("1", "3", "4", "4", "K", "P", "P", "P")
TIMES = ("0",) * 8 + ("1", "1", "3", "3", "4", "6", "2", "7")
INSTRUCTIONS = ("",) * 10 + ("G", "G", "6", "J", "K")
CHANGES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("exec_inst", ("G", "6", "J", "K", "M", "R", "P", "Z")),
    ("expire_ns", (20, 60)),
    ("expire_date", (-1, 0, 1, 3)),
    ("peg_offset", ("1", "-1", "0.50", "x")),
    ("self_match_id", ("one", "other")),
    ("self_match_mode", ("N", "D")),
    ("min_qty", ("1",)),
    ("locate_reqd", ("N", "Y")),
)
"""What a replacement may ask to change beyond quantity, prices and slice."""
WRONG = (
    {"ord_type": "7"},
    {"time_in_force": "5"},
    {"side": "3"},
    {"side": "5"},
    {"locate_reqd": "Y"},
    {"exec_inst": "J K"},
    {"exec_inst": "Z"},
    {"unsupported": "1091=Y"},
    {"order_qty": None},
    {"order_qty": "0"},
    {"order_qty": "1.5"},
    {"order_qty": "-3"},
    {"order_qty": "1e3"},
    {"order_qty": "100000"},
    {"order_qty": "1" + "0" * 30},
    {"price": None},
    {"price": "0"},
    {"price": "NaN"},
    {"price": "100.005"},
    {"price": "500"},
    {"price": "1" + "0" * 30},
    {"stop_px": "101"},
    {"stop_px": "-1"},
    {"stop_px": "101.3"},
    {"min_qty": "2"},
    {"min_qty": "999"},
    {"max_floor": "0"},
    {"max_floor": "999"},
    {"expire_date": "2026-01-01"},
    {"expire_ns": 5},
    {"peg_offset": "1"},
    {"peg_offset": "0.5"},
    {"peg_offset": "x"},
    {"symbol": "NONE"},
    {"session": "NOBODY"},
    {"cl_ord_id": "1"},
    {"self_match_mode": "D"},
)


class Draft(NamedTuple):
    """One choice; target counts back over what may be named, fields are the command's own."""

    kind: str
    target: int
    fields: tuple[tuple[str, Any], ...]


def draft(choose: Choose[Any]) -> Draft:
    """A random draft. `choose` picks one of a sequence."""
    kind = choose(KINDS) if choose(range(50)) else choose(RARE_KINDS)
    symbol = choose(SYMBOLS)
    fields: dict[str, Any] = {}
    if kind == "enter":
        fields = _entry(choose, symbol)
    elif kind == "replace":
        fields = {"order_qty": _quantity(choose, symbol), "price": _price(choose, symbol)}
        if not choose(range(5)):
            fields["max_floor"] = _quantity(choose, symbol)
        if not choose(range(3)):
            fields["stop_px"] = _price(choose, symbol)
        if not choose(range(4)):
            name, values = choose(CHANGES)
            fields[name] = choose(values)
        _request_fields(choose, fields)
    elif kind == "cancel":
        _request_fields(choose, fields)
    elif kind == "mass":
        fields["request_type"] = choose("1177x")
        fields["symbol"] = choose((*SYMBOLS, None, "NONE"))
        fields["side"] = choose((None, "1", "2"))
    elif kind == "correct":
        fields["price"] = choose((_price(choose, symbol), _price(choose, "ACME"), "500", "x"))
        fields["quantity"] = choose((None, "1", _quantity(choose, symbol), "0"))
    elif kind == "wait":
        fields["seconds"] = choose((1, 30))
    return Draft(kind, choose(range(12)), tuple(fields.items()))


def _request_fields(choose: Choose[Any], fields: dict[str, Any]) -> None:
    if not choose(range(6)):
        fields["order_id"] = True
        fields["session"] = choose(SESSIONS)
    if not choose(range(10)):
        fields["modified"] = choose((0, 0, 1, -1000))
    allowed = {"side", "symbol", "session", "cl_ord_id"} | fields.keys()
    _maybe_wrong(choose, fields, allowed, 10)


def _entry(choose: Choose[Any], symbol: str) -> dict[str, Any]:
    ord_type, tif, codes = choose(TYPES), choose(TIMES), choose(INSTRUCTIONS)
    fields: dict[str, Any] = {
        "session": choose(SESSIONS),
        "symbol": symbol,
        "side": choose("12121215"),
        "ord_type": ord_type,
        "order_qty": _quantity(choose, symbol),
    }
    if fields["side"] == "5":
        fields["locate_reqd"] = "N"
    if ord_type in "24":
        fields["price"] = _price(choose, symbol)
    if ord_type in "34":
        fields["stop_px"] = _price(choose, symbol)
    if ord_type in "34P" and tif in "2347":
        tif = "0"
    if ord_type == "P":
        codes = choose("MRP")
        if choose((True, False)):
            offset = choose(("1", "-1", "2", "-2"))
            fields["peg_offset"] = offset if symbol == "ACME" else f"{offset}.50"
    fields["time_in_force"] = tif
    if tif == "6":
        if choose((True, False)):
            fields["expire_date"] = choose((0, 0, 1, 3))
        else:
            fields["expire_ns"] = choose((20, 60))
    if codes:
        fields["exec_inst"] = codes
    if tif == "3" and not codes and choose((True, False)):
        fields["min_qty"] = _quantity(choose, symbol)
    if ord_type in "24P" and tif in "016" and "G" not in codes and not choose(range(4)):
        fields["max_floor"] = _quantity(choose, symbol)
    if choose((True, False)):
        fields["self_match_id"] = "one"
        fields["self_match_mode"] = choose((None, "N", "O", "B", "D"))
    _maybe_wrong(choose, fields, set(c.EnterOrder.__struct_fields__), 12)
    return fields


def _maybe_wrong(
    choose: Choose[Any], fields: dict[str, Any], allowed: set[str], one_in: int
) -> None:
    if not choose(range(one_in)):
        fields.update((k, v) for k, v in choose(WRONG).items() if k in allowed)


def _price(choose: Choose[Any], symbol: str) -> str:
    near = choose((97, 98, 98, 99, 99, 99, 100, 100, 100, 100, 101, 101, 101, 102, 102, 103))
    return UNITS[symbol][0].format(near)


def _quantity(choose: Choose[Any], symbol: str) -> str:
    return UNITS[symbol][1].format(choose((1, 2, 3, 4, 5, 6, 7, 8, 9)))


class Writer:
    """Turns drafts into commands, given the reference venue as it is then, and moves the clock."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.day = FIRST_DAY
        self.commands = 0
        self.known: list[tuple[str, str]] = []

    def write(self, chosen: Draft, venue: ReferenceVenue) -> c.AnyCommand:
        """The draft's command."""
        self.now_ns += SECOND_NS // 1000
        self.commands += 1
        fields = dict(chosen.fields)
        name = f"c{self.commands}"
        session = SESSIONS[chosen.target % 6]
        trade = f"M{venue.next_match - 1 - chosen.target // 2}"
        match chosen.kind:
            case "enter":
                if not venue.is_open and chosen.target < 4:
                    return self._start_day(chosen)
                return self._enter(name, fields)
            case "replace" | "cancel":
                return self._request(name, chosen, fields, venue)
            case "mass":
                return c.MassCancel(session, name, **fields)
            case "operator":
                order_id = str(max(venue.next_order - 1 - chosen.target, 0))
                return c.CancelByOperator(order_id, "op", "why")
            case "bust":
                return c.BustTrade(trade, "op", "why")
            case "correct":
                return c.CorrectTrade(trade, **fields)
            case "wait":
                self.now_ns += fields["seconds"] * SECOND_NS
                return c.AdvanceTime() if chosen.target % 2 else c.LogOn(session)
            case "log on":
                choice = (None, True, False)[chosen.target % 3]
                return c.LogOn(session, cancel_on_disconnect=choice)
            case "log out":
                return c.LogOut(session)
            case "end day":
                return c.EndDay()
            case _:
                return self._start_day(chosen)

    def _start_day(self, chosen: Draft) -> c.StartDay:
        self.day += timedelta(days=1 + chosen.target % 3)
        return c.StartDay(self.day.isoformat())

    def _enter(self, name: str, fields: dict[str, Any]) -> c.EnterOrder:
        given = {"cl_ord_id": name, **fields}
        self._set_expiry(given)
        command = c.EnterOrder(**given)
        self.known.append((command.session, command.cl_ord_id))
        return command

    def _set_expiry(self, given: dict[str, Any]) -> None:
        """Make a date and a time of what counts from now."""
        if isinstance(given.get("expire_date"), int):
            given["expire_date"] = (self.day + timedelta(days=given["expire_date"])).isoformat()
        if given.get("expire_ns", 5) > 5:
            given["expire_ns"] = self.now_ns + given["expire_ns"] * SECOND_NS

    def _request(
        self, name: str, chosen: Draft, fields: dict[str, Any], venue: ReferenceVenue
    ) -> c.AnyCommand:
        """Mostly of an open order, else of any ClOrdID that was used."""
        orders = venue.open_orders()
        if not orders:
            return c.CancelOrder("ALPHA", name, "none", "ACME", "1")
        order = orders[-1 - chosen.target % len(orders)]
        given: dict[str, Any] = {
            "session": order.session,
            "symbol": order.paper.symbol,
            "side": order.side,
            "cl_ord_id": name,
            "orig_cl_ord_id": order.cl_ord_id,
        }
        if chosen.target >= 10 and self.known:
            given["session"], given["orig_cl_ord_id"] = self.known[-chosen.target :][0]
        if fields.pop("order_id", False):
            given["order_id"] = str(order.number)
        modified = fields.pop("modified", None)
        if modified is not None:
            given["orig_ord_mod_ms"] = order.modified_ns // 10**6 + modified
        stop_px = fields.pop("stop_px", None)
        given |= fields
        self._set_expiry(given)
        self.known.append((given["session"], name))
        if chosen.kind == "cancel":
            return c.CancelOrder(**given)
        given["ord_type"] = order.ord_type
        if order.price is None or order.ord_type == "P":
            given["price"] = None
        elif chosen.target % 2 and "order_qty" in given:
            given["price"] = str(order.price * order.paper.tick)
        if order.stop is not None:
            given["stop_px"] = stop_px or str(order.stop * order.paper.tick)
        return c.ReplaceOrder(**given)
