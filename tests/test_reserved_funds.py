"""Funds in the core and in the ledger: after any flow both are the same, to the smallest unit."""

import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from tests.fix.scenario import next_report
from tests.fix_message import Field, cancel, new_order, replace
from tests.running_venue import ASK_SECONDS, RunningVenue
from tests.servers.conditions import wait_for
from venue.admin.client import call
from venue.domain.decimal_text import format_money
from venue.engine.state.engine_state import EngineState
from venue.fix.encode import ReportEncoder
from venue.replay.replay import replay_journal

SEED = 20260131
STEPS = 250
BUY, SELL = "1", "2"
PREFUNDED = ("ALPHA", "BRAVO")
MEMBERS = (*PREFUNDED, "CHARLIE")
ACCOUNTS = ("", "A1", "A2")
SYMBOLS = ("ACME", "BTC-USD")
PRICES = {"ACME": 100, "BTC-USD": 50_000}

_INSTRUMENTS = """
[risk]
price_collar_percent = "10"
[[instruments]]
symbol = "ACME"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100"
fee_bps = "10"
[[instruments]]
symbol = "BTC-USD"
base_asset = "BTC"
currency = "USD"
tick_size = "0.01"
lot_size = "0.00000001"
reference_price = "50000"
max_quantity = "100"
fee_bps = "2.5"
"""
_MEMBER = """
[[members]]
name = "{name}"
funding = "{funding}"
accounts = ["A1", "A2"]
[members.funds]
USD = "60000"
ACME = "200"
BTC = "1"
[[sessions]]
comp_id = "{name}"
member = "{name}"
password = "demo"
"""

Funds = dict[tuple[str, str], Decimal]


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A whole venue with fees, two prefunded members and one with credit."""
    directory = tmp_path_factory.mktemp("funds")
    funding = {name: "prefunded" if name in PREFUNDED else "credit" for name in MEMBERS}
    members = (_MEMBER.format(name=name, funding=how) for name, how in funding.items())
    (directory / "venue.toml").write_text(_INSTRUMENTS + "".join(members))
    sessions = "".join(f"[SESSION]\nTargetCompID={name}\n" for name in MEMBERS)
    (directory / "sessions.cfg").write_text(f"[DEFAULT]\nSenderCompID=VENUE\n{sessions}")
    with RunningVenue(directory / "data", directory / "venue.toml") as running:
        yield running


class Flow:
    """Random orders, replaces, cancels, deposits and withdrawals; every request is answered."""

    def __init__(self, venue: RunningVenue) -> None:
        self.random = random.Random(SEED)
        self.data_dir = venue.data_dir
        self.clients = {name: venue.client(name) for name in MEMBERS}
        for client in self.clients.values():
            client.logon()
        self.orders: list[tuple[str, str, str, str]] = []
        self.answers: dict[str, int] = {}
        self._numbers = count(1)

    def step(self) -> None:
        """One of what members and the operator do."""
        choose = self.random.choices(
            (self.enter, self.replace, self.cancel, self.move_funds), (12, 3, 2, 1)
        )
        choose[0]()

    def enter(self) -> None:
        """A limit or market order, in one of the accounts or none."""
        name, member = f"f{next(self._numbers)}", self.random.choice(MEMBERS)
        side, symbol = self.random.choice((BUY, SELL)), self.random.choice(SYMBOLS)
        account = self.random.choice(ACCOUNTS)
        extra: list[Field] = [(1, account)] if account else []
        price = self.price(symbol) if self.random.random() < 0.85 else None
        self.ask(
            member, name, "D", new_order(name, side, self.qty(symbol), price, symbol, extra=extra)
        )
        self.orders.append((member, name, side, symbol))

    def replace(self) -> None:
        """Another price and quantity for some order, which may have ended."""
        if self.orders:
            member, orig, side, symbol = self.random.choice(self.orders)
            name = f"f{next(self._numbers)}"
            body = replace(name, orig, side, self.qty(symbol), self.price(symbol), symbol)
            self.ask(member, name, "G", body)
            self.orders.append((member, name, side, symbol))

    def cancel(self) -> None:
        """Cancel some order, which may have ended."""
        if self.orders:
            member, orig, side, symbol = self.random.choice(self.orders)
            name = f"f{next(self._numbers)}"
            self.ask(member, name, "F", cancel(name, orig, side, symbol))

    def move_funds(self) -> None:
        """A deposit or a withdrawal, which may be refused."""
        command = {
            "type": self.random.choice(("Deposit", "Withdraw")),
            "member": self.random.choice(MEMBERS),
            "asset": self.random.choice(("USD", "ACME", "BTC")),
            "amount": format_money(self.random.randint(1, 10**9)),
            "account": self.random.choice(ACCOUNTS),
            "reference": f"f{next(self._numbers)}",
        }
        self.count(command["type"], call(self.data_dir, {"command": command}))

    def ask(self, member: str, name: str, msg_type: str, body: list[Field]) -> None:
        """Send a request and wait for its answer, passing over reports of fills."""
        client = self.clients[member]
        client.send(msg_type, body)
        while True:
            report = next_report(client)
            if report[11] == name and report.get(150, "9") in "04589":
                break
        kind = f"{msg_type} {report.get(150, '9')}"
        self.answers[kind] = self.answers.get(kind, 0) + 1

    def count(self, kind: str, reply: dict[str, Any]) -> None:
        """Count whether the operator was obeyed."""
        key = f"{kind} {reply['ok']}"
        self.answers[key] = self.answers.get(key, 0) + 1

    def qty(self, symbol: str) -> str:
        if symbol == "ACME":
            return str(self.random.randint(1, 60))
        return f"0.{self.random.randint(1, 10**8 - 1):08}"

    def price(self, symbol: str) -> str:
        return f"{PRICES[symbol] * (1 + self.random.randint(-30, 30) / 1000):.2f}"


def core_of(venue: RunningVenue) -> EngineState:
    """The core's state, read back from the journal."""
    return replay_journal(venue.data_dir / "journal", ReportEncoder().reports).engine.state


