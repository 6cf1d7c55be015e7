"""FIX session state, mark by mark: numbers, reports stored, and what counts as unread."""

import pytest

from venue.domain import commands as c
from venue.domain.outgoing import Kept, Outgoing
from venue.journal.record import Batch, SessionMark
from venue.sequencer.session_state import SessionBook, SessionState

from .marks import (
    WINDOW,
    book_with_alpha,
    fold,
    log_on,
    log_out,
    mark,
    owed,
    record,
    send_owed,
    texts,
    unread,
)


@pytest.fixture
def book() -> SessionBook:
    return book_with_alpha()


def test_reports_are_stored_under_the_numbers_between_answers(book: SessionBook) -> None:
    sent = SessionMark(5, 3, 4, (0, 2), unread_from=3)
    fold(book, Batch([record(c.AdvanceTime(), 7)], {"ALPHA": sent}), "one", "two")
    state = book["ALPHA"]
    assert state.stored == {4: Kept("one", 7), 6: Kept("two", 7)}
    assert (state.next_in, state.next_out, state.unread) == (5, 7, set())


def test_route_of_a_report_is_kept(book: SessionBook) -> None:
    report = Outgoing("ALPHA", "one", "128=X\x01")
    book.fold(Batch([], {"ALPHA": SessionMark(2, 2, 1)}), {"ALPHA": [report]}, 1)
    assert book["ALPHA"].stored[2].route == "128=X\x01"


def test_reports_while_logged_out_are_unread_and_stored(book: SessionBook) -> None:
    log_out(book, 2)
    mark(book, "late")
    assert unread(book["ALPHA"]) == ["late"]
    assert texts(book["ALPHA"]) == {2: "late"}


def test_what_was_not_confirmed_when_the_session_ended_is_unread(book: SessionBook) -> None:
    mark(book, "one", "two", "three")
    log_out(book, 3)
    assert unread(book["ALPHA"]) == ["two", "three"]
    assert not book["ALPHA"].logged_on


def test_reports_of_the_batch_with_the_logout_are_unread(book: SessionBook) -> None:
    mark(book, "one", "two")
    log_out(book, 4, "in between")
    assert unread(book["ALPHA"]) == ["in between"]


def test_what_was_confirmed_before_the_end_is_not_unread_though_an_older_mark_had_it_so(
    book: SessionBook,
) -> None:
    mark(book, "one", "two")
    mark(book, "three", confirmed=False)
    log_out(book, 5)
    assert unread(book["ALPHA"]) == []


def test_journals_of_earlier_versions_know_only_what_was_sent_to_those_who_were_out() -> None:
    book = SessionBook(window=WINDOW)
    fold(book, Batch([record(c.LogOn("ALPHA"))], {"ALPHA": SessionMark(2, 1)}))
    fold(book, Batch([], {"ALPHA": SessionMark(2, 2, 1)}), "seen")
    left = Batch([record(c.LogOut("ALPHA"))], {"ALPHA": SessionMark(2, 3, 1)})
    fold(book, left, "in between")
    fold(book, Batch([], {"ALPHA": SessionMark(2, 4, 1)}), "late")
    assert unread(book["ALPHA"]) == ["in between", "late"]
    fold(book, Batch([record(c.LogOn("ALPHA"))], {"ALPHA": SessionMark(3, 5)}))
    fold(book, Batch([record(c.LogOut("ALPHA"))], {"ALPHA": SessionMark(3, 6)}))
    fold(book, Batch([], {"ALPHA": SessionMark(3, 6, 1)}), "later")
    fold(book, Batch([record(c.LogOn("ALPHA", True))], {"ALPHA": SessionMark(2, 1)}))
    fold(book, Batch([], {"ALPHA": SessionMark(2, 2, 1, resent=1)}))
    assert texts(book["ALPHA"]) == {2: "later"}
    assert owed(book["ALPHA"]) == []


def test_reports_that_found_no_number_are_owed(book: SessionBook) -> None:
    fold(book, Batch([], {"ALPHA": SessionMark(1, 1, 0)}), "not sent")
    assert (owed(book["ALPHA"]), book["ALPHA"].stored) == (["not sent"], {})


