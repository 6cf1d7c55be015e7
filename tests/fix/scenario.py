"""Playing an order's life over raw sockets and checking each report field by field.

Knows FIX tags and the admin socket; says nothing of what ought to happen: the tests do.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.fix_client import FixClient
from tests.fix_message import Field, Message, cancel, new_order, replace, sending_time
from venue.admin.client import call
from venue.fixclient.message import encoded

BUY, SELL = "1", "2"
NEW, CANCELED, REPLACED, REJECTED, EXPIRED = "0", "4", "5", "8", "C"
RESTATED, TRADE, CORRECT, BUST, STATUS = "D", "F", "G", "H", "I"
VOLATILE = frozenset({8, 9, 10, 34, 49, 52, 56, 17, 60, 58})
"""Header and trailer, ExecID, TransactTime and Text: looked at on their own."""


def body(report: Message) -> dict[int, str]:
    """All fields of a report that a test must name."""
    return {tag: value for tag, value in report.fields if tag not in VOLATILE}


def facts(report: Message, *tags: int) -> list[str | None]:
    """Values of some tags, None where absent."""
    return [dict(report.fields).get(tag) for tag in tags]


def next_report(client: FixClient) -> Message:
    """The next 8, 9 or r; not what a logon brings of earlier tests."""
    return client.expect(lambda m: m.msg_type in ("8", "9", "r") and m.get(97) != "Y")


def nothing_else(client: FixClient) -> None:
    """No report is left: a status request's answer, which comes last, is the next."""
    client.send("H", [(11, "end-of-test"), (55, "ACME"), (54, BUY)])
    report = next_report(client)
    assert facts(report, 11, 150, 39) == ["end-of-test", STATUS, "8"], report


def send_together(client: FixClient, *messages: tuple[str, list[Field]]) -> None:
    """Send messages one behind the other in one TCP segment."""
    for msg_type, fields in messages:
        client.session.send(msg_type.encode(), encoded(fields))
    client.flush()


def operate(data_dir: Path, command: str, **fields: Any) -> dict[str, Any]:
    """Have the operator do something; it must succeed."""
    reply = call(data_dir, {"command": {"type": command, **fields}})
    assert reply["ok"], reply
    return reply


def end_day(data_dir: Path) -> None:
    """The trading day ends."""
    operate(data_dir, "EndDay")


def start_day(data_dir: Path, days: int = 1) -> str:
    """A later trading day starts; its ISO date."""
    today = call(data_dir, {"query": "status"})["trading_day"]
    following = (date.fromisoformat(today) + timedelta(days)).isoformat()
    operate(data_dir, "StartDay", trading_day=following)
    return following