def funds_in_core(state: EngineState, member: str) -> Funds:
    return {
        (purse.account or "default", purse.asset): Decimal(format_money(purse.balance))
        for purse in state.members[member].purses.all()
        if purse.balance
    }


def funds_in_ledger(venue: RunningVenue, member: str) -> Funds:
    rows = venue.asked("ledger", "balances", member)["balances"]
    return {
        (row["account"], row["asset"]): Decimal(row["amount"])
        for row in rows
        if Decimal(row["amount"])
    }


def agree(venue: RunningVenue) -> EngineState:
    """Wait until the ledger has caught up; both have the same for every member."""
    state = core_of(venue)
    last = state.next_event_seq - 1
    wait_for(lambda: venue.asked("ledger", "trial-balance")["position"] >= last, 30, ASK_SECONDS)
    for member in MEMBERS:
        assert funds_in_core(state, member) == funds_in_ledger(venue, member), member
    return state


def check_reservations(state: EngineState) -> int:
    """What is reserved is what open orders could cost, and is there; how many orders reserve."""
    wanted: dict[int, int] = {}
    reserving = 0
    for session in state.sessions.values():
        for order in session.open_orders.values():
            if order.reserved is not None:
                reserving += 1
                cost = order.most_cost(order.price_ticks, order.leaves_lots)
                wanted[id(order.pays_with)] = wanted.get(id(order.pays_with), 0) + cost
    for member in state.members.values():
        for purse in member.purses.all():
            assert purse.reserved == wanted.get(id(purse), 0)
            assert not member.prefunded or 0 <= purse.reserved <= purse.balance
    return reserving


def test_core_and_ledger_have_the_same_funds_after_random_flow(venue: RunningVenue) -> None:
    flow = Flow(venue)
    for _ in range(STEPS):
        flow.step()
    state = agree(venue)
    assert check_reservations(state) > 5
    assert {"D 0", "D 8", "G 5", "G 9", "F 4", "F 9"} <= flow.answers.keys(), flow.answers
    trades = list(state.trades)
    assert len(trades) > 30
    for number, match_id in enumerate(trades):
        if number % 3 == 0:
            reply = call(venue.data_dir, {"command": {"type": "BustTrade", "match_id": match_id}})
            flow.count("BustTrade", reply)
        elif number % 3 == 1:
            trade = state.trades.get(match_id)
            assert trade is not None
            price = flow.price(trade.symbol)
            command = {"type": "CorrectTrade", "match_id": match_id, "price": price}
            flow.count("CorrectTrade", call(venue.data_dir, {"command": command}))
    changed = {"BustTrade True", "BustTrade False", "CorrectTrade True", "Withdraw False"}
    assert changed <= flow.answers.keys(), flow.answers
    check_reservations(agree(venue))
    for name, client in flow.clients.items():
        client.send("q", [(11, f"all-{name}"), (530, "7"), (60, "20260101-00:00:00")])
        client.expect("r")
    state = agree(venue)
    assert check_reservations(state) == 0
    purses = [p for member in state.members.values() for p in member.purses.all()]
    assert [purse.reserved for purse in purses] == [0] * len(purses)
    for client in flow.clients.values():
        client.logout()
