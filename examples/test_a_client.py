"""Tests a FIX client of one's own against a venue that runs for the test only.

Usage: python -m pytest examples/test_a_client.py
(needs pytest and simplefix; the fixture is docs/CONNECT.md's, the messages are
docs/RULES_OF_ENGAGEMENT.md's)
"""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import simplefix

from venue.testing import RunningVenue, VenueSession

pytest_plugins = ["venue.testing.plugin"]


class Client:
    """The client that is tested: one session that enters orders. Yours stands here instead."""

    def __init__(self, session: VenueSession) -> None:
        self.session = session
        self.number = 1

    def log_on(self) -> None:
        """Connect, and begin with number 1."""
        self.number, self.parser = 1, simplefix.FixParser()
        self.connection = socket.create_connection((self.session.host, self.session.port), 10)
        login = [(553, self.session.comp_id), (554, self.session.password)]
        self.send("A", (98, "0"), (108, "30"), (141, "Y"), *login)
        self.receive("A")

    def send(self, msg_type: str, *fields: tuple[int, str]) -> None:
        """One message with the next number."""
        made = simplefix.FixMessage()
        made.append_pair(8, "FIX.4.4", header=True)
        made.append_pair(35, msg_type, header=True)
        made.append_pair(49, self.session.comp_id, header=True)
        made.append_pair(56, self.session.target_comp_id, header=True)
        made.append_pair(34, self.number, header=True)
        made.append_pair(52, now(), header=True)
        for tag, value in fields:
            made.append_pair(tag, value)
        self.connection.sendall(made.encode())
        self.number += 1

    def receive(self, msg_type: str) -> dict[int, str]:
        """The next message of a type; ConnectionError where the venue has gone."""
        while True:
            while (came := self.parser.get_message()) is None:
                data = self.connection.recv(65536)
                if not data:
                    raise ConnectionError("the venue has closed the connection")
                self.parser.append_buffer(data)
            fields = {int(tag): value.decode() for tag, value in came.pairs}
            if fields[35] == msg_type:
                return fields

    def buy(self, cl_ord_id: str, symbol: str, quantity: str, price: str) -> dict[int, str]:
        """Enter a limit order; the first report of it."""
        order = [(11, cl_ord_id), (55, symbol), (54, "1"), (38, quantity), (40, "2"), (44, price)]
        self.send("D", *order, (60, now()), (59, "1"))
        return self.receive("8")


def now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


@pytest.fixture
def alpha(running_venue: RunningVenue) -> Iterator[Client]:
    client = Client(running_venue.session("ALPHA"))
    client.log_on()
    yield client
    client.connection.close()


def test_order_is_in_the_book(running_venue: RunningVenue, alpha: Client) -> None:
    report = alpha.buy("first", "ACME", "10", "99.00")
    assert (report[150], report[39]) == ("0", "0")
    assert running_venue.json("book", "ACME")["bids"] == [["99", "10", 1]]


def test_order_of_another_member_trades_with_it(running_venue: RunningVenue, alpha: Client) -> None:
    alpha.buy("first", "ACME", "10", "99.00")
    order = "order new ACME sell 4 --price 99 --session BRAVO"
    sold = running_venue.json(*order.split())
    assert sold["ok"], sold
    fill = alpha.receive("8")
    assert (fill[150], fill[32], fill[31], fill[151]) == ("F", "4", "99", "6")


def test_client_comes_back_behind_a_venue_that_died(
    running_venue: RunningVenue, alpha: Client
) -> None:
    running_venue.kill()
    with pytest.raises(ConnectionError):
        alpha.receive("8")
    alpha.connection.close()
    running_venue.start()
    alpha.log_on()
    assert alpha.buy("again", "ACME", "10", "99.00")[150] == "0"