class Life:
    """One order: its requests from `client`, trades by `other`, and what must be reported.

    Quantities are given as "OrderQty CumQty LeavesQty"; AvgPx is 100 unless said otherwise.
    """

    def __init__(self, client: FixClient, other: FixClient, prefix: str) -> None:
        self.client = client
        self.other = other
        self.prefix = prefix
        self.order_id = ""
        self.match_ids: list[str] = []
        self.exec_ids: list[str] = []
        self._trades = 0
        self._terms: dict[int, str] = {}

    def enter(
        self,
        qty: str = "10",
        price: str | None = "100",
        *,
        side: str = BUY,
        tif: str = "0",
        extra: Iterable[Field] = (),
    ) -> None:
        """Enter the order as x and have it reported New."""
        self.send_order("x", qty, price, side=side, tif=tif, extra=extra)
        self.expect(NEW, "0", f"{qty} 0 {qty}")

    def send_order(
        self,
        name: str,
        qty: str,
        price: str | None,
        *,
        side: str = BUY,
        tif: str = "0",
        extra: Iterable[Field] = (),
    ) -> None:
        """Send the NewOrderSingle; its terms are expected in all reports from now on."""
        extra = list(extra)
        self.client.send("D", new_order(self.prefix + name, side, qty, price, tif=tif, extra=extra))
        kind = "1" if price is None else "2"
        self._terms = {35: "8", 55: "ACME", 54: side, 40: kind, 59: tif}
        if price is not None:
            self._terms[44] = price
        self._terms |= {tag: value for tag, value in extra if tag not in (7928, 8000)}

    def cancel(self, name: str, orig: str, *extra: Field) -> None:
        """Send an OrderCancelRequest."""
        self.client.send(
            "F", cancel(self.prefix + name, self.prefix + orig, self._terms[54], extra=extra)
        )

    def replace(self, name: str, orig: str, qty: str, price: str = "100", *extra: Field) -> None:
        """Send an OrderCancelReplaceRequest."""
        self.client.send("G", self.replacement(name, orig, qty, price, *extra))

    def replacement(
        self, name: str, orig: str, qty: str, price: str = "100", *extra: Field
    ) -> list[Field]:
        """Body of an OrderCancelReplaceRequest."""
        ids = (self.prefix + name, self.prefix + orig)
        return replace(*ids, self._terms[54], qty, price, extra=extra)

    def trade(self, qty: str, price: str = "100") -> Message:
        """The other session trades against the order; its fill."""
        self._trades += 1
        name = f"{self.prefix}o{self._trades}"
        side = SELL if self._terms[54] == BUY else BUY
        self.other.send("D", new_order(name, side, qty, price))
        assert facts(next_report(self.other), 11, 150) == [name, NEW]
        fill = next_report(self.other)
        assert facts(fill, 11, 150, 39, 32, 31) == [name, TRADE, "2", qty, price]
        return fill

    def expect(
        self,
        exec_type: str,
        status: str,
        quantities: str,
        name: str = "x",
        *,
        avg: str | None = None,
        code: str | None = None,
        more: dict[int, str] | None = None,
    ) -> Message:
        """The next report is exactly this, in every field."""
        report = next_report(self.client)
        order_qty, cum, leaves = quantities.split()
        if exec_type == NEW:
            self.order_id = report[37]
        average = avg or ("0" if cum == "0" else "100")
        expected = self._terms | {37: self.order_id, 150: exec_type, 39: status}
        expected |= {11: self.prefix + name, 38: order_qty, 14: cum, 151: leaves, 6: average}
        for tag, value in (more or {}).items():
            expected[tag] = self.prefix + value if tag == 41 else value
        assert body(report) == expected, report
        assert report.get(58).partition(" ")[0] == (code or ""), report
        if exec_type == REPLACED and 44 in expected:
            self._terms[44] = expected[44]
        return report

    def expect_fill(
        self,
        status: str,
        quantities: str,
        last: str,
        name: str = "x",
        *,
        avg: str | None = None,
        price: str = "100",
        liquidity: str = "1",
    ) -> Message:
        """The next report is a fill of that quantity and price."""
        match_id = self.client.expect(lambda m: m.get(150) == TRADE)
        self.client.inbox.appendleft(match_id)
        self.match_ids.append(match_id[527])
        more = {31: price, 32: last, 527: match_id[527], 851: liquidity}
        fill = self.expect(TRADE, status, quantities, name, avg=avg, more=more)
        self.exec_ids.append(fill[17])
        return fill

    def expect_refused(
        self,
        name: str,
        orig: str,
        status: str,
        reason: str,
        code: str,
        *,
        to: str,
        known: bool = True,
    ) -> None:
        """The next report is the OrderCancelReject of a request, 1 cancel or 2 replace."""
        report = next_report(self.client)
        assert body(report) == {
            35: "9", 37: self.order_id if known else "NONE", 11: self.prefix + name,
            41: self.prefix + orig, 39: status, 434: to, 102: reason,
        }, report  # fmt: skip
        assert report[58].split()[0] == code, report

    def ask(self, name: str) -> None:
        """Send an OrderStatusRequest."""
        self.client.send("H", [(11, self.prefix + name), (55, "ACME"), (54, self._terms[54])])


def bring_to(life: Life, state: str) -> None:
    """Enter 10 at 100 as x and bring it to a state."""
    life.enter()
    if state == "part-filled":
        life.trade("4")
        life.expect_fill("1", "10 4 6", "4")
    elif state == "filled":
        life.trade("10")
        life.expect_fill("2", "10 10 0", "10")
    elif state == "canceled":
        life.trade("4")
        life.expect_fill("1", "10 4 6", "4")
        life.cancel("gone", "x")
        life.expect(CANCELED, "4", "10 4 0", "gone", more={41: "x"})


def order(cl_ord_id: str, side: str, qty: str, ord_type: str, *extra: Field) -> list[Field]:
    """Body of a NewOrderSingle of any type, in ACME."""
    fields = [(11, cl_ord_id), (55, "ACME"), (54, side), (60, sending_time()), (38, qty)]
    return [*fields, (40, ord_type), *extra]


class Market:
    """Orders of any kind, by name, and what is reported of them as short tuples."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def enter(
        self, client: FixClient, name: str, side: str, qty: str, ord_type: str, *extra: Field
    ) -> Message:
        """Enter an order that is accepted; its New."""
        client.send("D", order(self.prefix + name, side, qty, ord_type, *extra))
        report = next_report(client)
        assert facts(report, 11, 150, 39, 151) == [self.prefix + name, NEW, "0", qty], report
        return report

    def limit(
        self, client: FixClient, name: str, side: str, qty: str, price: str, *extra: Field
    ) -> Message:
        """Enter a limit order."""
        return self.enter(client, name, side, qty, "2", (44, price), *extra)

    def told(self, client: FixClient, *tags: int) -> tuple[str | None, ...]:
        """The next report: name of the order, ExecType, and values of tags."""
        report = next_report(client)
        name = report[11].removeprefix(self.prefix)
        return (name, report[150], *facts(report, *tags))

    def trade_at(self, one: FixClient, other: FixClient, price: str) -> None:
        """Have 1 traded at a price, in an empty book: the last price is known then."""
        self.limit(one, f"s{price}", SELL, "1", price)
        self.limit(other, f"b{price}", BUY, "1", price)
        assert self.told(one, 31, 851) == (f"s{price}", TRADE, price, "1")
        assert self.told(other, 31, 851) == (f"b{price}", TRADE, price, "2")
