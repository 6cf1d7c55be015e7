"""Two brokers who trade until the venue goes away, then go on, and what they have been told.

The checker compares it with the journal: everything in it told once, nothing told that is not.
"""

import resource
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path

from tests.fix_client import Disconnected, FixClient, Timeout
from tests.fix_message import Field, Message, new_order
from tests.journal.builders import frames
from tests.running import RunningTrading
from venue.fix.encode import ReportEncoder
from venue.fix.fields import field_list
from venue.fixclient.wire import field
from venue.journal.record import decode_batch

STAYS: list[Field] = [(9001, "N")]
_SESSION_FIELDS = {8, 9, 10, 34, 43, 52, 97, 122}


class TwoBrokers:
    """ALPHA buys, BRAVO sells to it, one pair of orders after the other; CHARLIE looks on.

    logouts: text of the Logout that each got when the venue went away, by CompID.
    """

    def __init__(self, venue: RunningTrading) -> None:
        self.venue = venue
        self.alpha = venue.client("ALPHA")
        self.bravo = venue.client("BRAVO")
        self.clients = (self.alpha, self.bravo)
        self.pairs = 0
        self.logouts: dict[str, str] = {}
        self._idle = venue.client("CHARLIE")
        for client in (*self.clients, self._idle):
            client.logon(extra=STAYS)

    def trade(self) -> None:
        """One pair of orders; back when all reports of it have come. Raises Disconnected."""
        self.pairs += 1
        number = self.pairs
        self.alpha.send("D", new_order(f"A{number}", "1", "5", "100.00"))
        self.alpha.expect_report(f"A{number}", "0")
        self.bravo.send("D", new_order(f"B{number}", "2", "5", "100.00"))
        self.bravo.expect_report(f"B{number}", "0")
        self.bravo.expect_report(f"B{number}", "F")
        self.alpha.expect(lambda message: message.get(150) == "F")  # of the first that waited

    def trade_until_the_venue_goes_away(self, most: int = 100) -> None:
        """Trade, answer a Logout, and close the connections."""
        with suppress(Disconnected):
            while self.pairs < most:
                self.trade()
        assert self.pairs < most, "the venue has not gone away"
        for client in (*self.clients, self._idle):
            with suppress(Disconnected):
                self.logouts[client.sender] = client.expect("5").get(58)
                client.send("5")
        for client in (*self.clients, self._idle):
            client.expect_disconnect()

    def go_on(self) -> None:
        """Log on again as if nothing had happened and fetch what was missed."""
        for client in self.clients:
            client.address = self.venue.address
            missed = client.next_in
            client.logon(reset=False, extra=STAYS)
            client.request_resend(missed)
            _settle(client)

    @property
    def unanswered(self) -> bool:
        """Whether ALPHA's last order was not answered before the venue went away."""
        return all(message.get(11) != f"A{self.pairs}" for message in self.alpha.log)

    def check_told(self, journal: Path) -> None:
        """Each report of the journal was told, always with the same words, and no other was.

        Every order that was sent is in the journal once, and both sides have the same trades.
        """
        for client in self.clients:
            _settle(client)
        expected = reports_of(journal)
        for client in self.clients:
            told: dict[str, list[Field]] = {}
            for message in client.log:
                if message.msg_type == "8":
                    content = _content(message)
                    assert told.setdefault(message[17], content) == content
            assert told.keys() == set(expected[client.sender]), client.sender
            fresh = Counter(m[17] for m in client.log if m.msg_type == "8" and 43 not in m)
            assert not fresh or max(fresh.values()) == 1, "told anew what had been told"
        for client in self.clients:
            orders = [each.body for each in client.session.sent.values() if each.msg_type == b"D"]
            sent = {field(b"\x01" + order, b"11") for order in orders}
            assert Counter(expected[client.sender].values())["0"] == len(sent)


def limit_files(venue: RunningTrading, size: int) -> None:
    """Have the kernel refuse it every byte of a file behind `size`, as a full disk would."""
    resource.prlimit(venue.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def reports_of(journal: Path) -> dict[str, dict[str, str]]:
    """ExecType by ExecID of each session's reports, from the events of the journal."""
    encoder = ReportEncoder()
    found: dict[str, dict[str, str]] = {"ALPHA": {}, "BRAVO": {}}
    for frame in frames(journal):
        for record in decode_batch(frame.body).records:
            for event in record.events:
                for message in encoder.reports(event):
                    fields = dict(field_list(message.text))
                    if fields["35"] == "8":
                        found[message.session][fields["17"]] = fields["150"]
    return found


def _content(message: Message) -> list[Field]:
    return [field for field in message.fields if field[0] not in _SESSION_FIELDS]


def _settle(client: FixClient) -> None:
    """Wait until everything asked for before has been answered, in both directions."""
    for _ in range(2):
        _ask(client)


def _ask(client: FixClient) -> None:
    """A TestRequest and its answer; one that went out before a ResendRequest is never answered."""
    for _ in range(5):
        name = f"asked {client.next_out}"
        client.send("1", [(112, name)])
        with suppress(Timeout):
            client.expect(partial(_answers, name), timeout=1)
            return
    raise Timeout(f"{client.sender} gets no answer")


def _answers(name: str, message: Message) -> bool:
    return message.get(112) == name
