"""Independent FIX clients trade, and come back after `kill -9` of trading with their numbers.

Each is somebody else's library with settings that a user would choose; what they have in common is
in `Broker`. The wire between them and the venue is looked at as well: nothing resets a session.

What a library does not do, and how it shows, is said in its file.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.asyncfix_broker import AsyncfixBroker
from tests.clients.broker import Broker
from tests.clients.fixcore_broker import FixcoreBroker
from tests.clients.jspurefix_broker import JspurefixBroker, why_not
from tests.clients.quickfix_broker import QuickfixBroker
from tests.clients.simplefix_broker import SimplefixBroker
from tests.clients.wire import CLIENT, VENUE, Wire
from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running import RunningTrading
from tests.two_brokers import reports_of

BUY, SELL = "1", "2"
NEW, TRADE = "0", "F"
GOOD_TILL_CANCEL = "1"
"""So that an order outlives a logout."""

RESENDING = [
    pytest.param(QuickfixBroker, id="quickfix"),
    pytest.param(FixcoreBroker, id="fixcore"),
    pytest.param(SimplefixBroker, id="simplefix"),
]
"""They send an order again that the venue asks for."""
FILLING = [
    pytest.param(
        AsyncfixBroker,
        id="asyncfix",
        marks=pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    ),
    pytest.param(
        JspurefixBroker, id="jspurefix", marks=pytest.mark.skipif(bool(why_not()), reason=why_not())
    ),
]
"""They answer by a gap fill: their user has to enter the order again."""


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[RunningTrading]:
    """A trading process of this test's own."""
    with RunningTrading(tmp_path / "venue") as running:
        yield running


@pytest.fixture
def wire(venue: RunningTrading) -> Iterator[Wire]:
    """What is between the client and the venue; shown when the test fails."""
    with Wire(venue) as carrying:
        yield carrying
    for sender, connection, message in carrying.passed:
        print(connection, sender, message)


@pytest.fixture
def broker(request: pytest.FixtureRequest, wire: Wire, tmp_path: Path) -> Iterator[Broker]:
    """ALPHA, not connected yet."""
    made: Broker = request.param(wire.address, tmp_path)
    yield made
    made.close()


@pytest.fixture
def other(venue: RunningTrading) -> FixClient:
    """BRAVO, logged on, who trades with the client."""
    client = venue.client("BRAVO")
    client.logon()
    return client


def enter(broker: Broker, cl_ord_id: str, quantity: str, price: str = "99.00") -> None:
    """The client's order to buy rests."""
    broker.send_order(dict(new_order(cl_ord_id, BUY, quantity, price, tif=GOOD_TILL_CANCEL)))
    report = broker.expect(cl_ord_id, NEW)
    assert (report[39], report[151]) == ("0", quantity)


def sell(other: FixClient, cl_ord_id: str, quantity: str) -> str:
    """BRAVO sells so much to the client's best bid; SecondaryExecID(527) of the trade."""
    other.send("D", new_order(cl_ord_id, SELL, quantity, "99.00"))
    match_id: str = other.expect_report(cl_ord_id, TRADE)[527]
    return match_id


def trade(broker: Broker, other: FixClient, name: str) -> None:
    """A trade of 5 before anything that rests, told to both at once."""
    enter(broker, name, "5", "100.00")
    match_id = sell(other, f"{name}-other", "5")
    fill = broker.expect(name, TRADE)
    assert (fill[39], fill[32], fill[31], fill[527]) == ("2", "5", "100", match_id)
    assert 43 not in fill


def start_again(venue: RunningTrading, other: FixClient) -> None:
    """A new process on the killed one's data, BRAVO logged on to it."""
    other.close()
    venue.start()
    other.address = venue.address
    other.logon(reset=False)


def lose_an_order(broker: Broker, other: FixClient, venue: RunningTrading) -> None:
    """An order rests; one more is on its way when the venue is killed; the client logs on again."""
    broker.log_on()
    enter(broker, "resting", "10")
    with venue.paused():
        broker.send_order(dict(new_order("unread", BUY, "3", "98.00", tif=GOOD_TILL_CANCEL)))
        venue.kill()
    start_again(venue, other)
    broker.lose()
    broker.log_on()


