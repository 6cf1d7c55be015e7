"""A venue with small limits and many members, and members whose orders are taken or refused.

Knows FIX tags and the admin socket; says nothing of what ought to happen: the tests do.
"""

import json
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.fix.scenario import (
    BUY,
    CANCELED,
    NEW,
    REJECTED,
    REPLACED,
    SELL,
    STATUS,
    TRADE,
    facts,
    next_report,
    operate,
)
from tests.fix_client import FixClient
from tests.fix_message import Field, Message, cancel, new_order, replace
from tests.running import RunningTrading
from tests.second_account import OPEN
from tests.servers.conditions import wait_for
from venue.admin.client import call
from venue.journal.reader import JournalReader

NAMES = tuple(f"M{number:03}" for number in range(1, 91))
OTHER = "OTHER"
"""A member without limits, to trade with."""
TWIN = "TWIN"
"""A member with two sessions, TWIN and TWIN-2."""
WRITTEN = "WRITTEN"
"""A member whose limits the configuration file states, as it does the dynamic collar of NARROW."""
SHORT = "5"
_VENUE_TOML = """\
[risk]
max_quantity = "1000"
max_value = "50000"
price_collar_percent = "10"
credit_limit = "1000000000"
max_open_orders = 1000000
"""
_INSTRUMENT = """
[[instruments]]
symbol = "{symbol}"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100"
"""
_MEMBER = """
[[members]]
name = "{name}"
"""
_SESSION = """
[[sessions]]
comp_id = "{session}"
member = "{name}"
password = "demo"
"""
_WRITTEN = """
[[instruments]]
symbol = "NARROW"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100"
dynamic_collar_percent = "2"
[[members]]
name = "WRITTEN"
limits = { max_position = "10", restricted = "GLOBEX" }
[[sessions]]
comp_id = "WRITTEN"
member = "WRITTEN"
password = "demo"
messages_per_second = 2
"""
_SESSIONS_CFG = "[DEFAULT]\nSenderCompID=VENUE\nLogoutTimeout=2\nMaxLatency=120\n"


def limited_venue(directory: Path, names: Iterable[str] = NAMES) -> RunningTrading:
    """A trading process, not started, with ACME, GLOBEX, these members, OTHER, TWIN and WRITTEN."""
    members = (*names, OTHER, TWIN)
    owners = {name: name for name in members} | {f"{TWIN}-2": TWIN}
    parts = [_VENUE_TOML]
    parts += (_INSTRUMENT.format(symbol=symbol) for symbol in ("ACME", "GLOBEX"))
    parts += (_MEMBER.format(name=name) for name in members)
    parts += (_SESSION.format(session=session, name=name) for session, name in owners.items())
    (directory / "venue.toml").write_text("".join(parts) + _WRITTEN)
    counterparts = (f"[SESSION]\nTargetCompID={session}\n" for session in (*owners, WRITTEN))
    (directory / "sessions.cfg").write_text(_SESSIONS_CFG + "".join(counterparts))
    return RunningTrading(directory / "data", *OPEN, config=directory / "venue.toml")


class Operator:
    """The operator's side: commands by the admin socket, which must succeed."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._symbols = count(1)

    def does(self, command: str, **fields: Any) -> list[dict[str, Any]]:
        """Events of a command; a payment that has no reference gets one of its own."""
        if command in ("Deposit", "Withdraw"):
            fields.setdefault("reference", uuid4().hex)
        events: list[dict[str, Any]] = operate(self.data_dir, command, **fields)["events"]
        return events

    def limits(self, member: str, account: str = "", **limits: str | None) -> None:
        """Change limits of a member or of one of its accounts."""
        self.does("SetLimits", member=member, account=account, limits=limits)

    def member(self, name: str, **changes: Any) -> None:
        """Change what is said of a member: accounts, funding, credit_limit, max_open_orders."""
        given = {"accounts": [], "credit_limit": "1000000000", "max_open_orders": 1_000_000}
        self.does("AddMember", member=name, **(given | changes))

    def session(self, name: str, **changes: Any) -> None:
        """Change a session's messages_per_second and repeated_executions."""
        operate(self.data_dir, "AddSession", session=name, member=name, **changes)

    def awaits_end(self, session: str) -> None:
        """Wait until the venue has seen that a session ended."""

        def gone() -> bool:
            rows = call(self.data_dir, {"query": "sessions"})["sessions"]
            return not any(row["logged_on"] for row in rows if row["session"] == session)

        wait_for(gone)

    def journaled(self, kind: str, member: str) -> list[dict[str, Any]]:
        """All events of a type about a member, as they are on disk."""
        reader = JournalReader(self.data_dir / "journal")
        events = [e.payload for e in reader.read(reader.durable_event_seq() or 0) if e.type == kind]
        reader.close()
        return [event for event in map(json.loads, events) if event["member"] == member]

    def instrument(self, **changes: Any) -> str:
        """A new instrument like ACME but for the changes, for one test alone; its symbol."""
        symbol = f"X{next(self._symbols)}"
        given = {
            "symbol": symbol, "currency": "USD", "tick_size": "0.01", "lot_size": "1",
            "reference_price": "100", "max_order_qty": "1000", "max_order_value": "50000",
            "price_collar_percent": "10",
        }  # fmt: skip
        operate(self.data_dir, "AddInstrument", definition=given | changes)
        return symbol


