"""What is kept of a session's reports in memory, and how older ones are found in the journal."""

import pytest

from venue.journal.record import Batch, SessionMark
from venue.sequencer.session_state import NUMBERS_PER_MILESTONE, Milestone, SessionBook, joined

from .marks import book_with_alpha, fold, log_on, log_out, mark, unread


@pytest.fixture
def book() -> SessionBook:
    return book_with_alpha()


def test_only_the_newest_reports_are_kept_once_there_are_too_many(book: SessionBook) -> None:
    for number in range(2, 9):
        mark(book, f"text {number}")
    mark(book)
    assert list(book.image()["ALPHA"].stored) == [6, 7, 8]
    assert book["ALPHA"].recent_from == 6


def test_unread_reports_are_kept_beyond_the_window(book: SessionBook) -> None:
    mark(book, "seen")
    log_out(book, 3)
    for number in range(3, 13):
        mark(book, f"text {number}")
    log_on(book)
    for number in range(13, 33):
        mark(book, f"text {number}")
    mark(book)
    assert list(book.image()["ALPHA"].stored) == [*range(3, 13), 30, 31, 32]
    assert book["ALPHA"].recent_from == 30


def test_reports_that_are_not_confirmed_yet_are_kept_beyond_the_window(book: SessionBook) -> None:
    for number in range(2, 30):
        mark(book, f"text {number}", confirmed=number < 10)
        book.image()
    log_out(book, 9)
    assert unread(book["ALPHA"]) == [f"text {number}" for number in range(9, 30)]


def test_milestone_is_noted_at_the_first_number_and_after_so_many_more(book: SessionBook) -> None:
    expected = []
    for place in range(5):
        seq = 100 + place
        number = 2 + place * NUMBERS_PER_MILESTONE // 2
        sent = SessionMark(2, number, 1, unread_from=number)
        fold(book, Batch([], {"ALPHA": sent}), "one", next_seq=seq)
        if place % 2 == 0:
            expected.append(Milestone(number, seq))
    assert book["ALPHA"].milestones == expected
    log_out(book, 10_000)
    log_on(book, reset=True)
    assert book["ALPHA"].milestones == []


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ((), ()),
        (((1, 32), (33, 64)), ((1, 64),)),
        (((5, 9), (1, 3)), ((1, 3), (5, 9))),
        (((1, 100), (5, 6), (101, 101), (103, 104)), ((1, 101), (103, 104))),
    ],
)
def test_ranges_that_touch_are_joined(
    ranges: tuple[tuple[int, int], ...], expected: tuple[tuple[int, int], ...]
) -> None:
    assert joined(ranges) == expected
