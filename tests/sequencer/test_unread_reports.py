"""What a client cannot have read, through the sequencer: broken lines, resends, crashes."""

from venue.domain import commands as c
from venue.domain.outgoing import Kept
from venue.journal.record import Batch, Record

from ..engine.builders import buy, sell
from .builders import Trading, last_batch, missed_fills
from .noting_port import Sent


def fill_of(sent: list[Sent], session: str) -> Sent:
    (fill,) = (m for m in sent if m.session == session and m.tags["150"] == "F")
    return fill


def test_fill_in_flight_on_a_connection_that_broke_is_unread(trading: Trading) -> None:
    """It was sent, and never arrived; so was what was numbered between the end and its record."""
    trading.say(buy("A1", "9", "100"))
    trading.port.silent.add("ALPHA")
    in_flight = fill_of(trading.say(sell("B1", "2", "100")), "ALPHA")
    trading.receive(sell("B2", "2", "100"))
    trading.log_out("ALPHA")
    trading.sequencer.drain()
    sent = trading.port.take()
    behind = [m for m in sent if m.session == "ALPHA"]
    assert behind and not any(m.left for m in behind)
    for state in (trading.book["ALPHA"], trading.replayed().sessions["ALPHA"]):
        assert state.unread == {in_flight.number, *(m.number for m in behind)}
    trading.log_on("ALPHA", reset=True)
    again = trading.port.take()
    assert [(m.text, m.again) for m in again] == [(m.text, True) for m in (in_flight, *behind)]


def test_what_the_client_confirmed_is_not_unread_though_its_connection_broke(
    trading: Trading,
) -> None:
    trading.say(buy("A1", "9", "100"))
    trading.port.silent.add("ALPHA")
    numbers = []
    for count in range(4):
        numbers.append(fill_of(trading.say(sell(f"B{count}", "1", "100")), "ALPHA").number)
    assert trading.port.confirm("ALPHA", 3) == numbers[:3]
    trading.log_out("ALPHA")
    trading.sequencer.run_batch()
    assert last_batch(trading).sessions["ALPHA"].unread_from == numbers[3]
    assert numbers[3] in trading.book["ALPHA"].unread
    assert not trading.book["ALPHA"].unread & set(numbers[:3])


def test_report_is_read_once_its_resend_was_confirmed(trading: Trading) -> None:
    missed_fills(trading, 3)
    unread = sorted(trading.book["ALPHA"].unread)[-3:]
    for read in ([], [(unread[0], unread[0]), (unread[1], unread[1])]):
        trading.log_on("ALPHA", cancels=False)
        trading.port.read["ALPHA"] += read
        trading.log_out("ALPHA")
        trading.sequencer.drain()
        assert trading.book["ALPHA"].unread == set(unread if not read else unread[2:])
    marks = last_batch(trading).sessions["ALPHA"]
    assert marks.read == ((unread[0], unread[1]),), "ranges that touch are one"


def test_after_a_crash_what_was_not_known_to_have_arrived_is_unread(trading: Trading) -> None:
    """The numbers may be known by the client or not: they are kept, and sent again on a reset."""
    trading.say(buy("A1", "9", "100"))
    trading.say(sell("B1", "1", "100"))
    last = fill_of(trading.say(sell("B2", "1", "100")), "ALPHA")
    recovered = trading.replayed().sessions  # what a start after kill -9 finds
    recovered.fold(start_of_a_venue(), {}, 1)
    state = recovered["ALPHA"]
    assert state.unread == {last.number}, "what the batch before it sent had been confirmed"
    assert state.stored[last.number] == Kept(last.text, last.sent_ns)
    assert not state.logged_on and state.unread_from == 0


def start_of_a_venue() -> Batch:
    return Batch([Record(1, 1, 1, 2, c.StartVenue(2, 1), [])])
