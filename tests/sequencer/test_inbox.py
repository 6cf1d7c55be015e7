"""The queue of what waits: order of arrival, and beside it slices, two a turn."""

from venue.domain import commands as c
from venue.domain.answers import OrderMassStatusQuery, OrderUnknown
from venue.engine.state.engine_state import EngineState
from venue.engine.views.mass_status import MassStatus
from venue.sequencer.inbox import STATUSES, Inbox, Input


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


def test_commands_of_the_venue_go_first_in_their_own_order() -> None:
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


def mass_cancel(session: str, number: int = 1) -> c.MassCancelRemaining:
    return c.MassCancelRemaining(c.MassCancel(session, f"q{number}", "7"), str(number), 0)


def kill(name: str) -> c.CancelBlocked:
    return c.CancelBlocked("session", name, "", 9)


def turns(inbox: Inbox, most: int = 0) -> list[list[c.AnyCommand | None]]:
    """What is taken turn by turn until nothing is."""
    taken = []
    while inputs := inbox.take(most):
        taken.append([each.command for each in inputs])
    return taken


def test_follow_ups_have_turns_one_of_the_venue_and_one_of_a_session() -> None:
    inbox = Inbox()
    first, second = mass_cancel("ALPHA", 1), mass_cancel("ALPHA", 2)
    inbox.put_follow_ups([first, second, kill("A"), c.ExpireRemaining()])
    inbox.put_follow_ups([c.CancelRemaining("BRAVO"), mass_cancel("CHARLIE")])
    assert turns(inbox) == [
        [kill("A"), first],
        [c.ExpireRemaining(), c.CancelRemaining("BRAVO")],
        [mass_cancel("CHARLIE")],
        [second],
    ]


def test_slices_go_first_and_are_not_counted() -> None:
    inbox = Inbox()
    inbox.put(received("ALPHA", 1))
    inbox.put_follow_ups([kill("A")])
    assert len(inbox) == 1
    assert [each.command for each in inbox.take(1)] == [kill("A"), c.AdvanceTime()]


def test_a_session_that_has_much_to_do_has_its_turn_like_one_with_little() -> None:
    inbox = Inbox()
    inbox.put_follow_ups([mass_cancel("ALPHA", number) for number in range(8)])
    inbox.put_follow_ups([mass_cancel("BRAVO")])
    seen = []
    for _ in range(6):  # each slice leaves another
        (taken,) = inbox.take(0)
        assert isinstance(taken.command, c.MassCancelRemaining)
        seen.append(taken.command.request.session)
        inbox.put_follow_ups([taken.command])
    assert seen == ["ALPHA", "BRAVO"] * 3


def test_what_is_put_back_is_first_again() -> None:
    inbox = Inbox()
    inputs = [received("ALPHA", number) for number in range(5)]
    for each in inputs:
        inbox.put(each)
    inbox.put_back(inbox.take(4)[1:])
    assert inbox.take(9) == inputs[1:]


def asked(session: str) -> tuple[Input, MassStatus]:
    query = OrderMassStatusQuery(session, "m", "7")
    return Input(session, 1, query=query), MassStatus(EngineState(), query)


def test_so_many_answers_to_a_session_go_on_and_no_more() -> None:
    inbox = Inbox()
    for _ in range(STATUSES):
        assert inbox.begin_status(*asked("ALPHA")) == []
    (refused,) = inbox.begin_status(*asked("ALPHA"))
    assert isinstance(refused, OrderUnknown)
    assert (refused.ord_rej_reason, refused.text.split()[0]) == ("99", "THROTTLED")
    assert inbox.begin_status(*asked("BRAVO")) == []
    inbox.take(0)
    assert inbox.begin_status(*asked("ALPHA")) == []


def test_answers_to_a_session_that_ended_are_forgotten_but_not_its_cancels() -> None:
    inbox = Inbox()
    inbox.begin_status(*asked("ALPHA"))
    inbox.put_follow_ups([mass_cancel("ALPHA")])
    inbox.begin_status(*asked("BRAVO"))
    inbox.drop_statuses("ALPHA")
    inbox.drop_statuses("BRAVO")
    assert turns(inbox) == [[mass_cancel("ALPHA")]]


def test_slices_are_no_message_that_waits() -> None:
    inbox = Inbox()
    inbox.begin_status(*asked("ALPHA"))
    assert inbox.first_msg_seq_num("ALPHA") is None