def check_session(wire: Wire, venue: RunningTrading, broker: Broker, logons: int) -> None:
    """The client was told everything once; numbers never went back; it ended with a Logout."""
    told = [report[17] for report in broker.reports]
    assert told == list(reports_of(venue.data_dir / "journal")["ALPHA"]), "all, once, in order"
    assert wire.garbled == []
    sent, came = wire.of(CLIENT), wire.of(VENUE)
    assert all(message.get(141) != "Y" for message in (*sent, *came)), "nobody resets"
    assert [m.msg_type for m in sent].count("A") == logons
    numbers = [m.msg_seq_num for m in sent if m.msg_type != "4" and m.get(43) != "Y"]
    assert numbers == sorted(set(numbers)), "the client's numbers only rise"
    numbers = [m.msg_seq_num for m in came if m.get(43) != "Y"]
    assert numbers == sorted(set(numbers)), "the venue's numbers only rise"
    assert not {"3", "j"} & {m.msg_type for m in (*sent, *came)}, "nothing was rejected"
    anew = Counter(m[17] for m in came if m.msg_type == "8" and m.get(43) != "Y")
    assert set(anew.values()) <= {1}, "no report has two numbers"
    assert [passed.message.msg_type for passed in wire.passed[-2:]] == ["5", "5"]


@pytest.mark.parametrize("broker", RESENDING + FILLING, indirect=True)
def test_fill_that_fell_due_before_the_kill_comes_once_when_the_client_is_back(
    broker: Broker, other: FixClient, wire: Wire, venue: RunningTrading
) -> None:
    broker.log_on()
    trade(broker, other, "first")
    enter(broker, "resting", "10")
    broker.log_out()
    match_id = sell(other, "o1", "4")
    before = len(wire.passed)
    venue.kill()
    start_again(venue, other)
    broker.log_on()
    fill = broker.expect("resting", TRADE)
    assert (fill[39], fill[151], fill[527]) == ("1", "6", match_id)
    trade(broker, other, "second")
    sell(other, "o2", "1")
    broker.expect("resting", TRADE, count=2)
    broker.log_out()
    resent = [p.message for p in wire.passed[before:] if p.message.get(17) == fill[17]]
    assert [(m.get(43), 122 in m) for m in resent] == [("Y", True)], "as a resend, once"
    check_session(wire, venue, broker, logons=2)


@pytest.mark.parametrize("broker", RESENDING + FILLING, indirect=True)
def test_client_that_was_logged_on_goes_on_after_kills_and_is_told_what_fell_due_meanwhile(
    broker: Broker, other: FixClient, wire: Wire, venue: RunningTrading
) -> None:
    broker.log_on()
    enter(broker, "resting", "10")
    sell(other, "o0", "2")
    broker.expect("resting", TRADE)
    for number, left in enumerate(("5", "2"), start=1):
        venue.kill()
        start_again(venue, other)
        broker.lose()
        match_id = sell(other, f"o{number}", "3")
        before = len(wire.passed)
        broker.log_on()
        fill = broker.expect("resting", TRADE, count=number + 1)
        assert (fill[39], fill[151], fill[527]) == ("1", left, match_id)
        resent = [p.message for p in wire.passed[before:] if p.message.get(17) == fill[17]]
        assert {(m.get(43), 122 in m) for m in resent} == {("Y", True)}, "as a resend"
        trade(broker, other, f"again{number}")
    broker.log_out()
    check_session(wire, venue, broker, logons=3)


@pytest.mark.parametrize("broker", RESENDING, indirect=True)
def test_order_that_the_killed_venue_had_not_read_is_asked_for_and_entered_once(
    broker: Broker, other: FixClient, wire: Wire, venue: RunningTrading
) -> None:
    lose_an_order(broker, other, venue)
    report = broker.expect("unread", NEW)
    assert (report[39], report[151]) == ("0", "3")
    trade(broker, other, "again")
    broker.log_out()
    check_session(wire, venue, broker, logons=2)


@pytest.mark.parametrize("broker", FILLING, indirect=True)
def test_client_that_fills_its_gap_goes_on_without_the_order_that_the_killed_venue_had_not_read(
    broker: Broker, other: FixClient, wire: Wire, venue: RunningTrading
) -> None:
    lose_an_order(broker, other, venue)
    trade(broker, other, "again")
    broker.log_out()
    check_session(wire, venue, broker, logons=2)
    assert "unread" not in {report[11] for report in broker.reports}
