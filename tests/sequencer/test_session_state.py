"""FIX session state from the journal: the same at recovery as it was live, number by number."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.domain import commands as c
from venue.domain.answers import OrderStatusQuery
from venue.journal.record import Batch, Record, SessionMark
from venue.sequencer.inbox import Input
from venue.sequencer.session_state import SKIPPED_AFTER_CRASH, SessionBook

from ..engine.builders import buy, cancel, sell
from .builders import Trading

SESSIONS = ("ALPHA", "BRAVO")


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    trading = Trading(directory, max_batch=7)
    yield trading
    trading.writer.close()


class Scenario:
    """Random life of two sessions: orders, questions, logons with and without reset, logouts."""

    def __init__(self, trading: Trading, seed: int) -> None:
        self.trading = trading
        self.source = random.Random(seed)
        self.on = dict.fromkeys(SESSIONS, False)
        self.orders = 0
        self.resent = 0

    def step(self) -> None:
        """One thing happens to one of the sessions."""
        trading, source = self.trading, self.source
        session = source.choice(SESSIONS)
        if not self.on[session]:
            if source.random() < 0.3:
                trading.port.take()
                cancels = source.random() < 0.3
                trading.log_on(session, reset=source.random() < 0.4, cancels=cancels)
                self.resent += sum(message.poss_resend for message in trading.port.take())
                self.on[session] = True
            return
        what = source.random()
        if what < 0.55:
            self.orders += 1
            price = str(99 + source.randrange(3))
            side = "1" if session == "ALPHA" else "2"
            trading.receive(
                c.EnterOrder(session, f"C{self.orders}", "ACME", side, "2", "0", "3", price)
            )
        elif what < 0.65:
            trading.receive(cancel(f"X{self.orders}", f"C{self.orders}", session=session))
        elif what < 0.75:
            query = OrderStatusQuery(session, f"C{self.orders}", "ACME", "1")
            number = trading.port.count_in(session)
            trading.sequencer.inbox.put(Input(session, number, query=query))
        elif what < 0.80:
            number = trading.port.count_in(session)
            trading.sequencer.inbox.put(Input(session, number, answer="35=j\x0145=1\x01"))
        elif what < 0.90:
            for _ in range(source.randrange(60)):
                trading.sequencer.admin_sent(session)
                trading.port.send_admin(session)
                trading.port.count_in(session)
        else:
            trading.log_out(session)
            self.on[session] = False
        if source.random() < 0.4:
            trading.sequencer.run_batch()


def reports(stored: dict[int, str]) -> dict[int, str]:
    """Of what a session has stored, what is neither an answer nor a reject."""
    return {n: text for n, text in stored.items() if "150=I" not in text and "35=j" not in text}


def assert_recovered_as_live(trading: Trading) -> None:
    recovered = trading.replayed().sessions
    for session in SESSIONS:
        live, again = trading.book[session], recovered[session]
        assert (live.next_in, live.next_out) == (again.next_in, again.next_out)
        assert (live.due, live.logged_on) == (again.due, again.logged_on)
        assert again.stored == reports(trading.port.stored.get(session, {}))
        assert live.stored == again.stored
        behind = trading.port.next_out(session) - again.next_out
        assert 0 <= behind < SKIPPED_AFTER_CRASH


@pytest.mark.parametrize("seed", range(6))
def test_recovery_finds_every_session_as_it_was_live(trading: Trading, seed: int) -> None:
    scenario = Scenario(trading, seed)
    for number in range(300):
        scenario.step()
        if number % 25 == 0:
            trading.sequencer.drain()
            assert_recovered_as_live(trading)
    trading.sequencer.stop(list(SESSIONS))
    assert_recovered_as_live(trading)
    recovered = trading.replayed()
    assert recovered.clean_stop
    for session in SESSIONS:
        state = recovered.sessions[session]
        assert state.next_out == trading.port.next_out(session)
        assert state.next_in == trading.port.next_in(session)
    assert scenario.orders > 50
    assert any(recovered.sessions[session].stored for session in SESSIONS)


def test_scenarios_do_resend_after_resets(trading: Trading) -> None:
    scenario = Scenario(trading, 1)
    for _ in range(400):
        scenario.step()
    assert scenario.resent > 0


def record(command: c.AnyCommand) -> Record:
    return Record(1, 1, 1, 1, command, [])


def fold(book: SessionBook, batch: Batch, *texts: str) -> None:
    book.fold(batch, {"ALPHA": texts})


@pytest.fixture
def book() -> SessionBook:
    """A book that keeps texts, with ALPHA logged on under incoming 2 and outgoing 2."""
    book = SessionBook(window=3)
    fold(book, Batch([record(c.LogOn("ALPHA"))], {"ALPHA": SessionMark(2, 2)}))
    return book


def test_reports_are_stored_under_the_numbers_between_answers(book: SessionBook) -> None:
    fold(book, Batch([], {"ALPHA": SessionMark(5, 3, 4, (0, 2))}), "one", "two")
    state = book["ALPHA"]
    assert state.stored == {4: "one", 6: "two"}
    assert (state.next_in, state.next_out, state.due) == (5, 7, [])


def test_reports_while_logged_out_are_due_and_stored(book: SessionBook) -> None:
    fold(book, Batch([record(c.LogOut("ALPHA"))]))
    fold(book, Batch([], {"ALPHA": SessionMark(2, 3, 1)}), "late")
    assert book["ALPHA"].due == ["late"]
    assert book["ALPHA"].stored == {3: "late"}


def test_reports_of_the_batch_with_the_logout_are_due(book: SessionBook) -> None:
    batch = Batch([record(c.LogOut("ALPHA"))], {"ALPHA": SessionMark(2, 3, 1)})
    fold(book, batch, "in between")
    assert book["ALPHA"].due == ["in between"]


def test_reports_that_found_no_number_are_due_though_logged_on(book: SessionBook) -> None:
    fold(book, Batch([], {"ALPHA": SessionMark(1, 1, 0)}), "not sent")
    assert (book["ALPHA"].due, book["ALPHA"].stored) == (["not sent"], {})


def test_plain_logon_clears_what_was_due_and_a_reset_keeps_it_but_no_numbers(
    book: SessionBook,
) -> None:
    for reset, due, stored in ((False, [], {3: "late"}), (True, ["late"], {})):
        fold(book, Batch([record(c.LogOut("ALPHA"))]))
        book["ALPHA"].due = []
        fold(book, Batch([], {"ALPHA": SessionMark(2, 3, 1)}), "late")
        logon = Batch([record(c.LogOn("ALPHA", reset))], {"ALPHA": SessionMark(2, 1)})
        fold(book, logon)
        assert (book["ALPHA"].due, book["ALPHA"].stored) == (due, stored)
        assert book["ALPHA"].next_out == 1


def test_resent_reports_are_stored_first_and_no_longer_due(book: SessionBook) -> None:
    fold(book, Batch([record(c.LogOut("ALPHA"))]))
    fold(book, Batch([], {"ALPHA": SessionMark(2, 3, 2)}), "late", "later")
    fold(book, Batch([record(c.LogOn("ALPHA", True))], {"ALPHA": SessionMark(2, 1)}))
    fold(book, Batch([], {"ALPHA": SessionMark(2, 2, 2, resent=2)}))
    assert book["ALPHA"].stored == {2: "late", 3: "later"}
    assert (book["ALPHA"].due, book["ALPHA"].next_out) == ([], 4)


def test_operators_reset_takes_both_numbers_to_one(book: SessionBook) -> None:
    fold(book, Batch([], {"ALPHA": SessionMark(5, 3, 1)}), "one")
    fold(book, Batch([record(c.ResetSession("ALPHA"))], {"ALPHA": SessionMark(1, 1)}))
    state = book["ALPHA"]
    assert (state.next_in, state.next_out, state.stored) == (1, 1, {})


def test_start_of_the_venue_logs_everyone_out(book: SessionBook) -> None:
    fold(book, Batch([record(c.StartVenue(2, 1))]))
    assert not book["ALPHA"].logged_on


def test_only_the_newest_reports_are_kept_once_there_are_too_many(book: SessionBook) -> None:
    for number in range(2, 9):
        fold(book, Batch([], {"ALPHA": SessionMark(5, number, 1)}), f"text {number}")
    assert list(book.image()["ALPHA"].stored.items()) == [
        (number, f"text {number}") for number in (6, 7, 8)
    ]


def test_reports_that_are_due_are_kept_beyond_the_window(book: SessionBook) -> None:
    fold(book, Batch([], {"ALPHA": SessionMark(5, 2, 1)}), "seen")
    fold(book, Batch([record(c.LogOut("ALPHA"))]))
    for number in range(3, 13):
        fold(book, Batch([], {"ALPHA": SessionMark(5, number, 1)}), f"text {number}")
    assert list(book.image()["ALPHA"].stored) == list(range(2, 13))


def test_reports_that_were_due_are_kept_until_others_have_been_sent(book: SessionBook) -> None:
    fold(book, Batch([record(c.LogOut("ALPHA"))]))
    for number in range(2, 12):
        fold(book, Batch([], {"ALPHA": SessionMark(1, number, 1)}), f"due {number}")
    for _ in range(3):
        fold(book, Batch([record(c.LogOn("ALPHA"))], {"ALPHA": SessionMark(2, 12)}))
        assert list(book.image()["ALPHA"].stored) == list(range(2, 12))
    for number in range(12, 42):
        fold(book, Batch([], {"ALPHA": SessionMark(2, number, 1)}), f"sent {number}")
    assert list(book.image()["ALPHA"].stored) == [39, 40, 41]


def test_reports_sent_again_behind_a_reset_are_kept_like_those_due(book: SessionBook) -> None:
    fold(book, Batch([record(c.LogOut("ALPHA"))]))
    for number in range(2, 12):
        fold(book, Batch([], {"ALPHA": SessionMark(1, number, 1)}), f"due {number}")
    fold(book, Batch([record(c.LogOn("ALPHA", True))], {"ALPHA": SessionMark(2, 1)}))
    fold(book, Batch([], {"ALPHA": SessionMark(2, 2, 10, resent=10)}))
    fold(book, Batch([record(c.LogOn("ALPHA"))], {"ALPHA": SessionMark(3, 13)}))
    assert list(book.image()["ALPHA"].stored) == list(range(2, 12))


def test_fill_for_a_session_that_is_out_is_due_when_it_comes_back(trading: Trading) -> None:
    trading.log_on("ALPHA", cancels=False)
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    trading.say(sell("B1", "5", "100"))
    for state in (trading.book["ALPHA"], trading.replayed().sessions["ALPHA"]):
        assert ["\x01150=F\x01" in text for text in state.due] == [True]
