"""The queue of what waits: order of arrival, and the engine's own follow-ups in front."""

from venue.domain import commands as c
from venue.sequencer.inbox import Inbox, Input


def received(session: str | None, number: int) -> Input:
    return Input(session, number, command=c.AdvanceTime())


def test_inputs_are_taken_in_order_of_arrival() -> None:
    inbox = Inbox()
    inputs = [received("ALPHA", number) for number in range(5)]
    for each in inputs:
        inbox.put(each)
    assert inbox.take(2) == inputs[:2]
    assert len(inbox) == 3
    assert inbox.take(10) == inputs[2:]
    assert inbox.take(10) == []


def test_follow_ups_go_first_in_their_own_order() -> None:
    inbox = Inbox()
    inbox.put(received("ALPHA", 1))
    inbox.put_first([c.CancelRemaining("ALPHA"), c.CancelRemaining("BRAVO")])
    assert [each.command for each in inbox.take(3)] == [
        c.CancelRemaining("ALPHA"),
        c.CancelRemaining("BRAVO"),
        c.AdvanceTime(),
    ]


def test_first_waiting_number_is_per_session() -> None:
    inbox = Inbox()
    for each in (received("ALPHA", 7), received("BRAVO", 3), received("ALPHA", 8)):
        inbox.put(each)
    assert inbox.first_msg_seq_num("ALPHA") == 7
    assert inbox.first_msg_seq_num("BRAVO") == 3
    assert inbox.first_msg_seq_num("CHARLIE") is None
    inbox.take(1)
    assert inbox.first_msg_seq_num("ALPHA") == 8
