"""The book of breaks: ids that stay, states that follow from acts, and a file that survives."""

from pathlib import Path

import pytest

from venue.reconcile.breaks import BreakBook, BreaksUnreadable, Kind, NoSuchBreak, State
from venue.reconcile.difference import MOST_NAMED, Difference, Found, Store

ONE = Difference(Store.LEDGER, "balance of member ALPHA default USD", "balance", "5", "5.00000001")
OTHER = Difference(Store.STREAM, "event 7", "row", "there", None, 7)
ALL = frozenset(Store)


@pytest.fixture
def book(tmp_path: Path) -> BreakBook:
    return BreakBook(tmp_path / "reconciliation" / "breaks.jsonl")


def test_a_difference_opens_one_break_however_often_it_is_found(book: BreakBook) -> None:
    assert [each.break_id for each in book.note_round([ONE], ALL, 1)] == [ONE.break_id]
    assert book.note_round([ONE], ALL, 2) == []
    (found,) = book.breaks()
    assert found.state is State.OPEN and found.since_ns == 1
    assert [act.kind for act in found.history] == [Kind.FOUND]


def test_another_amount_at_the_same_place_is_the_same_break(book: BreakBook) -> None:
    book.note_round([ONE], ALL, 1)
    changed = Difference(ONE.store, ONE.key, ONE.what, "5", "6")
    assert book.note_round([changed], ALL, 2) == []
    (found,) = book.breaks()
    assert found.difference == changed and found.since_ns == 1


def test_what_is_not_found_any_more_is_gone_only_if_its_store_was_compared(book: BreakBook) -> None:
    book.note_round([ONE, OTHER], ALL, 1)
    book.note_round([], {Store.STREAM}, 2)
    states = {each.break_id: each.state for each in book.breaks()}
    assert states == {ONE.break_id: State.OPEN, OTHER.break_id: State.GONE}


def test_a_break_that_comes_back_is_open_again_and_nobody_s(book: BreakBook) -> None:
    book.note_round([ONE], ALL, 1)
    book.assign(ONE.break_id, "dana", "root", 2)
    book.note_round([], ALL, 3)
    assert [each.break_id for each in book.note_round([ONE], ALL, 4)] == [ONE.break_id]
    (found,) = book.breaks()
    assert (found.state, found.owner, found.since_ns) == (State.OPEN, "", 4)
    kinds = [Kind.FOUND, Kind.ASSIGNED, Kind.GONE, Kind.FOUND]
    assert [act.kind for act in found.history] == kinds


def test_a_closed_break_that_is_still_there_is_open_again(book: BreakBook) -> None:
    book.note_round([ONE], ALL, 1)
    closed = book.close(ONE.break_id, "known", "root", 2)
    assert closed.state is State.CLOSED and closed.history[-1].note == "known"
    assert [each.break_id for each in book.note_round([ONE], ALL, 3)] == [ONE.break_id]


def test_only_open_breaks_are_assigned_and_closed(book: BreakBook) -> None:
    book.note_round([ONE], ALL, 1)
    book.close(ONE.break_id, "known", "root", 2)
    with pytest.raises(NoSuchBreak, match="closed already"):
        book.assign(ONE.break_id, "dana", "root", 3)
    with pytest.raises(NoSuchBreak, match="there is no break B0"):
        book.close("B0", "why", "root", 3)


def test_a_half_line_of_a_killed_writer_is_passed_over_and_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "breaks.jsonl"
    book = BreakBook(path)
    book.note_round([ONE], ALL, 1)
    with path.open("ab") as file:
        file.write(b'{"break_id":"B1","ki')
    assert len(book.breaks()) == 1
    book.note_round([ONE, OTHER], ALL, 2)
    assert [each.difference for each in book.breaks()] == [ONE, OTHER]


def test_a_changed_line_is_said_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "breaks.jsonl"
    BreakBook(path).note_round([ONE], ALL, 1)
    path.write_bytes(b"{}\n" + path.read_bytes())
    with pytest.raises(BreaksUnreadable, match=r"breaks\.jsonl:1"):
        BreakBook(path).breaks()


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "breaks.jsonl"
    BreakBook(path).note_round([ONE], ALL, 1)
    assert path.stat().st_mode & 0o077 == 0


def test_of_very_many_differences_the_first_are_named_and_all_are_counted() -> None:
    found = Found(Store.STREAM)
    for number in range(MOST_NAMED + 5):
        found.note(f"event {number}", "row", "there", None)
    compared = found.compared("everything")
    assert compared.count == MOST_NAMED + 5 and len(compared.differences) == MOST_NAMED
