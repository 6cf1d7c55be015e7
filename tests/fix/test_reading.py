"""Who does not read: TestRequests unanswered, with time to answer, or too much that piles up."""

import pytest

from venue.fix.reading import Reading, Seen

EACH = 10
TAKES_NOTHING = Seen(5000, 0, 100)
"""Of a client whose second TestRequest went after 2,000 bytes: not even those came."""


@pytest.fixture
def reading() -> Reading:
    """ALPHA has just logged on."""
    reading = Reading(EACH)
    reading.begin("ALPHA")
    return reading


def send(reading: Reading, count: int = EACH) -> None:
    for _ in range(count):
        reading.sent("ALPHA")


def ask_twice(reading: Reading) -> None:
    """The second time after 2,000 bytes, at 1 s."""
    for now, given in ((0.0, 1000), (1.0, 2000)):
        send(reading)
        assert reading.reads("ALPHA", TAKES_NOTHING, now)
        reading.ask("ALPHA", Seen(given, 0, 0), now)
    send(reading)


def test_session_is_asked_after_so_many_reports(reading: Reading) -> None:
    send(reading, EACH - 1)
    assert reading.due() == []
    send(reading, 1)
    assert reading.due() == ["ALPHA"]
    assert reading.ask("ALPHA", TAKES_NOTHING, 0.0) == "READ-1"
    assert reading.due() == []
    send(reading)
    assert reading.ask("ALPHA", TAKES_NOTHING, 0.0) == "READ-2"


def test_two_unanswered_end_the_session_when_the_third_is_due(reading: Reading) -> None:
    ask_twice(reading)
    assert not reading.reads("ALPHA", TAKES_NOTHING, 5.1)


def test_client_has_five_seconds_to_answer(reading: Reading) -> None:
    ask_twice(reading)
    assert reading.reads("ALPHA", TAKES_NOTHING, 4.9)


def test_client_that_takes_what_came_before_the_last_question_goes_on(reading: Reading) -> None:
    ask_twice(reading)
    assert reading.reads("ALPHA", Seen(5000, 0, 2000), 100.0)
    assert not reading.reads("ALPHA", Seen(5000, 0, 1999), 100.0)
    assert reading.reads("ALPHA", Seen(5000, 0, 1999), 5.5), "the second is not late yet"


def test_only_answers_count_where_the_system_does_not_tell(reading: Reading) -> None:
    ask_twice(reading)
    assert not reading.reads("ALPHA", Seen(5000, 0, None), 100.0)


def test_too_much_that_piles_up_ends_the_session_without_patience(reading: Reading) -> None:
    assert reading.reads("ALPHA", Seen(1 << 30, 1 << 30, 0), 1.0), "not before two are unanswered"
    ask_twice(reading)
    assert reading.reads("ALPHA", Seen(1 << 30, EACH * 1024, 2000), 1.0)
    assert not reading.reads("ALPHA", Seen(1 << 30, EACH * 1024 + 1, 2000), 1.0)


@pytest.mark.parametrize("answer", ["READ-1", "READ-2", "READ-999999999"])
def test_late_answer_is_an_answer(reading: Reading, answer: str) -> None:
    ask_twice(reading)
    reading.answered("ALPHA", answer)
    assert reading.reads("ALPHA", TAKES_NOTHING, 100.0)


@pytest.mark.parametrize(
    "answer", ["TEST", "READ-", "READ-0", "READ-x", "xREAD-1", "READ-" + "9" * 5000]
)
def test_other_heartbeat_is_no_answer(reading: Reading, answer: str) -> None:
    ask_twice(reading)
    reading.answered("ALPHA", answer)
    assert not reading.reads("ALPHA", TAKES_NOTHING, 100.0)


def test_patience_begins_anew_with_the_oldest_that_is_unanswered(reading: Reading) -> None:
    ask_twice(reading)
    reading.answered("ALPHA", "READ-1")
    reading.ask("ALPHA", TAKES_NOTHING, 4.0)
    send(reading)
    assert reading.reads("ALPHA", TAKES_NOTHING, 6.0)
    assert not reading.reads("ALPHA", TAKES_NOTHING, 6.1)


def test_new_logon_owes_nothing(reading: Reading) -> None:
    ask_twice(reading)
    reading.end("ALPHA")
    send(reading)
    reading.answered("ALPHA", "READ-1")
    assert reading.due() == []
    reading.begin("ALPHA")
    send(reading)
    assert reading.ask("ALPHA", TAKES_NOTHING, 0.0) == "READ-1"
