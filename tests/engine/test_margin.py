"""Margin calls in the engine: until when, what is told, and the block of who does not bring it."""

import pytest

from venue.domain import commands as c
from venue.domain import events as e

from ..sequencer.builders import digest
from .builders import Venue, buy, cancel, replace
from .outcomes import code, kinds, refusal, why
from .test_image import through_bytes

SECOND_NS = 10**9


def call(venue: Venue, amount: str = "500", seconds: int = 60) -> c.CallMargin:
    due_ns = venue.now_ns + seconds * SECOND_NS
    return c.CallMargin("ALPHA", amount, "USD", due_ns, "olga", "noon")


def test_call_is_told_and_alerted(venue: Venue) -> None:
    command = call(venue, "500.50")
    assert venue.do(command) == venue.stamped(
        e.MarginCalled(0, 0, "ALPHA", "500.5", "USD", command.due_ns, "olga", "noon"),
        e.RiskAlerted(
            0, 0, "ALPHA", "MARGIN_CALL", "500.5 USD of margin are called for noon"
        ),
    )  # fmt: skip


def test_entry_stops_when_the_call_is_due_and_cancels_are_taken(venue: Venue) -> None:
    command = call(venue)
    venue.do_all(buy("A1", "5", "99"), command)
    venue.now_ns = command.due_ns - 3
    assert code(venue.do(buy("A2", "5", "99"))) is None
    venue.now_ns = command.due_ns - 1
    said = "MARGIN_CALL_OVERDUE ALPHA has not brought 500 USD of margin"
    assert why(venue.do(buy("A3", "5", "99"))) == said
    assert why(venue.do(replace("R1", "A1", "4", "99"))) == said
    assert kinds(venue.do(cancel("X1", "A1"))) == ["OrderCanceled"]
    assert code(venue.do(buy("B1", "5", "99", session="BRAVO"))) is None, "of another member"
    restored = through_bytes(venue.engine)
    assert digest(restored) == digest(venue.engine)
    venue.engine = restored
    assert why(venue.do(buy("A4", "5", "99"))) == said
    assert kinds(venue.do(c.ReleaseMargin("ALPHA", "olga"))) == ["MarginReleased"]
    assert code(venue.do(buy("A5", "5", "99"))) is None


def test_call_that_stands_keeps_its_time_and_gets_another_amount(venue: Venue) -> None:
    first = call(venue)
    venue.do(first)
    called, _ = venue.do(call(venue, "700", 600))
    assert isinstance(called, e.MarginCalled)
    assert (called.amount, called.due_ns) == ("700", first.due_ns)
    venue.do(c.ReleaseMargin("ALPHA"))
    again, _ = venue.do(call(venue, "1", 600))
    assert isinstance(again, e.MarginCalled) and again.due_ns > first.due_ns


def test_nothing_goes_out_of_a_member_that_is_called(venue: Venue) -> None:
    venue.do_all(c.Deposit("ALPHA", "USD", "900"), call(venue))
    out = c.Withdraw("ALPHA", "USD", "1")
    assert refusal(venue.do(out)) == "ALPHA is called for 500 USD of margin"
    venue.do(c.ReleaseMargin("ALPHA"))
    assert kinds(venue.do(out)) == ["FundsWithdrawn"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (c.CallMargin("NOPE", "1", "USD", 1 << 62), "member NOPE is unknown"),
        (c.CallMargin("ALPHA", "1", "EUR", 1 << 62), "currency EUR is unknown"),
        (c.CallMargin("ALPHA", "1", "USD", 1), "a margin call is due later than now"),
        (c.ReleaseMargin("ALPHA"), "member ALPHA has no margin call"),
        (c.ReleaseMargin("NOPE"), "member NOPE is unknown"),
    ],
)
def test_call_is_refused_in_words(venue: Venue, command: c.AnyCommand, said: str) -> None:
    assert refusal(venue.do(command)) == said
    assert "no amount above 0" in str(refusal(venue.do(call(venue, "0"))))