def test_plain_logon_changes_nothing_about_what_was_not_read(book: SessionBook) -> None:
    log_out(book, 2)
    mark(book, "late")
    for _ in range(3):
        log_on(book)
        assert (unread(book["ALPHA"]), owed(book["ALPHA"])) == (["late"], [])
        log_out(book, book["ALPHA"].next_out)
    assert texts(book["ALPHA"]) == {2: "late"}


def test_gap_that_was_not_asked_for_before_the_line_dropped_is_owed_after_a_reset(
    book: SessionBook,
) -> None:
    log_out(book, 2)
    mark(book, "late")
    log_on(book)
    log_out(book, book["ALPHA"].next_out)
    log_on(book, reset=True)
    assert (unread(book["ALPHA"]), owed(book["ALPHA"])) == ([], ["late"])
    assert (book["ALPHA"].stored, book["ALPHA"].next_out) == ({}, 1)


def test_what_was_sent_again_and_confirmed_is_read(book: SessionBook) -> None:
    log_out(book, 2)
    mark(book, "one", "two", "three")
    log_on(book)
    log_out(book, book["ALPHA"].next_out, read=((1, 2), (4, 1_000)))
    assert unread(book["ALPHA"]) == ["two"]


def test_owed_reports_take_numbers_and_the_time_at_which_they_are_sent_again(
    book: SessionBook,
) -> None:
    log_out(book, 2)
    mark(book, "late", "later")
    log_on(book, reset=True)
    send_owed(book, sent_ns=77)
    state = book["ALPHA"]
    assert state.stored == {1: Kept("late", 77, again=True), 2: Kept("later", 77, again=True)}
    assert (state.owed, state.next_out, state.unread) == ([], 3, set())


@pytest.mark.parametrize(("unread_from", "left"), [(1, ["one", "two"]), (2, ["two"]), (3, [])])
def test_what_was_sent_again_is_unread_again_unless_it_was_confirmed(
    book: SessionBook, unread_from: int, left: list[str]
) -> None:
    log_out(book, 2)
    mark(book, "one", "two")
    log_on(book, reset=True)
    send_owed(book)
    log_out(book, unread_from)
    assert unread(book["ALPHA"]) == left
    log_on(book, reset=True)
    assert owed(book["ALPHA"]) == left


def test_what_is_owed_keeps_its_order_over_several_resets(book: SessionBook) -> None:
    log_out(book, 2)
    for number in range(3):
        mark(book, f"{number}a", f"{number}b")
        reset = Batch([record(c.ResetSession("ALPHA"))], {"ALPHA": SessionMark(1, 1)})
        fold(book, reset)
    assert owed(book["ALPHA"]) == ["0a", "0b", "1a", "1b", "2a", "2b"]


def test_reset_in_the_middle_of_a_session_has_what_was_not_confirmed_owed(
    book: SessionBook,
) -> None:
    mark(book, "one", "two")
    mark(book)
    mark(book, "three")
    log_on(book, reset=True)
    assert owed(book["ALPHA"]) == ["three"]
    assert book["ALPHA"].logged_on


def test_operators_reset_takes_both_numbers_to_one(book: SessionBook) -> None:
    mark(book, "one")
    log_out(book, 3)
    fold(book, Batch([record(c.ResetSession("ALPHA"))], {"ALPHA": SessionMark(1, 1)}))
    state = book["ALPHA"]
    assert state == SessionState()


def test_start_after_a_crash_logs_out_and_takes_for_unread_what_may_not_have_arrived(
    book: SessionBook,
) -> None:
    mark(book, "one")
    mark(book, "two")
    mark(book, "three", confirmed=False)
    started = Batch([record(c.StartVenue(2, 1))], {"ALPHA": SessionMark(2, 105, 1)})
    fold(book, started, "four")
    assert not book["ALPHA"].logged_on
    assert unread(book["ALPHA"]) == ["two", "three", "four"]
    assert list(book["ALPHA"].stored) == [2, 3, 4, 105]


def test_clean_stop_logs_out_and_takes_for_unread_what_was_not_confirmed(
    book: SessionBook,
) -> None:
    mark(book, "one", "two")
    fold(book, Batch([], {"ALPHA": SessionMark(2, 4, unread_from=3)}, clean_stop=True))
    assert not book["ALPHA"].logged_on
    assert unread(book["ALPHA"]) == ["two"]
    fold(book, Batch([record(c.StartVenue(2, 1))], {}))
    assert unread(book["ALPHA"]) == ["two"]