class Trader:
    """A member's session: what it asks, and that the venue takes or refuses it."""

    def __init__(self, client: FixClient, prefix: str = "") -> None:
        self.client = client
        self._prefix = f"{prefix}{client.sender}"
        self.name = client.sender
        self._numbers = count(1)
        self._sides: dict[str, tuple[str, str]] = {}

    def send(
        self, side: str, qty: str, price: str | None, symbol: str = "ACME", *extra: Field
    ) -> str:
        """Send a NewOrderSingle, a limit order if it has a price; its ClOrdID.

        `extra` goes before what an order has by itself, an empty value takes a field away.
        """
        name, fields = self.order(side, qty, price, symbol, *extra)
        self.client.send("D", fields)
        return name

    def order(
        self, side: str, qty: str, price: str | None, symbol: str = "ACME", *extra: Field
    ) -> tuple[str, list[Field]]:
        """ClOrdID and body of a NewOrderSingle that `send` would send."""
        name = f"{self._prefix}-{next(self._numbers)}"
        self._sides[name] = (side, symbol)
        fields = dict(new_order(name, side, qty, price, symbol))
        fields |= {114: "N"} if side == SHORT else {}
        fields |= dict(extra)
        return name, [(tag, value) for tag, value in fields.items() if value]

    def enters(
        self, side: str, qty: str, price: str | None, symbol: str = "ACME", *extra: Field
    ) -> str:
        """Enter an order that is accepted and stays open; its ClOrdID."""
        name = self.send(side, qty, price, symbol, *extra)
        self.is_told(name, NEW)
        return name

    def is_refused(
        self, reason: str, text: str, side: str, qty: str, price: str | None,
        symbol: str = "ACME", *extra: Field,
    ) -> Message:  # fmt: skip
        """Enter an order that is refused with this OrdRejReason and Text."""
        name = self.send(side, qty, price, symbol, *extra)
        report = self.is_told(name, REJECTED)
        assert facts(report, 103, 54, 58) == [reason, side, text], report
        return report

    def replaces(self, orig: str, qty: str, price: str) -> str:
        """Replace an order; its new ClOrdID."""
        name = self._ask_to_replace(orig, qty, price)
        assert facts(self.is_told(name, REPLACED), 41) == [orig]
        return name

    def is_refused_to_replace(self, text: str, orig: str, qty: str, price: str) -> None:
        """Replace an order and be refused with 102=99 and this Text; the order stays."""
        name = self._ask_to_replace(orig, qty, price)
        report = next_report(self.client)
        assert facts(report, 35, 11, 41, 434, 102, 58) == ["9", name, orig, "2", "99", text], report
        assert report[39] in "01", report

    def cancels(self, orig: str) -> None:
        """Cancel an order."""
        name = self.send_cancel(orig)
        assert facts(self.is_told(name, CANCELED), 41) == [orig]

    def send_cancel(self, orig: str) -> str:
        """Send an OrderCancelRequest; its ClOrdID."""
        name = f"{self._prefix}-{next(self._numbers)}"
        side, symbol = self._sides[orig]
        self.client.send("F", cancel(name, orig, side, symbol))
        return name

    def is_told(self, name: str, exec_type: str) -> Message:
        """The next report is of this ClOrdID and ExecType."""
        report = next_report(self.client)
        assert facts(report, 11, 150) == [name, exec_type], report
        return report

    def is_canceled(self, name: str, reason: str, text: str) -> Message:
        """The next report is a cancellation that nobody asked for, with this 378 and Text."""
        report = self.is_told(name, CANCELED)
        assert facts(report, 39, 151, 41, 378, 58) == ["4", "0", None, reason, text], report
        return report

    def _ask_to_replace(self, orig: str, qty: str, price: str) -> str:
        name = f"{self._prefix}-{next(self._numbers)}"
        side, symbol = self._sides[name] = self._sides[orig]
        self.client.send("G", replace(name, orig, side, qty, price, symbol))
        return name


def trade(
    buyer: Trader, seller: Trader, qty: str, price: str, symbol: str = "ACME", *extra: Field
) -> Message:
    """Have two members trade, the seller as aggressor; `extra` is of both. The buyer's report."""
    bought = buyer.enters(BUY, qty, price, symbol, *extra)
    sold = seller.enters(SELL, qty, price, symbol, *extra)
    assert facts(seller.is_told(sold, TRADE), 31, 32, 851) == [price, qty, "2"]
    return buyer.is_told(bought, TRADE)


def status_of(trader: Trader, name: str) -> str:
    """OrdStatus of an order, by OrderStatusRequest."""
    trader.client.send("H", [(11, name), (55, "ACME"), (54, BUY)])
    return trader.is_told(name, STATUS)[39]


def refusal_of(operator: Operator, command: str, **fields: str) -> str:
    """Why an operator's command is refused."""
    reply = call(operator.data_dir, {"command": {"type": command, **fields}})
    assert not reply["ok"], reply
    return str(reply["error"])
